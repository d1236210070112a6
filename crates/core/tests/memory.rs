//! Memory in proportion to what is read and written: the bytes that are allocated at the
//! worst moment, which are the same in every run.
//!
//! `BULLA_SCALE` makes the inputs larger; with `--nocapture` each figure is shown.

#![allow(clippy::unwrap_used)]

mod common;

#[path = "memory/shapes.rs"]
mod shapes;

use bulla_core::{Document, Part, Recipe, Selector, SelectorKind, open, seal};
use common::{NOW, keyring, recipe};
use peak_alloc::PeakAlloc;
use shapes::{SHAPES, Shape};

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// How often the larger of input and output fits into the memory that is taken, the input
/// itself being part of it.
const TIMES: usize = 6;

/// What any file takes: buffers and the like.
const BASE: usize = 64 << 10;

/// How large the inputs are, in bytes.
fn size() -> usize {
    let scale = std::env::var("BULLA_SCALE").ok().and_then(|text| text.parse().ok());
    scale.unwrap_or(1) * (64 << 10)
}

/// What was done, and the bytes that were allocated on top of what was there, when it was
/// most.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let done = work();
    (done, ALLOCATED.peak_usage() - before)
}

/// Everything that a text has a part of its own for; a document has a collection, too.
fn parts(text: &str, shape: &Shape) -> usize {
    let document = Document::parse(text, shape.format).unwrap();
    let comments = document.parts().iter().filter(|part| matches!(part, Part::Comment(_))).count();
    document.paths().len() + comments + 2 * document.sections()
}

// One test: what runs beside it would be counted too.
#[test]
fn memory_is_in_proportion_to_input_and_output() {
    let selectors = [
        ("all of", Selector::new(SelectorKind::UnencryptedSuffix, "_readable").unwrap()),
        ("one value in", Selector::new(SelectorKind::EncryptedRegex, "^zz_sealed$").unwrap()),
    ];
    let mut too_much = Vec::new();
    for (shape, (how, selector)) in
        SHAPES.iter().flat_map(|shape| selectors.iter().map(move |selector| (shape, selector)))
    {
        let Shape { name, format, .. } = shape;
        let recipe =
            Recipe { selector: Some(selector.clone()), kubernetes: Some(false), ..recipe() };
        let text = (shape.write)(size());
        let (sealed, sealing) = peak(|| seal(&text, *format, &recipe, &keyring(), NOW));
        let sealed = sealed.unwrap_or_else(|error| panic!("{how} {name}: {error}")).text;
        let (opened, opening) = peak(|| open(&sealed, *format, &keyring(), false));
        assert!(*opened.unwrap().text == text, "{how} {name}");
        let larger = text.len().max(sealed.len());
        let parts = if shape.is_text() { parts(&text, shape) } else { 1 };
        let most = TIMES * larger + shape.of_a_part * parts + BASE;
        for (verb, input, taken) in
            [("sealing", text.len(), sealing), ("opening", sealed.len(), opening)]
        {
            let taken = input + taken;
            let figures = format!(
                "{verb} {how} {format} {name}: {} kB of {} kB, {:.1} times, {} bytes a part",
                taken >> 10,
                larger >> 10,
                taken as f64 / larger as f64,
                taken / parts
            );
            println!("{figures}");
            if taken > most {
                too_much.push(figures);
            }
        }
    }
    assert!(too_much.is_empty(), "{too_much:#?}");
}
