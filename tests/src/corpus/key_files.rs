//! Key files of every kind.

use fastrand::Rng;

use super::draw::*;
use super::{Item, Label};

/// One of each.
pub fn all(rng: &mut Rng) -> Vec<Item> {
    let mut items = Vec::new();
    items.extend(cometbft(rng));
    items.extend(pocket(rng));
    items.extend(wallets(rng));
    items.extend(ethereum(rng));
    items.extend(near_files(rng));
    items.extend(other_chains(rng));
    items.extend(shares(rng));
    items.extend(armored(rng));
    items.extend(logins(rng));
    items.extend(locked(rng));
    items
}

fn item(class: &'static str, name: &str, text: String, needle: impl Into<String>) -> Item {
    Item { class, label: Label::Must, name: name.to_owned(), text, needle: needle.into() }
}

fn cometbft(rng: &mut Rng) -> Vec<Item> {
    let mut items = Vec::new();
    let pair = pair(rng);
    let (private, public) = (encode(&pair), encode(&pair[32..]));
    let address = hex(rng, 20).to_uppercase();
    let validator = |kind: &str, public: &str, private: &str| {
        format!(
            "{{\n  \"address\": \"{address}\",\n  \"pub_key\": {{\n    \"type\": \"{}\",\n    \"value\": \"{public}\"\n  }},\n  \"priv_key\": {{\n    \"type\": \"{kind}\",\n    \"value\": \"{private}\"\n  }}\n}}",
            kind.replace("PrivKey", "PubKey").replace("private", "public")
        )
    };
    let name = "config/priv_validator_key.json";
    items.push(item(
        "priv_validator_key, Ed25519",
        name,
        validator("tendermint/PrivKeyEd25519", &public, &private),
        private.clone(),
    ));
    for (class, kind) in [
        ("priv_validator_key, secp256k1", "tendermint/PrivKeySecp256k1"),
        ("priv_validator_key, BLS", "cometbft/PrivKeyBls12_381"),
        ("priv_validator_key, uncompressed", "comet/PrivKeySecp256k1Uncompressed"),
    ] {
        let private = base64(rng, 32);
        items.push(item(class, name, validator(kind, &base64(rng, 33), &private), private));
    }
    let node = |id: &str| {
        format!(
            "{{{id}\"priv_key\":{{\"type\":\"tendermint/PrivKeyEd25519\",\"value\":\"{private}\"}}}}"
        )
    };
    items.push(item("node_key", "config/node_key.json", node(""), private.clone()));
    let id = format!("\"id\":\"{}\",", hex(rng, 20));
    items.push(item("node_key with an id", "config/node_key.json", node(&id), private.clone()));
    let pocket = validator("crypto/ed25519_private_key", &public, &private);
    items.push(item(
        "Pocket priv_val_key",
        ".pocket/priv_val_key.json",
        pocket.clone(),
        private.clone(),
    ));
    let node_key = format!(
        "{{\"priv_key\":{{\"type\":\"crypto/ed25519_private_key\",\"value\":\"{private}\"}}}}"
    );
    items.push(item("Pocket node_key", ".pocket/node_key.json", node_key, private.clone()));
    items.push(item(
        "lean client",
        ".pocket/priv_val_key_lean.json",
        format!("[{pocket}]\n"),
        private,
    ));
    items
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn pocket(rng: &mut Rng) -> Vec<Item> {
    let lean = hex::encode(pair(rng));
    let [miner, gateway, app, operator, local, auth] = [0; 6].map(|_| hex(rng, 32));
    let address = address(rng, "pokt");
    let words = mnemonic(rng, 24).join(" ");
    let value = alphanumeric(rng, 40);
    let password = password(rng);
    vec![
        item(
            "lean operator input",
            "lean_nodes_keys.json",
            format!("[{{\"priv_key\":\"{lean}\"}}]"),
            lean,
        ),
        item(
            "supplier keys",
            "config/supplier-keys.yaml",
            format!("keys:\n  - {miner}\n  - 0x{operator}\n"),
            miner.clone(),
        ),
        item(
            "key directory",
            "keys/supplier-1.yaml",
            format!("operator_address: {address}\nprivate_key_hex: {operator}\n"),
            operator,
        ),
        item(
            "gateway",
            "config/gateway-config.yaml",
            format!(
                "gateway_config:\n  gateway_mode: centralized\n  gateway_address: {address}\n  gateway_private_key_hex: {gateway}\n  owned_apps_private_keys_hex:\n    - {app}\n"
            ),
            gateway,
        ),
        item(
            "relay applications",
            "relay-keys.yaml",
            format!("applications:\n  - {app}\n  - {miner}\n"),
            app,
        ),
        item(
            "localnet account",
            "localnet/account.yaml",
            format!(
                "name: app1\naddress: {address}\nprivate_key: {local}\nmnemonic: \"{words}\"\n"
            ),
            local,
        ),
        item(
            "Pocket auth.json",
            ".pocket/auth.json",
            format!("{{\"Value\":\"{value}\",\"Issued\":\"2026-01-01T00:00:00Z\"}}"),
            value,
        ),
        item(
            "Pocket chains.json",
            ".pocket/chains.json",
            format!(
                "[{{\"id\":\"0021\",\"url\":\"https://node.example.org\",\"basic_auth\":{{\"username\":\"relay\",\"password\":\"{password}\"}}}}]"
            ),
            password,
        ),
        item("raw signing key", "operator.key", auth.clone(), auth),
    ]
}

fn wallets(rng: &mut Rng) -> Vec<Item> {
    let short = mnemonic(rng, 12).join(" ");
    let long = mnemonic(rng, 24);
    let plain = long.join(" ");
    let numbered: String =
        long.iter().enumerate().map(|(n, word)| format!("{}. {word}\n", n + 1)).collect();
    let address = address(rng, "cosmos");
    vec![
        item("mnemonic, 12 words", "wallet.txt", format!("{short}\n"), short.clone()),
        item("mnemonic, 24 words", "seed.txt", format!("{plain}\n"), plain.clone()),
        item("mnemonic, numbered", "backup.txt", numbered, format!("1. {}", long[0])),
        item(
            "mnemonic in YAML",
            "accounts.yaml",
            format!("accounts:\n  - name: faucet\n    mnemonic: \"{short}\"\n"),
            short.clone(),
        ),
        item(
            "keys add",
            "notes.txt",
            format!(
                "- address: {address}\n  name: validator\n  pubkey: '{{\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"{}\"}}'\n  type: local\n\n\n**Important** write this mnemonic phrase in a safe place.\n\n{plain}\n",
                base64(rng, 33)
            ),
            plain,
        ),
        item("keyring-test", "keyring-test/validator.info", locked_web_token(rng), "eyJ"),
    ]
}

fn ethereum(rng: &mut Rng) -> Vec<Item> {
    let [node, jwt, prefixed] = [0; 3].map(|_| hex(rng, 32));
    let public = format!("0x{}", hex(rng, 48));
    let password = password(rng);
    let validator = alphanumeric(rng, 24);
    vec![
        item("geth nodekey", "geth/nodekey", node.clone(), node),
        item("engine JWT secret", "secrets/jwt.hex", jwt.clone(), jwt),
        item("engine JWT secret with 0x", "jwtsecret", format!("0x{prefixed}\n"), prefixed),
        item("validator password", &format!("secrets/{public}"), validator.clone(), validator),
        item(
            "validator definitions",
            "validator_definitions.yml",
            format!(
                "---\n- enabled: true\n  voting_public_key: \"{public}\"\n  type: local_keystore\n  voting_keystore_path: /root/keystore.json\n  voting_keystore_password: {password}\n"
            ),
            password,
        ),
    ]
}

fn near_files(rng: &mut Rng) -> Vec<Item> {
    let pair = pair(rng);
    let (secret, public) = (near(&pair), near(&pair[32..]));
    let other = near(&super::draw::pair(rng));
    let [store, backup] = [16, 32].map(|length| hex(rng, length));
    vec![
        item(
            "NEAR validator key",
            ".near/validator_key.json",
            format!(
                "{{\n  \"account_id\": \"node.pool.near\",\n  \"public_key\": \"{public}\",\n  \"secret_key\": \"{secret}\"\n}}"
            ),
            secret.clone(),
        ),
        item(
            "NEAR credentials",
            "credentials/a.testnet.json",
            format!(
                "{{\"account_id\":\"a.testnet\",\"public_key\":\"{public}\",\"private_key\":\"{secret}\"}}"
            ),
            secret.clone(),
        ),
        item(
            "NEAR MPC secrets",
            "secrets.json",
            format!(
                "{{\n  \"p2p_private_key\": \"{secret}\",\n  \"near_signer_key\": \"{other}\",\n  \"near_responder_keys\": [\n    \"{other}\"\n  ]\n}}"
            ),
            secret,
        ),
        item(
            "NEAR MPC settings",
            "mpc.toml",
            format!(
                "[secrets]\nsecret_store_key_hex = \"{store}\"\nbackup_encryption_key_hex = \"{backup}\"\n"
            ),
            store,
        ),
    ]
}

fn other_chains(rng: &mut Rng) -> Vec<Item> {
    let numbers = |pair: &[u8]| pair.iter().map(u8::to_string).collect::<Vec<_>>();
    let solana = numbers(&pair(rng));
    let pretty = format!("[\n  {}\n]\n", numbers(&pair(rng)).join(",\n  "));
    let [aura, aura_public, gran_public, node] = [0; 4].map(|_| hex(rng, 32));
    let words = mnemonic(rng, 12).join(" ");
    let info = format!("{{\"Type\":\"bls\",\"PrivateKey\":\"{}\"}}", base64(rng, 32));
    let exported = hex::encode(&info);
    let [wireguard, shared] = [0; 2].map(|_| base64(rng, 32));
    vec![
        item("Solana", "id.json", format!("[{}]", solana.join(",")), solana[..8].join(",")),
        item("Solana, pretty", "validator-keypair.json", pretty.clone(), "["),
        item(
            "Substrate aura",
            &format!("keystore/61757261{aura_public}"),
            format!("\"0x{aura}\""),
            aura,
        ),
        item(
            "Substrate grandpa",
            &format!("keystore/6772616e{gran_public}"),
            format!("\"{words}\""),
            words,
        ),
        item("Substrate network key", "network/secret_ed25519.key", node.clone(), node),
        item("Filecoin key", "keystore/MJ2WS.json", info.clone(), "PrivateKey"),
        item("Filecoin export", "wallet.txt", exported.clone(), exported),
        item(
            "WireGuard",
            "wg0.conf",
            format!(
                "[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = {wireguard}\n\n[Peer]\nPublicKey = {}\nPresharedKey = {shared}\n",
                base64(rng, 32)
            ),
            wireguard,
        ),
    ]
}

fn shares(rng: &mut Rng) -> Vec<Item> {
    let [share, ecies, softsign] = [0; 3].map(|_| base64(rng, 32));
    let rsa_key = encode(&rsa(rng));
    let public = base64(rng, 32);
    let publics = format!("[\"{}\",\"{}\"]", base64(rng, 65), base64(rng, 65));
    vec![
        item(
            "Horcrux shard",
            "horcrux/chain_shard.json",
            format!("{{\"pubKey\":\"{public}\",\"privateShard\":\"{share}\",\"id\":1}}"),
            share.clone(),
        ),
        item(
            "Horcrux ECIES",
            "horcrux/ecies_keys.json",
            format!("{{\"eciesKey\":\"{ecies}\",\"eciesPubs\":{publics},\"id\":1}}"),
            ecies,
        ),
        item(
            "Horcrux RSA",
            "horcrux/rsa_keys.json",
            format!("{{\"rsaKey\":\"{rsa_key}\",\"rsaPubs\":[],\"id\":2}}"),
            rsa_key.clone(),
        ),
        item(
            "Horcrux 2",
            "share.json",
            format!(
                "{{\"rsa_key\":\"{rsa_key}\",\"pub_key\":\"{public}\",\"rsa_pubs\":[],\"secret_share\":\"{share}\",\"id\":3}}"
            ),
            share,
        ),
        item("tmkms softsign", "secrets/consensus.key", softsign.clone(), softsign),
    ]
}

fn armored(rng: &mut Rng) -> Vec<Item> {
    let age = age(rng);
    let begin = |class: &'static str, name: &str, text: String| {
        let first = text.lines().next().unwrap_or_default().to_owned();
        item(class, name, text, first)
    };
    vec![
        item(
            "age identity",
            "keys.txt",
            format!(
                "# created: 2026-01-01T00:00:00Z\n# public key: {}\n{age}\n",
                address(rng, "age")
            ),
            age,
        ),
        begin(
            "PGP secret key",
            "secret.asc",
            armor("PGP PRIVATE KEY BLOCK", "\n", &bytes(rng, 300)),
        ),
        begin("PEM, RSA", "tls.key", armor("RSA PRIVATE KEY", "", &rsa(rng))),
        begin("PEM, elliptic curve", "ec.pem", armor("EC PRIVATE KEY", "", &sec1(rng))),
        begin("PEM, PKCS#8", "server-key.pem", armor("PRIVATE KEY", "", &pkcs8(rng))),
        begin(
            "OpenSSH",
            ".ssh/id_ed25519",
            armor("OPENSSH PRIVATE KEY", "", &openssh(rng, "none")),
        ),
    ]
}

fn logins(rng: &mut Rng) -> Vec<Item> {
    let pem = armor("PRIVATE KEY", "", &rsa(rng));
    let key_data = encoded(&pem);
    let token = alphanumeric(rng, 48);
    let auth = encoded(&format!("robot:{}", password(rng)));
    let escaped = pem.replace('\n', "\\n");
    let secret = alphanumeric(rng, 40);
    vec![
        item(
            "kubeconfig, key",
            "kubeconfig.yaml",
            format!(
                "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://10.0.0.1:6443\nusers:\n- name: admin\n  user:\n    client-key-data: {key_data}\n"
            ),
            key_data,
        ),
        item(
            "kubeconfig, token",
            ".kube/config",
            format!(
                "apiVersion: v1\nkind: Config\nusers:\n- name: ci\n  user:\n    token: {token}\n"
            ),
            token,
        ),
        item(
            "docker auths",
            ".docker/config.json",
            format!(
                "{{\n  \"auths\": {{\n    \"registry.example.org\": {{\n      \"auth\": \"{auth}\"\n    }}\n  }}\n}}\n"
            ),
            auth,
        ),
        item(
            "GCP service account",
            "sa.json",
            format!(
                "{{\n  \"type\": \"service_account\",\n  \"project_id\": \"p\",\n  \"private_key_id\": \"{}\",\n  \"private_key\": \"{escaped}\",\n  \"client_email\": \"a@p.iam.gserviceaccount.com\"\n}}\n",
                hex(rng, 20)
            ),
            escaped,
        ),
        item(
            "AWS credentials",
            ".aws/credentials",
            format!(
                "[default]\naws_access_key_id = AKIA{}\naws_secret_access_key = {secret}\n",
                of(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
            ),
            secret,
        ),
    ]
}

fn locked(rng: &mut Rng) -> Vec<Item> {
    let ciphertext = hex(rng, 32);
    let message = hex(rng, 32);
    let pocket = base64(rng, 90);
    let jwe = locked_web_token(rng);
    let locked = |class: &'static str, name: &str, text: String, needle: &str| Item {
        label: Label::Policy,
        ..item(class, name, text, needle)
    };
    let version_3 = format!(
        "{{\"address\":\"{}\",\"crypto\":{{\"cipher\":\"aes-128-ctr\",\"ciphertext\":\"{ciphertext}\",\"cipherparams\":{{\"iv\":\"{}\"}},\"kdf\":\"scrypt\",\"kdfparams\":{{\"dklen\":32,\"n\":262144,\"p\":1,\"r\":8,\"salt\":\"{}\"}},\"mac\":\"{}\"}},\"id\":\"123e4567-e89b-12d3-a456-426614174000\",\"version\":3}}",
        hex(rng, 20),
        hex(rng, 16),
        hex(rng, 32),
        hex(rng, 32)
    );
    let eip_2335 = format!(
        "{{\"crypto\":{{\"kdf\":{{\"function\":\"scrypt\",\"params\":{{\"dklen\":32,\"n\":262144,\"r\":8,\"p\":1,\"salt\":\"{}\"}},\"message\":\"\"}},\"checksum\":{{\"function\":\"sha256\",\"params\":{{}},\"message\":\"{}\"}},\"cipher\":{{\"function\":\"aes-128-ctr\",\"params\":{{\"iv\":\"{}\"}},\"message\":\"{message}\"}}}},\"pubkey\":\"{}\",\"path\":\"m/12381/3600/0/0/0\",\"uuid\":\"123e4567-e89b-12d3-a456-426614174000\",\"version\":4}}",
        hex(rng, 32),
        hex(rng, 32),
        hex(rng, 16),
        hex(rng, 48)
    );
    let export = format!(
        "{{\"kdf\":\"scrypt\",\"salt\":\"{}\",\"secparam\":\"12\",\"hint\":\"\",\"ciphertext\":\"{pocket}\"}}",
        hex(rng, 16).to_uppercase()
    );
    let tendermint = armor(
        "TENDERMINT PRIVATE KEY",
        &format!("kdf: bcrypt\nsalt: {}\ntype: secp256k1\n\n", hex(rng, 16).to_uppercase()),
        &bytes(rng, 90),
    );
    let pkcs8 = armor("ENCRYPTED PRIVATE KEY", "", &locked_pkcs8(rng));
    let legacy = armor(
        "RSA PRIVATE KEY",
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
        &bytes(rng, 600),
    );
    let ssh = armor("OPENSSH PRIVATE KEY", "", &openssh(rng, "aes256-ctr"));
    vec![
        locked("keystore v3", "UTC--2026-01-01T00-00-00.000000000Z--aa", version_3, &ciphertext),
        locked("EIP-2335", "keystore-m_12381_3600_0_0_0.json", eip_2335, &message),
        locked("Pocket export", "pocket-account-aa.json", export, &pocket),
        locked("keyring-file", "keyring-file/validator.info", jwe, "eyJ"),
        locked("Tendermint armor", "export.asc", tendermint, "-----BEGIN TENDERMINT"),
        locked("locked PKCS#8", "tls.key", pkcs8, "-----BEGIN ENCRYPTED"),
        locked("locked RSA", "id_rsa", legacy, "-----BEGIN RSA"),
        locked("locked OpenSSH", "id_ed25519", ssh, "-----BEGIN OPENSSH"),
    ]
}
