//! Every way to fail under kustomize: a code that is not 0, nothing on standard
//! output, no secret on standard error.

use std::os::unix::fs::symlink;

use bulla_testkit::{Run, Sandbox, keys};

use crate::{PASSWORD, build, config, each_kustomize, failed_in_silence, sealed, secret};

/// Builds `tree/` with each kustomize after `change`; all must fail and say `part`.
#[track_caller]
fn refused(files: &str, part: &str, change: impl Fn(&Sandbox)) {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        sandbox.write("tree/kustomization.yaml", "generators: [open.yaml]\n");
        sandbox.write("tree/open.yaml", config(files));
        sandbox.write("tree/a.enc.yaml", sealed(&secret("a")));
        change(&sandbox);
        let run = sandbox.run(&mut build(&sandbox, &kustomize, "tree"));
        let run = failed_in_silence(run, &[PASSWORD]);
        let shown = sandbox.normalise(run.err());
        let said = shown.lines().any(|line| line.starts_with("bulla-krm: ") && line.contains(part));
        assert!(said, "kustomize {version} does not show {part:?}:\n{shown}");
    }
}

#[test]
fn a_file_that_is_not_there() {
    refused(
        "files: [gone.enc.yaml]\n",
        "gone.enc.yaml: there is no such file below [SANDBOX]/work/tree, the folder that this function was started in",
        |_| {},
    );
}

#[test]
fn a_file_outside_of_the_root() {
    let outside = |sandbox: &Sandbox| drop(sandbox.write("b.enc.yaml", sealed(&secret("b"))));
    let part = "../b.enc.yaml: this leads out of [SANDBOX]/work/tree";
    refused("files: [../b.enc.yaml]\n", part, outside);
}

#[test]
fn a_link_that_leads_outside_of_the_root() {
    refused("files: [link.enc.yaml]\n", "link.enc.yaml: this leads out of", |sandbox| {
        sandbox.write("b.enc.yaml", sealed(&secret("b")));
        symlink("../b.enc.yaml", sandbox.path("tree/link.enc.yaml")).unwrap();
    });
}

#[test]
fn a_value_that_was_changed() {
    refused(
        "files: [a.enc.yaml]\n",
        "[\"stringData\"][\"password\"]: this value was changed",
        |sandbox| {
            let text = sandbox.read_text("tree/a.enc.yaml");
            let at = text.find("ENC[AES256_GCM,data:").unwrap() + "ENC[AES256_GCM,data:".len();
            let other = if text[at..].starts_with('A') { "B" } else { "A" };
            let text = [&text[..at], other, &text[at + 1..]].concat();
            sandbox.write("tree/a.enc.yaml", text);
        },
    );
}

#[test]
fn a_readable_field_that_was_changed() {
    refused("files: [a.enc.yaml]\n", "a.enc.yaml: the MAC does not match", |sandbox| {
        let text = sandbox.read_text("tree/a.enc.yaml").replace("name: a", "name: b");
        sandbox.write("tree/a.enc.yaml", text);
    });
}

#[test]
fn a_value_that_was_put_back_in_the_clear() {
    refused(
        "files: [a.enc.yaml]\n",
        "[\"stringData\"][\"password\"]: this value is not sealed",
        |sandbox| {
            let text = sandbox.read_text("tree/a.enc.yaml");
            let line = text.lines().find(|line| line.contains("password: ENC[")).unwrap();
            let text = text.replace(line, &format!("  password: {PASSWORD}"));
            sandbox.write("tree/a.enc.yaml", text);
        },
    );
}

#[test]
fn a_file_that_is_not_sealed() {
    refused("files: [plain.yaml]\n", "plain.yaml: there is no `sops` block", |sandbox| {
        sandbox.write("tree/plain.yaml", secret("a"));
    });
}

#[test]
fn a_sealed_value_that_is_sealed_again() {
    refused(
        "files: [b.enc.yaml]\n",
        "[\"stringData\"][\"password\"]: this still holds a sealed value",
        |sandbox| {
            let inner = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]";
            sandbox.write("tree/b.enc.yaml", sealed(&secret("b").replace(PASSWORD, inner)));
        },
    );
}

#[test]
fn one_bad_file_among_good_ones() {
    refused(
        "files: [a.enc.yaml, gone.yaml, a.enc.yaml]\n",
        "gone.yaml: there is no such file",
        |_| {},
    );
}

#[test]
fn a_config_that_does_nothing() {
    refused("", "SealedFiles/open: there is nothing to do", |_| {});
    refused("files: []\n", "there is nothing to do", |_| {});
}

#[test]
fn a_config_that_means_nothing() {
    refused(
        "secretFrom: [{metadata: {name: b}, file: [a.enc.yaml]}]\n",
        "secretFrom: there is no field file; did you mean files?",
        |_| {},
    );
    refused("file: [a.enc.yaml]\n", "there is no field file; did you mean files?", |_| {});
    refused("files: a.enc.yaml\n", "files is not a list", |_| {});
    refused(
        "files: [a.enc.yaml]\nallowOutsideRoot: 1\n",
        "allowOutsideRoot is neither true nor false",
        |_| {},
    );
}

/// kustomize prints a resource that has one of these, Secret or not.
#[test]
fn a_character_that_makes_kustomize_show_the_secret() {
    let part = "[\"stringData\"][\"password\"]: this text has a control character";
    refused("files: [b.enc.yaml]\n", part, |sandbox| {
        let text = secret("b").replace(PASSWORD, &format!("\"{PASSWORD}\\x7f\""));
        sandbox.write("tree/b.enc.yaml", sealed(&text));
    });
}

/// The trap itself: this is why the two flags belong together.
#[test]
fn without_enable_exec_kustomize_leaves_the_secret_out_and_says_nothing() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        sandbox.write("tree/kustomization.yaml", "generators: [open.yaml]\n");
        sandbox.write("tree/open.yaml", config("files: [a.enc.yaml]\n"));
        sandbox.write("tree/a.enc.yaml", sealed(&secret("a")));
        let mut command = crate::with_plugin(&sandbox, &kustomize);
        let run = sandbox.run(command.args(["build", "--enable-alpha-plugins", "tree"])).ok();
        assert_eq!(run.out().trim(), "", "kustomize {version}");
    }
}

/// A generator beside a base in one kustomization.
fn beside_a_base(kustomize: &std::path::Path) -> (Sandbox, Run) {
    let sandbox = Sandbox::new();
    sandbox.write("base/kustomization.yaml", "resources: [config.yaml]\n");
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n";
    sandbox.write("base/config.yaml", config_map);
    sandbox.write("top/kustomization.yaml", "resources: [../base]\ngenerators: [open.yaml]\n");
    sandbox.write("top/open.yaml", config("files: [a.enc.yaml]\n"));
    sandbox.write("top/a.enc.yaml", sealed(&secret("a")));
    let run = sandbox.run(&mut build(&sandbox, kustomize, "top"));
    (sandbox, run)
}

#[test]
fn before_kustomize_5_a_generator_beside_a_base_starts_in_the_base_and_says_so() {
    for (version, kustomize) in each_kustomize() {
        let (sandbox, run) = beside_a_base(&kustomize);
        if !version.starts_with("4.") {
            assert!(run.ok().out().contains(PASSWORD), "kustomize {version}");
            continue;
        }
        let run = failed_in_silence(run, &[PASSWORD]);
        let shown = sandbox.normalise(run.err());
        for part in ["below [SANDBOX]/work/base,", "before kustomize 5.0: only if it lists no base"]
        {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
    }
}

#[test]
fn no_key_at_all() {
    for (_, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        sandbox.write("tree/kustomization.yaml", "generators: [open.yaml]\n");
        sandbox.write("tree/open.yaml", config("files: [a.enc.yaml]\n"));
        sandbox.write("tree/a.enc.yaml", sealed(&secret("a")));
        let mut command = build(&sandbox, &kustomize, "tree");
        let run = sandbox.run(command.env_remove("SOPS_AGE_KEY_FILE"));
        let run = failed_in_silence(run, &[PASSWORD]);
        assert!(run.err().contains(keys::age_recipient()), "{}", run.err());
    }
}
