//! The layouts that the notes measured: in its own format, in manifests, in scripts, in
//! settings of many kinds.

use fastrand::Rng;

use super::draw::*;
use super::{Case, Item, Label, Setting};

/// The last name of a path.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A key file in every layout that files have.
pub fn of_file(rng: &mut Rng, item: &Item) -> Vec<Case> {
    let Item { class, label, name, text, needle } = item;
    let file = base(name);
    let mut cases = Vec::new();
    let mut add = |layout: &'static str, path: &str, wrapped: String, needle: &str| {
        cases.push(Case { label: *label, ..Case::new(class, layout, path, &wrapped, needle) });
    };
    let body = text.trim_end();
    let first = needle.lines().next().unwrap_or_default();
    add("own format", name, text.clone(), first);
    add("own format, CRLF", name, text.replace('\n', "\r\n"), first);
    add("own format, indented", name, indented(text, "  "), first);
    let block = indented(text, "    ");
    let unnamed = file.starts_with("0x");
    add(
        "ConfigMap",
        "config.yaml",
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  {file}: |\n{block}"
        ),
        first,
    );
    add(
        "Secret stringData block",
        "secret.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  {file}: |\n{block}"
        ),
        first,
    );
    let data = encoded(text);
    add(
        "Secret data",
        "secret.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ntype: Opaque\ndata:\n  {file}: {data}\n"
        ),
        &data,
    );
    let lines: Vec<_> = data.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
    add(
        "Secret data, folded, kind last",
        "secret.yaml",
        format!(
            "data:\n  {file}: >-\n    {}\nmetadata:\n  name: a\nkind: Secret\napiVersion: v1\n",
            lines.join("\n    ")
        ),
        &lines[0],
    );
    let twice = encoded(&data);
    add(
        "Secret data, twice",
        "secret.yaml",
        format!("kind: Secret\napiVersion: v1\ndata:\n  {file}: {twice}\n"),
        &twice,
    );
    add(
        "JSON List",
        "secrets.json",
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{{\"name\":\"a\"}},\"data\":{{\"{file}\":\"{data}\"}}}}\n]}}\n"
        ),
        &data,
    );
    let own = first;
    if !unnamed {
        add(
            "Helm values block",
            "values.yaml",
            format!("replicas: 1\nfiles:\n  {file}: |\n{block}"),
            own,
        );
        add(
            "HelmRelease",
            "release.yaml",
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: a\nspec:\n  values:\n    node:\n      {file}: |\n{}",
                indented(text, "        ")
            ),
            own,
        );
        add(
            "heredoc",
            "setup.sh",
            format!(
                "#!/bin/sh\nset -eu\nmkdir -p /data\ncat > /data/{name} <<'EOF'\n{body}\nEOF\nchmod 600 /data/{name}\n"
            ),
            own,
        );
        add(
            "Terraform heredoc",
            "main.tf",
            format!(
                "resource \"kubernetes_config_map\" \"a\" {{\n  data = {{\n    \"{file}\" = <<-EOT\n{}\n    EOT\n  }}\n}}\n",
                indented(body, "      ").trim_end()
            ),
            own,
        );
        add(
            "Markdown fence",
            "docs/runbook.md",
            format!("# Restore\n\nWrite this to `{file}`:\n\n```\n{body}\n```\n\nThen restart.\n"),
            own,
        );
        add(
            "cloud-init",
            "user-data.yaml",
            format!(
                "#cloud-config\nwrite_files:\n  - path: /etc/{name}\n    encoding: b64\n    permissions: '0600'\n    content: {data}\n"
            ),
            &data,
        );
    }
    let generator = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n  - name: a\n    files:\n      - {name}\n"
    );
    let mut generated =
        Case { label: *label, ..Case::new(class, "secretGenerator file", name, text, first) };
    generated.others.push(("kustomization.yaml".to_owned(), generator));
    cases.push(generated);
    let _ = rng;
    cases
}

/// A name in camelCase.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_').map(str::to_lowercase);
    let first = words.next().unwrap_or_default();
    let rest = words.map(|word| {
        let (head, tail) = word.split_at(word.len().min(1));
        head.to_uppercase() + tail
    });
    first + &rest.collect::<String>()
}

/// A name and a value in every layout that settings have.
pub fn of_setting(rng: &mut Rng, setting: &Setting) -> Vec<Case> {
    let Setting { class, name, value } = setting;
    let lower = name.to_lowercase();
    let camel = camel(name);
    let data = encoded(value);
    let mut cases = Vec::new();
    let mut add = |layout: &'static str, path: &str, text: String, needle: &str| {
        cases.push(Case::new(class, layout, path, &text, needle));
    };
    add(
        "Secret data",
        "secret.yaml",
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  {lower}: {data}\n"),
        &data,
    );
    add(
        "stringData",
        "secret.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  {name}: \"{value}\"\n"
        ),
        value,
    );
    add(
        "JSON Secret",
        "secret.json",
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{{\"name\":\"a\"}},\n\"data\":{{\"{name}\":\"{data}\"}}}}"
        ),
        &data,
    );
    add(
        "flow Secret",
        "secret.yaml",
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, stringData: {{{name}: '{value}'}}}}\n"
        ),
        value,
    );
    add(
        ".env",
        ".env",
        format!(
            "PORT=8080\n{name}={}\nDEBUG=false\n",
            if value.contains(' ') { format!("\"{value}\"") } else { value.clone() }
        ),
        value,
    );
    add(
        "export .env, CRLF",
        "deploy.env",
        format!("\u{feff}export PORT=8080\r\nexport {name}='{value}'\r\n"),
        value,
    );
    add(
        "Helm values",
        "values.yaml",
        format!("image:\n  tag: 1.2.3\napp:\n  {camel}: \"{value}\"\n"),
        value,
    );
    add(
        "docker-compose",
        "docker-compose.yml",
        format!(
            "services:\n  app:\n    image: app:1\n    environment:\n      - \"{name}={value}\"\n      - PORT=80\n"
        ),
        value,
    );
    add(
        "Deployment env",
        "deployment.yaml",
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          env:\n            - name: {name}\n              value: \"{value}\"\n"
        ),
        value,
    );
    add(
        "JSON config",
        "config.json",
        format!("{{\n  \"port\": 8080,\n  \"{camel}\": \"{value}\"\n}}\n"),
        value,
    );
    add(
        "TOML",
        "config.toml",
        format!("[server]\nport = 8080\n\n[auth]\n{lower} = \"{value}\"\n"),
        value,
    );
    add(
        "comment",
        "config.yaml",
        format!("server:\n  port: 8080\n  # {lower}: \"{value}\"\n  debug: false\n"),
        value,
    );
    add("tfvars", "prod.tfvars", format!("region = \"eu\"\n{lower}   = \"{value}\"\n"), value);
    add(
        "workflow env",
        ".github/workflows/ci.yml",
        format!(
            "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    env:\n      {name}: \"{value}\"\n    steps:\n      - run: make\n"
        ),
        value,
    );
    add(
        "Dockerfile",
        "Dockerfile",
        format!("FROM debian:12\nENV {name}=\"{value}\"\nCMD [\"app\"]\n"),
        value,
    );
    add(
        "Python",
        "settings.py",
        format!("import os\n\nDEBUG = False\n{name} = \"{value}\"\n"),
        value,
    );
    add(
        "secretGenerator literal",
        "kustomization.yaml",
        format!(
            "kind: Kustomization\nsecretGenerator:\n  - name: a\n    literals:\n      - {name}={value}\n"
        ),
        value,
    );
    add(
        "shell",
        "run.sh",
        format!("#!/bin/bash\nset -e\nexport {name}=\"{value}\"\n./app\n"),
        value,
    );
    let _ = rng;
    cases
}

/// What has a layout of its own.
pub fn others(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |class: &'static str, path: &str, text: String, needle: &str| {
        cases.push(Case::new(class, "as it is", path, &text, needle));
    };
    let [first, second, third] = [0; 3].map(|_| password(rng));
    let key = hex(rng, 32);
    let integration = hex(rng, 16);
    let webhook = format!(
        "https://hooks.slack.com/services/T{}/B{}/{}",
        of(rng, "ABCDEFGH01234567", 9),
        of(rng, "ABCDEFGH01234567", 9),
        alphanumeric(rng, 24)
    );
    add(
        "import-hex",
        "bootstrap.sh",
        format!("#!/bin/sh\npocketd keys import-hex supplier1 {key} --keyring-backend test\n"),
        &key,
    );
    add(
        "from-literal",
        "create.sh",
        format!("kubectl create secret generic db --from-literal=password={first}\n"),
        &first,
    );
    add(
        "flag",
        "run.sh",
        format!("geth --datadir /data \\\n  --nodekeyhex {key} \\\n  --http\n"),
        &key,
    );
    add(
        "private key flag",
        "deploy.sh",
        format!("cast send --rpc-url http://localhost:8545 --private-key 0x{key} \"$TO\"\n"),
        &key,
    );
    add(
        "Alertmanager",
        "alertmanager.yml",
        format!(
            "global:\n  smtp_auth_username: a@example.org\n  smtp_auth_password: '{first}'\nreceivers:\n  - name: pager\n    pagerduty_configs:\n      - routing_key: {integration}\n"
        ),
        &first,
    );
    add(
        "PagerDuty service key",
        "alertmanager.yml",
        format!(
            "receivers:\n  - name: pager\n    pagerduty_configs:\n      - service_key: {integration}\n"
        ),
        &integration,
    );
    add(
        "Alertmanager, Slack",
        "alertmanager.yml",
        format!("global:\n  slack_api_url: {webhook}\n"),
        &webhook,
    );
    add(
        "Grafana",
        "grafana.ini",
        format!("[security]\nadmin_user = admin\nadmin_password = {second}\n"),
        &second,
    );
    add(
        "Prometheus",
        "prometheus.yml",
        format!(
            "scrape_configs:\n  - job_name: a\n    basic_auth:\n      username: prom\n      password: {third}\n"
        ),
        &third,
    );
    add(
        "bearer token",
        "prometheus.yml",
        format!("scrape_configs:\n  - job_name: a\n    bearer_token: {}\n", &key[..40]),
        &key[..40],
    );
    add(
        "Helm parameters",
        "application.yaml",
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n        - name: postgresql.auth.password\n          value: {first}\n"
        ),
        &first,
    );
    add(
        "Argo repository",
        "repo.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: repo\n  labels:\n    argocd.argoproj.io/secret-type: repository\nstringData:\n  type: git\n  url: https://git.example.org/a\n  username: bot\n  password: {second}\n"
        ),
        &second,
    );
    add(
        "ansible",
        "group_vars/all.yml",
        format!("ansible_user: deploy\nansible_become_pass: {third}\n"),
        &third,
    );
    add(
        "netrc",
        ".netrc",
        format!("machine git.example.org\n  login bot\n  password {first}\n"),
        &first,
    );
    add(
        "pgpass as a flag",
        "dump.sh",
        format!("PGPASSWORD='{second}' pg_dump -h db app\n"),
        &second,
    );
    add(
        "tfstate output",
        "terraform.tfstate",
        format!(
            "{{\n  \"version\": 4,\n  \"outputs\": {{\n    \"db_password\": {{\n      \"value\": \"{first}\",\n      \"type\": \"string\",\n      \"sensitive\": true\n    }}\n  }}\n}}\n"
        ),
        &first,
    );
    add(
        "tfstate resource",
        "terraform.tfstate",
        format!(
            "{{\n  \"version\": 4,\n  \"resources\": [\n    {{\n      \"mode\": \"managed\",\n      \"type\": \"random_password\",\n      \"name\": \"db\",\n      \"instances\": [\n        {{\n          \"attributes\": {{\n            \"length\": 16,\n            \"result\": \"{second}\"\n          }}\n        }}\n      ]\n    }}\n  ]\n}}\n"
        ),
        &second,
    );
    add(
        "Terraform variable",
        "variables.tf",
        format!("variable \"db_password\" {{\n  type    = string\n  default = \"{third}\"\n}}\n"),
        &third,
    );
    let short = encoded("pw");
    add(
        "Secret, two letters",
        "secret.yaml",
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  x: {short}\n"),
        &short,
    );
    add(
        "Secret behind long annotations",
        "secret.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  annotations:\n    note: \"{}\"\ndata:\n  pw: {}\n",
            "word ".repeat(200),
            encoded(&first)
        ),
        &encoded(&first),
    );
    add(
        "Secret in a Helm template",
        "templates/secret.yaml",
        format!(
            "{{{{- if .Values.enabled }}}}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{{{ include \"a.fullname\" . }}}}\n  labels:\n    {{{{- include \"a.labels\" . | nindent 4 }}}}\ndata:\n  password: {}\n{{{{- end }}}}\n",
            encoded(&second)
        ),
        &encoded(&second),
    );
    add(
        "patch of a Secret",
        "kustomization.yaml",
        format!(
            "kind: Kustomization\npatches:\n  - target: {{kind: Secret, name: a}}\n    patch: |-\n      - op: replace\n        path: /stringData/password\n        value: {third}\n"
        ),
        &third,
    );
    add(
        "strategic patch",
        "kustomization.yaml",
        format!(
            "kind: Kustomization\npatches:\n  - patch: |-\n      apiVersion: v1\n      kind: Secret\n      metadata:\n        name: a\n      stringData:\n        password: {third}\n"
        ),
        &third,
    );
    add(
        "second document",
        "all.yaml",
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: b\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: b\nstringData:\n  password: {first}\n"
        ),
        &first,
    );
    add(
        "curl with a token",
        "call.sh",
        format!("curl -H \"Authorization: Bearer {}\" https://api.example.org\n", &key[..40]),
        &key[..40],
    );
    add(
        "XML",
        "settings.xml",
        format!(
            "<settings>\n  <server>\n    <username>bot</username>\n    <password>{second}</password>\n  </server>\n</settings>\n"
        ),
        &second,
    );
    let jks = [&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2][..], &bytes(rng, 200)].concat();
    let store = der(
        0x30,
        &[
            der(2, &[3]),
            der(0x30, &der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1])),
            der(0x30, &bytes(rng, 60)),
        ]
        .concat(),
    );
    for (class, path, content) in [("JKS", "keystore.jks", jks), ("PKCS#12", "client.p12", store)] {
        cases.push(Case {
            label: Label::Policy,
            bytes: content,
            line: 1,
            ..Case::new(class, "as it is", path, "", "")
        });
    }
    cases.push(Case {
        bytes: pkcs8(rng),
        line: 1,
        ..Case::new("PKCS#8 in DER", "as it is", "key.der", "", "")
    });
    cases
}
