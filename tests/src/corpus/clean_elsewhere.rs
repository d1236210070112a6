//! What must pass, in other layouts.

use fastrand::Rng;

use super::Case;
use super::draw::*;

/// One of each.
pub fn all(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(manifests(rng));
    cases.extend(programs());
    cases.extend(data(rng));
    cases.extend(prose());
    // And all of the others, which have no layout to change.
    cases.extend(super::clean::all(rng));
    cases
}

fn clean(class: &'static str, path: &str, text: impl Into<String>) -> Case {
    Case::clean(class, path, &text.into())
}

fn manifests(rng: &mut Rng) -> Vec<Case> {
    let digest = hex(rng, 32);
    let uuid = "0b9f3c1e-7a52-4c8f-9d4e-2f6a1b3c5d7e";
    vec![
        clean(
            "cert-manager",
            "issuer.yaml",
            "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata:\n  name: letsencrypt\nspec:\n  acme:\n    server: https://acme-v02.api.letsencrypt.org/directory\n    privateKeySecretRef:\n      name: letsencrypt-account-key\n    solvers:\n      - dns01:\n          cloudflare:\n            apiTokenSecretRef:\n              name: cloudflare-api-token\n              key: api-token\n",
        ),
        clean(
            "service account",
            "sa.yaml",
            "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\nautomountServiceAccountToken: false\nimagePullSecrets:\n  - name: registry-credentials\n",
        ),
        clean(
            "projected token",
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nspec:\n  volumes:\n    - name: token\n      projected:\n        sources:\n          - serviceAccountToken:\n              path: token\n              expirationSeconds: 3600\n              audience: vault\n    - name: creds\n      secret:\n        secretName: app-credentials\n        items:\n          - key: password\n            path: db-password\n",
        ),
        clean(
            "CRD",
            "crd.yaml",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  versions:\n    - schema:\n        openAPIV3Schema:\n          properties:\n            password:\n              description: Password is the password of the user, and must not be empty.\n              type: string\n            secretKey:\n              description: The key of the secret to select from.\n              type: string\n              default: password\n            tokenTTL:\n              type: string\n              default: 1h30m\n",
        ),
        clean(
            "OpenAPI",
            "openapi.yaml",
            "paths:\n  /login:\n    post:\n      parameters:\n        - name: password\n          in: query\n          schema: {type: string, format: password, example: \"********\"}\ncomponents:\n  securitySchemes:\n    bearerAuth: {type: http, scheme: bearer, bearerFormat: JWT}\n    apiKey: {type: apiKey, name: X-API-Key, in: header}\n",
        ),
        clean(
            "Vault policy",
            "vault.yaml",
            "vault:\n  role: app\n  secretPath: secret/data/app\n  authPath: auth/kubernetes\n  tokenPolicies: [default, app]\nannotations:\n  vault.hashicorp.com/agent-inject-secret-db: secret/data/db\n  vault.hashicorp.com/agent-inject-template-db: |\n    {{- with secret \"secret/data/db\" -}}\n    password={{ .Data.data.password }}\n    {{- end }}\n",
        ),
        clean(
            "flux",
            "flux.yaml",
            format!(
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  secretRef:\n    name: registry-auth\n  ref:\n    digest: sha256:{digest}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n  postBuild:\n    substituteFrom:\n      - kind: Secret\n        name: cluster-secrets\n"
            ),
        ),
        clean(
            "grafana dashboard",
            "dashboard.json",
            format!(
                "{{\"uid\":\"{uuid}\",\"panels\":[{{\"title\":\"Token usage\",\"targets\":[{{\"expr\":\"sum(rate(tokens_total{{job=\\\"a\\\"}}[5m]))\",\"refId\":\"A\"}}]}}],\"templating\":{{\"list\":[{{\"name\":\"token\",\"type\":\"query\"}}]}}}}"
            ),
        ),
        clean(
            "alert rules",
            "alerts.yaml",
            "groups:\n  - name: vault\n    rules:\n      - alert: VaultTokenExpires\n        expr: vault_token_ttl_seconds < 3600\n        annotations:\n          summary: \"The token {{ $labels.token }} expires\"\n          description: Renew the password or the token before {{ $value }}.\n",
        ),
        clean(
            "values with names",
            "values.yaml",
            "global:\n  postgresql:\n    auth:\n      existingSecret: \"\"\n      secretKeys:\n        adminPasswordKey: \"postgres-password\"\n      usePasswordFiles: false\n## @param auth.password Password for the custom user. Ignored if `auth.existingSecret` is set\n## @param auth.token The token, e.g. token: \"abc\"\n##\nauth:\n  username: \"\"\n  password: \"\"\n  token: null\n",
        ),
        clean(
            "kustomize",
            "kustomization.yaml",
            "resources: [deployment.yaml]\nconfigMapGenerator:\n  - name: a\n    literals:\n      - PASSWORD_FILE=/run/secrets/password\n      - TOKEN_ISSUER=https://issuer.example.org\n      - LOG_LEVEL=info\nreplacements:\n  - source: {kind: Secret, name: a, fieldPath: data.password}\n    targets:\n      - select: {kind: Deployment}\n        fieldPaths: [spec.template.spec.containers.0.env.0.value]\n",
        ),
    ]
}

fn programs() -> Vec<Case> {
    vec![
        clean(
            "Go test",
            "auth_test.go",
            "package auth\n\nfunc TestToken(t *testing.T) {\n\ttoken := newToken(t)\n\tif got := token.String(); got != \"\" {\n\t\tt.Errorf(\"token = %q, password = %q\", got, \"\")\n\t}\n\tsecret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: \"a\"}}\n\t_ = secret.Data[\"password\"]\n}\n",
        ),
        clean(
            "Kotlin",
            "Auth.kt",
            "class Auth(private val password: String, val token: Token = Token.EMPTY) {\n  fun key(): String = \"auth.password.key\"\n  companion object { const val API_KEY_HEADER = \"X-Api-Key\" }\n}\n",
        ),
        clean(
            "C",
            "auth.c",
            "static const char *password_prompt = \"Password: \";\nint check(const char *password, size_t token_len) { return strcmp(password, getpass(\"Password: \")) == 0; }\n#define SECRET_KEY_LEN 32\nenum token { TOKEN_EOF = 1, TOKEN_STRING = 2 };\n",
        ),
        clean(
            "shell",
            "login.sh",
            "#!/usr/bin/env bash\npassword=\"$1\"\ntoken=$(curl -s -d \"password=$password\" \"$URL/token\" | jq -r .access_token)\n[[ -n \"${token:-}\" ]] || { echo \"no token: check the password\" >&2; exit 1; }\nhelm upgrade a b --set auth.password=\"$password\" --set-string token=\"$token\"\nage-keygen -o key.txt && export SOPS_AGE_KEY_FILE=key.txt\nssh -i ~/.ssh/id_ed25519 \"$HOST\"\n",
        ),
        clean(
            "Terraform",
            "secret.tf",
            "resource \"kubernetes_secret\" \"a\" {\n  metadata { name = \"a\" }\n  data = {\n    password = random_password.a.result\n    token    = data.aws_secretsmanager_secret_version.a.secret_string\n    \"tls.key\" = tls_private_key.a.private_key_pem\n    url = \"postgres://app:${random_password.a.result}@db/app\"\n  }\n}\n",
        ),
        clean(
            "Python",
            "client.py",
            "class Client:\n    def __init__(self, token=None, api_key: Optional[str] = None, *, password=\"\"):\n        self.token = token or os.getenv(\"API_TOKEN\", \"\")\n        self.headers = {\"Authorization\": f\"Bearer {self.token}\", \"X-Api-Key\": api_key}\n        self.secret = secrets.token_urlsafe(32)\n    KEY_RE = re.compile(r\"(?P<key>[a-f0-9]{64})\")\n",
        ),
        clean(
            "workflow",
            ".github/workflows/release.yml",
            "name: release\non: [push]\npermissions:\n  id-token: write\njobs:\n  a:\n    steps:\n      - uses: docker/login-action@9780b0c442fbb1117ed29e0efdff1e18412f7567\n        with:\n          username: ${{ github.actor }}\n          password: ${{ secrets.GITHUB_TOKEN }}\n      - run: echo \"TOKEN=$(./token)\" >> \"$GITHUB_ENV\"\n",
        ),
        clean(
            "Groovy",
            "Jenkinsfile",
            "withCredentials([usernamePassword(credentialsId: 'registry-login', usernameVariable: 'USER', passwordVariable: 'PASSWORD')]) {\n  sh 'docker login -u $USER -p $PASSWORD registry.example.org'\n}\n",
        ),
        clean(
            "Solidity",
            "Token.sol",
            "contract Token {\n  bytes32 public constant MINTER_ROLE = keccak256(\"MINTER_ROLE\");\n  bytes32 public constant KEY = 0x9f2df0fed2c77648de5860a4cc508cd0818c85b8b8a1ab4ceeef8d981c8956a6;\n  mapping(address => bool) public tokens;\n}\n",
        ),
    ]
}

fn data(rng: &mut Rng) -> Vec<Case> {
    let [one, two, three] = [0; 3].map(|_| hex(rng, 32));
    let blob = base64(rng, 600);
    let chunked: String = blob
        .as_bytes()
        .chunks(76)
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect();
    let point = base64(rng, 32);
    vec![
        clean("broadcast", "broadcast/run-latest.json", format!("{{\"transactions\":[{{\"hash\":\"0x{one}\",\"transactionType\":\"CREATE\",\"contractName\":\"Token\",\"transaction\":{{\"from\":\"0x{}\",\"input\":\"0x{}\"}}}}],\"receipts\":[{{\"logs\":[{{\"topics\":[\"0x{two}\"],\"data\":\"0x{three}\"}}],\"logsBloom\":\"0x{}\"}}]}}", hex(rng, 20), hex(rng, 500), hex(rng, 256))),
        clean("merkle proof", "proofs.json", format!("{{\"root\":\"0x{one}\",\"claims\":{{\"0x{}\":{{\"amount\":\"0x01\",\"proof\":[\"0x{two}\",\"0x{three}\"]}}}}}}", hex(rng, 20))),
        clean("block", "block.json", format!("{{\"block\":{{\"header\":{{\"chain_id\":\"a\",\"last_block_id\":{{\"hash\":\"{one}\"}},\"validators_hash\":\"{two}\",\"app_hash\":\"{three}\"}},\"last_commit\":{{\"signatures\":[{{\"block_id_flag\":2,\"validator_address\":\"{}\",\"signature\":\"{}\"}}]}}}}}}", hex(rng, 20), base64(rng, 64))),
        clean("poetry.lock", "poetry.lock", format!("[[package]]\nname = \"python-secrets\"\nversion = \"1.0\"\nfiles = [\n    {{file = \"a.whl\", hash = \"sha256:{one}\"}},\n]\n\n[metadata]\ncontent-hash = \"{two}\"\n")),
        clean("requirements", "requirements.txt", format!("tokenizers==0.1 \\\n    --hash=sha256:{one} \\\n    --hash=sha256:{two}\n")),
        clean("flake.lock", "flake.lock", format!("{{\"nodes\":{{\"nixpkgs\":{{\"locked\":{{\"narHash\":\"sha256-{point}\",\"rev\":\"{}\",\"type\":\"github\"}}}}}}}}", hex(rng, 20))),
        clean("blob", "blob.txt", chunked),
        clean("font", "font.css", format!("@font-face{{src:url(data:application/font-woff;base64,d09GRgABAAAAA{blob}) format(\"woff\")}}")),
        clean("svg", "logo.svg", format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg{blob}\"/></svg>")),
        clean("jwks", "jwks.json", format!("{{\"keys\":[{{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"{}\",\"n\":\"{}\",\"e\":\"AQAB\"}},{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{}\"}}]}}", hex(rng, 8), alphanumeric(rng, 342), alphanumeric(rng, 43))),
        clean("known hosts", "known_hosts", format!("git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}\n|1|{}=|{}= ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{}\n", alphanumeric(rng, 43), alphanumeric(rng, 27), alphanumeric(rng, 27), alphanumeric(rng, 340))),
        clean("htpasswd", "htpasswd", format!("admin:$2y$10${}\nme:$apr1${}${}\n", alphanumeric(rng, 53), alphanumeric(rng, 8), alphanumeric(rng, 22))),
        clean("cosign signature", "sig.json", format!("{{\"critical\":{{\"image\":{{\"docker-manifest-digest\":\"sha256:{one}\"}}}},\"optional\":{{\"signature\":\"MEUCIQD{}\"}}}}", alphanumeric(rng, 88))),
        clean("sourcemap", "a.js.map", "{\"version\":3,\"sources\":[\"token.ts\",\"password.ts\"],\"names\":[\"password\",\"secretKey\"],\"mappings\":\"AAAA,SAASA,KAAKC,QAAQ;AACtB,SAASC,WAAWC,KAAK;AACzB\"}".to_owned()),
        clean("csv", "data.csv", format!("id,token_address,hash\n1,0x{},{one}\n2,0x{},{two}\n", hex(rng, 20), hex(rng, 20))),
        clean("log", "build.log", format!("#8 sha256:{one} 1.2MB / 1.2MB\ndigest: sha256:{two} size: 1234\nSuccessfully logged in, token expires in 3600s\npassword accepted for user app\n")),
    ]
}

fn prose() -> Vec<Case> {
    vec![
        clean(
            "runbook",
            "docs/rotate.md",
            "# Rotate the key\n\nThe password is in the vault: ask for it. Never commit `priv_validator_key.json` or `node_key.json`.\n\n| name | what |\n| --- | --- |\n| `token` | the token of the API |\n| `secretKey` | the key, 32 bytes in base64 |\n\n```json\n{\"priv_key\": {\"type\": \"tendermint/PrivKeyEd25519\", \"value\": \"<base64>\"}}\n```\n\n```yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: <your password>\n```\n",
        ),
        clean(
            "configuration table",
            "docs/config.md",
            "`DB_PASSWORD`: the password of the database (default: none).\n`API_TOKEN`: see [tokens](tokens.md).\n\n    export API_TOKEN=<token>\n    curl -H \"Authorization: Bearer $API_TOKEN\" https://api.example.org\n    curl -u \"$USER:$PASSWORD\" https://api.example.org\n    curl -u user:password https://api.example.org\n",
        ),
        clean(
            "story",
            "story.txt",
            "The able author about to abandon the absurd abstract was angry, and an actor above the arena asked about another army; all the animals around agreed to arrive again at the airport.\n",
        ),
        clean(
            "man page",
            "tool.1",
            ".TH TOOL 1\n.SH OPTIONS\n.TP\n.B \\-\\-password\\-file FILE\nRead the password from FILE.\n.TP\n.BI \\-\\-token= TOKEN\nThe token.\n",
        ),
        clean(
            "changelog",
            "CHANGELOG.md",
            "## 1.2.0\n\n* auth: token refresh (#123)\n* secrets: support password_file\n* key: 0x prefix is optional\n* fix: password: trim newline\n",
        ),
    ]
}
