use super::*;

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tree
}

fn paths(paths: &[&str]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).collect()
}

#[test]
fn bases_and_components_are_followed_and_each_is_read_once() {
    let tree = tree(&[
        (
            "a/kustomization.yaml",
            "resources: [../base, s.yaml, https://example.com/x?ref=1, ../../out]\ncomponents: [../open]\n",
        ),
        ("a/s.yaml", ""),
        ("base/kustomization.yml", "resources:\n- s.yaml\n- ../a\n"),
        ("base/s.yaml", ""),
        ("open/Kustomization", "transformers: [open.yaml]\nbases: [../base/]\n"),
        (
            "open/open.yaml",
            "kind: A\nmetadata: {annotations: {config.kubernetes.io/function: 'exec: {path: ksops}'}}\n",
        ),
    ]);
    let found = read_tree(tree.path(), Path::new("a")).unwrap();
    let files: Vec<_> = found.iter().map(|found| found.file.clone()).collect();
    assert_eq!(
        files,
        paths(&["a/kustomization.yaml", "base/kustomization.yml", "open/Kustomization"])
    );
    assert_eq!(found[0].resources, paths(&["a/s.yaml"]));
    assert_eq!(found[0].remote, ["https://example.com/x?ref=1", "../../out"]);
    assert_eq!(found[2].plugins, [("open/open.yaml".into(), Some("ksops".to_owned()))]);
}

#[test]
fn files_of_generators_and_patches_are_named() {
    let tree = tree(&[(
        "kustomization.yaml",
        "secretGenerator:\n- name: s\n  files: [a/b.yaml, key=c.enc]\n  envs: [d.env]\n  env: e.env\n\
         configMapGenerator:\n- name: c\n  files: [f.yaml]\n\
         patches:\n- path: g.yaml\n- patch: 'x: y'\npatchesStrategicMerge: [h.yaml, \"a: b\\n\"]\n\
         generators:\n- |\n  apiVersion: builtin\n  kind: A\n- |\n  apiVersion: v1\n  kind: A\n  metadata: {configFn: {exec: {path: ./x}}}\n",
    )]);
    let found = read_tree(tree.path(), Path::new("")).unwrap().remove(0);
    let keyed = |key: &str, path: &str| (key.to_owned(), PathBuf::from(path));
    assert_eq!(found.secret_files, [keyed("b.yaml", "a/b.yaml"), keyed("key", "c.enc")]);
    assert_eq!(found.secret_envs, paths(&["d.env"]));
    assert_eq!(found.patches, paths(&["g.yaml"]));
    let other = |field: &'static str, path: &str| (field, PathBuf::from(path));
    assert_eq!(
        found.others[..3],
        [
            other("env", "e.env"),
            other("configMapGenerator", "f.yaml"),
            other("patchesStrategicMerge", "h.yaml")
        ]
    );
    assert_eq!(found.plugins, [("kustomization.yaml".into(), Some("./x".to_owned()))]);
}

#[test]
fn what_is_no_kustomization_is_said() {
    let tree = tree(&[("a/x.yaml", ""), ("b/kustomization.yaml", "a: [")]);
    let error = read_tree(tree.path(), Path::new("a")).unwrap_err();
    assert_eq!(error.to_string(), "a: there is no kustomization.yaml in this folder");
    let error = read_tree(tree.path(), Path::new("b")).unwrap_err();
    assert!(error.to_string().starts_with("b/kustomization.yaml: "), "{error}");
    assert!(read_tree(tree.path(), Path::new("..")).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_not_followed() {
    let outside = tree(&[("kustomization.yaml", "resources: [secret.yaml]\n")]);
    let tree = tree(&[("kustomization.yaml", "resources: [link]\n")]);
    std::os::unix::fs::symlink(outside.path(), tree.path().join("link")).unwrap();
    let error = read_tree(tree.path(), Path::new("")).unwrap_err();
    assert!(error.to_string().contains("leads out of"), "{error}");
}
