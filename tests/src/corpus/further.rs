//! A third set of layouts, of hosts that the first two have not. Written down before any
//! rule was run on it; docs/guard.md has what the first run found and missed.

use fastrand::Rng;

use super::draw::*;
use super::layouts::camel;
use super::{Case, Item, Setting};

fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A key file in these layouts.
pub fn of_file(item: &Item) -> Vec<Case> {
    let Item { class, label, name, text, needle } = item;
    let file = base(name);
    let first = needle.lines().next().unwrap_or_default();
    let body = text.trim_end();
    let mut cases = Vec::new();
    let mut add = |layout: &'static str, path: &str, wrapped: String, needle: &str| {
        cases.push(Case { label: *label, ..Case::new(class, layout, path, &wrapped, needle) });
    };
    let block = |by: &str| indented(body, by);
    let data = encoded(text);
    let escaped = body.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let mark = escaped.chars().take(12).collect::<String>();
    add(
        "JSON patch of a Secret",
        "kustomization.yaml",
        format!(
            "resources:\n- ../base\npatches:\n- target:\n    kind: Secret\n    name: a\n  patch: |-\n    - op: add\n      path: /stringData/{file}\n      value: |\n{}",
            block("        ")
        ),
        first,
    );
    add(
        "Helm template with conditions",
        "templates/secret.yaml",
        format!(
            "{{{{- if .Values.create }}}}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{{{ include \"a.fullname\" . }}}}\n  labels:\n    {{{{- include \"a.labels\" . | nindent 4 }}}}\ntype: Opaque\ndata:\n  {file}: {data}\n{{{{- end }}}}\n"
        ),
        &data,
    );
    add(
        "binary tag",
        "secret.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  {file}: !!binary \"{data}\"\n"
        ),
        &data,
    );
    let applied = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{{\"{file}\":\"{data}\"}},\"metadata\":{{\"name\":\"a\"}}}}"
    );
    add(
        "last applied configuration",
        "dump.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {applied}\n  name: a\n"
        ),
        &data,
    );
    add(
        "job in a workflow",
        ".github/workflows/deploy.yml",
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          kubectl apply -f - <<'YAML'\n          apiVersion: v1\n          kind: Secret\n          metadata:\n            name: a\n          data:\n            {file}: {data}\n          YAML\n"
        ),
        &data,
    );
    add(
        "JSON lines",
        "export.jsonl",
        format!("{{\"kind\":\"ConfigMap\",\"data\":{{}}}}\n{applied}\n"),
        &data,
    );
    if file.starts_with("0x") {
        return cases;
    }
    add(
        "Butane",
        "node.bu",
        format!(
            "variant: fcos\nversion: 1.5.0\nstorage:\n  files:\n    - path: /etc/{name}\n      mode: 0600\n      contents:\n        inline: |\n{}",
            block("          ")
        ),
        first,
    );
    add(
        "Ignition",
        "node.ign",
        format!(
            "{{\"ignition\":{{\"version\":\"3.4.0\"}},\"storage\":{{\"files\":[{{\"path\":\"/etc/{name}\",\"contents\":{{\"source\":\"data:;base64,{data}\"}}}}]}}}}\n"
        ),
        &data,
    );
    add(
        "PowerShell",
        "install.ps1",
        format!(
            "$ErrorActionPreference = 'Stop'\n@'\n{body}\n'@ | Set-Content -Path 'C:\\data\\{file}'\n"
        ),
        first,
    );
    add(
        "Nix",
        "configuration.nix",
        format!(
            "{{ config, pkgs, ... }}:\n{{\n  environment.etc.\"{name}\".text = ''\n{}  '';\n}}\n",
            block("    ")
        ),
        first,
    );
    add(
        "AsciiDoc",
        "guide.adoc",
        format!("= Guide\n\nPut this into `{file}`:\n\n[source,json]\n----\n{body}\n----\n"),
        first,
    );
    add(
        "reStructuredText",
        "guide.rst",
        format!(
            "Guide\n=====\n\nPut this into ``{file}``:\n\n.. code-block:: text\n\n{}\nDone.\n",
            block("   ")
        ),
        first,
    );
    add("TOML, literal", "config.toml", format!("[files]\n\"{file}\" = '''\n{body}\n'''\n"), first);
    add(
        "Ruby heredoc",
        "seed.rb",
        format!("File.write(\"/data/{file}\", <<~KEY)\n{}KEY\n", block("  ")),
        first,
    );
    add(
        "Jenkins",
        "Jenkinsfile",
        format!(
            "pipeline {{\n  stages {{\n    stage('a') {{\n      steps {{\n        writeFile file: '{file}', text: '''{body}\n'''\n      }}\n    }}\n  }}\n}}\n"
        ),
        first,
    );
    add(
        "diff",
        "add-key.patch",
        format!(
            "diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1,{} @@\n{}",
            body.lines().count(),
            indented(body, "+")
        ),
        first,
    );
    if !body.contains("]]>") && !body.contains('<') {
        add(
            "CDATA",
            "config.xml",
            format!(
                "<configuration>\n  <file name=\"{file}\"><![CDATA[\n{body}\n]]></file>\n</configuration>\n"
            ),
            first,
        );
    }
    add(
        "JSON, in an array of files",
        "bundle.json",
        format!(
            "{{\n  \"files\": [\n    {{\n      \"path\": \"/etc/{name}\",\n      \"content\": \"{escaped}\"\n    }}\n  ]\n}}\n"
        ),
        &mark,
    );
    add(
        "workflow step",
        ".github/workflows/test.yml",
        format!(
            "jobs:\n  a:\n    steps:\n      - name: Key\n        run: |\n          mkdir -p keys\n          cat > keys/{file} <<'EOF'\n{}          EOF\n          make test\n",
            block("          ")
        ),
        first,
    );
    cases
}

/// A name and a value in these layouts.
pub fn of_setting(setting: &Setting) -> Vec<Case> {
    let Setting { class, name, value } = setting;
    let lower = name.to_lowercase();
    let kebab = lower.replace('_', "-");
    let camel = camel(name);
    let is_word = !value.contains(' ');
    let mut cases = Vec::new();
    let mut add = |layout: &'static str, path: &str, text: String| {
        cases.push(Case::new(class, layout, path, &text, value));
    };
    add(
        "Argo parameters",
        "app.yaml",
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n        - name: auth.{camel}\n          value: \"{value}\"\n"
        ),
    );
    add(
        "configMapGenerator",
        "kustomization.yaml",
        format!(
            "configMapGenerator:\n  - name: env\n    literals:\n      - PORT=80\n      - {name}={value}\n"
        ),
    );
    add(
        "GitLab variable with a description",
        ".gitlab-ci.yml",
        format!(
            "variables:\n  {name}:\n    description: For the deployment\n    value: \"{value}\"\n"
        ),
    );
    add(
        "CircleCI",
        ".circleci/config.yml",
        format!(
            "version: 2.1\njobs:\n  a:\n    docker:\n      - image: cimg/base:current\n        environment:\n          {name}: {value:?}\n"
        ),
    );
    add(
        "Kubernetes env, folded",
        "deploy.yaml",
        format!(
            "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - env:\n            - name: {name}\n              value: >-\n                {value}\n"
        ),
    );
    add(
        "Ansible variables",
        "group_vars/all.yml",
        format!("---\napp_port: 80\napp_{lower}: \"{value}\"\n"),
    );
    add("hiera", "data/common.yaml", format!("---\nprofile::app::{lower}: '{value}'\n"));
    add("C", "config.h", format!("#pragma once\n#define {name} \"{value}\"\n"));
    add(
        "C#",
        "Config.cs",
        format!("static class Config {{\n    public const string {camel} = \"{value}\";\n}}\n"),
    );
    add(
        "Kotlin",
        "Config.kt",
        format!("object Config {{\n    const val {name} = \"{value}\"\n}}\n"),
    );
    add(
        "Swift",
        "Config.swift",
        format!("enum Config {{\n    static let {camel} = \"{value}\"\n}}\n"),
    );
    add("Elixir", "config.exs", format!("import Config\nconfig :app, {lower}: \"{value}\"\n"));
    add("Perl", "run.pl", format!("use strict;\n$ENV{{'{name}'}} = '{value}';\n"));
    add("PowerShell", "run.ps1", format!("$env:{name} = \"{value}\"\n./run.exe\n"));
    add("Groovy", "Jenkinsfile", format!("withEnv(['{name}={value}']) {{\n    sh 'make'\n}}\n"));
    add(
        "XML attribute",
        "web.config",
        format!(
            "<configuration>\n  <appSettings>\n    <add key=\"{camel}\" value=\"{}\" />\n  </appSettings>\n</configuration>\n",
            value.replace('&', "&amp;")
        ),
    );
    add(
        "property list",
        "Info.plist",
        format!(
            "<plist version=\"1.0\">\n<dict>\n  <key>{camel}</key>\n  <string>{value}</string>\n</dict>\n</plist>\n"
        ),
    );
    add(
        "Postman",
        "env.postman_environment.json",
        format!(
            "{{\n  \"name\": \"prod\",\n  \"values\": [\n    {{ \"key\": \"{lower}\", \"value\": \"{value}\", \"enabled\": true }}\n  ]\n}}\n"
        ),
    );
    add("HOCON", "application.conf", format!("app {{\n  port = 80\n  {kebab} = \"{value}\"\n}}\n"));
    add("JSON5", "config.json5", format!("{{\n  // of production\n  {camel}: '{value}',\n}}\n"));
    add(
        "TOML, inline table",
        "app.toml",
        format!("auth = {{ user = \"a\", {lower} = \"{value}\" }}\n"),
    );
    add(
        "supervisor",
        "supervisord.conf",
        format!("[program:a]\ncommand=/usr/bin/a\nenvironment=PORT=\"80\",{name}=\"{value}\"\n"),
    );
    add("Make", "Makefile", format!("export {name} := {value}\n\nrun:\n\t./run\n"));
    add(
        "Markdown, shell",
        "docs/run.md",
        format!("# Run\n\n```sh\nexport {name}=\"{value}\"\n./run\n```\n"),
    );
    add(
        "Markdown, YAML",
        "docs/run.md",
        format!("# Run\n\n```yaml\nenv:\n  {name}: \"{value}\"\n```\n"),
    );
    add(
        "Pulumi",
        "Pulumi.prod.yaml",
        format!("config:\n  aws:region: eu-central-1\n  app:{camel}: \"{value}\"\n"),
    );
    add(
        "Terraform provider",
        "main.tf",
        format!("provider \"a\" {{\n  region = \"eu\"\n  {lower} = \"{value}\"\n}}\n"),
    );
    if is_word {
        add("batch", "run.bat", format!("@echo off\r\nset {name}={value}\r\nrun.exe\r\n"));
        add("crontab", "crontab", format!("MAILTO=ops\n{name}={value}\n0 * * * * /usr/bin/a\n"));
        add(
            "Terraform variable",
            "apply.sh",
            format!("TF_VAR_{lower}='{value}' terraform apply\n"),
        );
        add(
            "kubectl",
            "seed.sh",
            format!("kubectl -n a create secret generic b --from-literal={kebab}='{value}'\n"),
        );
        add("Vault", "seed.sh", format!("vault kv put secret/app port=80 {lower}='{value}'\n"));
        add("Heroku", "seed.sh", format!("heroku config:set {name}={value} --app a\n"));
        add("inventory", "hosts.ini", format!("[db]\ndb1 ansible_user=a {lower}={value}\n"));
    }
    cases
}

/// What has a layout of its own.
pub fn others(rng: &mut Rng) -> Vec<Case> {
    let [one, two, three] = [0; 3].map(|_| password(rng));
    let key = hex(rng, 32);
    let aws = of(rng, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 40);
    let mut cases = Vec::new();
    let mut add = |class: &'static str, path: &str, text: String, needle: &str| {
        cases.push(Case::new(class, "as it is", path, &text, needle));
    };
    add(
        "AWS credentials",
        ".aws/credentials",
        format!(
            "[default]\naws_access_key_id = AKIA{}\naws_secret_access_key = {aws}\n",
            of(rng, "ABCDEFGHJKMNPQRSTUVWXYZ234567", 16)
        ),
        &aws,
    );
    add(
        "netrc",
        ".netrc",
        format!("machine api.example.org\n  login bot\n  password {one}\n"),
        &one,
    );
    add("pgpass", ".pgpass", format!("db.internal:5432:app:app:{one}\n"), &one);
    add("MySQL client", ".my.cnf", format!("[client]\nuser=app\npassword={two}\n"), &two);
    add(
        "Alertmanager",
        "alertmanager.yml",
        format!(
            "global:\n  smtp_auth_username: a\n  smtp_auth_password: '{three}'\nroute:\n  receiver: a\n"
        ),
        &three,
    );
    add(
        "Grafana data source",
        "datasources.yaml",
        format!(
            "apiVersion: 1\ndatasources:\n  - name: db\n    type: postgres\n    user: a\n    secureJsonData:\n      password: {one}\n"
        ),
        &one,
    );
    add(
        "Prometheus",
        "prometheus.yml",
        format!(
            "scrape_configs:\n  - job_name: a\n    basic_auth:\n      username: a\n      password: {two}\n"
        ),
        &two,
    );
    add(
        "htpasswd in values",
        "values.yaml",
        format!("ingress:\n  basicAuth:\n    username: admin\n    password: {three}\n"),
        &three,
    );
    add(
        "cast send",
        "deploy.sh",
        format!(
            "cast send --rpc-url $RPC --private-key 0x{key} 0x0000000000000000000000000000000000000001\n"
        ),
        &key,
    );
    add(
        "Terraform state",
        "terraform.tfstate",
        format!(
            "{{\n  \"version\": 4,\n  \"resources\": [\n    {{\"type\": \"aws_db_instance\", \"instances\": [{{\"attributes\": {{\n      \"username\": \"a\",\n      \"password\": \"{one}\"\n    }}}}]}}\n  ]\n}}\n"
        ),
        &one,
    );
    add(
        "rclone",
        "rclone.conf",
        format!("[s3]\ntype = s3\nprovider = AWS\nsecret_access_key = {aws}\n"),
        &aws,
    );
    add("wp-config", "wp-config.php", format!("<?php\ndefine( 'DB_PASSWORD', '{two}' );\n"), &two);
    cases
}
