//! How an edit ends when nobody is asked anything.

use std::fs;

use bulla_testkit::{binary, keys};

use crate::common::{PLAIN, edit, nothing_is_left, opened_by_sops, script, sealed, with_key};

#[test]
fn what_is_saved_is_sealed_and_the_rest_stays_as_it_is() {
    let sandbox = sealed();
    let before = sandbox.read_text("x.yaml");
    script(&sandbox, "sed -i s/alice/bob/ \"$1\"");
    let run = edit(&sandbox, &["x.yaml"]).ok();
    assert!(run.stdout.is_empty() && run.stderr.is_empty(), "{}", run.err());
    let after = sandbox.read_text("x.yaml");
    let line = |text: &str, start: &str| {
        text.lines().find(|line| line.starts_with(start)).expect("it is there").to_owned()
    };
    assert_ne!(line(&before, "user:"), line(&after, "user:"));
    assert_eq!(line(&before, "password:"), line(&after, "password:"));
    let mut bulla = with_key(&sandbox, &binary("bulla"));
    let opened = sandbox.run(bulla.args(["decrypt", "x.yaml"])).ok();
    assert_eq!(opened.out(), PLAIN.replace("alice", "bob"));
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("user: bob\n"));
    nothing_is_left(&sandbox);
}

#[test]
fn an_editor_that_writes_a_new_file_and_keeps_the_old_one_leaves_neither() {
    let sandbox = sealed();
    script(
        &sandbox,
        "sed s/alice/bob/ \"$1\" > \"$1.new\"; mv \"$1\" \"$1~\"; mv \"$1.new\" \"$1\"",
    );
    edit(&sandbox, &["x.yaml"]).ok();
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("bob"));
    nothing_is_left(&sandbox);
}

#[test]
fn nothing_changed_means_nothing_written() {
    let sandbox = sealed();
    let before = sandbox.read("x.yaml");
    script(&sandbox, "touch \"$1\"");
    let run = edit(&sandbox, &["x.yaml"]).exits(200);
    assert!(run.err().contains("nothing changed"), "{}", run.err());
    assert_eq!(sandbox.read("x.yaml"), before);
    nothing_is_left(&sandbox);
}

#[test]
fn an_editor_that_fails_or_is_killed_changes_nothing() {
    let sandbox = sealed();
    let before = sandbox.read("x.yaml");
    for end in ["exit 1", "kill -KILL $$", "kill -TERM $$"] {
        script(&sandbox, &format!("sed -i s/alice/bob/ \"$1\"; {end}"));
        let run = edit(&sandbox, &["x.yaml"]).exits(201);
        assert!(run.err().contains("the editor"), "{}", run.err());
        assert_eq!(sandbox.read("x.yaml"), before);
        nothing_is_left(&sandbox);
    }
}

#[test]
fn what_cannot_be_sealed_ends_with_its_reason_when_nobody_can_be_asked() {
    let sandbox = sealed();
    let before = sandbox.read("x.yaml");
    for (text, code) in [("a: [", 2), ("sops: {}", 203), ("", 92), ("- a", 2), ("a: 1\\na: 2", 2)] {
        script(&sandbox, &format!("printf '%b\\n' '{text}' > \"$1\""));
        let run = edit(&sandbox, &["x.yaml"]).exits(code);
        assert!(run.err().contains("press return"), "{}", run.err());
        assert_eq!(sandbox.read("x.yaml"), before, "{text}");
        nothing_is_left(&sandbox);
    }
}

#[test]
fn without_an_editor_nothing_is_opened() {
    let sandbox = sealed();
    script(&sandbox, "exit 0");
    let bulla = binary("bulla");
    for (editor, path) in
        [("no-such-editor", None), (" ", None), ("'open", None), ("", Some("/nowhere"))]
    {
        let mut command = with_key(&sandbox, &bulla);
        command.args(["edit", "x.yaml"]).env("EDITOR", editor);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        sandbox.run(&mut command).exits(201);
    }
    assert!(!sandbox.root().join("seen").exists());
}

#[test]
fn the_editor_of_sops_comes_first_and_takes_arguments() {
    let sandbox = sealed();
    script(&sandbox, "exit 1");
    let mut command = with_key(&sandbox, &binary("bulla"));
    command.args(["edit", "x.yaml"]).env("SOPS_EDITOR", "sed -i 's/alice/bob the builder/'");
    sandbox.run(&mut command).ok();
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("user: bob the builder"));
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_not_written_over() {
    let sandbox = sealed();
    let file = sandbox.path("x.yaml").display().to_string();
    script(&sandbox, &format!("sed -i s/alice/bob/ \"$1\"; echo '# pulled' >> {file}"));
    let run = edit(&sandbox, &["x.yaml"]).exits(3);
    assert!(run.err().contains("was changed while you edited it"), "{}", run.err());
    assert!(sandbox.read_text("x.yaml").ends_with("# pulled\n"));
    nothing_is_left(&sandbox);
}

#[test]
fn a_file_that_is_not_there_is_made_from_an_example() {
    let sandbox = sealed();
    script(&sandbox, "sed -i s/change-me/new/ \"$1\"");
    edit(&sandbox, &["deep.yaml"]).ok();
    assert!(opened_by_sops(&sandbox, "deep.yaml").contains("password: new\n"));
    nothing_is_left(&sandbox);

    // A Secret, where a rule is for Secrets.
    let regex = ["--encrypted-regex", "^(data|stringData)$", "my_db.enc.yaml"];
    edit(&sandbox, &regex).ok();
    let opened = opened_by_sops(&sandbox, "my_db.enc.yaml");
    assert!(opened.contains("kind: Secret") && opened.contains("name: my-db\n"), "{opened}");

    // As it is, it is of no use to anybody.
    script(&sandbox, "exit 0");
    edit(&sandbox, &["unchanged.yaml"]).exits(200);
    assert!(!sandbox.path("unchanged.yaml").exists());
    fs::remove_file(sandbox.path(".sops.yaml")).unwrap();
    edit(&sandbox, &["no-rule.yaml"]).exits(1);
}

#[test]
fn keys_and_selector_are_those_of_the_file_whatever_the_rules_have_become() {
    let sandbox = sealed();
    let other = keys::age_other_recipient();
    sandbox.write(
        ".sops.yaml",
        format!("creation_rules:\n  - age: {other}\n    encrypted_regex: x\n"),
    );
    script(&sandbox, "sed -i s/alice/bob/ \"$1\"");
    edit(&sandbox, &["x.yaml"]).ok();
    let text = sandbox.read_text("x.yaml");
    assert!(!text.contains(other) && !text.contains("alice") && !text.contains("bob"));
    sandbox.write(".sops.yaml", "broken: [\n");
    script(&sandbox, "sed -i s/bob/carol/ \"$1\"");
    edit(&sandbox, &["x.yaml"]).ok();
}
