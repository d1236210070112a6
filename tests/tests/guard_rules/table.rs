//! The table: a row for each rule, its keys drawn afresh.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_guard::Confidence::{self, Heuristic, Policy, Structure};
use bulla_guard::Rule;
use bulla_tests::corpus::draw;
use fastrand::Rng;

use super::Fate::{self, Goes, Stays};

/// What proves a rule.
pub(crate) struct Proof {
    pub(crate) rule: Rule,
    pub(crate) confidence: Confidence,
    pub(crate) path: &'static str,
    pub(crate) text: Vec<u8>,
    /// Path and text of what must pass.
    pub(crate) near: (&'static str, Vec<u8>),
    /// Which byte of the text becomes which.
    pub(crate) mutation: (usize, u8),
    pub(crate) fate: Fate,
    pub(crate) others: Vec<(&'static str, String)>,
    pub(crate) before: Vec<(&'static str, String)>,
}

impl Proof {
    fn new(
        (rule, confidence): (Rule, Confidence),
        (path, text): (&'static str, &str),
        near: (&'static str, &str),
    ) -> Self {
        Self {
            rule,
            confidence,
            path,
            text: text.as_bytes().to_vec(),
            near: (near.0, near.1.as_bytes().to_vec()),
            mutation: (0, 0),
            fate: Goes,
            others: Vec::new(),
            before: Vec::new(),
        }
    }

    /// The byte `offset` behind the start of `needle` becomes another one.
    fn mutated(mut self, needle: &str, offset: usize, byte: u8, fate: Fate) -> Self {
        let text = String::from_utf8_lossy(&self.text).into_owned();
        let at = text.find(needle).unwrap_or_else(|| panic!("no {needle} in {text}"));
        self.mutation = (at + offset, byte);
        self.fate = fate;
        self
    }

    /// One letter of a text in base64 or the like becomes another one of its alphabet.
    fn mutated_within(self, needle: &str, offset: usize, fate: Fate) -> Self {
        let old = needle.as_bytes()[offset];
        let new = if old == b'A' || old == b'q' { old + 1 } else { b'A' };
        let new = if old.is_ascii_lowercase() && old != b'q' { b'q' } else { new };
        self.mutated(needle, offset, new, fate)
    }

    fn with_other(mut self, path: &'static str, text: String) -> Self {
        self.others.push((path, text));
        self
    }

    fn with_before(mut self, path: &'static str, text: String) -> Self {
        self.before.push((path, text));
        self
    }

    /// For messages.
    pub(crate) fn shown(&self, text: &[u8]) -> String {
        format!("{}:\n{}", self.rule, String::from_utf8_lossy(text))
    }
}

const TOKEN: &str =
    "ENC[AES256_GCM,data:YQ==,iv:YWFhYWFhYWFhYWFhYWFhYQ==,tag:YWFhYWFhYWFhYWFhYWFhYQ==,type:str]";

const AGE: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

const OTHER_AGE: &str = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg";

/// A sealed file with these lines at its top and this selector.
fn sealed(lines: &str, selector: &str) -> String {
    format!(
        "{lines}sops:\n  age:\n  - recipient: {AGE}\n    enc: x\n  lastmodified: '2026-01-01T00:00:00Z'\n  mac: '{TOKEN}'\n  {selector}\n  version: 3.13.1\n"
    )
}

fn sealed_thing() -> String {
    sealed(&format!("kind: Thing\ndata:\n  motd: {TOKEN}\n"), "encrypted_regex: ^data$")
}

fn rules(age: &str) -> String {
    format!("creation_rules:\n- path_regex: ^secrets/\n  age: {age}\n")
}

/// All rows, their keys drawn.
pub(crate) fn rows(rng: &mut Rng) -> Vec<Proof> {
    let rows = [manifests(rng), tokens(rng), keys(rng), chains(rng), seals(), neighbours()];
    rows.into_iter().flatten().collect()
}

fn base64_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn manifests(rng: &mut Rng) -> Vec<Proof> {
    let login = draw::encoded(&format!("robot:{}", draw::alphanumeric(rng, 16)));
    let password = draw::alphanumeric(rng, 12);
    vec![
        Proof::new(
            (Rule::Credential, Heuristic),
            ("app.env", &format!("DB_PASSWORD=a1{password}\n")),
            ("app.env", "DB_PASSWORD=${DB_PASSWORD}\n"),
        )
        .mutated("PASSWORD", 0, b'Q', Goes),
        Proof::new(
            (Rule::ReadableSecret, Structure),
            ("s.yaml", "kind: Secret\nstringData:\n  a: hunter2\n"),
            ("s.yaml", "kind: Secret\nstringData:\n  a: ''\n  b: <replace-me>\n"),
        )
        .mutated("Secret", 5, b's', Goes),
        Proof::new(
            (Rule::GeneratorLiteral, Structure),
            ("kustomization.yaml", "secretGenerator:\n- name: a\n  literals:\n  - x=hunter2\n"),
            ("kustomization.yaml", "configMapGenerator:\n- name: a\n  literals:\n  - x=hunter2\n"),
        )
        .mutated("secretGenerator", 6, b'g', Goes),
        Proof::new(
            (Rule::DockerAuth, Structure),
            ("config.json", &format!(r#"{{"auths":{{"r.example":{{"auth":"{login}"}}}}}}"#)),
            ("config.json", r#"{"auths":{"r.example":{}},"credsStore":"pass"}"#),
        )
        .mutated("\"auth\"", 1, b'o', Goes),
        Proof::new(
            (Rule::UrlPassword, Structure),
            ("app.ini", &format!("db = postgres://app:{password}@db.internal/app\n")),
            ("app.ini", "db = postgres://app:${DB_PASSWORD}@db.internal/app\n"),
        )
        .mutated("@db", 0, b'/', Goes),
    ]
}

fn tokens(rng: &mut Rng) -> Vec<Proof> {
    let token = draw::github(rng);
    let mut wrong = token.clone().into_bytes();
    let last = wrong.len() - 1;
    wrong[last] = if wrong[last] == b'a' { b'b' } else { b'a' };
    let wrong = String::from_utf8_lossy(&wrong).into_owned();
    let web = draw::web_token(rng);
    let unsigned = web.rsplit_once('.').map(|(claims, _)| format!("{claims}.")).unwrap_or_default();
    vec![
        Proof::new(
            (Rule::Token, Confidence::Proof),
            ("a.txt", &format!("Use {token} there.\n")),
            ("a.txt", &format!("Use {wrong} there.\n")),
        )
        .mutated_within(&token, 10, Goes),
        Proof::new(
            (Rule::WebToken, Structure),
            ("a.txt", &format!("Use {web} there.\n")),
            ("a.txt", &format!("Use {unsigned} there.\n")),
        )
        .mutated(&web, 0, b'f', Goes),
    ]
}

fn keys(rng: &mut Rng) -> Vec<Proof> {
    let age = draw::age(rng);
    let public = format!("# public key: {}\n", draw::address(rng, "age"));
    let pkcs8 = draw::pkcs8(rng);
    let pem = draw::armor("PRIVATE KEY", "", &pkcs8);
    let certificate = draw::certificate(rng);
    let der = base64_of(&draw::rsa(rng));
    let locked = draw::armor("ENCRYPTED PRIVATE KEY", "", &draw::locked_pkcs8(rng));
    let words = draw::mnemonic(rng, 12).join(" ");
    let no_words = draw::words_without_sum(rng, 12).join(" ");
    let pair = base64_of(&draw::pair(rng));
    let signature = draw::base64(rng, 64);
    let hex = draw::hex(rng, 32);
    let body = pem.lines().nth(1).unwrap_or_default().to_owned();
    vec![
        Proof::new(
            (Rule::AgeKey, Confidence::Proof),
            ("keys.txt", &format!("{age}\n")),
            ("keys.txt", &public),
        )
        .mutated(&age, 40, if age.as_bytes()[40] == b'Q' { b'P' } else { b'Q' }, Goes),
        Proof::new(
            (Rule::PrivateKey, Confidence::Proof),
            ("tls.key", &pem),
            ("tls.crt", &draw::armor("CERTIFICATE", "", &certificate)),
        )
        // `M` is how a sequence of DER begins.
        .mutated(&body, 0, b'Z', Stays(Structure)),
        Proof::new(
            (Rule::DerKey, Confidence::Proof),
            ("a.txt", &format!("blob: {der}\n")),
            ("a.txt", &format!("blob: {}\n", base64_of(&certificate))),
        )
        .mutated(&der, 0, b'Z', Goes),
        Proof::new(
            (Rule::LockedKey, Policy),
            ("tls.key", &locked),
            ("tls.key", &draw::armor("PUBLIC KEY", "", &draw::bytes(rng, 40))),
        )
        .mutated("ENCRYPTED", 0, b'X', Goes),
        Proof::new(
            (Rule::Mnemonic, Confidence::Proof),
            ("a.txt", &format!("{words}\n")),
            ("a.txt", &format!("{no_words}\n")),
        )
        .mutated(&words, 0, b'#', Goes),
        Proof::new(
            (Rule::Ed25519Key, Confidence::Proof),
            ("a.txt", &format!("blob: {pair}\n")),
            ("a.txt", &format!("blob: {signature}\n")),
        )
        .mutated_within(&pair, 20, Goes),
        Proof::new((Rule::RawKey, Structure), ("geth/nodekey", &hex), ("geth/blockhash", &hex))
            .mutated(&hex, 7, b'g', Goes),
    ]
}

fn chains(rng: &mut Rng) -> Vec<Proof> {
    let [pair, near_pair] = [0; 2].map(|_| draw::pair(rng));
    let value = base64_of(&pair);
    let public = base64_of(&pair[32..]);
    let (secret, near_public) = (draw::near(&near_pair), draw::near(&near_pair[32..]));
    let share = draw::base64(rng, 32);
    let node = |kind: &str, field: &str, value: &str| {
        format!(r#"{{"{field}":{{"type":"tendermint/{kind}","value":"{value}"}}}}"#)
    };
    vec![
        Proof::new(
            (Rule::ValidatorKey, Confidence::Proof),
            ("config/node_key.json", &node("PrivKeyEd25519", "priv_key", &value)),
            ("config/node_key.json", &node("PubKeyEd25519", "pub_key", &public)),
        )
        .mutated_within(&value, 20, Stays(Structure)),
        Proof::new(
            (Rule::KeyShare, Structure),
            (
                "chain_shard.json",
                &format!(r#"{{"pubKey":"{public}","privateShard":"{share}","id":1}}"#),
            ),
            ("chain_shard.json", &format!(r#"{{"pubKey":"{public}","id":1}}"#)),
        )
        .mutated("privateShard", 7, b'Z', Goes),
        Proof::new(
            (Rule::NearKey, Confidence::Proof),
            ("k.json", &format!(r#"{{"account_id":"a.near","secret_key":"{secret}"}}"#)),
            ("k.json", &format!(r#"{{"account_id":"a.near","public_key":"{near_public}"}}"#)),
        )
        .mutated_within(&secret, 40, Stays(Structure)),
    ]
}

fn seals() -> Vec<Proof> {
    let kubernetes = "encrypted_regex: ^(data|stringData)$";
    let secret = format!("kind: Secret\ndata:\n  a: {TOKEN}\n");
    let open = format!("{secret}  b: aHVudGVyMg==\n");
    let narrow = format!("kind: Secret\ndata:\n  password: {TOKEN}\n  other: aHVudGVyMg==\n");
    let recipients = format!("  age:\n  - recipient: {AGE}\n    enc: x\n");
    vec![
        Proof::new(
            (Rule::NotSealed, Confidence::Proof),
            ("s.yaml", &sealed(&open, kubernetes)),
            ("s.yaml", &sealed(&format!("{secret}  b: ''\n"), kubernetes)),
        )
        // The selector means something else, and then nothing else covers it.
        .mutated("^(data", 3, b'D', Goes),
        Proof::new(
            (Rule::NotCovered, Structure),
            ("s.yaml", &sealed(&narrow, "encrypted_regex: ^password$")),
            ("s.yaml", &sealed(&narrow.replace("Secret", "Thing"), "encrypted_regex: ^password$")),
        )
        .mutated("Secret", 5, b's', Goes),
        Proof::new(
            (Rule::NoRecipients, Confidence::Proof),
            ("s.yaml", &sealed(&secret, kubernetes).replace(&recipients, "")),
            ("s.yaml", &sealed(&secret, kubernetes)),
        )
        .mutated("sops:", 0, b'z', Goes),
        Proof::new(
            (Rule::DamagedSeal, Structure),
            ("s.yaml", &sealed(&secret, kubernetes).replace("  version: 3.13.1\n", "")),
            ("s.yaml", &sealed(&secret, kubernetes)),
        )
        .mutated("sops:", 0, b'z', Goes),
    ]
}

fn neighbours() -> Vec<Proof> {
    let open = "kind: Thing\ndata:\n  motd: plain words\n";
    vec![
        Proof::new(
            (Rule::PlainSibling, Structure),
            ("a/app.yaml", open),
            ("a/app.yaml", &open.replace("motd", "other")),
        )
        .with_other("a/app.enc.yaml", sealed_thing())
        .mutated("motd", 0, b'n', Goes),
        Proof::new(
            (Rule::ListedPlaintext, Structure),
            ("a/kustomization.yaml", "kind: Kustomization\nresources:\n- keys.yaml\n"),
            ("a/kustomization.yaml", "kind: Kustomization\nresources:\n- keys.enc.yaml\n"),
        )
        .with_other("a/keys.enc.yaml", sealed_thing())
        .mutated("keys.yaml", 3, b'z', Goes),
        Proof::new(
            (Rule::UnignoredKeys, Structure),
            (".gitignore", "*.jsox\n"),
            (".gitignore", "node_key.json\n"),
        )
        .with_before(".gitignore", "node_key.json\n".to_owned())
        // All of them, and the keys among them.
        .mutated("*.jsox", 5, b'n', Goes),
        Proof::new(
            (Rule::LeftOver, Structure),
            ("a/app.yaml.bak", "motd: plain words\n"),
            ("a/other.yaml.bak", "motd: plain words\n"),
        )
        .with_other("a/app.yaml", sealed_thing())
        // The name is what it is: no byte of the content changes that.
        .mutated("motd", 0, b'n', Stays(Structure)),
        Proof::new(
            (Rule::NeverSealed, Structure),
            ("secrets/a.yaml", "motd: plain words\n"),
            ("other/a.yaml", "motd: plain words\n"),
        )
        .with_other(".sops.yaml", rules(AGE))
        .mutated("motd", 0, b'#', Goes),
        Proof::new(
            (Rule::RulesDiffer, Structure),
            ("secrets/a.yaml", &sealed_thing()),
            ("other/a.yaml", &sealed_thing()),
        )
        .with_other(".sops.yaml", rules(OTHER_AGE))
        .mutated("sops:", 0, b'z', Goes),
    ]
}
