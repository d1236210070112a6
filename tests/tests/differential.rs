//! Generated documents, sealed by one and opened by the other, both ways, with the
//! real sops. `BULLA_SEEDS=5000` makes it as many as that.

use bulla_core::{Error, Format, Sealed, Selector, open, seal};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::generate;
use bulla_tests::sealing::{NOW, comments, keyring, leaves, recipe_with, selector};

fn seeds() -> u64 {
    std::env::var("BULLA_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(250)
}

/// Splits the seeds over the cores; each runs `check` on its own sandbox.
fn for_each_seed(check: impl Fn(&Sandbox, u64) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let check = &check;
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                for seed in (thread..seeds()).step_by(threads as usize) {
                    check(&sandbox, seed);
                }
            });
        }
    });
}

/// The text sealed with the seed's selector; `None` when that is refused because it
/// would seal what an alias shows, or nothing.
fn sealed(seed: u64, text: &str) -> Option<Sealed> {
    let selector = selector(seed);
    let is_common = selector == Selector::kubernetes();
    match seal(text, Format::Yaml, &recipe_with(selector), &keyring(), NOW) {
        Ok(sealed) => Some(sealed),
        Err(Error::Refused { .. } | Error::NothingSelected { .. }) if !is_common => None,
        Err(error) => panic!("seed {seed}: {error}\n{text}"),
    }
}

#[test]
fn sealed_by_bulla_opened_by_bulla() {
    for seed in 0..seeds() * 20 {
        let text = generate::secrets(seed);
        let Some(sealed) = sealed(seed, &text) else { continue };
        let opened = open(&sealed.text, Format::Yaml, &keyring(), false)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", sealed.text));
        assert_eq!(*opened.text, text, "seed {seed}");
        assert_eq!(opened.readable_comments, Vec::<usize>::new(), "seed {seed}\n{}", sealed.text);
    }
}

#[test]
fn sealed_by_bulla_opened_by_sops() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, seed| {
        let text = generate::secrets(seed);
        let Some(sealed) = sealed(seed, &text) else { return };
        sandbox.write("secret.yaml", sealed.text.as_bytes());
        let (version, sops) = &sops[seed as usize % sops.len()];
        let run = sandbox
            .run(
                sandbox
                    .command(sops)
                    .env("SOPS_AGE_KEY", keys::age_identity())
                    .args(["decrypt", "secret.yaml"]),
            )
            .ok();
        let context =
            format!("seed {seed}, sops {version}\n{}\n{text}\n{}", sealed.text, run.out());
        // A readable block scalar that the end of the file cuts off gets its line
        // break from the block behind it.
        let closed = format!("{text}\n");
        let expected = [leaves(&text), leaves(&closed)];
        assert!(expected.contains(&leaves(run.out())), "{context}\n{:?}", expected[0]);
        assert!(!run.err().contains("unencrypted comment"), "{context}\n{}", run.err());
    });
}

#[test]
fn sealed_by_sops_opened_by_bulla() {
    let sops = peers::all_sops();
    for_each_seed(|sandbox, seed| {
        let text = generate::secrets(seed);
        sandbox.write("secret.yaml", text.as_bytes());
        let (version, sops) = &sops[seed as usize % sops.len()];
        let selector = selector(seed);
        let flag = format!("--{}", selector.kind().name().replace('_', "-"));
        // Some flags are known to the old spelling only.
        let arguments = ["--encrypt", "--age", keys::age_recipient(), &flag, selector.text()];
        let sealed = sandbox.run(sandbox.command(sops).args(arguments).arg("secret.yaml")).ok();
        let opened = match open(sealed.out(), Format::Yaml, &keyring(), false) {
            Ok(opened) => opened,
            Err(error) => {
                // Up to 3.12, sops moves comments out of items, and then cannot read
                // its own file when the selector looks at comments.
                sandbox.write("sealed.yaml", &sealed.stdout);
                let mut again = sandbox.command(sops);
                again.env("SOPS_AGE_KEY", keys::age_identity()).args(["decrypt", "sealed.yaml"]);
                let own = sandbox.run(&mut again);
                assert_ne!(own.code, 0, "seed {seed}, sops {version}: {error}\n{}", sealed.out());
                return;
            }
        };
        let context =
            format!("seed {seed}, sops {version}\n{text}\n{}\n{}", sealed.out(), *opened.text);
        assert_eq!(leaves(&opened.text), leaves(&text), "{context}");
        assert_eq!(comments(&opened.text), comments(&text), "{context}");
    });
}
