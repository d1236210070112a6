//! Rules files: what they mean, and every way in which one is refused.

#[path = "rules/aliases.rs"]
mod aliases;
#[path = "rules/checks.rs"]
mod checks;
#[path = "rules/files_from_the_field.rs"]
mod files_from_the_field;
#[path = "rules/keys.rs"]
mod keys;
#[path = "rules/matching.rs"]
mod matching;
#[path = "rules/names.rs"]
mod names;
#[path = "rules/reading.rs"]
mod reading;
#[path = "rules/refusals.rs"]
mod refusals;

use bulla_core::MasterKey;
use bulla_core::rules::Rules;

// Made up: nobody holds their private halves.
const ALICE: &str = "age1qd647543dh6tnssfrcz0le7l97sf5ykun4u93ak86pykg2jkf7rqp7rpzk";
const BOB: &str = "age1j92j7vergw6xa3lxchkepp9mul6kjyhjvw9lkftch5ppnrt9dkzqlqvch9";
const CI: &str = "age13fwz30w27uy026mszv9y0s9kekyur2mhwycewkpmafmjgsq3yqjskvl07k";
const YUBIKEY: &str = "age1yubikey1q2j5fzt9m2sdtl8w2tr6gv5r522qr5rgkr5jytdfmjvgj6zeqt86qjcy9vj";
const SSH: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmQqukXzctsa/Y+zeG9HiMd0kifLWmRzz/zLQdoySOp";
const PGP: &str = "2D470B29BFD9CD2D692C0C9BDF241915D490419B";
const ARN: &str = "arn:aws:kms:eu-central-1:111122223333:alias/gitops";
const ROLE: &str = "arn:aws:iam::111122223333:role/gitops";
const GCP: &str = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const HUAWEI: &str = "tr-west-1:5e9d5b53-7a9d-4c9e-bb1e-2f2f4d9f1c11";
const AZURE: &str = "https://example.vault.azure.net/keys/gitops";
const VAULT: &str = "https://vault.example.com:8200/v1/team/transit/keys/gitops";

/// Reads a file in which `ALICE` and the other names above stand for the keys.
fn parse(text: &str) -> Result<Rules, String> {
    Rules::parse(&with_keys(text), ".sops.yaml").map_err(|error| error.to_string())
}

fn rules(text: &str) -> Rules {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The message, without the name of the file: `LINE: MESSAGE`.
fn refusal(text: &str) -> String {
    let error = parse(text).expect_err("the file is refused");
    error.strip_prefix(".sops.yaml:").expect("the message begins with the file").to_owned()
}

fn with_keys(text: &str) -> String {
    [
        ("ALICE", ALICE),
        ("BOB", BOB),
        ("CI", CI),
        ("YUBIKEY", YUBIKEY),
        ("SSH", SSH),
        ("PGP", PGP),
        ("ARN", ARN),
        ("ROLE", ROLE),
        ("GCP", GCP),
        ("HUAWEI", HUAWEI),
        ("AZURE", AZURE),
        ("VAULT", VAULT),
    ]
    .iter()
    .fold(text.to_owned(), |text, (name, key)| text.replace(&format!("${name}"), key))
}

/// The keys of the first rule, as they are written, group by group.
fn groups(rules: &Rules) -> Vec<Vec<String>> {
    let groups = &rules.creation_rules()[0].recipe.groups;
    groups.iter().map(|group| group.iter().map(ToString::to_string).collect()).collect()
}

fn age(recipient: &str) -> MasterKey {
    MasterKey::Age { recipient: recipient.to_owned() }
}

fn lines(rules: &Rules, path: &str) -> Vec<usize> {
    rules.matches(path).into_iter().map(|index| rules.creation_rules()[index].line).collect()
}
