//! What must pass.

use fastrand::Rng;

use super::Case;
use super::draw::*;
use super::sealing::{block, token};

/// One of each.
pub fn all(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(sealed(rng));
    cases.extend(references(rng));
    cases.extend(public(rng));
    cases.extend(chains(rng));
    cases.extend(lookalikes(rng));
    cases.extend(plain(rng));
    cases
}

const HEAD: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n";

fn sealed(rng: &mut Rng) -> Vec<Case> {
    let kubernetes = "  encrypted_regex: ^(data|stringData)$\n";
    let suffix = "  unencrypted_suffix: _unencrypted\n";
    let tokens: Vec<String> = (0..6).map(|_| token(rng)).collect();
    let [a, b, c, ..] = tokens.as_slice() else { return Vec::new() };
    let number = a.replace("type:str", "type:int");
    let long = format!("AgA{}", alphanumeric(rng, 700));
    let vault: String = (0..5).map(|_| format!("          {}\n", hex(rng, 40))).collect();
    let message = armor("PGP MESSAGE", "\n", &bytes(rng, 200));
    let age = armor("AGE ENCRYPTED FILE", "", &bytes(rng, 200));
    [
        ("sops-sealed", "secret.enc.yaml", format!("{HEAD}data:\n  password: {a}\n  token: {b}\n{}", block(rng, kubernetes))),
        ("sops-sealed", "values.enc.yaml", format!("db:\n  password: {a}\n  port: {number}\nlist:\n  - {b}\n  - {c}\nempty: \"\"\nname_unencrypted: plain\n{}", block(rng, suffix))),
        ("sops-sealed", "two.enc.yaml", format!("{HEAD}data:\n  a: {a}\n{sops}---\n{HEAD}data:\n  a: {b}\n{sops}", sops = block(rng, kubernetes))),
        ("sops-sealed", "values.enc.yaml", format!("#{c}\npassword: {a}\n{}", block(rng, suffix))),
        ("sops-sealed", "some.enc.yaml", format!("password: {a}\nadminUser: admin\nhost: db.internal\n{}", block(rng, "  encrypted_regex: ^password$\n"))),
        ("sops-sealed", "secret.enc.json", format!("{{\"password\":\"{a}\",\"sops\":{{\"age\":[{{\"recipient\":\"age1x\",\"enc\":\"{}\"}}],\"lastmodified\":\"2026-01-01T00:00:00Z\",\"mac\":\"{b}\",\"unencrypted_suffix\":\"_unencrypted\",\"version\":\"3.12.2\"}}}}", age.replace('\n', "\\n"))),
        ("sops-sealed", ".enc.env", format!("DB_PASSWORD={a}\nAPI_KEY={b}\nsops_version=3.12.2\nsops_mac={c}\nsops_lastmodified=2026-01-01T00:00:00Z\nsops_age__list_0__map_recipient=age1x\nsops_age__list_0__map_enc={}\nsops_unencrypted_suffix=_unencrypted\n", age.replace('\n', "\\n"))),
        ("sops-sealed", "app.enc.ini", format!("[db]\npassword = {a}\n\n[sops]\nversion = 3.12.2\nmac = {c}\nlastmodified = 2026-01-01T00:00:00Z\nage__list_0__map_recipient = age1x\nage__list_0__map_enc = x\nunencrypted_suffix = _unencrypted\n")),
        ("sops-sealed", "key.enc.json", format!("{{\n\t\"data\": \"{a}\",\n\t\"sops\": {{\n\t\t\"pgp\": [{{\"fp\": \"{}\", \"created_at\": \"2026-01-01T00:00:00Z\", \"enc\": \"{}\"}}],\n\t\t\"lastmodified\": \"2026-01-01T00:00:00Z\",\n\t\t\"mac\": \"{b}\",\n\t\t\"version\": \"3.12.2\"\n\t}}\n}}", hex(rng, 20).to_uppercase(), message.replace('\n', "\\n"))),
        ("sops-config", ".sops.yaml", format!("creation_rules:\n  - path_regex: \\.enc\\.yaml$\n    encrypted_regex: ^(data|stringData)$\n    age: {}\n    pgp: {}\n", address(rng, "age"), hex(rng, 20).to_uppercase())),
        ("sealedsecret", "sealed.yaml", format!("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: a\nspec:\n  encryptedData:\n    password: {long}\n    token: {long}\n  template:\n    metadata:\n      name: a\n    type: Opaque\n")),
        ("encrypted-other", "vault.yml", format!("db_password: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n{vault}")),
        ("encrypted-other", "secret.asc", message),
        ("encrypted-other", "secret.age", age),
        ("encrypted-other", "hiera.yaml", format!("db::password: ENC[PKCS7,{}]\n", base64(rng, 120))),
        ("encrypted-other", ".env", format!("DOTENV_PUBLIC_KEY=\"{}\"\nDB_PASSWORD=\"encrypted:{}\"\n", hex(rng, 33), base64(rng, 90))),
        ("encrypted-other", "Pulumi.prod.yaml", format!("config:\n  app:dbPassword:\n    secure: v1:{}:{}\n", base64(rng, 12), base64(rng, 40))),
    ]
    .map(|(class, path, text)| Case::clean(class, path, &text))
    .into()
}

fn references(rng: &mut Rng) -> Vec<Case> {
    let uuid =
        format!("{}-{}-{}-{}-{}", hex(rng, 4), hex(rng, 2), hex(rng, 2), hex(rng, 2), hex(rng, 6));
    [
        ("secret-reference", "external.yaml", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: a\nspec:\n  secretStoreRef:\n    name: vault\n    kind: ClusterSecretStore\n  target:\n    name: a\n    template:\n      data:\n        password: \"{{ .password }}\"\n  data:\n    - secretKey: GRAFANA_ADMIN_PASSWORD\n      remoteRef:\n        key: apps/grafana\n        property: admin-password\n".to_owned()),
        ("secret-reference", "store.yaml", "apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec:\n  provider:\n    vault:\n      server: https://vault.example.org\n      path: secret\n      auth:\n        tokenSecretRef:\n          name: vault-token\n          key: token\n".to_owned()),
        ("secret-reference", "csi.yaml", "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nspec:\n  provider: vault\n  parameters:\n    objects: |\n      - objectName: db-password\n        secretPath: secret/data/db\n        secretKey: password\n".to_owned()),
        ("secret-reference", "deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          env:\n            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef:\n                  name: db-credentials\n                  key: password\n            - name: PASSWORD_FILE\n              value: /run/secrets/password\n            - name: TOKEN_URL\n              value: https://login.example.org/oauth2/token\n".to_owned()),
        ("secret-reference", "values.yaml", "auth:\n  existingSecret: db-credentials\n  secretKeys:\n    adminPasswordKey: postgres-password\n    userPasswordKey: password\n  password: \"\"\n  secretName: my-app-secret-v2\ntls:\n  keyFile: /etc/tls/tls.key\n".to_owned()),
        ("secret-reference", "app.yaml", "password: vault:secret/data/app#password\ntoken: gcp:secretmanager:projects/p/secrets/token\napi_key: op://vault/item/key\nclient_secret: ref+awssm://app/secret\nsecret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:app\nadmin_password: $__file{/run/secrets/admin}\ndb_password: !env_var DB_PASSWORD\nother_password: !secret other_password\n".to_owned()),
        ("secret-reference", "compose.yml", "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?required}\n      POSTGRES_PASSWORD_FILE: /run/secrets/db\n    secrets:\n      - db_password\nsecrets:\n  db_password:\n    file: ./db_password.txt\n".to_owned()),
        ("secret-reference", ".github/workflows/ci.yml", "jobs:\n  a:\n    env:\n      TOKEN: ${{ secrets.GITHUB_TOKEN }}\n    steps:\n      - uses: a/b@v1\n        with:\n          password: ${{ secrets.REGISTRY_PASSWORD }}\n".to_owned()),
        ("placeholder", "secret.yaml", format!("{HEAD}stringData:\n  a: <replace-me>\n  b: ${{PASSWORD}}\n  c: $(TOKEN)\n  d: changeme\n  e: CHANGE_ME\n  f: REPLACE_WITH_PASSWORD\n  g: xxxxxxxx\n  h: '********'\n  i: your-api-key\n  j: ''\n")),
        ("placeholder", "secret.yaml", format!("{HEAD}data:\n  a: {}\n  b: {}\n  c: {}\n  d: {}\n", encoded("changeme"), encoded("${PASSWORD}"), encoded("<password>"), encoded("{{ .Values.password }}"))),
        ("placeholder", ".env.example", "DB_PASSWORD=changeme\nAPI_KEY=your-api-key-here\nSECRET_KEY=\nTOKEN=<token>\nPRIVATE_KEY=0x0000000000000000000000000000000000000000000000000000000000000000\nJWT_SECRET=REPLACE_ME\nMNEMONIC=\"your twelve words here\"\nPASS=xxxxxxxx\nSTRIPE_KEY=sk_test_xxxxxxxxxxxxxxxxxxxxxxxx\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n".to_owned()),
        ("placeholder", "config.ini", "[db]\npassword = %(db_password)s\ntoken = %(token)s\n".to_owned()),
        ("secret-manifest-empty", "secret.yaml", format!("{HEAD}type: kubernetes.io/service-account-token\n")),
        ("secret-manifest-empty", "secret.yaml", format!("{HEAD}data: {{}}\n")),
        ("secret-manifest-empty", "secret.yaml", format!("{HEAD}data:\n  password: \"\"\n  token:\nstringData:\n")),
        ("secret-manifest-empty", "templates/secret.yaml", "{{- if not .Values.existingSecret }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ include \"a.fullname\" . }}\ntype: Opaque\ndata:\n  password: {{ .Values.password | b64enc | quote }}\n  {{- if .Values.token }}\n  token: {{ .Values.token | b64enc }}\n  {{- end }}\n{{- end }}\n".to_owned()),
        ("secret-manifest-empty", "repo.yaml", format!("{HEAD}stringData:\n  type: git\n  url: https://git.example.org/a\n  username: bot\n  name: a\n")),
        ("identifier-value", "values.yaml", "oauth:\n  clientSecretKey: client-secret\n  secretKey: SECRET_KEY\n  tokenKey: oauth_token\n  passwordKey: DB_PASSWORD\n  key: apps/grafana\ndenom: upokt\ntoken: upokt\nstakingToken: uatom\n".to_owned()),
        ("uuid-schema-config", "values.yaml", format!("tenantId: {uuid}\nclientId: {uuid}\ninstanceToken: {uuid}\nid: {uuid}\n")),
        ("uuid-schema-config", "schema.json", "{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\",\"minLength\":8},\"token\":{\"type\":\"string\",\"description\":\"The token of the user\"},\"secretKeyRef\":{\"$ref\":\"#/definitions/ref\"}},\"required\":[\"password\",\"token\"]}".to_owned()),
    ]
    .map(|(class, path, text)| Case::clean(class, path, &text))
    .into()
}

fn public(rng: &mut Rng) -> Vec<Case> {
    let certificate = armor("CERTIFICATE", "", &certificate(rng));
    let public = armor("PUBLIC KEY", "", &bytes(rng, 44));
    let pgp = armor("PGP PUBLIC KEY BLOCK", "\n", &bytes(rng, 300));
    let image = base64(rng, 900);
    let sums: String = (0..10).map(|n| format!("{}  file{n}.tar.gz\n", hex(rng, 32))).collect();
    let integrity = |rng: &mut Rng| format!("sha512-{}", base64(rng, 64));
    let lock: String = (0..10).map(|n| format!("    \"node_modules/token-{n}\": {{\n      \"version\": \"1.0.{n}\",\n      \"resolved\": \"https://registry.npmjs.org/a/-/a-1.0.{n}.tgz\",\n      \"integrity\": \"{}\"\n    }},\n", integrity(rng))).collect();
    let sum_lines: String = (0..10)
        .map(|n| format!("example.org/secret/key{n} v1.0.0 h1:{}\n", base64(rng, 32)))
        .collect();
    let wireguard = base64(rng, 32);
    [
        ("certificate", "ca.crt", certificate.clone()),
        ("certificate", "secret.yaml", format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  ca.crt: |\n{}", indented(&certificate, "    "))),
        ("certificate", "kubeconfig.yaml", format!("apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: {}\n    server: https://10.0.0.1\nusers:\n- name: a\n  user:\n    exec:\n      command: aws\n", encoded(&certificate))),
        ("certificate", "webhook.yaml", format!("webhooks:\n  - clientConfig:\n      caBundle: {}\n", encoded(&certificate))),
        ("certificate", "secret.yaml", format!("{HEAD}data:\n  ca.crt: {}\n", encoded(&certificate))),
        ("public-key", "key.pem", public.clone()),
        ("public-key", "key.asc", pgp),
        ("public-key", "id_ed25519.pub", format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} a@b\n", alphanumeric(rng, 43))),
        ("public-key", "recipients.txt", format!("# keys\n{}\n{}\n", address(rng, "age"), address(rng, "age"))),
        ("public-key", "wg.conf", format!("[Peer]\nPublicKey = {wireguard}\nEndpoint = 10.0.0.1:51820\nAllowedIPs = 0.0.0.0/0\n")),
        ("public-key", "cosign.yaml", format!("publicKey: |\n{}trusted_key: {}\n", indented(&public, "  "), hex(rng, 33))),
        ("hash-address", "SHA256SUMS", sums),
        ("hash-address", "tx.json", format!("{{\"hash\":\"0x{}\",\"blockHash\":\"0x{}\",\"from\":\"0x{}\",\"to\":\"0x{}\",\"input\":\"0x{}\",\"v\":\"0x1b\",\"r\":\"0x{}\",\"s\":\"0x{}\"}}", hex(rng, 32), hex(rng, 32), hex(rng, 20), hex(rng, 20), hex(rng, 68), hex(rng, 32), hex(rng, 32))),
        ("hash-address", "config.toml", format!("[statesync]\nenable = true\ntrust_height = 1000\ntrust_hash = \"{}\"\npersistent_peers = \"{}@10.0.0.1:26656\"\n", hex(rng, 32).to_uppercase(), hex(rng, 20))),
        ("hash-address", "env", format!("TRUST_HASH={}\nGIT_COMMIT={}\nIMAGE=app@sha256:{}\nROLE=0x{}\n", hex(rng, 32), hex(rng, 20), hex(rng, 32), hex(rng, 32))),
        ("lockfile-checksum", "package-lock.json", format!("{{\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n{}    \"\": {{}}\n  }}\n}}\n", lock)),
        ("lockfile-checksum", "go.sum", sum_lines),
        ("lockfile-checksum", "Cargo.lock", format!("[[package]]\nname = \"secrecy\"\nversion = \"0.10.3\"\nchecksum = \"{}\"\n\n[[package]]\nname = \"token-bucket\"\nversion = \"1.0.0\"\nchecksum = \"{}\"\n", hex(rng, 32), hex(rng, 32))),
        ("lockfile-checksum", "deployment.yaml", format!("metadata:\n  annotations:\n    checksum/secret: {}\n    checksum/config: {}\nspec:\n  image: a@sha256:{}\n", hex(rng, 32), hex(rng, 32), hex(rng, 32))),
        ("base64-image-binary", "logo.yaml", format!("icon: data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{image}\n")),
        ("base64-image-binary", "config.yaml", format!("apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  logo.png: iVBORw0KGgo{image}\n")),
        ("base64-image-binary", "style.css", format!(".a{{background:url(data:font/woff2;base64,d09GMgABAAAAA{image})}}\n")),
    ]
    .map(|(class, path, text)| Case::clean(class, path, &text))
    .into()
}

fn chains(rng: &mut Rng) -> Vec<Case> {
    let [public, other, signature] = [32, 32, 64].map(|length| base64(rng, length));
    let address = address(rng, "cosmos");
    let near_public = near(&bytes(rng, 32));
    [
        ("chain-public-data", "config/genesis.json", format!("{{\"genesis_time\":\"2026-01-01T00:00:00Z\",\"chain_id\":\"a-1\",\"validators\":[{{\"address\":\"{}\",\"pub_key\":{{\"type\":\"tendermint/PubKeyEd25519\",\"value\":\"{public}\"}},\"power\":\"10\"}}],\"app_hash\":\"\",\"app_state\":{{\"bank\":{{\"balances\":[{{\"address\":\"{address}\"}}]}}}}}}", hex(rng, 20).to_uppercase())),
        ("chain-public-data", "data/priv_validator_state.json", format!("{{\n  \"height\": \"100\",\n  \"round\": 0,\n  \"step\": 3,\n  \"signature\": \"{signature}\",\n  \"signbytes\": \"{}\"\n}}", hex(rng, 60))),
        ("chain-public-data", "config/addrbook.json", format!("{{\"key\":\"{}\",\"addrs\":[{{\"addr\":{{\"id\":\"{}\",\"ip\":\"10.0.0.1\",\"port\":26656}},\"src\":{{\"id\":\"{}\"}}}}]}}", hex(rng, 12), hex(rng, 20), hex(rng, 20))),
        ("chain-public-data", "config.json", format!("{{\"account_id\":\"a.near\",\"public_key\":\"{near_public}\"}}")),
        ("chain-public-data", "tmkms.toml", "[[validator]]\nchain_id = \"a-1\"\naddr = \"tcp://10.0.0.1:26658\"\nsecret_key = \"/etc/tmkms/secrets/identity.key\"\n\n[[providers.softsign]]\nkey_type = \"consensus\"\npath = \"/etc/tmkms/secrets/consensus.key\"\nkey_format = \"base64\"\n".to_owned()),
        ("chain-public-data", "deposit_data-1.json", format!("[{{\"pubkey\":\"{}\",\"withdrawal_credentials\":\"{}\",\"amount\":32000000000,\"signature\":\"{}\",\"deposit_message_root\":\"{}\",\"deposit_data_root\":\"{}\"}}]", hex(rng, 48), hex(rng, 32), hex(rng, 96), hex(rng, 32), hex(rng, 32))),
        ("chain-public-data", "slashing.json", format!("{{\"metadata\":{{\"interchange_format_version\":\"5\",\"genesis_validators_root\":\"0x{}\"}},\"data\":[{{\"pubkey\":\"0x{}\",\"signed_blocks\":[{{\"slot\":\"1\",\"signing_root\":\"0x{}\"}}]}}]}}", hex(rng, 32), hex(rng, 48), hex(rng, 32))),
        ("chain-public-data", "peers.txt", format!("enode://{}@10.0.0.1:30303\nenr:-{}\n", hex(rng, 64), alphanumeric(rng, 160))),
        ("chain-public-data", "Token.json", format!("{{\"abi\":[{{\"type\":\"function\",\"name\":\"token\"}}],\"bytecode\":\"0x{}\",\"deployedBytecode\":\"0x{}\"}}", hex(rng, 300), hex(rng, 300))),
        ("chain-public-data", "access.json", format!("{{\"accessList\":[{{\"address\":\"0x{}\",\"storageKeys\":[\"0x{}\",\"0x{}\"]}}]}}", hex(rng, 20), hex(rng, 32), hex(rng, 32))),
        ("chain-public-data", "keys.txt", format!("- name: validator\n  type: local\n  address: {address}\n  pubkey: '{{\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"{}\"}}'\n  mnemonic: \"\"\n", base64(rng, 33))),
        ("chain-public-data", "validator.json", format!("{{\"pubkey\":{{\"@type\":\"/cosmos.crypto.ed25519.PubKey\",\"key\":\"{other}\"}},\"amount\":\"1upokt\",\"moniker\":\"a\"}}")),
        ("chain-public-data", "supplier.yaml", format!("owner_address: {address}\noperator_address: {address}\nstake_amount: 1000upokt\nservices:\n  - service_id: eth\n    endpoints:\n      - publicly_exposed_url: https://a.example.org\n        rpc_type: JSON_RPC\n")),
        ("chain-public-data", "relayminer.yaml", "default_signing_key_names: [supplier1]\nsmt_store_path: /data\npocket_node:\n  query_node_rpc_url: tcp://node:26657\nsuppliers:\n  - service_id: eth\n    signing_key_names: [supplier1]\n".to_owned()),
    ]
    .map(|(class, path, text)| Case::clean(class, path, &text))
    .into()
}

fn lookalikes(rng: &mut Rng) -> Vec<Case> {
    let words = words_without_sum(rng, 12).join(" ");
    let long = words_without_sum(rng, 24).join(" ");
    let list: String = include_str!("../../../crates/guard/rules/bip39-english.txt").into();
    let numbers: Vec<_> = bytes(rng, 64).iter().map(u8::to_string).collect();
    let mut github = github(rng).into_bytes();
    github[12] = if github[12] == b'a' { b'b' } else { b'a' };
    let github = String::from_utf8_lossy(&github).into_owned();
    [
        ("lookalike", "words.txt", format!("{words}\n")),
        ("lookalike", "words.md", format!("These are words: {long}.\n")),
        ("lookalike", "english.txt", list),
        ("lookalike", "histogram.json", format!("[{}]", numbers.join(","))),
        ("lookalike", "README.md", format!("A token looks like `{github}`.\n")),
        ("lookalike", "README.md", format!("AGE-SECRET-KEY-1{}\n", "X".repeat(58))),
        ("lookalike", "README.md", format!("AGE-SECRET-KEY-1{}\n", of(rng, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))),
        ("lookalike", "README.md", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n".to_owned()),
        ("lookalike", "check.sh", "grep -rn 'BEGIN RSA PRIVATE KEY' . && exit 1\nif [ -z \"$PASSWORD\" ]; then echo \"password: missing\"; fi\n".to_owned()),
        ("lookalike", "signature.txt", format!("{}\n", base64(rng, 64))),
        ("documentation-example", "README.md", "# Setup\n\nSet `DB_PASSWORD` to the password of the database:\n\n```sh\nexport DB_PASSWORD=<your password>\nexport API_KEY=your-api-key\npsql postgres://user:password@localhost:5432/db\naws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE\n```\n".to_owned()),
        ("documentation-example", "docs/test.md", format!("The keys of the test network:\n\n```sh\ncast wallet import a --mnemonic \"{} junk\"\n```\n", ["test"; 11].join(" "))),
        ("documentation-example", "README.md", format!("```sh\nexport PRIVATE_KEY=0x{}{}\ncast send --private-key 0x{0}{1} $TO\n```\n", "ac0974bec39a17e36ba4a6b4d238ff94", "4bacb478cbed5efcae784d7bf4f2ff80")),
        ("documentation-example", "docs/words.md", format!("An example: `{} about`.\n", ["abandon"; 11].join(" "))),
        ("documentation-example", "docs/jwt.md", "A token: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c\n".to_owned()),
        ("source-code", "main.go", "package main\n\nimport \"os\"\n\ntype Config struct {\n\tPassword string `json:\"password\" env:\"DB_PASSWORD\"`\n\tToken    string `yaml:\"token\"`\n}\n\nfunc load() Config {\n\tpassword := os.Getenv(\"DB_PASSWORD\")\n\ttoken := generateToken()\n\tif password == \"\" {\n\t\tpanic(\"password: not set\")\n\t}\n\treturn Config{Password: password, Token: token}\n}\n".to_owned()),
        ("source-code", "auth.py", "import os\nfrom getpass import getpass\n\npassword = getpass(\"Password: \")\ntoken = os.environ[\"API_TOKEN\"]\nSECRET_NAME = \"my-app-secret\"\nTOKEN_HEADER = \"X-Auth-Token\"\n\ndef check(password: str, secret_key: bytes = b\"\") -> bool:\n    return hmac.compare_digest(password, settings.PASSWORD)\n".to_owned()),
        ("source-code", "form.ts", "const schema = z.object({ password: z.string().min(8), token: z.string().uuid() });\nconst labels = { password: \"Password\", apiKey: 'API key', token: t(\"login.token\") };\n<input type=\"password\" name=\"password\" placeholder=\"Your password\" autocomplete=\"current-password\" />\n".to_owned()),
        ("source-code", "lib.rs", "/// The password of the user.\npub struct Login { pub password: String, token: Option<Token> }\nconst PASSWORD_KEY: &str = \"password\";\nlet secret = Secret::from_env(\"APP_SECRET\")?;\n".to_owned()),
        ("source-code", "i18n/de.json", "{\"password\":\"Passwort\",\"newPassword\":\"Neues Passwort\",\"forgot_password\":\"Passwort vergessen?\",\"token\":\"Zugangstoken\",\"api_key\":\"API-Schlüssel\"}".to_owned()),
    ]
    .map(|(class, path, text)| Case::clean(class, path, &text))
    .into()
}

fn plain(rng: &mut Rng) -> Vec<Case> {
    let _ = rng;
    [
        ("plain-manifest", "service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n    - port: 80\n".to_owned()),
        ("plain-manifest", "rbac.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules:\n  - apiGroups: [\"\"]\n    resources: [\"secrets\", \"serviceaccounts/token\"]\n    verbs: [get]\n".to_owned()),
        ("plain-manifest", "ingress.yaml", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-secret: basic-auth\n    nginx.ingress.kubernetes.io/auth-url: https://auth.example.org/oauth2/auth\nspec:\n  tls:\n    - secretName: tls-cert\n".to_owned()),
        ("plain-manifest", "values.yaml", "persistence:\n  storageClass: fast\npasswordPolicy:\n  minLength: 12\n  maxAge: 90d\ntokenTTL: 3600s\nkeyRotationDays: 30\nsecretRotation: true\nauth:\n  enabled: true\n  type: oidc\n".to_owned()),
        ("plain-manifest", "kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - deployment.yaml\n  - secret.enc.yaml\nsecretGenerator:\n  - name: a\n    envs:\n      - secrets.env\n  - name: b\n    literals:\n      - PASSWORD=${PASSWORD}\n".to_owned()),
        ("context", ".gitignore", "*.key\nnode_key.json\npriv_validator_key.json\nsecrets.yaml\n.env\n".to_owned()),
        ("context", "Makefile", "TOKEN ?= $(shell cat token)\nPASSWORD := $(PASSWORD)\n\nlogin:\n\tdocker login -u $(USER) -p $(PASSWORD)\n\tcurl -H \"Authorization: Bearer $(TOKEN)\" $(URL)\n".to_owned()),
        ("context", "deploy.sh", "#!/bin/sh\nset -eu\nPASSWORD=$(cat /run/secrets/password)\nTOKEN=\"${TOKEN:-}\"\nexport PGPASSWORD=\"$PASSWORD\"\npsql \"postgres://app:${PASSWORD}@db/app\"\nread -rsp 'Password: ' password\nkubectl create secret generic a --from-literal=password=\"$PASSWORD\" --from-file=key=./tls.key\n".to_owned()),
        ("context", "main.tf", "variable \"db_password\" {\n  type      = string\n  sensitive = true\n}\n\nresource \"aws_db_instance\" \"a\" {\n  password = var.db_password\n  token    = data.vault_generic_secret.a.data[\"token\"]\n}\n\nresource \"random_password\" \"b\" {\n  length = 16\n}\n".to_owned()),
        ("context", "CHANGELOG.md", "# Changes\n\n- The password is no longer logged.\n- `token`: a new flag, `--token-file`.\n- Rotate secrets: see docs.\n".to_owned()),
    ]
    .map(|(class, path, text)| Case::clean(class, path, &text))
    .into()
}
