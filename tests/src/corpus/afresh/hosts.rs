//! Hosts of whole files.

use super::Host;

macro_rules! hosts {
    ($($layout:literal, $path:literal, $template:literal;)*) => {
        pub(super) const ALL: &[Host] = &[$(
            Host { layout: $layout, path: $path, template: $template },
        )*];
    };
}

hosts! {
    // Kubernetes and what is around it.
    "Secret among other documents", "deploy/all.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: node\n---\n# Source: chart/templates/secret.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: node\ntype: Opaque\nstringData:\n  §key§: |-\n§text:4§\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: node\n";
    "Secret, immutable, in base64", "node/secret.yml",
        "kind: Secret\napiVersion: v1\nimmutable: true\ndata:\n  \"§key§\": \"§b64§\"\nmetadata:\n  name: keys\n  annotations:\n    note: \"rotate every year\"\n";
    "Secret in a JSON manifest", "node/secret.json",
        "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Secret\",\n  \"metadata\": {\"name\": \"node\"},\n  \"stringData\": {\n    \"§key§\": \"§json§\"\n  }\n}\n";
    "ConfigMap, binaryData", "node/configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: node\nbinaryData:\n  §key§: §b64§\n";
    "ConfigMap, quoted", "node/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: node\ndata:\n  log-level: info\n  §key§: \"§json§\"\n";
    "strategic patch", "overlays/a/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../base\npatches:\n  - target:\n      kind: Secret\n      name: node\n    patch: |-\n      apiVersion: v1\n      kind: Secret\n      metadata:\n        name: node\n      stringData:\n        §key§: |\n§text:10§\n";
    "Argo CD Application, values", "apps/node.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: node\nspec:\n  source:\n    chart: node\n    helm:\n      values: |\n        replicas: 1\n        files:\n          §key§: |\n§text:12§\n";
    "Argo CD Application, valuesObject", "apps/node2.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      valuesObject:\n        config:\n          §key§: '§quoted§'\n";
    "Flux HelmRelease", "apps/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: node\nspec:\n  interval: 5m\n  values:\n    extraFiles:\n      - name: §name§\n        content: |\n§text:10§\n";
    "Crossplane Object", "infra/object.yaml",
        "apiVersion: kubernetes.crossplane.io/v1alpha2\nkind: Object\nspec:\n  forProvider:\n    manifest:\n      apiVersion: v1\n      kind: Secret\n      metadata:\n        namespace: node\n      data:\n        §key§: §b64§\n";
    "Helm template", "charts/node/templates/secret.yaml",
        "{{- if .Values.enabled }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ include \"node.fullname\" . }}\n  labels:\n    {{- include \"node.labels\" . | nindent 4 }}\nstringData:\n  §key§: |\n§text:4§\n{{- end }}\n";
    "Helm values", "charts/node/values-prod.yaml",
        "# Production\nimage:\n  tag: v1.2.3\nfiles:\n  \"§key§\": |\n§text:4§\nresources: {}\n";
    "Sealed and plain, side by side", "node/mixed.yaml",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: a\nspec:\n  encryptedData:\n    a: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: b\nstringData:\n  §key§: \"§json§\"\n";

    // Other tools that roll things out.
    "Ansible copy", "roles/node/tasks/main.yml",
        "---\n- name: put the key\n  ansible.builtin.copy:\n    dest: /etc/node/§name§\n    mode: \"0600\"\n    content: |\n§text:6§\n  notify: restart\n";
    "compose, configs", "compose.yaml",
        "services:\n  node:\n    image: node:1\n    configs:\n      - source: k\n        target: /root/§name§\nconfigs:\n  k:\n    content: |\n§text:6§\n";
    "Dockerfile, COPY from here", "Dockerfile",
        "# syntax=docker/dockerfile:1\nFROM debian:12\nCOPY <<EOF /root/§name§\n§text§\nEOF\nCMD [\"node\"]\n";
    "Dockerfile, echo", "images/Dockerfile.node",
        "FROM debian:12\nRUN mkdir -p /root/.node && \\\n    echo '§quoted§' > /root/.node/§name§ && \\\n    chmod 600 /root/.node/§name§\n";
    "workflow of GitHub", ".github/workflows/deploy.yml",
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - name: keys\n        run: |\n          mkdir -p keys\n          cat > keys/§name§ <<'KEY'\n§text:10§\n          KEY\n";
    "GitLab CI, printf", ".gitlab-ci.yml",
        "deploy:\n  stage: deploy\n  script:\n    - mkdir -p keys\n    - printf '%s' '§quoted§' > keys/§name§\n    - ./deploy.sh\n";
    "Makefile, define", "Makefile",
        "define NODE_KEY\n§text§\nendef\nexport NODE_KEY\n\nkeys/§name§:\n\tprintf '%s' \"$$NODE_KEY\" > $@\n";
    "Terraform, kubernetes_secret", "secret.tf",
        "resource \"kubernetes_secret\" \"node\" {\n  metadata {\n    name = \"node\"\n  }\n  data = {\n    \"§name§\" = <<-EOT\n§text:6§\n    EOT\n  }\n}\n";
    "Terraform, base64decode", "user_data.tf",
        "locals {\n  files = {\n    \"/root/§name§\" = base64decode(\"§b64§\")\n  }\n}\n";
    "Nomad template", "node.nomad.hcl",
        "job \"node\" {\n  task \"node\" {\n    template {\n      destination = \"secrets/§name§\"\n      data        = <<EOH\n§text§\nEOH\n    }\n  }\n}\n";
    "Pulumi", "index.ts",
        "import * as k8s from \"@pulumi/kubernetes\";\n\nnew k8s.core.v1.Secret(\"node\", {\n  stringData: {\n    \"§name§\": `§backtick§`,\n  },\n});\n";
    "cloud-init, plain", "user-data",
        "#cloud-config\npackages: [jq]\nwrite_files:\n  - path: /root/§name§\n    permissions: \"0600\"\n    content: |\n§text:6§\nruncmd:\n  - systemctl start node\n";
    "systemd-tmpfiles", "node.conf",
        "d /run/node 0700 root root -\nf+~ /run/node/§name§ 0600 root root - §b64§\n";
    "Butane", "node.bu",
        "variant: fcos\nversion: 1.5.0\nstorage:\n  files:\n    - path: /etc/node/§name§\n      contents:\n        inline: |\n§text:10§\n";

    // Programs.
    "Python, three quotes", "tests/conftest.py",
        "import pathlib\n\nFILES = {\n    \"§name§\": \"\"\"\\\n§text§\n\"\"\",\n}\n";
    "Go, raw string", "internal/keys/keys.go",
        "package keys\n\n// The contents of §name§\nconst Content = `§backtick§`\n";
    "Rust, raw string", "src/keys.rs",
        "/// §name§\npub const CONTENT: &str = r#\"§text§\"#;\n";
    "Java, text block", "src/main/java/Keys.java",
        "class Keys {\n  // §name§\n  static final String CONTENT = \"\"\"\n§text:6§\n      \"\"\";\n}\n";
    "C, escaped", "src/key.c",
        "/* §name§ */\nstatic const char content[] = \"§json§\";\n";
    "Kotlin", "src/Keys.kt",
        "object Keys {\n    // §name§\n    val content = \"\"\"\n§text:8§\n    \"\"\".trimIndent()\n}\n";
    "PHP heredoc", "keys.php",
        "<?php\nfile_put_contents('/root/§name§', <<<'KEY'\n§text§\nKEY);\n";
    "Perl heredoc", "deploy.pl",
        "use strict;\nopen my $out, '>', '§name§';\nprint $out <<'END';\n§text§\nEND\nclose $out;\n";
    "Lua", "keys.lua",
        "return {\n  [\"§name§\"] = [[§text§]],\n}\n";
    "Jsonnet", "node.jsonnet",
        "{\n  files: {\n    '§name§': |||\n§text:6§\n    |||,\n  },\n}\n";
    "CUE", "node.cue",
        "package node\n\nfiles: {\n\t\"§name§\": #\"\"\"\n§text§\n\"\"\"#\n}\n";
    "Elixir", "config/runtime.exs",
        "import Config\n\n# §name§\nconfig :node, content: ~S\"\"\"\n§text§\n\"\"\"\n";
    "PowerShell", "deploy.ps1",
        "$path = Join-Path $HOME '§name§'\n$text = @'\n§text§\n'@\nSet-Content -Path $path -Value $text\n";
    "JavaScript object", "keys.js",
        "module.exports = {\n  '§name§': '§quoted§',\n};\n";

    // Data.
    "list of files in JSON", "files.json",
        "{\n  \"files\": [\n    {\n      \"path\": \"/root/§name§\",\n      \"mode\": \"0600\",\n      \"content\": \"§json§\"\n    }\n  ]\n}\n";
    "list of files in base64", "bundle.json",
        "{\"files\":[{\"path\":\"README\",\"contents\":\"SGVsbG8K\"},\n{\"path\":\"§name§\",\"contents\":\"§b64§\"}]}\n";
    "JSON in JSON in JSON", "event.json",
        "{\n  \"Records\": [\n    {\"body\": \"{\\\"file\\\":\\\"§name§\\\",\\\"content\\\":\\\"§json2§\\\"}\"}\n  ]\n}\n";
    "JSON lines", "files.jsonl",
        "{\"name\":\"a\",\"content\":\"\"}\n{\"name\":\"§name§\",\"content\":\"§json§\"}\n";
    "TOML, three quotes", "files.toml",
        "[[file]]\npath = \"/root/§name§\"\nmode = 384\ncontent = '''\n§text§\n'''\n";
    "env file, many lines", "prod.env",
        "LOG=info\nNODE_FILE=§name§\nNODE_CONTENT='§text§'\nPORT=80\n";
    "properties, base64", "app.properties",
        "log=info\nfile.§key§=§b64§\n";
    "XML, text", "keys.xml",
        "<?xml version=\"1.0\"?>\n<files>\n  <file path=\"§name§\">§xml§</file>\n</files>\n";
    "property list, data", "node.plist",
        "<plist version=\"1.0\">\n<dict>\n  <key>§name§</key>\n  <data>\n§b64lines:2§\n  </data>\n</dict>\n</plist>\n";
    "YAML, binary tag", "blob.yaml",
        "files:\n  §key§: !!binary |\n§b64lines:4§\n";
    "SQL", "seed.sql",
        "BEGIN;\nINSERT INTO files (name, content) VALUES ('§name§', '§sql§');\nCOMMIT;\n";
    "CSV", "export.csv",
        "name,content\n\"§name§\",\"§csv§\"\n";

    // Prose and records.
    "log", "node.log",
        "2026-01-01T00:00:00Z INFO starting\n2026-01-01T00:00:01Z DEBUG read §name§: §line§\n";
    "terminal session", "session.txt",
        "$ ls\n§name§\n$ cat §name§\n§text§\n$ exit\n";
    "recorded terminal", "demo.cast",
        "{\"version\": 2, \"width\": 80, \"height\": 24}\n[0.1, \"o\", \"$ cat §name§\\r\\n\"]\n[0.2, \"o\", \"§json§\\r\\n\"]\n";
    "Markdown, indented", "docs/setup.md",
        "# Setup\n\nPut this into `§name§`:\n\n§text:4§\n\nThen start it.\n";
    "Markdown, in a list", "docs/list.md",
        "1. Make `§name§`:\n\n   ```json\n§text:3§\n   ```\n\n2. Start it.\n";
    "Markdown, quoted", "docs/quote.md",
        "Bob wrote:\n\n> `§name§`:\n> ```\n§prefix:> §\n> ```\n";
    "Org", "notes.org",
        "* Keys\n#+name: §name§\n#+begin_src json\n§text§\n#+end_src\n";
    "LaTeX", "paper.tex",
        "The file \\texttt{§name§}:\n\\begin{verbatim}\n§text§\n\\end{verbatim}\n";
    "HTML", "docs/setup.html",
        "<h1>Setup</h1>\n<p>Put this into <code>§name§</code>:</p>\n<pre><code>§xml§</code></pre>\n";
    "wiki", "page.wiki",
        "h2. Keys\n\n{code:title=§name§}\n§text§\n{code}\n";
    "comment, slashes", "src/main.go",
        "package main\n\n// §name§:\n§prefix:// §\nfunc main() {}\n";
    "comment, hashes", "values.yaml",
        "replicas: 1\n# §name§ was:\n§prefix:# §\nimage: a\n";
    "file in base64", "§name§.b64", "§b64lines§\n";
    "shell, base64", "setup.sh",
        "#!/bin/sh\nset -eu\necho '§b64§' | base64 -d > /root/§name§\n";
    "shell, tee", "bootstrap.sh",
        "#!/bin/bash\nsudo tee /etc/node/§name§ >/dev/null <<-\"END\"\n§text§\nEND\n";
    "shell, variable", "run.sh",
        "#!/bin/sh\n# writes §name§\nCONTENT='§quoted§'\nprintf '%s' \"$CONTENT\" > \"$HOME/§name§\"\n";
}
