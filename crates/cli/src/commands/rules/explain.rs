//! `bulla rules explain`

use std::path::PathBuf;

use bulla_core::rules::Plan;
use bulla_core::{Document, Format, Recipe, Selector, kubernetes};
use bulla_keys::Environment;

use crate::args::Global;
use crate::failure::{Failure, Result, printable};
use crate::formats::by_name;
use crate::governing::{Governing, nothing_found};
use crate::input::{read_bytes, read_text};
use crate::write;

/// Show the rule for a file, its recipients, and what would be sealed
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The file, which need not be there yet
    file: PathBuf,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let environment = Environment::read();
    let config = global.config.as_deref().or(environment.config.as_deref());
    let governing = Governing::find(&args.file, config)?;
    let governing = governing.ok_or_else(|| nothing_found(&args.file))?;
    let mut page = Page::default();
    page.row("file", &governing.path);
    let Some(plan) = governing.plan() else {
        page.row("rule", &format!("none of {}", governing.rules.file()));
        return page.print();
    };
    let rule = format!("{}:{} ({})", governing.rules.file(), plan.line(), plan.rule.condition);
    page.row("rule", &rule);
    recipients(&mut page, &plan);
    let sealed = content(&mut page, args, &plan.recipe);
    page.print()?;
    sealed
}

fn recipients(page: &mut Page, plan: &Plan<'_>) {
    let groups = plan.recipe.groups.len();
    if groups > 1 {
        let needed = plan.recipe.threshold.unwrap_or(groups);
        page.row("groups", &format!("{needed} of {groups} are needed to open it"));
    }
    let all: Vec<_> = plan.recipients().collect();
    for recipient in &all {
        let group = match groups {
            1 => String::new(),
            _ => format!("group {}: ", recipient.group + 1),
        };
        let name = recipient.name.map(|name| format!("{name} ")).unwrap_or_default();
        let kind = recipient.key.kind();
        page.row("for", &format!("{group}{name}{kind} {}", recipient.key));
    }
}

/// What the file holds now, and what of it would be sealed.
fn content(page: &mut Page, args: &Args, recipe: &Recipe) -> Result {
    if !args.file.exists() {
        page.row("state", "not there yet");
        if let Some(selector) = &recipe.selector {
            page.row("selector", &text_of(selector));
        }
        return Ok(());
    }
    let format = by_name(&args.file);
    let failed = |error| Failure::of(args.file.display(), &error);
    if format == Format::Binary {
        let is_sealed = is_sealed_binary(&read_bytes(&args.file, u64::MAX)?);
        page.row("state", if is_sealed { SEALED } else { "not sealed" });
        // Selectors do not matter.
        return if is_sealed { Ok(()) } else { preview(page, "", format, recipe).map_err(failed) };
    }
    let text = read_text(&args.file)?;
    let document = Document::parse(&text, format).map_err(failed)?;
    if let Some(metadata) = document.metadata() {
        page.row("state", SEALED);
        let selector = metadata.selector.as_ref().map_or("none".to_owned(), text_of);
        page.row("selector", &selector);
        return Ok(());
    }
    page.row("state", "not sealed");
    let is_kubernetes = recipe.kubernetes.unwrap_or_else(|| kubernetes::is_stream(&document));
    let selector = match &recipe.selector {
        Some(selector) => text_of(selector),
        None if is_kubernetes => {
            format!("{} (Kubernetes objects)", text_of(&Selector::kubernetes()))
        }
        None => format!("{} (nothing else said)", text_of(&Selector::sops_default())),
    };
    page.row("selector", &selector);
    preview(page, &text, format, recipe).map_err(failed)
}

const SEALED: &str = "sealed; the rule is for the next time it is sealed from a plaintext";

fn is_sealed_binary(bytes: &[u8]) -> bool {
    let text = str::from_utf8(bytes).ok();
    text.is_some_and(|text| Document::parse(text, Format::Binary).is_ok())
}

fn preview(
    page: &mut Page,
    text: &str,
    format: Format,
    recipe: &Recipe,
) -> std::result::Result<(), bulla_core::Error> {
    for path in bulla_core::preview(text, format, recipe)? {
        page.row("seals", &path);
    }
    Ok(())
}

fn text_of(selector: &Selector) -> String {
    format!("{}: {}", selector.kind().name(), selector.text())
}

/// Labels and texts below each other.
#[derive(Default)]
struct Page {
    text: String,
    last: &'static str,
}

impl Page {
    fn row(&mut self, label: &'static str, text: &str) {
        let shown = if label == self.last { "" } else { label };
        self.text += &format!("{shown:<8}  {}\n", text.replace('\n', " "));
        self.last = label;
    }

    fn print(&self) -> Result {
        write::stdout(printable(&self.text).as_bytes())
    }
}
