//! Kubernetes Secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_guard::Rule;

use crate::{at, found, indented, node_key};

const READABLE: Rule = Rule::ReadableSecret;

const SEALED: &str =
    "ENC[AES256_GCM,data:YQ==,iv:YWFhYWFhYWFhYWFhYWFhYQ==,tag:YWFhYWFhYWFhYWFhYWFhYQ==,type:str]";

#[test]
fn every_readable_value_is_named() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  b64: aHVudGVyMg==\nstringData:\n  a: hunter2\n  b: |\n    hunter2\n  n: 5\n  t: true\n";
    assert_eq!(
        found(text),
        [
            at(5, r#"["data"]["b64"]"#, READABLE),
            at(7, r#"["stringData"]["a"]"#, READABLE),
            at(8, r#"["stringData"]["b"]"#, READABLE),
            at(10, r#"["stringData"]["n"]"#, READABLE),
            at(11, r#"["stringData"]["t"]"#, READABLE),
        ]
    );
}

#[test]
fn however_it_is_written() {
    let data = [at(1, r#"["data"]["a"]"#, READABLE)];
    assert_eq!(found(r#"{"kind":"Secret","data":{"a":"aHVudGVyMg=="}}"#), data);
    assert_eq!(found("{data: {a: hunter2}, kind: 'Secret'}"), data);
    // The kind comes last, behind a lot of data.
    let long = format!("data:\n  a: {}\nkind: Secret\n", "aHVudGVyMg".repeat(5000));
    assert_eq!(found(&long), [at(2, r#"["data"]["a"]"#, READABLE)]);
    // Before JSON's commas, with tabs, Windows line breaks, a byte order mark.
    assert_eq!(
        found("{\n\t\"kind\": \"Secret\",\n\t\"data\": {\n\t\t\"a\": \"aHVudGVyMg==\"\n\t}\n}\n")
            .len(),
        1
    );
    assert_eq!(
        found("\u{feff}kind: Secret\r\ndata:\r\n  a: hunter2\r\n"),
        [at(3, r#"["data"]["a"]"#, READABLE)]
    );
    // A later placeholder hides nothing.
    assert_eq!(found("kind: Secret\ndata:\n  a: hunter2\n  a: ${A}\n").len(), 1);
    assert_eq!(found("kind: Secret\ndata: {a: hunter2}\ndata: {}\n").len(), 1);
}

#[test]
fn wherever_it_stands() {
    let secret = "kind: Secret\nstringData:\n  a: hunter2\n";
    assert_eq!(
        found(&format!("kind: ConfigMap\n---\n{secret}")),
        [at(5, r#"["stringData"]["a"]"#, READABLE)]
    );
    let list = format!("kind: List\nitems:\n-\n{}", indented(secret, "  "));
    assert_eq!(found(&list), [at(6, r#"["items"][0]["stringData"]["a"]"#, READABLE)]);
    let list = "kind: SecretList\nitems:\n- stringData:\n    a: hunter2\n";
    assert_eq!(found(list), [at(4, r#"["items"][0]["stringData"]["a"]"#, READABLE)]);
    let patch = format!("patches:\n- patch: |-\n{}", indented(secret, "    "));
    assert_eq!(
        found(&patch),
        [at(5, r#"["patches"][0]["patch"] > ["stringData"]["a"]"#, READABLE)]
    );
    let folded = r#"patch: "kind: Secret\nstringData:\n  a: hunter2\n""#;
    assert_eq!(found(folded), [at(1, r#"["patch"] > ["stringData"]["a"]"#, READABLE)]);
    let encoded = format!("payload: {}\n", STANDARD.encode(format!("{secret}# some more words\n")));
    assert_eq!(found(&encoded), [at(1, r#"["payload"]"#, READABLE)]);
}

#[test]
fn through_aliases() {
    let text = "x: &a hunter2\nkind: Secret\nstringData:\n  a: *a\n";
    assert_eq!(found(text), [at(4, r#"["stringData"]["a"]"#, READABLE)]);
    let text = "x: &a {k: hunter2}\nkind: Secret\nstringData: *a\n";
    assert_eq!(found(text), [at(3, r#"["stringData"]"#, READABLE)]);
}

#[test]
fn in_a_broken_stream_and_in_a_template() {
    let text = "a: [\n---\nkind: Secret\nstringData:\n  a: hunter2\n---\n\tb: c\n";
    assert_eq!(found(text), [at(5, r#"["stringData"]["a"]"#, READABLE)]);
    let text = "{{- if .Values.on }}\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-x\nstringData:\n  a: hunter2\n  b: {{ .Values.b | quote }}\n  c: \"{{ .Values.c }}\"\n{{- end }}\n";
    assert_eq!(found(text), [at(6, r#"["stringData"]["a"]"#, READABLE)]);
}

#[test]
fn values_that_are_no_secret_pass() {
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    let data = |value: &str| format!("kind: Secret\ndata:\n  a: {}\n", STANDARD.encode(value));
    for text in [
        "kind: Secret\ndata: {}\n",
        "kind: Secret\ndata: null\nstringData:\n",
        "kind: Secret\nstringData: {a: '', b: null, c: ~, d: }\n",
        "kind: Secret\nstringData: {a: '${A}', b: $(B), c: '{{ .c }}', d: <replace-me>}\n",
        "kind: Secret\nstringData: {a: 'vault:secret/data/a#b', b: 'op://a/b/c'}\n",
        "kind: Secret\nmetadata: {annotations: {a: hunter2}}\n",
        &data(""),
        &data("<replace-me>"),
        &data("${PASSWORD}\n"),
        &data(pem),
        &format!("kind: Secret\nstringData:\n  ca.crt: |\n{}", indented(pem, "    ")),
        &format!("kind: Secret\ndata:\n  a: {SEALED}\n"),
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn other_kinds_pass() {
    for kind in
        ["SealedSecret", "ExternalSecret", "SecretStore", "SecretProviderClass", "ConfigMap"]
    {
        let text = format!(
            "kind: {kind}\nspec:\n  encryptedData: {{a: AgBy3i4OJSWK}}\n  template:\n    data: {{a: '{{{{ .a }}}}'}}\ndata: {{a: hunter2}}\n"
        );
        assert_eq!(found(&text), [], "{kind}");
    }
    // References.
    assert_eq!(found("target: {kind: Secret, name: a}\n"), []);
    assert_eq!(found("env:\n- valueFrom: {secretKeyRef: {name: a, key: password}}\n"), []);
    assert_eq!(found("a Secret of this kind has `data: hunter2`\n"), []);
}

#[test]
fn a_damaged_token_is_no_seal() {
    let damaged = [at(3, r#"["data"]["a"]"#, Rule::DamagedSeal)];
    for text in [
        format!("{SEALED}hunter2"),
        SEALED.replace("type:str", "type:text"),
        SEALED.replace("tag:", "tag:A"),
    ] {
        assert_eq!(found(&format!("kind: Secret\ndata:\n  a: '{text}'\n")), damaged, "{text}");
    }
    assert_eq!(found(&format!("kind: Secret\ndata:\n  a: 'hunter2 {SEALED}'\n")).len(), 1);
}

#[test]
fn a_key_in_a_secret_is_reported_as_what_it_is() {
    let text =
        format!("kind: Secret\nstringData:\n  node_key.json: '{}'\n  pw: hunter2\n", node_key(1));
    assert_eq!(
        found(&text),
        [
            at(3, r#"["stringData"]["node_key.json"] > ["priv_key"]["value"]"#, Rule::ValidatorKey),
            at(4, r#"["stringData"]["pw"]"#, READABLE),
        ]
    );
    let findings = bulla_guard::judge("a.yaml", text.as_bytes());
    assert_eq!(findings[0].fix, "bulla encrypt -i a.yaml");
    let text = format!("kind: Secret\ndata:\n  node_key.json: {}\n", STANDARD.encode(node_key(1)));
    assert_eq!(found(&text), [at(3, r#"["data"]["node_key.json"]"#, Rule::ValidatorKey)]);
}
