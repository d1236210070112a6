//! yaml and core do no input or output, know no clock, environment or process, and
//! depend on nothing that does more than they may. The guard cannot decrypt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::peers::workspace_root;

/// What a crate without input and output has no use for.
const BANNED: [&str; 24] = [
    "async-std",
    "aws-config",
    "curl",
    "duct",
    "futures-util",
    "h2",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "os_pipe",
    "portable-pty",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tonic",
    "ureq",
    "which",
    "nix",
    "rustix",
];

/// What belongs to services that hold keys: their clients, and what these need.
const OF_SERVICES: [&str; 12] = [
    "aws-",
    "azure_",
    "google-cloud",
    "http",
    "hyper",
    "reqwest",
    "ring",
    "rustify",
    "rustls",
    "tokio",
    "url",
    "vaultrs",
];

fn dependencies(package: &str) -> Vec<String> {
    dependencies_with(package, &[])
}

fn dependencies_with(package: &str, features: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace_root())
        .args(["tree", "--offline", "--prefix", "none", "--edges", "normal", "--format", "{p}"])
        .args(["--package", package])
        .args(features)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let names: Vec<_> =
        text.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
    assert!(names.iter().any(|name| name == package), "{package} is not in its own tree");
    names
}

#[test]
fn yaml_and_core_depend_on_no_runtime_network_or_process_crate() {
    for package in ["bulla-yaml", "bulla-core"] {
        let found: Vec<_> = dependencies(package)
            .into_iter()
            .filter(|name| BANNED.contains(&name.as_str()))
            .collect();
        assert!(found.is_empty(), "{package} depends on {found:?}");
    }
}

#[test]
fn the_guard_has_no_keys() {
    let dependencies = dependencies("bulla-guard");
    for absent in ["bulla-keys", "age"] {
        assert!(!dependencies.iter().any(|name| name == absent), "bulla-guard depends on {absent}");
    }
}

#[test]
fn core_and_guard_know_no_service_that_holds_keys() {
    let of_services = |name: &String| {
        // rustls-pki-types only reads PEM.
        OF_SERVICES.iter().any(|begin| name.starts_with(begin)) && name != "rustls-pki-types"
    };
    for package in ["bulla-yaml", "bulla-core", "bulla-guard"] {
        let found: Vec<_> = dependencies(package).into_iter().filter(of_services).collect();
        assert!(found.is_empty(), "{package} depends on {found:?}");
    }
    // The filter finds them where they are.
    assert!(dependencies("bulla").iter().any(of_services));
    let lean = dependencies_with("bulla", &["--no-default-features"]);
    let found: Vec<_> = lean.into_iter().filter(of_services).collect();
    assert!(found.is_empty(), "bulla with age alone depends on {found:?}");
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn yaml_and_core_name_nothing_that_reaches_outside() {
    let outside = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "SystemTime::now",
        "std::io",
        "Instant::now",
    ];
    for name in ["yaml", "core"] {
        let mut files = Vec::new();
        sources(&workspace_root().join("crates").join(name).join("src"), &mut files);
        assert!(files.len() > 5, "the sources of {name} were not found");
        for file in files {
            // A buffer over bytes that are there already.
            let text = fs::read_to_string(&file).unwrap().replace("std::io::BufReader", "");
            for word in outside {
                assert!(!text.contains(word), "{} names {word}", file.display());
            }
        }
    }
}
