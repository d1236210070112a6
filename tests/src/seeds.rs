//! What the fuzzer begins with: the fixtures, the YAML test suite, and generated files,
//! open and sealed.

use std::fs;
use std::path::Path;

use bulla_core::{Cipher, DataKey, Format, ValueType, seal, seal_binary};
use bulla_properties::{NOW, PROPERTIES, keyring, recipe};
use bulla_testkit::peers::workspace_root;

use crate::generate::{self, dotenv::dotenv, ini::ini, json::json};
use crate::yaml_suite::cases;

/// How many of what is generated: enough for every shape to be there.
const GENERATED: u64 = 60;

/// The seeds of each property. What the fuzzer found before comes first.
///
/// # Panics
///
/// When the fixtures or the suite are not there.
pub fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let formats = Formats::make();
    let seeds = |name| {
        let mut seeds = found(name);
        seeds.extend(formats.seeds(name));
        seeds.sort();
        seeds.dedup();
        seeds
    };
    PROPERTIES.iter().map(|property| (property.name, seeds(property.name))).collect()
}

/// What was found for a property before, and is kept in tests/fuzz/found.
///
/// # Panics
///
/// When it cannot be read.
pub fn found(property: &str) -> Vec<Vec<u8>> {
    files_below(&workspace_root().join("tests/fuzz/found").join(property))
        .into_iter()
        .map(|(_, bytes)| bytes)
        .collect()
}

/// Files of each format, open and sealed.
struct Formats {
    yaml: Vec<String>,
    json: Vec<String>,
    dotenv: Vec<String>,
    ini: Vec<String>,
    fixtures: Vec<(String, Vec<u8>)>,
}

impl Formats {
    fn make() -> Self {
        let fixtures = files_below(&workspace_root().join("fixtures"));
        let mut yaml: Vec<_> = cases().into_iter().map(|case| case.yaml).collect();
        let texts = fixtures.iter().filter(|(path, _)| path.ends_with(".yaml"));
        yaml.extend(texts.filter_map(|(_, bytes)| String::from_utf8(bytes.clone()).ok()));
        yaml.extend((0..GENERATED).map(generate::secrets));
        let json = (0..GENERATED).map(|seed| json(seed, false)).collect();
        let dotenv = (0..GENERATED).map(dotenv).collect();
        let ini = (0..GENERATED).map(ini).collect();
        Self { yaml, json, dotenv, ini, fixtures }
    }

    fn seeds(&self, property: &str) -> Vec<Vec<u8>> {
        let bytes = |texts: &[String]| texts.iter().map(|text| text.clone().into()).collect();
        match property {
            "stream" => bytes(&self.yaml),
            "yaml" => with_sealed(&self.yaml, Format::Yaml),
            "json" => with_sealed(&self.json, Format::Json),
            "dotenv" => with_sealed(&self.dotenv, Format::Dotenv),
            "ini" => with_sealed(&self.ini, Format::Ini),
            "binary" => binaries(),
            "token" => tokens(),
            "metadata" => blocks(&self.json),
            "change" => self.changes(),
            "rules" => rules(&self.fixtures),
            "resource_list" => self.resource_lists(),
            "guard" => self.named(),
            name => panic!("the property {name} has no seeds; write some"),
        }
    }

    fn changes(&self) -> Vec<Vec<u8>> {
        let addresses = [
            r#"["stringData"]["token"]"#,
            r#"["data"]["new"]"#,
            r#"[1]["data"]["list"][0]"#,
            r#"["a"]"#,
            r#"["section"]["key"]"#,
        ];
        let values = [r#""text""#, "12", r#"{"a": ["b", null, 1.5]}"#, "true", r#""two\nlines""#];
        let formats = [
            ("yaml", &self.yaml[..]),
            ("json", &self.json),
            ("dotenv", &self.dotenv),
            ("ini", &self.ini),
        ];
        let lines = addresses.into_iter().zip(values).cycle();
        let texts =
            formats.iter().flat_map(|(format, texts)| texts.iter().map(move |text| (format, text)));
        texts
            .zip(lines)
            .map(|((format, text), (address, value))| {
                format!("{format}\n{address}\n{value}\n{text}").into_bytes()
            })
            .collect()
    }

    fn resource_lists(&self) -> Vec<Vec<u8>> {
        let config = "apiVersion: bulla/v1\nkind: SealedFiles\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: 'exec: {path: bulla-krm}'\n";
        let configs = [
            config.to_owned(),
            format!("{config}files:\n  - secrets.enc.yaml\n"),
            format!("{config}mac: require\n"),
            config.replace("bulla/v1", "viaduct.ai/v1").replace("SealedFiles", "ksops"),
            format!(
                "{config}secretFrom:\n- metadata:\n    name: s\n  files: [a.env]\n  envs: [b.env]\n"
            ),
        ];
        let lists = configs.iter().enumerate().flat_map(|(number, config)| {
            let indented = indented(config, "  ");
            let texts = self.yaml.iter().rev().skip(number * 7).take(10);
            texts.flat_map(move |text| {
                let sealed = seal(text, Format::Yaml, &recipe(), &keyring(), NOW);
                let item = sealed.map_or_else(|_| text.clone(), |sealed| sealed.text);
                let items = indented_item(&item);
                [
                    format!(
                        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n{indented}items:\n{items}"
                    ),
                    format!("{config}\n---\n{item}"),
                ]
            })
        });
        lists.map(String::into_bytes).collect()
    }

    /// Every fixture under its own name, and generated files under those of their formats.
    fn named(&self) -> Vec<Vec<u8>> {
        let mut named: Vec<_> =
            self.fixtures.iter().map(|(path, bytes)| named(path, bytes)).collect();
        let generated = [
            ("apps/secret.yaml", &self.yaml[..]),
            ("config.json", &self.json),
            (".env", &self.dotenv),
            ("app.ini", &self.ini),
        ];
        for (path, texts) in generated {
            named.extend(texts.iter().map(|text| named_text(path, text)));
        }
        named
    }
}

fn named(path: &str, bytes: &[u8]) -> Vec<u8> {
    [path.as_bytes(), b"\n", bytes].concat()
}

fn named_text(path: &str, text: &str) -> Vec<u8> {
    named(path, text.as_bytes())
}

fn indented(text: &str, with: &str) -> String {
    text.lines().map(|line| format!("{with}{line}\n")).collect()
}

/// A document as the item of a list.
fn indented_item(text: &str) -> String {
    let lines = indented(text, "  ");
    lines.strip_prefix("  ").map_or_else(String::new, |rest| format!("- {rest}"))
}

/// Each text, and what it is when it is sealed, where it can be.
fn with_sealed(texts: &[String], format: Format) -> Vec<Vec<u8>> {
    let sealed = texts.iter().filter_map(|text| {
        let sealed = seal(text, format, &recipe(), &keyring(), NOW).ok()?;
        Some(sealed.text.into_bytes())
    });
    let open = texts.iter().map(|text| text.clone().into_bytes());
    open.chain(sealed).collect()
}

fn binaries() -> Vec<Vec<u8>> {
    let plain: [&[u8]; 4] = [b"", b"x", b"\0\xff\xfe", &[7; 1000]];
    let sealed = plain.map(|bytes| {
        let sealed = seal_binary(bytes.to_vec().into(), &recipe(), &keyring(), NOW);
        sealed.expect("any bytes can be sealed").text.into_bytes()
    });
    plain.map(<[u8]>::to_vec).into_iter().chain(sealed).collect()
}

fn tokens() -> Vec<Vec<u8>> {
    let plain = [
        ("text", ValueType::Str),
        ("", ValueType::Str),
        ("12", ValueType::Int),
        ("1.5", ValueType::Float),
        ("True", ValueType::Bool),
        ("2026-11-20T10:56:18Z", ValueType::Time),
        (" a comment", ValueType::Comment),
    ];
    let cipher = Cipher::new(DataKey::generate().expect("there is randomness"));
    let sealed = plain.map(|(text, kind)| {
        let sealed = cipher.seal(text.as_bytes(), "a:", kind).expect("there is randomness");
        sealed.print().into_bytes()
    });
    plain.map(|(text, _)| text.as_bytes().to_vec()).into_iter().chain(sealed).collect()
}

/// The `sops` blocks of sealed files, and one with every kind of key.
fn blocks(texts: &[String]) -> Vec<Vec<u8>> {
    let sealed = texts.iter().filter_map(|text| {
        let sealed = seal(text, Format::Json, &recipe(), &keyring(), NOW).ok()?;
        let json: serde_json::Value = serde_json::from_str(&sealed.text).ok()?;
        Some(json["sops"].to_string().into_bytes())
    });
    sealed.take(10).chain([ALL_KINDS.as_bytes().to_vec()]).collect()
}

const ALL_KINDS: &str = r#"{"shamir_threshold": 2, "key_groups": [
{"kms": [{"arn": "arn:aws:kms:eu-west-1:1:key/a", "role": "r", "context": {"a": "b"}, "created_at": "2026-11-20T10:56:18Z", "enc": "AQ==", "aws_profile": "p"}],
 "gcp_kms": [{"resource_id": "projects/p/locations/l/keyRings/r/cryptoKeys/k", "created_at": "2026-11-20T10:56:18Z", "enc": "AQ=="}]},
{"azure_kv": [{"vault_url": "https://v.vault.azure.net", "name": "n", "version": "1", "created_at": "2026-11-20T10:56:18Z", "enc": "AQ"}],
 "hc_vault": [{"vault_address": "https://v", "engine_path": "sops", "key_name": "k", "created_at": "2026-11-20T10:56:18Z", "enc": "vault:v1:AQ"}]},
{"age": [{"recipient": "age1clear", "enc": "00"}], "pgp": [{"created_at": "2026-11-20T10:56:18Z", "enc": "-", "fp": "AB"}],
 "hckms": [{"key_id": "r:1", "enc": "AQ", "created_at": "2026-11-20T10:56:18Z"}]}],
"lastmodified": "2026-11-20T10:56:18Z", "mac": "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]",
"encrypted_regex": "^(data|stringData)$", "mac_only_encrypted": true, "version": "3.13.1", "bulla": {"layout": "x"}, "unknown": [1]}"#;

fn rules(fixtures: &[(String, Vec<u8>)]) -> Vec<Vec<u8>> {
    let example = workspace_root().join(".sops-rules.example.yaml");
    let example = fs::read(&example).expect("the example of a rules file is there");
    let fixtures = fixtures.iter().filter(|(path, _)| path.ends_with(".sops-rules.yaml"));
    let mut rules: Vec<_> = fixtures.map(|(_, bytes)| bytes.clone()).collect();
    rules.push(example);
    rules.push(OF_SOPS.into());
    rules
}

const OF_SOPS: &str = r#"keys:
  - &alice age18u89v0x5vnxkjrumfj5e6r48zxl2krr9z64l828l0ej0hkfncdssqk85ez
creation_rules:
  - path_regex: ^(a|b)+\.yaml$
    encrypted_regex: "^(data|stringData)$"
    shamir_threshold: 2
    key_groups:
      - age: [*alice]
      - pgp: ["85D77543B3D624B63CEA9E6DBC17301B491B3F21"]
        kms:
          - arn: arn:aws:kms:eu-west-1:111122223333:key/1
            role: arn:aws:iam::1:role/r
            context: {a: b}
      - merge:
          - azure_keyvault: [{vaultUrl: "https://v.vault.azure.net", key: k, version: "1"}]
  - unencrypted_suffix: _clear
    mac_only_encrypted: true
    age: >-
      age18u89v0x5vnxkjrumfj5e6r48zxl2krr9z64l828l0ej0hkfncdssqk85ez
destination_rules:
  - path_regex: ^s3/
    s3_bucket: b
    s3_prefix: p/
    recreation_rule: {age: *alice}
stores: {yaml: {indent: 2}, json: {indent: 4}}
"#;

/// The files below a folder by their paths in it; none where there is no folder.
fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(name) = path.strip_prefix(folder) {
                let bytes = fs::read(&path).expect("the file can be read");
                files.push((name.to_string_lossy().into_owned(), bytes));
            }
        }
    }
    files.sort();
    files
}
