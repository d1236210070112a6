//! What must pass, of kinds that the first two sets have not.

use fastrand::Rng;

use super::Case;
use super::draw::*;

/// One of each.
pub fn all(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(references());
    cases.extend(public(rng));
    cases.extend(words());
    cases
}

fn clean(class: &'static str, path: &str, text: impl Into<String>) -> Case {
    Case::clean(class, path, &text.into())
}

/// Places where a secret is, not the secret.
fn references() -> Vec<Case> {
    vec![
        clean(
            "CloudFormation",
            "stack.yaml",
            "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUserPassword: '{{resolve:secretsmanager:db:SecretString:password}}'\n      DBName: !Ref Name\n",
        ),
        clean(
            "CloudFormation reference",
            "stack.yaml",
            "Properties:\n  MasterUserPassword: !Ref DbPassword\n  Token: !Sub '${Token}'\n  Secret: !GetAtt Secret.Arn\n",
        ),
        clean(
            "Bicep",
            "main.bicep",
            "@secure()\nparam adminPassword string\nresource a 'x' = {\n  properties: {\n    administratorLoginPassword: adminPassword\n  }\n}\n",
        ),
        clean(
            "Terraform variable",
            "variables.tf",
            "variable \"db_password\" {\n  type        = string\n  sensitive   = true\n  description = \"The password of the database\"\n}\n\noutput \"token\" {\n  value     = random_password.token.result\n  sensitive = true\n}\n",
        ),
        clean(
            "Terraform data",
            "main.tf",
            "provider \"vault\" {\n  token = var.vault_token\n}\nresource \"a\" \"b\" {\n  password = data.vault_generic_secret.db.data[\"password\"]\n  api_key  = file(\"${path.module}/key\")\n  secret   = local.secrets.app\n}\n",
        ),
        clean(
            "Spring",
            "application.yml",
            "spring:\n  datasource:\n    password: ${DB_PASSWORD:}\n    username: ${DB_USER:app}\n  security:\n    oauth2:\n      client:\n        registration:\n          a:\n            client-secret: ${CLIENT_SECRET}\n",
        ),
        clean(
            "Spring in Java",
            "A.java",
            "class A {\n  @Value(\"${db.password}\")\n  private String password;\n  String token = System.getenv(\"TOKEN\");\n}\n",
        ),
        clean(
            "Ansible",
            "main.yml",
            "- name: a\n  vars:\n    db_password: \"{{ lookup('env', 'DB_PASSWORD') }}\"\n    api_token: \"{{ vault_api_token }}\"\n  become_password: \"{{ hostvars['a'].pw }}\"\n",
        ),
        clean(
            "Ansible vault",
            "vars.yml",
            "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66386439653236336462626566653063336164663966303231363934653561363964363833313662\n  6431626536303530376336343832656537303632313433360a626438346336353331386135323734\n",
        ),
        clean(
            "ExternalSecret",
            "es.yaml",
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  target:\n    name: db\n    template:\n      data:\n        url: 'postgres://{{ .user }}:{{ .password }}@db/app'\n  data:\n    - secretKey: password\n      remoteRef: {key: prod/db, property: password}\n",
        ),
        clean(
            "Pulumi",
            "Pulumi.prod.yaml",
            "encryptionsalt: v1:8Yb5vP2kq0I=:v1:m7Zk3sJ1aQwErTyU:9pQ2nB6vC4xZ1aS3dF5gH7jK9lMqWe==\nconfig:\n  app:dbPassword:\n    secure: AAABAN3k2pVd9bX1mQ8rT5yU7iO0pLkJhGfDsAzXcVbNmQwErTyUiOp=\n",
        ),
        clean(
            "GitHub Actions",
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    env:\n      DB_PASSWORD: ${{ secrets.DB_PASSWORD }}\n      TOKEN: ${{ github.token }}\n    steps:\n      - uses: a/b@v4\n        with:\n          api-key: ${{ inputs.api-key || secrets.API_KEY }}\n",
        ),
        clean(
            "compose",
            "compose.yaml",
            "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/db_password\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it}\n    secrets: [db_password]\nsecrets:\n  db_password:\n    file: ./db_password.txt\n",
        ),
        clean(
            "Helm values",
            "values.yaml",
            "auth:\n  existingSecret: db-credentials\n  secretKeys:\n    adminPasswordKey: postgres-password\n    userPasswordKey: password\n  password: \"\"\n  token: null\n",
        ),
        clean(
            "Kustomize replacement",
            "kustomization.yaml",
            "replacements:\n  - source:\n      kind: Secret\n      name: db\n      fieldPath: data.password\n    targets:\n      - select: {kind: Deployment}\n        fieldPaths: [spec.template.metadata.annotations.checksum]\n",
        ),
        clean(
            "1Password",
            ".env",
            "DB_PASSWORD=op://prod/db/password\nAPI_TOKEN=\"op://prod/api/credential\"\n",
        ),
        clean(
            "shell",
            "run.sh",
            "#!/bin/sh\nDB_PASSWORD=\"$(cat /run/secrets/db)\"\nexport TOKEN=${TOKEN:-}\nread -rs -p 'Password: ' password\ncurl -H \"Authorization: Bearer $TOKEN\" https://a\n: \"${API_KEY:?is needed}\"\n",
        ),
        clean(
            "Jenkins",
            "Jenkinsfile",
            "withCredentials([string(credentialsId: 'npm-token', variable: 'NPM_TOKEN')]) {\n  sh 'npm publish'\n}\nenvironment {\n  AWS_SECRET_ACCESS_KEY = credentials('aws-secret')\n}\n",
        ),
    ]
}

/// Long and random, and for everybody.
fn public(rng: &mut Rng) -> Vec<Case> {
    let ssh = base64(rng, 51);
    let (point, digest, hash) = (base64(rng, 32), hex(rng, 32), hex(rng, 20));
    let certificate = armor("CERTIFICATE", "", &certificate(rng));
    let spki = armor("PUBLIC KEY", "", &bytes(rng, 91));
    let account = address(rng, "pokt");
    let recipient = address(rng, "age");
    vec![
        clean(
            "authorized keys",
            "authorized_keys",
            format!("ssh-ed25519 AAAA{ssh} bot@ci\nssh-ed25519 AAAA{ssh} desk\n"),
        ),
        clean(
            "known hosts",
            "known_hosts",
            format!(
                "github.com ssh-ed25519 AAAA{ssh}\n|1|{}=|{}= ssh-rsa AAAA{ssh}\n",
                &point[..27],
                &point[..27]
            ),
        ),
        clean("cosign", "cosign.pub", spki.clone()),
        clean(
            "certificates in values",
            "values.yaml",
            format!(
                "caBundle: {}\ntls:\n  ca.crt: |\n{}",
                encoded(&certificate),
                indented(&certificate, "    ")
            ),
        ),
        clean(
            "public key in a Secret",
            "secret.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\ndata:\n  jwt.pub: |\n{}",
                indented(&spki, "    ")
            ),
        ),
        clean(
            "yarn",
            "yarn.lock",
            format!(
                "a@^1.0.0:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#{hash}\"\n  integrity sha512-{}\n",
                base64(rng, 64)
            ),
        ),
        clean(
            "go.sum",
            "go.sum",
            format!("example.org/a v1.0.0 h1:{point}\nexample.org/a v1.0.0/go.mod h1:{point}\n"),
        ),
        clean(
            "poetry",
            "poetry.lock",
            format!(
                "[[package]]\nname = \"secret-token\"\nfiles = [\n    {{file = \"a.whl\", hash = \"sha256:{digest}\"}},\n]\n"
            ),
        ),
        clean(
            "gradle",
            "gradle-wrapper.properties",
            format!(
                "distributionSha256Sum={digest}\ndistributionUrl=https\\://services.gradle.org/a.zip\n"
            ),
        ),
        clean(
            "image digests",
            "kustomization.yaml",
            format!(
                "images:\n  - name: token-service\n    newName: r/token-service\n    digest: sha256:{digest}\n"
            ),
        ),
        clean(
            "chain",
            "genesis.json",
            format!(
                "{{\"chain_id\":\"pocket\",\"validators\":[{{\"address\":\"{}\",\"pub_key\":{{\"type\":\"tendermint/PubKeyEd25519\",\"value\":\"{point}\"}},\"power\":\"1\"}}],\"app_hash\":\"\"}}\n",
                hash.to_uppercase()
            ),
        ),
        clean(
            "peers",
            "config.toml",
            format!(
                "persistent_peers = \"{hash}@seed.example.org:26656\"\nseeds = \"{hash}@10.0.0.1:26656\"\npriv_validator_key_file = \"config/priv_validator_key.json\"\nnode_key_file = \"config/node_key.json\"\n"
            ),
        ),
        clean(
            "addresses",
            "suppliers.yaml",
            format!(
                "owner_address: {account}\noperator_address: {account}\nservices:\n  - service_id: eth\n    revshare: [{{address: {account}, percent: 100}}]\n"
            ),
        ),
        clean(
            "recipients",
            ".sops.yaml",
            format!("creation_rules:\n  - path_regex: ^x/\n    age: {recipient}\n"),
        ),
        clean(
            "contract",
            "addresses.json",
            format!(
                "{{\"token\": \"0x{hash}\", \"secretKeeper\": \"0x{hash}\", \"txHash\": \"0x{digest}\", \"bytecodeHash\": \"{digest}\"}}\n"
            ),
        ),
        clean(
            "Grafana dashboard",
            "dashboard.json",
            format!(
                "{{\"uid\": \"{}\", \"title\": \"Tokens\", \"panels\": [{{\"targets\": [{{\"expr\": \"sum(rate(auth_token_total{{secret=\\\"a\\\"}}[5m]))\"}}]}}]}}\n",
                alphanumeric(rng, 9)
            ),
        ),
        clean(
            "web component",
            "index.html",
            format!(
                "<script src=\"/a.js\" integrity=\"sha384-{}\" crossorigin=\"anonymous\"></script>\n<input type=\"password\" name=\"password\" placeholder=\"Your password\">\n",
                base64(rng, 48)
            ),
        ),
        clean(
            "submodule status",
            "versions.txt",
            format!(" {hash} vendor/token (v1.0.0)\n {hash} vendor/secret (heads/main)\n"),
        ),
        clean(
            "minisign",
            "minisign.pub",
            format!(
                "untrusted comment: minisign public key 1A2B3C4D5E6F7A8B\nRW{}\n",
                &base64(rng, 40)[..54]
            ),
        ),
    ]
}

/// The words, and nothing behind them.
fn words() -> Vec<Case> {
    vec![
        clean(
            "translations",
            "de.json",
            "{\n  \"password\": \"Passwort\",\n  \"forgot_password\": \"Passwort vergessen?\",\n  \"token\": \"Zugangscode\",\n  \"secret_hint\": \"Ihr Geheimnis\"\n}\n",
        ),
        clean(
            "JSON schema",
            "values.schema.json",
            "{\"properties\": {\"password\": {\"type\": \"string\", \"minLength\": 8, \"pattern\": \"^[A-Za-z0-9]+$\"}, \"token\": {\"type\": [\"string\", \"null\"], \"default\": \"\"}}}\n",
        ),
        clean(
            "RBAC",
            "rbac.yaml",
            "kind: Role\nrules:\n  - apiGroups: ['']\n    resources: [secrets, serviceaccounts/token]\n    resourceNames: [db-password]\n    verbs: [get]\n",
        ),
        clean(
            "Ingress",
            "ingress.yaml",
            "kind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-secret: basic-auth\n    nginx.ingress.kubernetes.io/auth-type: basic\nspec:\n  tls:\n    - hosts: [a.example.org]\n      secretName: a-tls\n",
        ),
        clean(
            "alert rules",
            "rules.yaml",
            "groups:\n  - name: a\n    rules:\n      - alert: TokenExpired\n        expr: token_expiry_seconds < 3600\n        annotations:\n          summary: The token {{ $labels.token }} expires, rotate the secret\n",
        ),
        clean(
            "Python",
            "login.py",
            "import getpass\n\ndef login(password: str, token=None):\n    password = password or getpass.getpass('Password: ')\n    secret = os.environ['SECRET']\n    return {'password': password, 'token': token or fetch_token(secret)}\n",
        ),
        clean(
            "Go",
            "auth.go",
            "package auth\n\ntype Config struct {\n\tPassword string `json:\"password\" yaml:\"password\"`\n\tToken    string `env:\"API_TOKEN,required\"`\n}\n\nconst passwordFlag = \"password\"\n\nvar ErrBadToken = errors.New(\"bad token\")\n",
        ),
        clean(
            "TypeScript",
            "auth.ts",
            "export interface Auth { password: string; token?: string }\nconst password = form.get('password');\nconst apiKey = process.env.API_KEY ?? '';\nif (token === 'expired') throw new Error('token expired');\n",
        ),
        clean(
            "README",
            "README.md",
            "Set `DB_PASSWORD` to the password of the database, and `API_TOKEN` to a token from the console.\n\n```sh\nexport DB_PASSWORD=<your password>\nexport API_TOKEN=xxxxxxxxxxxxxxxx\n```\n",
        ),
        clean(
            "example file",
            ".env.example",
            "DB_PASSWORD=changeme\nAPI_TOKEN=your-token-here\nSECRET_KEY=\nJWT_SECRET=<generate with openssl rand -hex 32>\n",
        ),
        clean(
            "ignore file",
            ".gitignore",
            "*.key\n*.pem\n.env\nsecrets/\npriv_validator_key.json\n",
        ),
        clean("owners", "CODEOWNERS", "/secrets/ @security\n*.sops.yaml @platform\n"),
        clean(
            "openapi",
            "openapi.yaml",
            "components:\n  schemas:\n    Login:\n      required: [password]\n      properties:\n        password: {type: string, format: password, writeOnly: true}\n        refreshToken: {type: string, description: opaque}\n",
        ),
        clean(
            "SQL",
            "schema.sql",
            "CREATE TABLE users (\n  id uuid PRIMARY KEY,\n  password_hash text NOT NULL,\n  api_token text UNIQUE\n);\nALTER ROLE app WITH PASSWORD :'password';\n",
        ),
        clean(
            "PAM",
            "sshd_config",
            "PasswordAuthentication no\nPubkeyAuthentication yes\nAuthorizedKeysFile .ssh/authorized_keys\nHostKey /etc/ssh/ssh_host_ed25519_key\n",
        ),
    ]
}
