use super::*;

fn read(text: &str) -> Result<Config, String> {
    let stream = Stream::parse(text).unwrap();
    let root = stream.documents()[0].root.unwrap();
    Config::read(&stream, root).map_err(|problem| problem.to_string())
}

#[test]
fn a_config_of_ksops_is_read_as_it_is() {
    let config = read(
        "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: g}\nfiles: [./a.enc.yaml]\n\
         secretFrom:\n- metadata:\n    name: n\n    namespace: ns\n    annotations:\n      \
         kustomize.config.k8s.io/needs-hash: 'true'\n  type: Opaque\n  files: [k=./b.enc.conf]\n  \
         binaryFiles: [./c.enc]\n  envs: [./d.enc.env]\n",
    )
    .unwrap();
    assert_eq!(config.files, ["./a.enc.yaml"]);
    let secret = &config.secrets[0];
    assert_eq!((secret.name.as_str(), secret.namespace.as_deref()), ("n", Some("ns")));
    assert_eq!(secret.annotations.len(), 1);
    assert_eq!(secret.kind.as_deref(), Some("Opaque"));
    assert_eq!(secret.files[0].key, "k");
    assert_eq!(secret.binary_files[0].key, "c.enc");
    assert_eq!(secret.envs, ["./d.enc.env"]);
    assert!(config.generates());
}

#[test]
fn a_config_without_files_opens_what_is_there() {
    let config = read("kind: Open\nmac: require\nallowInPlace: true\nmaxFileMiB: 32\n").unwrap();
    assert!(!config.generates());
    assert_eq!(config.mac, MacPolicy::Require);
    assert!(config.allow_in_place);
    assert_eq!(config.file_limit, 32 << 20);
}

#[test]
fn options_may_come_in_a_config_map() {
    let config = read("kind: ConfigMap\ndata: {mac: require, allowInPlace: 'true'}\n").unwrap();
    assert_eq!((config.mac, config.allow_in_place), (MacPolicy::Require, true));
    assert!(read("kind: Other\ndata: {mac: require}\n").is_err());
}

#[test]
fn what_is_not_meant_is_refused_with_what_might_be() {
    let cases = [
        ("file: [a]", "did you mean files?"),
        ("secretFrom: [{metadata: {name: a}, file: [a]}]", "did you mean files?"),
        ("secretFrom: [{metadata: {nam: a}, files: [a]}]", "did you mean name?"),
        ("secretFrom: [{files: [a]}]", "without metadata.name"),
        ("secretFrom: [{metadata: {name: a}}]", "names no files"),
        ("secretFrom: [{metadata: {name: a}, files: [a=b=c]}]", "neither a path nor key=path"),
        ("secretFrom: [{metadata: {name: 1}, files: [a]}]", "name is not a text"),
        ("files: a", "files is not a list"),
        ("files: [1]", "files has an item that is not a path"),
        ("mac: never", "mac is neither auto nor require"),
        ("allowInPlace: maybe", "allowInPlace is neither true nor false"),
        ("maxFileMiB: 0", "maxFileMiB is not a number from 1"),
        ("maxFileMiB: 4096", "maxFileMiB is not a number from 1"),
    ];
    for (text, expected) in cases {
        let message = read(&format!("kind: K\nmetadata: {{name: n}}\n{text}\n")).unwrap_err();
        assert!(message.contains(expected), "{text}: {message}");
        assert!(message.starts_with("K/n: "), "{message}");
    }
}
