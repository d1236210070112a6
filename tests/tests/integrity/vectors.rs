//! The vectors, and files that the real sops reads, through the specification in Python.

use super::*;

fn files() -> Vec<PathBuf> {
    let directory = peers::workspace_root().join("fixtures/vectors/integrity");
    let mut files: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 5);
    files
}

fn recipe_of(rule: &Map<String, Json>) -> Recipe {
    let selector = SelectorKind::ALL.into_iter().find_map(|kind| {
        let text = rule.get(kind.name())?.as_str().unwrap();
        Some(Selector::new(kind, text).unwrap())
    });
    let mac_only_encrypted = rule.get("mac_only_encrypted") == Some(&json!(true));
    Recipe { selector, mac_only_encrypted, ..recipe() }
}

/// A vector whose text is sealed once: `BULLA_BLESS=1` seals it anew.
fn sealed(vector: &mut Map<String, Json>, format: Format) -> bool {
    if std::env::var_os("BULLA_BLESS").is_none() {
        return false;
    }
    let recipe = recipe_of(vector["rule"].as_object().unwrap());
    let sealed = seal(vector["text"].as_str().unwrap(), format, &recipe, &keyring(), NOW).unwrap();
    vector.insert("data_key".into(), data_key(&sealed.text, format).into());
    let document = Document::parse(&sealed.text, format).unwrap();
    let metadata = document.metadata().unwrap();
    vector.insert("layout".into(), metadata.layout.clone().unwrap_or_default().into());
    vector.insert("needed".into(), 1.into());
    vector.insert("groups".into(), json!([[["age", keys::age_recipient()]]]));
    vector.insert("only_encrypted".into(), metadata.mac_only_encrypted.into());
    vector.insert("sealed".into(), sealed.text.into());
    true
}

#[test]
fn the_vectors_hold_for_bulla_and_for_the_specification() {
    for file in files() {
        let name = file.display();
        let mut vector: Map<String, Json> =
            serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let format = Format::from_name(vector["format"].as_str().unwrap()).unwrap();
        let fresh = sealed(&mut vector, format);
        let forms = form(&[], &vector.clone().into());
        if fresh {
            vector.extend(forms.as_object().unwrap().clone());
            let text = serde_json::to_string_pretty(&vector).unwrap();
            fs::write(&file, format!("{text}\n")).unwrap();
        }
        for (field, value) in forms.as_object().unwrap() {
            assert_eq!(&vector[field], value, "{name}: {field}");
        }
        let text = vector["sealed"].as_str().unwrap();
        assert_eq!(json!(records(text)), vector["records"], "{name}");
        let opened = open_bytes(text, format, &keyring(), false).unwrap();
        assert!(opened.has_record, "{name}");
        assert_eq!(*opened.bytes, vector["text"].as_str().unwrap().as_bytes(), "{name}");
        assert_eq!(vector["data_key"], data_key(text, format), "{name}");
    }
}

#[test]
fn files_that_sops_reads_have_the_record_of_the_specification() {
    let texts = [
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"b"},"data":{"z":"eA==","a":"eQ=="}}"#,
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"b":{"d":[1,[2,{}],true],"c":null},"a":""}}"#,
        r#"{"list":[{"a":1.5,"b_unencrypted":[1,2,{"x":"é"}]},"text",[],{}],"n":null,"deep":{"a":{"b":{"c":{"d":"e"}}},"f":"g"}}"#,
    ];
    for text in texts {
        let sealed = seal(text, Format::Json, &recipe(), &keyring(), NOW).unwrap().text;
        let key = data_key(&sealed, Format::Json);
        for (version, sops) in peers::all_sops() {
            let sandbox = Sandbox::new();
            sandbox.write("file.json", &sealed);
            let mut sops = sandbox.command(sops);
            sops.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
            let plain = sandbox.run(sops.args(["decrypt", "file.json"])).ok();
            let input = json!({"sealed": sealed, "plain": plain.out(), "data_key": key});
            let forms = form(&["--json"], &input);
            assert_eq!(forms["records"], json!(records(&sealed)), "sops {version}: {text}");
        }
    }
}

#[test]
fn every_format_has_a_record_and_every_sops_reads_past_it() {
    let texts = [
        ("a.yaml", "a: 1\n---\nb: {c: [d]}\n"),
        ("a.json", "{\"a\": [1, null]}\n"),
        ("a.env", "A=1\n#c\nB=\n"),
        ("a.ini", "[a]\nb = 1\n"),
        ("a.bin", "bytes\n"),
    ];
    for (name, text) in texts {
        let format = Format::from_path(name);
        let sealed = seal(text, format, &recipe(), &keyring(), NOW).unwrap().text;
        let blocks = if name == "a.yaml" { 2 } else { 1 };
        assert_eq!(records(&sealed).len(), blocks, "{sealed}");
        for (version, sops) in peers::all_sops() {
            let sandbox = Sandbox::new();
            sandbox.write(name, &sealed);
            let mut sops = sandbox.command(sops);
            sops.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
            let plain = sandbox.run(sops.args(["decrypt", name])).ok();
            let values = |text: &str| {
                text.split(|char: char| !char.is_ascii_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(values(plain.out()), values(text), "sops {version}");
        }
    }
}
