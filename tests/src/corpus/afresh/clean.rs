//! The same places with nothing in them, and the same hosts with what everybody may see.

use fastrand::Rng;

use super::super::draw::*;
use super::{Case, Item, Label, hosted, hosts, places};

/// What stands where a value will be.
const PLACEHOLDERS: &[&str] = &[
    "${DB_PASSWORD}",
    "$(DB_PASSWORD)",
    "{{ vault_db_password }}",
    "<password>",
    "changeme",
    "REPLACE_ME",
    "your-password-here",
    "********",
    "xxxxxxxxxxxx",
    "%(db_password)s",
];

/// Hosts in which whatever there is counts.
const SECRETS: &[&str] = &[
    "Secret",
    "Helm template",
    "patch",
    "side by side",
    "Crossplane",
    "kubernetes_secret",
    "Pulumi",
];

/// One placeholder in each place, another one with each seed, and public files in all
/// hosts.
pub fn all(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    // A Secret with more than a placeholder in it is one.
    for place in places::ALL.iter().filter(|place| place.layout != "Secret, folded") {
        let placeholder = PLACEHOLDERS[rng.usize(..PLACEHOLDERS.len())];
        let marks = ["§v§", "§b64§", "§login§"];
        let text = marks
            .iter()
            .fold(place.template.to_owned(), |text, mark| text.replace(mark, placeholder));
        cases.push(Case::clean(place.layout, place.path, &text));
    }
    for item in public(rng) {
        let hosts =
            hosts::ALL.iter().filter(|host| !SECRETS.iter().any(|name| host.layout.contains(name)));
        cases.extend(hosts.filter_map(|host| hosted(host, &item)));
    }
    cases
}

/// What everybody may see.
fn public(rng: &mut Rng) -> Vec<Item> {
    let mut items = Vec::new();
    let mut add = |class, name: &str, text: String| {
        let (name, needle) = (name.to_owned(), String::new());
        items.push(Item { class, label: Label::Clean, name, text, needle });
    };
    add("certificate", "tls.crt", armor("CERTIFICATE", "", &certificate(rng)));
    add("public key", "key.pub.pem", armor("PUBLIC KEY", "", &bytes(rng, 91)));
    add("SSH public key", "id_ed25519.pub", format!("ssh-ed25519 {} deploy@host", base64(rng, 51)));
    add(
        "signing state",
        "priv_validator_state.json",
        format!(
            "{{\n  \"height\": \"1203\",\n  \"round\": 0,\n  \"step\": 3,\n  \"signature\": \"{}\",\n  \"signbytes\": \"{}\"\n}}",
            base64(rng, 64),
            hex(rng, 60).to_uppercase()
        ),
    );
    add(
        "genesis",
        "genesis.json",
        format!(
            "{{\n  \"chain_id\": \"test-1\",\n  \"validators\": [\n    {{\n      \"address\": \"{}\",\n      \"pub_key\": {{\n        \"type\": \"tendermint/PubKeyEd25519\",\n        \"value\": \"{}\"\n      }},\n      \"power\": \"10\"\n    }}\n  ],\n  \"app_hash\": \"{}\"\n}}",
            hex(rng, 20).to_uppercase(),
            base64(rng, 32),
            hex(rng, 32)
        ),
    );
    add(
        "checksums",
        "SHA256SUMS",
        format!("{}  node-linux.tar.gz\n{}  node-darwin.tar.gz", hex(rng, 32), hex(rng, 32)),
    );
    add(
        "lock file",
        "flake.lock",
        format!(
            "{{\n  \"nodes\": {{\n    \"nixpkgs\": {{\n      \"locked\": {{\n        \"narHash\": \"sha256-{}\",\n        \"rev\": \"{}\",\n        \"type\": \"github\"\n      }}\n    }}\n  }}\n}}",
            base64(rng, 32),
            hex(rng, 20)
        ),
    );
    add(
        "JWKS",
        "jwks.json",
        format!(
            "{{\"keys\":[{{\"kty\":\"RSA\",\"kid\":\"{}\",\"use\":\"sig\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"{}\"}}]}}",
            hex(rng, 16),
            alphanumeric(rng, 342)
        ),
    );
    add(
        "settings with references",
        "app.yaml",
        "db:\n  host: db.internal\n  user: app\n  password: ${DB_PASSWORD}\n  sslmode: require\ntls:\n  keyFile: /etc/tls/tls.key\n  secretName: app-tls\ntoken_file: /run/secrets/token".to_owned(),
    );
    add(
        "credential helpers",
        "config.json",
        "{\n  \"credHelpers\": {\n    \"registry.internal\": \"ecr-login\"\n  },\n  \"credsStore\": \"pass\"\n}".to_owned(),
    );
    add(
        "deposit data",
        "deposit_data-1.json",
        format!(
            "[{{\"pubkey\":\"{}\",\"withdrawal_credentials\":\"{}\",\"amount\":32000000000,\"signature\":\"{}\",\"deposit_message_root\":\"{}\",\"fork_version\":\"00000000\"}}]",
            hex(rng, 48),
            hex(rng, 32),
            hex(rng, 96),
            hex(rng, 32)
        ),
    );
    add(
        "peers",
        "config.toml",
        format!(
            "[p2p]\npersistent_peers = \"{}@10.0.0.1:26656,{}@10.0.0.2:26656\"\nprivate_peer_ids = \"{}\"\n\n[statesync]\ntrust_hash = \"{}\"",
            hex(rng, 20),
            hex(rng, 20),
            hex(rng, 20),
            hex(rng, 32).to_uppercase()
        ),
    );
    add(
        "wallet, public",
        "account.yaml",
        format!(
            "address: {}\nname: validator\npubkey: '{{\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"{}\"}}'\ntype: local",
            address(rng, "cosmos"),
            base64(rng, 33)
        ),
    );
    items
}
