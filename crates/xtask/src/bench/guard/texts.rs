//! Files of the kinds that a GitOps tree has. They are as long and as monotonous as real ones, and
//! have the same words in them: names of keys, references, digests, addresses.

use std::fmt::Write;

use fastrand::Rng;

/// What things are called.
const NAMES: [&str; 60] = [
    "service",
    "gateway",
    "worker",
    "cache",
    "index",
    "queue",
    "proxy",
    "exporter",
    "relay",
    "validator",
    "archive",
    "monitor",
    "ledger",
    "session",
    "billing",
    "search",
    "account",
    "report",
    "stream",
    "mirror",
    "node",
    "cluster",
    "policy",
    "storage",
    "volume",
    "network",
    "request",
    "response",
    "timeout",
    "scheduler",
    "backend",
    "frontend",
    "ingress",
    "operator",
    "status",
    "condition",
    "version",
    "release",
    "update",
    "handler",
    "client",
    "server",
    "config",
    "option",
    "port",
    "token",
    "path",
    "label",
    "replica",
    "topic",
    "shard",
    "region",
    "bucket",
    "cert",
    "issuer",
    "webhook",
    "metrics",
    "dashboard",
    "alert",
    "secret",
];

/// What sentences are made of besides.
const WORDS: [&str; 60] = [
    "the",
    "is",
    "and",
    "of",
    "which",
    "when",
    "must",
    "not",
    "be",
    "a",
    "an",
    "to",
    "in",
    "for",
    "value",
    "field",
    "default",
    "optional",
    "enabled",
    "list",
    "object",
    "this",
    "that",
    "with",
    "are",
    "from",
    "by",
    "it",
    "only",
    "if",
    "used",
    "set",
    "specifies",
    "whether",
    "number",
    "given",
    "name",
    "each",
    "more",
    "than",
    "one",
    "may",
    "will",
    "has",
    "no",
    "other",
    "same",
    "after",
    "before",
    "changes",
    "describes",
    "contains",
    "running",
    "key",
    "as",
    "on",
    "or",
    "its",
    "these",
    "resources",
];

const HEX: &[u8] = b"0123456789abcdef";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A Deployment with its Service, several of them in a file.
pub(super) fn workload(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(1..4) {
        let name = name(rng);
        push(
            &mut out,
            format_args!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n    \
             app.kubernetes.io/name: {name}\n    app.kubernetes.io/part-of: {}\n  annotations:\n    \
             checksum/config: {}\nspec:\n  replicas: {}\n  selector:\n    matchLabels:\n      \
             app.kubernetes.io/name: {name}\n  template:\n    spec:\n      serviceAccountName: {name}\n      \
             containers:\n",
                word(rng),
                run(rng, HEX, 64),
                rng.u8(1..9),
            ),
        );
        for _ in 0..rng.usize(1..4) {
            container(rng, &name, &mut out);
        }
        push(
            &mut out,
            format_args!(
                "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports:\n    \
             - name: http\n      port: {}\n      targetPort: http\n  selector:\n    \
             app.kubernetes.io/name: {name}\n",
                rng.u16(1024..),
            ),
        );
    }
    out
}

fn container(rng: &mut Rng, name: &str, out: &mut String) {
    push(
        out,
        format_args!(
            "        - name: {}\n          image: registry.example.org/{name}/{}:v{}.{}.{}@sha256:{}\n          \
         args: [\"--log-level=info\", \"--config=/etc/{name}/config.yaml\"]\n          ports:\n            \
         - containerPort: {}\n              name: http\n          env:\n",
            word(rng),
            word(rng),
            rng.u8(0..9),
            rng.u8(..40),
            rng.u8(..20),
            run(rng, HEX, 64),
            rng.u16(1024..),
        ),
    );
    for _ in 0..rng.usize(2..12) {
        let (one, other) = (word(rng), word(rng));
        let upper = format!("{one}_{other}").to_uppercase();
        match rng.u8(0..4) {
            0 => push(
                out,
                format_args!(
                    "            - name: {upper}\n              valueFrom:\n                secretKeyRef:\n                  \
                 name: {name}-{one}\n                  key: {other}\n",
                ),
            ),
            1 => push(
                out,
                format_args!(
                    "            - name: {upper}\n              value: https://{one}.{other}.svc.cluster.local:{}/v1\n",
                    rng.u16(1024..),
                ),
            ),
            _ => push(
                out,
                format_args!(
                    "            - name: {upper}\n              value: \"{}\"\n",
                    rng.u16(..)
                ),
            ),
        }
    }
    push(
        out,
        format_args!(
            "          resources:\n            requests: {{cpu: {}m, memory: {}Mi}}\n            \
         limits:\n              memory: {}Mi\n          volumeMounts:\n            \
         - name: config\n              mountPath: /etc/{name}\n              readOnly: true\n",
            rng.u16(10..900),
            rng.u16(16..900),
            rng.u16(900..),
        ),
    );
}

/// A ConfigMap with files in it.
pub(super) fn settings(rng: &mut Rng) -> String {
    let mut out =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata:\n", name(rng));
    for _ in 0..rng.usize(1..5) {
        push(&mut out, format_args!("  {}.toml: |\n", name(rng)));
        for _ in 0..rng.usize(5..60) {
            match rng.u8(0..6) {
                0 => push(&mut out, format_args!("    # {}\n", sentence(rng))),
                1 => push(&mut out, format_args!("\n    [{}.{}]\n", word(rng), word(rng))),
                2 => push(
                    &mut out,
                    format_args!("    {}_file = \"/run/{}/{}\"\n", word(rng), word(rng), word(rng)),
                ),
                _ => push(
                    &mut out,
                    format_args!("    {}_{} = {}\n", word(rng), word(rng), rng.u16(..)),
                ),
            }
        }
    }
    out
}

/// ExternalSecrets, HelmReleases and Kustomizations: nothing but references.
pub(super) fn references(rng: &mut Rng) -> String {
    let name = name(rng);
    let mut out = format!(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: {name}\nspec:\n  \
         refreshInterval: 1h\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: vault\n  data:\n"
    );
    for _ in 0..rng.usize(2..20) {
        push(
            &mut out,
            format_args!(
                "    - secretKey: {}_{}\n      remoteRef:\n        key: {name}/{}\n        property: {}\n",
                word(rng),
                word(rng),
                word(rng),
                word(rng),
            ),
        );
    }
    push(
        &mut out,
        format_args!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {name}\nspec:\n  \
         interval: 10m\n  chart:\n    spec:\n      chart: {name}\n      version: {}.{}.x\n  values:\n    \
         existingSecret: {name}-{}\n    passwordKey: {}\n",
            rng.u8(..9),
            rng.u8(..30),
            word(rng),
            word(rng),
        ),
    );
    out
}

/// A Secret as sops seals it.
pub(super) fn sealed(rng: &mut Rng) -> String {
    // The last character has no bits behind the last byte.
    let token = |rng: &mut Rng, length| {
        let (data, iv, tag) =
            (run(rng, BASE64, length), run(rng, BASE64, 42), run(rng, BASE64, 21));
        format!("ENC[AES256_GCM,data:{data},iv:{iv}A=,tag:{tag}A==,type:str]")
    };
    let mut out =
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\nstringData:\n", name(rng));
    for _ in 0..rng.usize(1..10) {
        let length = rng.usize(4..80) * 4;
        push(&mut out, format_args!("  {}-{}: {}\n", word(rng), word(rng), token(rng, length)));
    }
    out.push_str("sops:\n  age:\n");
    for _ in 0..rng.usize(1..4) {
        push(
            &mut out,
            format_args!(
                "    - recipient: age1{}\n      enc: |\n        -----BEGIN AGE ENCRYPTED FILE-----\n",
                run(rng, b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58),
            ),
        );
        for _ in 0..5 {
            push(&mut out, format_args!("        {}\n", run(rng, BASE64, 64)));
        }
        out.push_str("        -----END AGE ENCRYPTED FILE-----\n");
    }
    let mac = token(rng, 128);
    push(
        &mut out,
        format_args!(
            "  lastmodified: \"2026-01-01T00:00:00Z\"\n  mac: {mac}\n  encrypted_regex: ^(data|stringData)$\n  \
         version: 3.10.2\n",
        ),
    );
    out
}

/// A CustomResourceDefinition, which is long and deep.
pub(super) fn definition(rng: &mut Rng) -> String {
    let name = name(rng);
    let mut out = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: {name}s.example.org\n\
         spec:\n  group: example.org\n  versions:\n    - name: v1\n      schema:\n        openAPIV3Schema:\n          \
         properties:\n"
    );
    let mut depth = 6;
    for _ in 0..rng.usize(200..4000) {
        let indent = "  ".repeat(depth);
        let text = [sentence(rng), sentence(rng)].join(" ");
        push(
            &mut out,
            format_args!(
                "{indent}{}{}:\n{indent}  description: |-\n{indent}    {text}\n{indent}    {}\n{indent}  type: ",
                word(rng),
                rng.u16(..),
                sentence(rng),
            ),
        );
        if rng.u8(0..4) == 0 && depth < 14 {
            push(&mut out, format_args!("object\n{indent}  properties:\n"));
            depth += 2;
        } else {
            out.push_str(if rng.bool() { "string\n" } else { "integer\n" });
            depth -= if depth > 6 && rng.u8(0..3) == 0 { 2 } else { 0 };
        }
    }
    out
}

/// A dashboard in JSON.
pub(super) fn dashboard(rng: &mut Rng) -> String {
    let mut out = format!("{{\n  \"title\": \"{}\",\n  \"panels\": [\n", sentence(rng));
    let count = rng.usize(10..200);
    for id in 0..count {
        push(
            &mut out,
            format_args!(
                "    {{\n      \"id\": {id},\n      \"datasource\": {{\"type\": \"prometheus\", \"uid\": \"{}\"}},\n      \
             \"gridPos\": {{\"h\": {}, \"w\": {}, \"x\": 0, \"y\": {}}},\n      \"targets\": [\n        {{\n          \
             \"expr\": \"sum(rate({}_{}_total{{job=~\\\"$job\\\", {}!=\\\"\\\"}}[5m])) by ({})\",\n          \
             \"legendFormat\": \"{{{{{}}}}}\",\n          \"refId\": \"A\"\n        }}\n      ],\n      \
             \"title\": \"{}\",\n      \"type\": \"timeseries\"\n    }}{}\n",
                run(rng, BASE64, 9),
                rng.u8(1..12),
                rng.u8(1..24),
                rng.u16(..900),
                word(rng),
                word(rng),
                word(rng),
                word(rng),
                word(rng),
                sentence(rng),
                if id + 1 == count { "" } else { "," },
            ),
        );
    }
    push(
        &mut out,
        format_args!("  ],\n  \"schemaVersion\": 39,\n  \"uid\": \"{}\"\n}}\n", run(rng, HEX, 16)),
    );
    out
}

/// A template of a chart.
pub(super) fn template(rng: &mut Rng) -> String {
    let chart = name(rng);
    let mut out = format!(
        "{{{{- if .Values.enabled }}}}\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  \
         name: {{{{ include \"{chart}.fullname\" . }}}}\n  labels:\n    {{{{- include \"{chart}.labels\" . | nindent 4 }}}}\n\
         spec:\n  template:\n    spec:\n      containers:\n"
    );
    for _ in 0..rng.usize(1..6) {
        let word = word(rng);
        push(
            &mut out,
            format_args!(
                "        - name: {word}\n          image: \"{{{{ .Values.{word}.image.repository }}}}:{{{{ .Values.{word}.image.tag }}}}\"\n          \
             {{{{- with .Values.{word}.env }}}}\n          env:\n            {{{{- toYaml . | nindent 12 }}}}\n          \
             {{{{- end }}}}\n          envFrom:\n            - secretRef:\n                \
             name: {{{{ .Values.{word}.existingSecret | default (printf \"%s-{word}\" .Release.Name) }}}}\n          \
             resources:\n            {{{{- toYaml .Values.{word}.resources | nindent 12 }}}}\n",
            ),
        );
    }
    out.push_str("{{- end }}\n");
    out
}

/// The values of a chart, with what is said about them.
pub(super) fn values(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(10..80) {
        push(&mut out, format_args!("# -- {}\n{}{}:\n", sentence(rng), word(rng), rng.u16(..)));
        for _ in 0..rng.usize(1..8) {
            let value = match rng.u8(0..5) {
                0 => "\"\"".to_owned(),
                1 => "{}".to_owned(),
                2 => rng.bool().to_string(),
                3 => format!("{}-{}", word(rng), word(rng)),
                _ => rng.u16(..).to_string(),
            };
            push(
                &mut out,
                format_args!("  # {}\n  {}{}: {value}\n", sentence(rng), word(rng), rng.u16(..)),
            );
        }
    }
    out
}

/// A page of documentation.
pub(super) fn page(rng: &mut Rng) -> String {
    let mut out = format!("# {}\n\n", sentence(rng));
    for _ in 0..rng.usize(4..40) {
        match rng.u8(0..6) {
            0 => push(&mut out, format_args!("## {}\n\n", sentence(rng))),
            1 => push(
                &mut out,
                format_args!(
                    "```yaml\n{}:\n  {}: {}\n  {}: ${{{}}}\n```\n\n",
                    word(rng),
                    word(rng),
                    rng.u16(..),
                    word(rng),
                    word(rng).to_uppercase(),
                ),
            ),
            2 => push(
                &mut out,
                format_args!(
                    "See [{}](https://docs.example.org/{}/{}#{}) and `{}`.\n\n",
                    sentence(rng),
                    word(rng),
                    word(rng),
                    word(rng),
                    name(rng),
                ),
            ),
            _ => {
                for _ in 0..rng.usize(2..10) {
                    push(&mut out, format_args!("{}.\n", sentence(rng)));
                }
                out.push('\n');
            }
        }
    }
    out
}

/// A program in Go.
pub(super) fn program(rng: &mut Rng) -> String {
    let mut out = format!(
        "package {}\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"example.org/{}/{}\"\n)\n",
        word(rng),
        word(rng),
        word(rng),
    );
    for _ in 0..rng.usize(5..60) {
        let (one, other, third) = (word(rng), word(rng), word(rng));
        push(
            &mut out,
            format_args!(
                "\n// {one}{other} {}.\nfunc (c *{third}) {one}{other}(ctx context.Context, {third} string, keys map[string][]byte) error {{\n\
             \t{other}, err := c.{one}.Get(ctx, {third})\n\tif err != nil {{\n\t\treturn fmt.Errorf(\"{}: %w\", err)\n\t}}\n\
             \tfor _, {one} := range {other}.Items {{\n\t\tif token := keys[{one}.Name]; len(token) > {} {{\n\
             \t\t\tc.log.Info(\"{}\", \"{other}\", {one}.Name)\n\t\t}}\n\t}}\n\treturn nil\n}}\n",
                sentence(rng),
                sentence(rng),
                rng.u8(..),
                sentence(rng),
            ),
        );
    }
    out
}

/// A script.
pub(super) fn script(rng: &mut Rng) -> String {
    let mut out = "#!/usr/bin/env bash\nset -euo pipefail\n\n".to_owned();
    for _ in 0..rng.usize(5..80) {
        let (one, other) = (word(rng), word(rng));
        match rng.u8(0..6) {
            0 => push(&mut out, format_args!("# {}\n", sentence(rng))),
            1 => push(
                &mut out,
                format_args!(
                    "curl -fsSL -H \"Authorization: Bearer ${{{}_TOKEN}}\" \"https://{one}.example.org/{other}\" | jq -r '.{one}'\n",
                    one.to_uppercase(),
                ),
            ),
            2 => push(
                &mut out,
                format_args!(
                    "cat > /tmp/{one}.yaml <<EOF\n{one}:\n  {other}: $({other} {one})\nEOF\n"
                ),
            ),
            3 => push(
                &mut out,
                format_args!(
                    "{}=\"$(kubectl get secret {one} -o jsonpath='{{.data.{other}}}' | base64 -d)\"\n",
                    one.to_uppercase()
                ),
            ),
            _ => push(
                &mut out,
                format_args!(
                    "if [[ -z \"${{{}:-}}\" ]]; then echo \"{}\" >&2; exit 1; fi\n",
                    other.to_uppercase(),
                    sentence(rng)
                ),
            ),
        }
    }
    out
}

/// Infrastructure in HCL.
pub(super) fn infrastructure(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(4..40) {
        let (one, other, third) = (word(rng), word(rng), word(rng));
        push(
            &mut out,
            format_args!(
                "resource \"aws_{one}_{other}\" \"{third}\" {{\n  name        = \"${{var.prefix}}-{third}\"\n  \
             description = \"{}\"\n  key_id      = aws_kms_key.{one}.arn\n  password    = var.{other}_password\n  \
             count       = {}\n\n  tags = {{\n    {one} = \"{other}\"\n  }}\n}}\n\n",
                sentence(rng),
                rng.u8(..),
            ),
        );
    }
    out
}

/// The checksums of Go modules.
pub(super) fn go_sum(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(50..1500) {
        let module = format!("github.com/{}/{}", name(rng), name(rng));
        let version = format!("v{}.{}.{}", rng.u8(..3), rng.u8(..90), rng.u8(..20));
        push(
            &mut out,
            format_args!(
                "{module} {version} h1:{}=\n{module} {version}/go.mod h1:{}=\n",
                run(rng, BASE64, 43),
                run(rng, BASE64, 43),
            ),
        );
    }
    out
}

/// The packages of a web page.
pub(super) fn package_lock(rng: &mut Rng) -> String {
    let mut out =
        "{\n  \"name\": \"app\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n".to_owned();
    for _ in 0..rng.usize(50..1500) {
        let package = format!("{}-{}{}", word(rng), word(rng), rng.u16(..));
        push(
            &mut out,
            format_args!(
                "    \"node_modules/{package}\": {{\n      \"version\": \"{}.{}.{}\",\n      \
             \"resolved\": \"https://registry.example.org/{package}/-/{package}.tgz\",\n      \
             \"integrity\": \"sha512-{}==\",\n      \"dev\": {},\n      \"license\": \"MIT\"\n    }},\n",
                rng.u8(..9),
                rng.u8(..50),
                rng.u8(..20),
                run(rng, BASE64, 86),
                rng.bool(),
            ),
        );
    }
    out.push_str("    \"\": {}\n  }\n}\n");
    out
}

/// The beginning of an image, and what compressed pixels look like.
pub(super) fn image(rng: &mut Rng) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let length = rng.usize(2_000..300_000);
    out.extend(std::iter::repeat_with(|| rng.u8(..)).take(length));
    out
}

/// What a packed chart looks like to who does not unpack it: the sign of gzip, and noise.
pub(super) fn archive(rng: &mut Rng) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let length = rng.usize(3_000..60_000);
    out.extend(std::iter::repeat_with(|| rng.u8(..)).take(length));
    out
}

/// A file that should not be there, each kind in turn, and its name.
pub(super) fn secret(rng: &mut Rng, number: usize) -> (&'static str, String) {
    match number % 4 {
        0 => (
            "secret.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\ndata:\n  password: {}\n",
                name(rng),
                run(rng, BASE64, 24),
            ),
        ),
        1 => (
            "node_key.json",
            format!(
                "{{\"priv_key\":{{\"type\":\"tendermint/PrivKeyEd25519\",\"value\":\"{}==\"}}}}\n",
                run(rng, BASE64, 86),
            ),
        ),
        2 => ("prod.env", format!("DB_HOST=db\nDB_PASSWORD={}\n", run(rng, HEX, 24))),
        _ => {
            let mut out = "-----BEGIN PRIVATE KEY-----\n".to_owned();
            for _ in 0..25 {
                push(&mut out, format_args!("{}\n", run(rng, BASE64, 64)));
            }
            out.push_str("-----END PRIVATE KEY-----\n");
            ("tls.key", out)
        }
    }
}

fn word(rng: &mut Rng) -> &'static str {
    NAMES[rng.usize(..NAMES.len())]
}

fn name(rng: &mut Rng) -> String {
    format!("{}-{}", word(rng), word(rng))
}

fn sentence(rng: &mut Rng) -> String {
    let count = rng.usize(4..14);
    let words = (0..count).map(|_| match rng.u8(0..5) {
        0 => word(rng),
        _ => WORDS[rng.usize(..WORDS.len())],
    });
    words.collect::<Vec<_>>().join(" ")
}

/// So many characters out of an alphabet.
fn run(rng: &mut Rng, alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(alphabet[rng.usize(..alphabet.len())])).collect()
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a String cannot fail");
}
