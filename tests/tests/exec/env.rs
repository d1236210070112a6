//! Variables out of a sealed file.

use bulla_testkit::{Sandbox, keys};

use crate::common::{SECRET, bulla, seal, sealed};

#[test]
fn values_are_variables_of_the_command_and_of_nothing_else() {
    let sandbox = sealed();
    let run = bulla(&sandbox, &["exec-env", "x.yaml", "echo $token; echo $port; echo $HOME"]).ok();
    let home = sandbox.home().display().to_string();
    assert_eq!(run.out(), format!("{SECRET}\n5432\n{home}\n"));
    assert_eq!(std::fs::read_dir(sandbox.tmp()).unwrap().count(), 0);
}

#[test]
fn keys_are_passed_on_unless_the_command_is_to_have_nothing_else() {
    let sandbox = sealed();
    let show = "echo ${SOPS_AGE_KEY_FILE-none}";
    let path = format!("{}\n", keys::age_identity_file().display());
    assert_eq!(bulla(&sandbox, &["exec-env", "x.yaml", show]).ok().out(), path);
    let pristine = bulla(&sandbox, &["exec-env", "--pristine", "x.yaml", show]).ok();
    assert_eq!(pristine.out(), "none\n");
    let all = bulla(&sandbox, &["exec-env", "--pristine", "x.yaml", "/usr/bin/env"]).ok();
    let mut names: Vec<_> = all.out().lines().filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    // The shell adds what it likes.
    names.retain(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name));
    assert_eq!(names, ["port", "token"]);
}

#[test]
fn an_empty_file_gives_a_pristine_command_no_variables_at_all() {
    let sandbox = Sandbox::new();
    seal(&sandbox, "x.yaml", "{}\n");
    let run = bulla(&sandbox, &["exec-env", "--pristine", "x.yaml", "echo ${HOME-none}"]).ok();
    assert_eq!(run.out(), "none\n");
}

#[test]
fn a_null_sets_no_variable() {
    let sandbox = Sandbox::new();
    seal(&sandbox, "x.yaml", "a: null\nb: 1\n");
    let run = bulla(&sandbox, &["exec-env", "x.yaml", "echo ${a-unset} $b"]).ok();
    assert_eq!(run.out(), "unset 1\n");
}

#[test]
fn what_no_variable_can_hold_is_named_by_its_path_and_not_shown() {
    let sandbox = Sandbox::new();
    for (text, path) in [
        (format!("a:\n  b: {SECRET}\n"), r#"["a"]["b"]"#),
        (format!("a:\n  - {SECRET}\n"), r#"["a"][0]"#),
        (format!("'a=b': {SECRET}\n"), r#"["a=b"]"#),
        (format!("a: \"{SECRET}\\0\"\n"), r#"["a"]"#),
        ("a: {}\n".to_owned(), r#"["a"]"#),
    ] {
        seal(&sandbox, "x.yaml", &text);
        let run = bulla(&sandbox, &["exec-env", "x.yaml", "echo started"]).exits(1);
        assert!(run.stdout.is_empty() && run.err().contains(path), "{}", run.err());
        assert!(!run.err().contains(SECRET), "{}", run.err());
    }
}

#[test]
fn a_command_of_another_user_knows_who_that_is() {
    if sandbox_is_not_roots() {
        // Only root may become somebody else: what can be asked is the refusal.
        let sandbox = sealed();
        let run = bulla(&sandbox, &["exec-env", "--user", "root", "x.yaml", "id"]).exits(1);
        assert!(run.err().contains("--user root: cannot become this user"), "{}", run.err());
        return;
    }
    let sandbox = sealed();
    let show = "id -un; id -gn; id -Gn; echo $HOME $USER $LOGNAME; echo $token";
    let run = bulla(&sandbox, &["exec-env", "--user", "nobody", "x.yaml", show]).ok();
    let shown: Vec<_> = run.out().lines().collect();
    assert_eq!(shown[0], "nobody");
    assert_eq!(shown[1], shown[2], "no group of the old user is left");
    assert!(shown[3].ends_with(" nobody nobody") && !shown[3].starts_with("/root"));
    assert_eq!(shown[4], SECRET);
    let unknown = bulla(&sandbox, &["exec-env", "--user", "no such user", "x.yaml", "id"]);
    assert!(unknown.exits(1).stdout.is_empty());
}

fn sandbox_is_not_roots() -> bool {
    let sandbox = Sandbox::new();
    sandbox.run(sandbox.command("id").arg("-u")).ok().out() != "0\n"
}
