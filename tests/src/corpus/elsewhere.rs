//! Layouts that the notes did not measure, written without a look at the rules: what a
//! rule catches here, it catches because of what is there.

use std::io::Write;

use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::draw::*;
use super::layouts::camel;
use super::{Case, Item, Label, Setting};

fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A key file in other layouts.
pub fn of_file(rng: &mut Rng, item: &Item) -> Vec<Case> {
    let Item { class, label, name, text, needle } = item;
    let file = base(name);
    let first = needle.lines().next().unwrap_or_default();
    let body = text.trim_end();
    let is_one_line = !body.contains('\n');
    let mut cases = Vec::new();
    let mut add = |layout: &'static str, path: &str, wrapped: String, needle: &str| {
        cases.push(Case { label: *label, ..Case::new(class, layout, path, &wrapped, needle) });
    };
    add("backup", &format!("old/{name}.bak"), text.clone(), first);
    add("tabs", name, text.replace("  ", "\t"), first);
    let escaped = body.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let mark = escaped.chars().take(12).collect::<String>();
    let block = |by: &str| indented(body, by);
    add(
        "JSON string in a ConfigMap",
        "cm.json",
        format!(
            "{{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"ConfigMap\",\n  \"data\": {{\n    \"{file}\": \"{escaped}\"\n  }}\n}}\n"
        ),
        &mark,
    );
    let data = encoded(text);
    add(
        "SecretList",
        "list.yaml",
        format!(
            "apiVersion: v1\nkind: SecretList\nitems:\n- metadata:\n    name: a\n  data:\n    {file}: \"{data}\"\n"
        ),
        &data,
    );
    add(
        "extra manifest in values",
        "values.yaml",
        format!(
            "extraManifests:\n  - |\n    apiVersion: v1\n    kind: Secret\n    metadata:\n      name: a\n    stringData:\n      {file}: |\n{}",
            block("        ")
        ),
        first,
    );
    add(
        "manifest in a script",
        "apply.sh",
        format!(
            "#!/bin/bash\nkubectl apply -n a -f - <<EOF\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  {file}: {data}\nEOF\n"
        ),
        &data,
    );
    add(
        "manifest in Markdown",
        "README.md",
        format!(
            "# Install\n\n1. Create the Secret:\n\n   ```yaml\n   apiVersion: v1\n   kind: Secret\n   metadata:\n     name: a\n   data:\n     {file}: {data}\n   ```\n"
        ),
        &data,
    );
    add(
        "manifest in Go",
        "main.go",
        format!(
            "package main\n\nconst manifest = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  {file}: {data}\n`\n"
        ),
        &data,
    );
    add(
        "manifest in Python",
        "deploy.py",
        format!(
            "MANIFEST = \"\"\"\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  {file}: {data}\n\"\"\"\n"
        ),
        &data,
    );
    add(
        "commented manifest",
        "old.yaml",
        format!(
            "# apiVersion: v1\n# kind: Secret\n# metadata:\n#   name: a\n# data:\n#   {file}: {data}\nfoo: bar\n"
        ),
        &data,
    );
    let sized = text.len() > 40;
    if sized {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(text.as_bytes()).expect("memory can be written");
        let packed = {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD
                .encode(packer.finish().expect("memory can be written"))
        };
        // What is one bare value has its name beside it only.
        if text.contains(['{', ' ', '-', '[']) {
            add(
                "gzip in a ConfigMap",
                "cm.yaml",
                format!("apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  bundle.gz: {packed}\n"),
                &packed,
            );
        }
    }
    if !file.starts_with("0x") {
        add(
            "Ansible copy",
            "tasks/main.yml",
            format!(
                "- name: Write the key\n  ansible.builtin.copy:\n    dest: /data/{name}\n    mode: '0600'\n    content: |\n{}",
                block("      ")
            ),
            first,
        );
        add(
            "Argo values",
            "app.yaml",
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        files:\n          {file}: |\n{}",
                block("            ")
            ),
            first,
        );
        add(
            "compose config",
            "compose.yaml",
            format!(
                "services:\n  a:\n    image: a\nconfigs:\n  {}:\n    content: |\n{}",
                file.replace('.', "_"),
                block("      ")
            ),
            first,
        );
        add(
            "Nomad template",
            "job.nomad",
            format!(
                "job \"a\" {{\n  group \"b\" {{\n    task \"c\" {{\n      template {{\n        destination = \"local/{file}\"\n        data = <<EOH\n{body}\nEOH\n      }}\n    }}\n  }}\n}}\n"
            ),
            first,
        );
        add(
            "tee",
            "init.sh",
            format!(
                "#!/bin/sh\nset -e\nsudo tee /var/lib/{name} > /dev/null <<\"END\"\n{body}\nEND\n"
            ),
            first,
        );
        if is_one_line && !body.contains('\'') {
            add(
                "echo",
                "entrypoint.sh",
                format!("#!/bin/sh\necho '{body}' > /data/{name}\nexec node\n"),
                first,
            );
            add(
                "Dockerfile",
                "Dockerfile",
                format!("FROM debian:12\nRUN mkdir -p /data && echo '{body}' > /data/{file}\n"),
                first,
            );
        }
        add(
            "base64 in a script",
            "restore.sh",
            format!("#!/bin/sh\necho {data} | base64 -d > /data/{name}\n"),
            &data,
        );
        add("UTF-16", name, text.clone(), first);
        if let Some(case) = cases.last_mut() {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            case.bytes = [0xff, 0xfe].into_iter().chain(units).collect();
        }
    }
    let _ = rng;
    cases
}

/// A name and a value in other layouts.
pub fn of_setting(rng: &mut Rng, setting: &Setting) -> Vec<Case> {
    let Setting { class, name, value } = setting;
    let lower = name.to_lowercase();
    let kebab = lower.replace('_', "-");
    let dotted = lower.replace('_', ".");
    let camel = camel(name);
    let is_word = !value.contains(' ');
    let mut cases = Vec::new();
    let mut add = |layout: &'static str, path: &str, text: String, needle: &str| {
        cases.push(Case::new(class, layout, path, &text, needle));
    };
    add("properties", "app.properties", format!("server.port=8080\n{dotted}={value}\n"), value);
    add(
        "YAML, single quotes",
        "config.yaml",
        format!("server:\n  port: 80\n{lower}: '{value}'\n"),
        value,
    );
    add(
        "YAML, folded",
        "config.yaml",
        format!("server:\n  port: 80\n{kebab}: >-\n  {value}\n"),
        value,
    );
    add(
        "YAML, anchor",
        "config.yaml",
        format!("defaults: &d\n  {lower}: \"{value}\"\nprod:\n  <<: *d\n"),
        value,
    );
    add(
        "run step",
        ".gitlab-ci.yml",
        format!("variables:\n  REGION: eu\n  {name}: \"{value}\"\nbuild:\n  script:\n    - make\n"),
        value,
    );
    add(
        "export in a run step",
        ".github/workflows/a.yml",
        format!(
            "jobs:\n  a:\n    steps:\n      - run: |\n          set -e\n          export {name}='{value}'\n          make deploy\n"
        ),
        value,
    );
    add(
        "systemd",
        "app.service",
        format!("[Service]\nEnvironment=\"{name}={value}\"\nExecStart=/usr/bin/app\n"),
        value,
    );
    add(
        "JavaScript",
        "config.js",
        format!("module.exports = {{\n  port: 80,\n  {camel}: '{value}',\n}};\n"),
        value,
    );
    add("TypeScript", "env.ts", format!("export const {name}: string = \"{value}\";\n"), value);
    add("Go", "main.go", format!("package main\n\nconst {camel} = \"{value}\"\n"), value);
    add("Rust", "main.rs", format!("const {name}: &str = \"{value}\";\n"), value);
    add(
        "Java",
        "A.java",
        format!("class A {{\n  private static final String {name} = \"{value}\";\n}}\n"),
        value,
    );
    add("PHP", "config.php", format!("<?php\ndefine('{name}', '{value}');\n"), value);
    add("Ruby", "env.rb", format!("ENV['{name}'] = '{value}'\n"), value);
    add(
        "Terraform locals",
        "main.tf",
        format!("locals {{\n  region = \"eu\"\n  {lower} = \"{value}\"\n}}\n"),
        value,
    );
    add(
        "Helm --set",
        "install.sh",
        format!("helm upgrade --install a ./a \\\n  --set auth.{camel}='{value}' \\\n  --wait\n"),
        value,
    );
    if is_word {
        add(
            "docker run",
            "run.sh",
            format!("docker run -d -e PORT=80 -e {name}={value} app:1\n"),
            value,
        );
        add(
            "shell comment",
            "run.sh",
            format!("#!/bin/sh\n# export {name}={value}\n./run\n"),
            value,
        );
        add("fish", "config.fish", format!("set -x {name} \"{value}\"\n"), value);
        add(
            "inline environment",
            "run.sh",
            format!("#!/bin/sh\n{name}={value} ./run --now\n"),
            value,
        );
    }
    add(
        "commit message",
        "COMMIT_EDITMSG",
        format!("Rotate\n\nThe old one was {name}={value}\n"),
        value,
    );
    add(
        "diff",
        "fix.patch",
        format!("--- a/.env\n+++ b/.env\n@@ -1,1 +1,2 @@\n PORT=80\n+{name}=\"{value}\"\n"),
        value,
    );
    add(
        "notebook",
        "a.ipynb",
        format!(
            "{{\n \"cells\": [\n  {{\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"import os\\n\",\n    \"{name} = '{value}'\\n\"\n   ]\n  }}\n ]\n}}\n"
        ),
        value,
    );
    add(
        "StatefulSet, JSON",
        "sts.json",
        format!(
            "{{\"kind\":\"StatefulSet\",\"spec\":{{\"template\":{{\"spec\":{{\"containers\":[{{\"name\":\"a\",\"env\":[\n{{\"name\":\"{name}\",\"value\":\"{value}\"}}\n]}}]}}}}}}}}\n"
        ),
        value,
    );
    add(
        "ConfigMap with a .env",
        "cm.yaml",
        format!(
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  .env: |\n    PORT=80\n    {name}=\"{value}\"\n"
        ),
        value,
    );
    add(
        "template with a default",
        "templates/cm.yaml",
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{{{ .Release.Name }}}}\ndata:\n  {name}: \"{value}\"\n"
        ),
        value,
    );
    let _ = rng;
    cases
}

/// What has a layout of its own.
pub fn others(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    let [first, second, third] = [0; 3].map(|_| password(rng));
    let key = hex(rng, 32);
    let token = alphanumeric(rng, 36);
    let mut add = |class: &'static str, path: &str, text: String, needle: &str| {
        cases.push(Case::new(class, "as it is", path, &text, needle));
    };
    add(
        "npmrc",
        ".npmrc",
        format!(
            "registry=https://registry.npmjs.org/\n//registry.npmjs.org/:_authToken=npm_{token}\n"
        ),
        &token,
    );
    add(
        "pypirc",
        ".pypirc",
        format!(
            "[pypi]\nusername = __token__\npassword = pypi-AgEIcHlwaS5vcmc{}\n",
            alphanumeric(rng, 120)
        ),
        "pypi-",
    );
    add(
        "git credentials",
        ".git-credentials",
        format!("https://bot:{first}@git.example.org\n").replace('#', "%23").replace('!', "%21"),
        "bot:",
    );
    add(
        "JDBC",
        "application.yml",
        format!(
            "spring:\n  datasource:\n    url: jdbc:postgresql://db/app\n    username: app\n    password: {second}\n"
        ),
        &second,
    );
    add(
        "ADO.NET",
        "appsettings.json",
        format!(
            "{{\n  \"ConnectionStrings\": {{\n    \"Default\": \"Server=db;Database=a;User Id=sa;Password={third};\"\n  }}\n}}\n"
        ),
        &third,
    );
    add(
        "Maven",
        "settings.xml",
        format!(
            "<settings>\n  <servers>\n    <server>\n      <id>a</id>\n      <password>{first}</password>\n    </server>\n  </servers>\n</settings>\n"
        ),
        &first,
    );
    add("Redis", "redis.conf", format!("port 6379\nrequirepass {second}\n"), &second);
    add("SQL", "init.sql", format!("CREATE USER app WITH PASSWORD '{third}';\n"), &third);
    add("MySQL", "init.sql", format!("CREATE USER 'app'@'%' IDENTIFIED BY '{first}';\n"), &first);
    add(
        "curl -u",
        "call.sh",
        format!("curl -u 'admin:{second}' https://api.example.org/\n"),
        &second,
    );
    add("sshpass", "copy.sh", format!("sshpass -p '{third}' scp a b:\n"), &third);
    add(
        "docker login",
        "login.sh",
        format!("docker login -u bot -p {first} registry.example.org\n"),
        &first,
    );
    add(
        "signing key flag",
        "run.yaml",
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          args:\n            - --rpc-url=http://a\n            - --private-key\n            - \"0x{key}\"\n"
        ),
        &key,
    );
    add(
        "signing key flag, joined",
        "run.yaml",
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          args: [\"--node-key={key}\"]\n"
        ),
        &key,
    );
    add(
        "command line in a manifest",
        "job.yaml",
        format!(
            "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          command: [\"sh\", \"-c\", \"redis-cli -a x --pass {second} PING\"]\n"
        ),
        &second,
    );
    add(
        "Helm release",
        "release.yaml",
        {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            let release =
                format!("{{\"name\":\"a\",\"config\":{{\"auth\":{{\"password\":\"{third}\"}}}}}}");
            packer.write_all(release.as_bytes()).expect("memory can be written");
            let packed = packer.finish().expect("memory can be written");
            let inner = {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD.encode(packed)
            };
            format!(
                "apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\ndata:\n  release: {}\n",
                encoded(&inner)
            )
        },
        "release: ",
    );
    add(
        "recover",
        "recover.sh",
        format!(
            "echo \"{}\" | gaiad keys add a --recover --keyring-backend test\n",
            mnemonic(rng, 24).join(" ")
        ),
        "gaiad",
    );
    add(
        "mnemonic, list",
        "wallet.yaml",
        format!("words:\n  - {}\n", mnemonic(rng, 12).join("\n  - ")),
        "words",
    );
    add(
        "mnemonic, array",
        "wallet.json",
        format!("{{\"words\": [\"{}\"]}}\n", mnemonic(rng, 12).join("\", \"")),
        "words",
    );
    add(
        "mnemonic in a comment",
        "main.go",
        format!("package main\n\n// {}\nfunc main() {{}}\n", mnemonic(rng, 15).join(" ")),
        "//",
    );
    add(
        "hardhat",
        "hardhat.config.js",
        format!(
            "module.exports = {{\n  networks: {{\n    main: {{ url: 'https://a', accounts: ['0x{key}'] }},\n  }},\n}};\n"
        ),
        &key,
    );
    add(
        "foundry",
        "Makefile",
        format!("deploy:\n\tforge script a --broadcast --private-key {key}\n"),
        &key,
    );
    add("ini with a token", "app.cfg", format!("[api]\nauth_token: {token}\n"), &token);
    add(
        "Kubernetes token in a pod",
        "pod.yaml",
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      env:\n        - {{name: API_TOKEN, value: {token}}}\n"
        ),
        &token,
    );
    add(
        "Secret in flow style, kind last",
        "a.json",
        format!("{{\"data\":{{\"x\":\"{}\"}},\"kind\":\"Secret\"}}", encoded(&first)),
        "data",
    );
    add(
        "Secret, number",
        "a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  pin: 483921\n"
            .to_owned(),
        "483921",
    );
    add(
        "Secret with a placeholder that comes later",
        "a.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  pw: {first}\n  pw: ${{PW}}\n"
        ),
        &first,
    );
    add(
        "broken document before",
        "a.yaml",
        format!(
            "a: [\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  pw: {second}\n"
        ),
        &second,
    );
    let locked = armor("ENCRYPTED PRIVATE KEY", "", &locked_pkcs8(rng));
    let mut case = Case::new(
        "locked key in a Secret",
        "as it is",
        "a.yaml",
        &format!("apiVersion: v1\nkind: Secret\ndata:\n  tls.key: {}\n", encoded(&locked)),
        "tls.key",
    );
    case.label = Label::Policy;
    cases.push(case);
    cases
}
