//! Plaintexts written in another format: the very bytes that every sops writes, and
//! an error where sops loses something.

use bulla_core::rules::Indent;
use bulla_core::{ConvertStyle, Error, Format, convert};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::generate::{dotenv::dotenv, ini::ini, tree};

fn seeds() -> u64 {
    std::env::var("BULLA_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// What a sops makes of a plaintext: sealed as it is, opened as `to`.
fn of_sops(sandbox: &Sandbox, seed: u64, text: &str, from: Format, to: Format) -> Option<String> {
    let sops = peers::all_sops();
    let (_, sops) = &sops[seed as usize % sops.len()];
    let (from, to) = (from.name(), to.name());
    sandbox.write("plain", text.as_bytes());
    let mut seal = sandbox.command(sops);
    seal.args([
        "encrypt",
        "--age",
        keys::age_recipient(),
        "--input-type",
        from,
        "--output-type",
        from,
    ]);
    let sealed = sandbox.run(seal.arg("plain"));
    if sealed.code != 0 {
        return None;
    }
    sandbox.write("sealed", &sealed.stdout);
    let mut open = sandbox.command(sops);
    open.env("SOPS_AGE_KEY", keys::age_identity());
    open.args(["decrypt", "--input-type", from, "--output-type", to, "sealed"]);
    let opened = sandbox.run(&mut open);
    (opened.code == 0).then(|| opened.out().to_owned())
}

fn of_bulla(text: &str, from: Format, to: Format) -> Result<String, Error> {
    let bytes = convert(text.as_bytes(), from, to, ConvertStyle::default())?;
    Ok(String::from_utf8(bytes.to_vec()).expect("formats other than binary are text"))
}

fn same(sandbox: &Sandbox, seed: u64, text: &str, from: Format, to: Format) {
    let theirs = of_sops(sandbox, seed, text, from, to);
    let theirs = theirs.unwrap_or_else(|| panic!("seed {seed}: {from} to {to}\n{text}"));
    let ours = of_bulla(text, from, to);
    let ours = ours.unwrap_or_else(|error| panic!("seed {seed}: {from} to {to}: {error}\n{text}"));
    // In lists, sops writes blocks with leading blanks so that it cannot read them.
    let usual = |text: String| text.replace("|2", "|4");
    assert_eq!(usual(ours), usual(theirs), "seed {seed}: {from} to {to}\n{text}");
}

#[test]
fn trees_are_written_as_sops_writes_them() {
    let sandbox = Sandbox::new();
    for seed in 0..seeds() {
        let json = serde_json::to_string_pretty(&tree::tree(seed)).unwrap();
        same(&sandbox, seed, &json, Format::Json, Format::Yaml);
        let yaml = of_bulla(&json, Format::Json, Format::Yaml).unwrap();
        same(&sandbox, seed, &yaml, Format::Yaml, Format::Json);
    }
}

#[test]
fn texts_by_name_are_written_as_sops_writes_them() {
    let sandbox = Sandbox::new();
    for seed in 0..seeds() {
        let flat = serde_json::to_string(&tree::flat(seed)).unwrap();
        // Not from JSON, whose integers are floats in sops up to 3.13.1.
        same(&sandbox, seed, &flat, Format::Yaml, Format::Dotenv);
        let sections = serde_json::to_string(&tree::sections(seed)).unwrap();
        same(&sandbox, seed, &sections, Format::Yaml, Format::Ini);
    }
}

#[test]
fn dotenv_and_ini_become_what_sops_makes_of_them() {
    let sandbox = Sandbox::new();
    for seed in 0..seeds() {
        for (text, from) in [(dotenv(seed), Format::Dotenv), (ini(seed), Format::Ini)] {
            for to in [Format::Json, Format::Yaml] {
                match of_bulla(&text, from, to) {
                    // go-yaml escapes whatever follows a byte order mark.
                    Ok(_) if to == Format::Yaml && text.contains('\u{feff}') => {}
                    // A carriage return in a comment ends it in sops's YAML.
                    Ok(_) if to == Format::Yaml && text.contains('\r') => {}
                    // sops has an empty section of that name besides.
                    Ok(_) if text.contains("[DEFAULT]") => {}
                    Ok(ours) => {
                        let theirs = of_sops(&sandbox, seed, &text, from, to);
                        if theirs.is_none() && from == Format::Ini {
                            // sops cannot seal comments of which the first is empty.
                            continue;
                        }
                        let theirs = theirs.unwrap_or_default();
                        let context = format!("seed {seed}: {from} to {to}\n{text}");
                        if to == Format::Yaml {
                            assert_eq!(
                                without_comments(&ours),
                                without_comments(&theirs),
                                "{context}"
                            );
                        } else {
                            assert_eq!(ours, theirs, "{context}");
                        }
                    }
                    // sops writes keys twice.
                    Err(Error::DoesNotFit { .. }) => {}
                    Err(error) => panic!("seed {seed}: {from} to {to}: {error}\n{text}"),
                }
            }
        }
    }
}

/// go-yaml moves comments about.
fn without_comments(yaml: &str) -> Vec<&str> {
    yaml.lines().filter(|line| !line.trim_start().starts_with('#') && !line.is_empty()).collect()
}

#[test]
fn what_does_not_fit_is_named_by_its_path() {
    let cases = [
        (Format::Yaml, Format::Dotenv, "a: 1\nb: [x]\n", r#"["b"]: this is a mapping or list"#),
        (Format::Yaml, Format::Dotenv, "a: ~\n", r#"["a"]: this is null"#),
        (Format::Yaml, Format::Dotenv, "a=b: c\n", r#"["a=b"]: this format cannot hold a key"#),
        (Format::Yaml, Format::Dotenv, "a: 'C:\\new'\n", r#"["a"]: this holds a backslash"#),
        (Format::Yaml, Format::Dotenv, "a: !!binary /w==\n", r#"["a"]: these bytes are no text"#),
        (Format::Yaml, Format::Ini, "s: {a: {b: c}}\n", r#"["s"]["a"]: this is a mapping or list"#),
        (Format::Yaml, Format::Ini, "a: b\n", r#"["a"]: this is no mapping"#),
        (Format::Yaml, Format::Ini, "s: {'#a': b}\n", r##"["s"]["#a"]: this format cannot hold"##),
        (Format::Yaml, Format::Json, "a: 1\n---\nb: 2\n", "there are several documents"),
        (Format::Yaml, Format::Json, "a: [.inf]\n", r#"["a"]: JSON has no word"#),
        (Format::Yaml, Format::Json, "a: !!binary /w==\n", r#"["a"]: these bytes are no text"#),
        (Format::Yaml, Format::Binary, "a: x\n", r#"["data"]: there is no text"#),
        (Format::Dotenv, Format::Json, "A=1\nB=2\nA=3\n", r#"["A"]: this key is there twice"#),
        (Format::Dotenv, Format::Yaml, "A=1\nA=3\n", r#"["A"]: this key is there twice"#),
        (Format::Dotenv, Format::Ini, "A=1\n", r#"["A"]: this is no mapping"#),
        (Format::Ini, Format::Json, "[a]\nk=1\n[a]\nl=2\n", r#"["a"]: this key is there twice"#),
        (Format::Ini, Format::Dotenv, "[a]\nk=1\n", r#"["a"]: this is a mapping or list"#),
    ];
    for (from, to, text, expected) in cases {
        match of_bulla(text, from, to) {
            Ok(written) => panic!("{from} to {to}: {text:?} became {written:?}"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.starts_with(expected), "{from} to {to}: {text:?}: {error}");
            }
        }
    }
}

#[test]
fn comments_go_where_the_other_format_has_them() {
    let yaml = "# head\na:\n    # of k\n    k: v\n    # end\n";
    assert_eq!(
        of_bulla(yaml, Format::Yaml, Format::Json).unwrap(),
        "{\n\t\"a\": {\n\t\t\"k\": \"v\"\n\t}\n}\n"
    );
    let ini = "; head\n[a]\n; of k\nk = v\n; end\n";
    assert_eq!(of_bulla(yaml, Format::Yaml, Format::Ini).unwrap(), ini);
    let dotenv = "# head\nA=1\n#tight\n\nB=two\\nlines\n";
    let yaml = "# head\nA: \"1\"\n#tight\nB: |-\n    two\n    lines\n";
    assert_eq!(of_bulla(dotenv, Format::Dotenv, Format::Yaml).unwrap(), yaml);
    let back = "# head\nA=1\n#tight\nB=two\\nlines\n";
    assert_eq!(of_bulla(yaml, Format::Yaml, Format::Dotenv).unwrap(), back);
}

#[test]
fn indentation_is_what_sops_makes_of_the_number() {
    let json = "{\"a\":{\"b\":[[{\"c\":\"x\\ny\",\"d\":[1]}]]}}";
    let sandbox = Sandbox::new();
    sandbox.write("plain.json", json.as_bytes());
    for (version, sops) in peers::all_sops() {
        let mut seal = sandbox.command(&sops);
        let sealed =
            sandbox.run(seal.args(["-e", "--age", keys::age_recipient(), "plain.json"])).ok();
        sandbox.write("sealed.json", &sealed.stdout);
        for number in [0, 1, 2, 3, 4, 9, 10] {
            for to in [Format::Yaml, Format::Json] {
                let mut open = sandbox.command(&sops);
                open.env("SOPS_AGE_KEY", keys::age_identity());
                // Before the verb, where all versions know it.
                open.args(["--indent", &number.to_string(), "-d", "--output-type", to.name()]);
                let theirs = sandbox.run(open.arg("sealed.json")).ok();
                let style = ConvertStyle { yaml: number, json: Indent::Spaces(number) };
                let from = if to == Format::Json { Format::Yaml } else { Format::Json };
                let ours = convert(json.as_bytes(), from, to, style).unwrap();
                let context = format!("sops {version}, {number} to {to}");
                assert_eq!(String::from_utf8_lossy(&ours), theirs.out(), "{context}");
            }
        }
    }
}

#[test]
fn whole_floats_stay_floats_and_bytes_stay_bytes() {
    assert_eq!(of_bulla("{\"a\": 5.0}", Format::Json, Format::Yaml).unwrap(), "a: 5.0\n");
    let bytes = convert(b"hi\xff\n", Format::Binary, Format::Yaml, ConvertStyle::default());
    assert_eq!(**bytes.unwrap(), *b"data: !!binary aGn/Cg==\n");
    let style = ConvertStyle::default();
    let back = convert(b"data: !!binary aGn/Cg==\n", Format::Yaml, Format::Binary, style);
    assert_eq!(**back.unwrap(), *b"hi\xff\n");
}
