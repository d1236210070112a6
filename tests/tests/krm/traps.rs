//! The traps of kustomize: what it does by itself, so that a new version that does
//! otherwise is noticed, and what the plugin does about each.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bulla_core::{Format, Recipe, seal};
use bulla_testkit::{Sandbox, binary, keys};
use bulla_tests::sealing::{NOW, keyring, recipe};

use crate::{
    PASSWORD, build, config, each_kustomize, failed_in_silence, link, sealed, secret, with_plugin,
};

/// A transformer and one resource.
fn transformed(sandbox: &Sandbox, resource: &str, options: &str) {
    sandbox.write("app/kustomization.yaml", "resources: [s.yaml]\ntransformers: [open.yaml]\n");
    sandbox.write("app/s.yaml", resource);
    sandbox.write("app/open.yaml", config(options));
}

/// `bulla krm render`, with this kustomize on its `PATH`.
fn render(sandbox: &Sandbox, kustomize: &Path, folder: &str) -> bulla_testkit::Run {
    let _ = fs::create_dir_all(sandbox.path("bin"));
    let _ = std::os::unix::fs::symlink(kustomize, sandbox.path("bin/kustomize"));
    let mut command = sandbox.command(binary("bulla"));
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    command.env("PATH", path).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    sandbox.run(command.args(["krm", "render", folder]))
}

/// Trap 2: with one flag of the two, a transformer lets ciphertext through. The plugin
/// is not started, so `render` has to see to it.
#[test]
fn without_enable_exec_ciphertext_goes_through() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        transformed(&sandbox, &sealed(&secret("s")), "");
        let mut command = with_plugin(&sandbox, &kustomize);
        let run = sandbox.run(command.args(["build", "--enable-alpha-plugins", "app"])).ok();
        assert!(run.out().contains("ENC[AES256_GCM,"), "kustomize {version}: {}", run.out());

        let run = sandbox.run(with_plugin(&sandbox, &kustomize).args(["build", "app"]));
        failed_in_silence(run, &[PASSWORD]);

        let run = render(&sandbox, &kustomize, "app").ok();
        assert!(run.out().contains(PASSWORD), "kustomize {version}");
    }
}

/// Trap 5: `args` in a config are an error before kustomize 5.7; none are needed.
#[test]
fn the_plugin_is_started_without_arguments_under_any_name() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        sandbox.write("app/kustomization.yaml", "generators: [open.yaml]\n");
        sandbox.write("app/open.yaml", config("files: [s.yaml]\n").replace("bulla-krm", "./any"));
        sandbox.write("app/s.yaml", sealed(&secret("s")));
        link(&sandbox, "app/any");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app")).ok();
        assert_eq!(run.out(), secret("s"), "kustomize {version}");
    }
}

/// Trap 6: results are ignored; the exit code and standard error are all that counts.
/// Trap 7: an empty output that succeeds deletes every resource.
#[test]
fn an_empty_output_deletes_everything_so_there_is_none() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        transformed(&sandbox, &secret("s"), "");
        sandbox.write("app/open.yaml", config("").replace("bulla-krm", "./empty"));
        let empty = sandbox.write("app/empty", "#!/bin/sh\ncat > /dev/null\n");
        fs::set_permissions(empty, fs::Permissions::from_mode(0o755)).expect("its own file");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app")).ok();
        assert_eq!(run.out().trim(), "", "kustomize {version}");

        let run = render(&sandbox, &kustomize, "app");
        assert!(failed_in_silence(run, &[PASSWORD]).err().contains("starts ./empty"));
    }
    let sandbox = Sandbox::new();
    let input = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig: {kind: Open, metadata: {name: open}}\n";
    let run = failed_in_silence(crate::plugin(&sandbox, "", input), &[]);
    assert!(run.err().contains("there is nothing to do"), "{}", run.err());
}

/// Trap 8: without the annotations of kustomize's own, references no longer follow a
/// prefix; they are kept, and what is only for the way is gone at the end.
#[test]
fn references_follow_the_names_of_opened_resources() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        transformed(&sandbox, &sealed(&secret("s")), "");
        sandbox.write("app/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  volumes:\n  - name: v\n    secret:\n      secretName: s\n");
        sandbox.write(
            "app/kustomization.yaml",
            "resources: [s.yaml, pod.yaml]\ntransformers: [open.yaml]\nnamePrefix: pre-\n",
        );
        sandbox.write("top/kustomization.yaml", "resources: [../app]\nnameSuffix: -suf\n");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "top")).ok();
        assert!(run.out().contains("secretName: pre-s-suf\n"), "{version}: {}", run.out());
        assert!(!run.out().contains("internal.config"), "{version}: {}", run.out());
    }
}

/// Trap 9: kustomize takes a List apart and loses the `sops` block beside its items;
/// Flux would apply what is left.
#[test]
fn a_list_whose_sops_block_was_lost_is_refused() {
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: c}}\n  data: {{k: {PASSWORD}}}\n"
    );
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        transformed(&sandbox, &sealed(&list), "");
        let plain = sandbox.run(with_plugin(&sandbox, &kustomize).args(["build", "app"]));
        failed_in_silence(plain, &[PASSWORD]);
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(run.err().contains("ConfigMap/c, [\"data\"][\"k\"]"), "{version}: {}", run.err());
    }
}

/// What nobody sees: a sealed value that kustomize put into base64.
#[test]
fn a_sealed_value_in_base64_is_refused() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        transformed(&sandbox, &secret("s"), "");
        let sealed = sealed(&secret("s"));
        let token = sealed.lines().find(|line| line.contains("ENC[AES256_GCM,")).expect("a token");
        let token = token.split_once(": ").expect("a value").1;
        sandbox.write(
            "app/kustomization.yaml",
            format!("secretGenerator: [{{name: g, literals: ['k={token}']}}]\ntransformers: [open.yaml]\n"),
        );
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(
            run.err().contains("[\"data\"][\"k\"]: this still holds a sealed value"),
            "{version}: {}",
            run.err()
        );
    }
}

/// A file of variables that kustomize took apart: the values are authenticated by
/// name, and one that is readable among them is refused.
#[test]
fn a_readable_value_beside_sealed_variables_is_refused() {
    let env = format!("B={PASSWORD}\nA=x\n");
    let env = seal(&env, Format::Dotenv, &recipe(), &keyring(), NOW).expect("sealed").text;
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let tree = |generator: &str, options: &str| {
            sandbox.write("app/s.env", &env);
            sandbox.write("app/open.yaml", config(options));
            let text =
                format!("secretGenerator: [{{name: g, {generator}}}]\ntransformers: [open.yaml]\n");
            sandbox.write("app/kustomization.yaml", text);
            sandbox.run(&mut build(&sandbox, &kustomize, "app"))
        };
        let run = failed_in_silence(tree("envs: [s.env], literals: [c=d]", ""), &[PASSWORD]);
        assert!(
            run.err().contains("[\"c\"]: this value is not sealed"),
            "{version}: {}",
            run.err()
        );
        // It was not in alphabetical order, which the MAC covers.
        let run = failed_in_silence(tree("envs: [s.env]", "mac: require\n"), &[PASSWORD]);
        assert!(run.err().contains("its MAC cannot be checked"), "{version}: {}", run.err());
        assert!(tree("envs: [s.env]", "").ok().err().contains("without checking the MAC"));
    }
}

/// Whatever is sealed as a whole, its name included, is refused by its place: kustomize
/// cannot name it, and some versions crash on it.
#[test]
fn a_sealed_name_is_no_name() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let recipe = Recipe { kubernetes: Some(false), ..recipe() };
        let sealed = seal(&secret("s"), Format::Yaml, &recipe, &keyring(), NOW).expect("sealed");
        assert!(sealed.text.contains("name: ENC["), "{}", sealed.text);
        transformed(&sandbox, &sealed.text, "");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app"));
        if run.code == 0 {
            assert_eq!(run.out(), secret("s"), "kustomize {version}");
        } else {
            failed_in_silence(run, &[PASSWORD]);
        }
    }
}

/// A value of another key is found out, whatever the MAC.
#[test]
fn values_that_were_swapped_are_refused() {
    let text = format!("{}  other: unlike\n", secret("s"));
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        let sealed = sealed(&text)
            .replace("  password: ", "  swapped: ")
            .replace("  other: ", "  password: ");
        transformed(&sandbox, &sealed.replace("  swapped: ", "  other: "), "");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(run.err().contains("this value was changed"), "{version}: {}", run.err());
    }
}

/// The validators field hands the output to others, and kustomize prints it all when it
/// differs: the plugin has no place there.
#[test]
fn in_the_place_of_a_validator_nothing_is_printed() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        transformed(&sandbox, &sealed(&secret("s")), "");
        sandbox.write("app/kustomization.yaml", "resources: [s.yaml]\nvalidators: [open.yaml]\n");
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "app"));
        assert_ne!(run.code, 0, "kustomize {version}");
        assert_eq!(run.out(), "", "kustomize {version}");
    }
}
