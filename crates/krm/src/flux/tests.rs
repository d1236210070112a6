use super::*;

/// A file as it looks sealed; no key is needed to look at it.
fn sealed(text: &str) -> String {
    let token = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YWFhYWFhYWFhYWFhYWFhYQ==,type:str]";
    format!(
        "{}sops:\n    age:\n        - recipient: age1\n          enc: x\n    lastmodified: \"2026-11-20T10:56:18Z\"\n    mac: {token}\n    encrypted_regex: ^(data|stringData)$\n    version: 3.13.1\n",
        text.replace("SEALED", token)
    )
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  k: SEALED\n";

fn tree(files: &[(&str, String)]) -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tree
}

/// What is said of `path` when `app` is applied.
#[track_caller]
fn fate(files: &[(&str, String)], path: &str) -> Option<String> {
    let tree = tree(files);
    let verdicts = Applied::read(tree.path(), Path::new("./app")).unwrap().verdicts();
    let verdict = verdicts.into_iter().find(|verdict| verdict.path == Path::new(path))?;
    Some(match verdict.fate {
        Fate::Opened(what) => format!("opened: {what}"),
        Fate::Unused => "unused".into(),
        Fate::Fault(reason) => reason,
    })
}

fn kustomization(text: &str) -> (&'static str, String) {
    ("app/kustomization.yaml", text.to_owned())
}

#[test]
fn what_the_controller_opens() {
    let opened = |kustomization_text: &str, path: &str, text: String| {
        fate(&[kustomization(kustomization_text), (path, text)], path)
    };
    let found = opened("resources: [s.yaml]\n", "app/s.yaml", sealed(SECRET));
    assert_eq!(found.as_deref(), Some("opened: a resource"));
    let found = opened("resources: [../s.yaml]\n", "s.yaml", sealed(SECRET));
    assert_eq!(found.as_deref(), Some("opened: a resource"));
    let text = "secretGenerator: [{name: a, files: [c.yaml=s.enc]}]\n";
    let found = opened(text, "app/s.enc", sealed("a: SEALED\n"));
    assert_eq!(found.as_deref(), Some("opened: a value of a Secret"));
    let text = "secretGenerator: [{name: a, files: [c.json=s.yaml]}]\n";
    let found = opened(text, "app/s.yaml", sealed("a: SEALED\n"));
    assert_eq!(
        found.as_deref(),
        Some("opened: a value of a Secret, in the format that its key says")
    );
    let found = opened("patches: [{path: p.yaml}]\n", "app/p.yaml", sealed(SECRET));
    assert!(found.unwrap().starts_with("opened: a patch"));
    let plain = opened("resources: [s.yaml]\n", "app/s.yaml", SECRET.into());
    assert_eq!(plain, None);
}

#[test]
fn what_it_does_not_open() {
    let cases = [
        (
            "configMapGenerator: [{name: a, files: [s.yaml]}]",
            sealed("a: SEALED\n"),
            "configMapGenerator names it",
        ),
        (
            "secretGenerator: [{name: a, files: [key=s.yaml]}]",
            sealed("a: SEALED\n"),
            "which says binary, and it is yaml",
        ),
        ("resources: [s.yaml]", sealed(&SECRET.replace("Secret", "SecretList")), "it is a List"),
        (
            "resources: [s.yaml]",
            sealed(&SECRET.replace("name: s", "name: SEALED")),
            "[\"metadata\"][\"name\"] is sealed",
        ),
        (
            "resources: [s.yaml]",
            sealed(&SECRET.replace(
                "name: s",
                "name: s\n  annotations: {kustomize.toolkit.fluxcd.io/decrypt: disabled}",
            )),
            "keeps the controller away",
        ),
        (
            "resources: [s.yaml]",
            sealed(&SECRET.replace("SEALED", "hunter2")),
            "[\"data\"][\"k\"] is readable and should be sealed",
        ),
        (
            "secretGenerator: [{name: a, files: [s.yaml]}]",
            sealed(&format!("a: {}\n", "x".repeat(5 << 20))),
            "larger than 5 MiB",
        ),
        (
            "secretGenerator: [{name: a, files: [s.yaml]}]",
            format!("a: {}\n", "x".repeat(5 << 20)),
            "larger than 5 MiB",
        ),
        (
            "secretGenerator: [{name: a, envs: [s.yaml]}]",
            "a=ENC[AES256_GCM,data:]\nsops_mac=ENC[AES256_GCM,data:]\n".into(),
            "takes it for yaml by its name, and it is dotenv",
        ),
        (
            "secretGenerator: [{name: a, env: s.yaml}]",
            sealed("a: SEALED\n"),
            "env names it, and the controller does not open",
        ),
        (
            "patchesStrategicMerge: [s.yaml]",
            sealed(SECRET),
            "patchesStrategicMerge names it, and the controller does not open",
        ),
        (
            "patchesJson6902: [{path: s.yaml, target: {kind: Secret, name: s}}]",
            sealed(SECRET),
            "patchesJson6902 names it, and the controller does not open",
        ),
        ("resources: []", sealed(SECRET), "unused"),
    ];
    for (text, file, expected) in cases {
        let found = fate(&[kustomization(text), ("app/s.yaml", file)], "app/s.yaml").unwrap();
        assert!(found.contains(expected), "{text}: {found}");
    }
}

#[test]
fn a_plugin_stops_the_whole_build() {
    let generator = "kind: ksops\nmetadata: {annotations: {config.kubernetes.io/function: 'exec: {path: ksops}'}}\nfiles: [s.yaml]\n";
    let files = [kustomization("generators: [open.yaml]"), ("app/open.yaml", generator.into())];
    let found = fate(&files, "app/open.yaml").unwrap();
    assert!(found.contains("starts a plugin (ksops), and the controller runs none"), "{found}");
}

#[test]
fn without_a_kustomization_every_manifest_is_applied() {
    let files = [
        ("app/a/s.yaml", sealed(SECRET)),
        ("app/b/kustomization.yaml", "resources: []".into()),
        ("app/b/t.yaml", sealed(SECRET)),
    ];
    assert_eq!(fate(&files, "app/a/s.yaml").as_deref(), Some("opened: a resource"));
    assert_eq!(fate(&files, "app/b/t.yaml").as_deref(), Some("unused"));
}

#[test]
fn a_kustomization_of_flux_has_to_say_how_to_open() {
    let object = |more: &str| {
        let text = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a}}\nspec:\n  path: ./app\n{more}"
        );
        [
            kustomization("resources: [s.yaml]"),
            ("app/s.yaml", sealed(SECRET)),
            ("flux/a.yaml", text),
        ]
    };
    let found = fate(&object(""), "flux/a.yaml").unwrap();
    assert!(found.contains("without spec.decryption"), "{found}");
    assert_eq!(fate(&object("  decryption: {provider: sops}\n"), "flux/a.yaml"), None);
}
