//! `edit` in a terminal, with somebody at it.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use bulla_testkit::{Sandbox, Terminal, binary};

use crate::common::{nothing_is_left, opened_by_sops, script, sealed, with_key};

fn start(sandbox: &Sandbox) -> Terminal {
    let mut bulla = with_key(sandbox, &binary("bulla"));
    bulla.args(["edit", "x.yaml"]);
    Terminal::start(bulla)
}

#[test]
fn a_text_that_does_not_parse_comes_back_to_be_corrected() {
    let sandbox = sealed();
    let marker = sandbox.root().join("second").display().to_string();
    // The work of the first round is there in the second.
    script(
        &sandbox,
        &format!(
            "if [ -e {marker} ]; then grep -q 'user: \\[bob' \"$1\" || exit 1; \
             sed -i 's/\\[bob/bob/' \"$1\"; else touch {marker}; sed -i 's/alice/[bob/' \"$1\"; fi"
        ),
    );
    let mut terminal = start(&sandbox);
    terminal.expect("x.yaml: line").expect("press return").type_line("");
    let (code, seen) = terminal.ends();
    assert_eq!(code, 0, "{seen}");
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("user: bob\n"));
    nothing_is_left(&sandbox);
}

#[test]
fn an_interrupt_at_the_question_gives_it_up() {
    let sandbox = sealed();
    let before = sandbox.read("x.yaml");
    script(&sandbox, "echo 'a: [' > \"$1\"");
    let mut terminal = start(&sandbox);
    terminal.expect("press return").press_control('c');
    assert_eq!(terminal.ends().0, 130);
    assert_eq!(sandbox.read("x.yaml"), before);
    nothing_is_left(&sandbox);
}

#[test]
fn an_interrupt_in_the_editor_is_the_editors() {
    let sandbox = sealed();
    script(
        &sandbox,
        "trap 'sed -i s/alice/bob/ \"$1\"; exit 0' INT\necho ready\nwhile :; do sleep 0.05; done",
    );
    let mut terminal = start(&sandbox);
    terminal.expect("ready").press_control('c');
    let (code, seen) = terminal.ends();
    assert_eq!(code, 0, "{seen}");
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("bob"));
    nothing_is_left(&sandbox);
}

#[test]
fn signals_end_the_editor_and_leave_nothing() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("USR1", 138), ("ALRM", 142)] {
        let sandbox = sealed();
        let before = sandbox.read("x.yaml");
        // It tidies up as editors do: by saving what it has beside the file.
        script(
            &sandbox,
            &format!(
                "trap 'cp \"$1\" \"$1.save\"; echo saved; exit 1' {signal}\necho ready\nwhile :; do sleep 0.05; done"
            ),
        );
        let mut terminal = start(&sandbox);
        terminal.expect("ready").signal(signal).expect("saved");
        assert_eq!(terminal.ends().0, code, "{signal}");
        assert_eq!(sandbox.read("x.yaml"), before);
        nothing_is_left(&sandbox);
    }
}

#[test]
fn an_editor_that_does_not_listen_does_not_keep_the_plaintext() {
    let sandbox = sealed();
    let done = sandbox.root().join("done").display().to_string();
    script(
        &sandbox,
        &format!("trap '' TERM\necho ready\nwhile [ ! -e {done} ]; do sleep 0.05; done"),
    );
    let mut terminal = start(&sandbox);
    terminal.expect("ready").signal("TERM");
    let seen = std::fs::read_to_string(sandbox.root().join("seen")).unwrap();
    let path = Path::new(seen.lines().next().expect("a path"));
    let asked = Instant::now();
    while path.exists() {
        assert!(asked.elapsed() < Duration::from_secs(30), "{} stays", path.display());
        thread::sleep(Duration::from_millis(20));
    }
    std::fs::write(&done, "").unwrap();
    assert_eq!(terminal.ends().0, 143);
    nothing_is_left(&sandbox);
}

#[test]
fn what_a_kill_leaves_is_removed_by_the_next_start() {
    let sandbox = sealed();
    script(&sandbox, "echo ready; exec sleep 99");
    let mut terminal = start(&sandbox);
    terminal.expect("ready").signal("KILL");
    drop(terminal);
    let seen = std::fs::read_to_string(sandbox.root().join("seen")).unwrap();
    let path = Path::new(seen.lines().next().expect("a path"));
    // Whatever starts next removes it, which may be another test by now.
    script(&sandbox, "exit 0");
    let mut terminal = start(&sandbox);
    terminal.expect("nothing changed");
    assert_eq!(terminal.ends().0, 200);
    assert!(!path.exists());
    nothing_is_left(&sandbox);
}

#[test]
fn data_is_decoded_in_a_terminal() {
    let sandbox = sealed();
    sandbox.write("x.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  a: YWxpY2U=\n");
    sandbox.run(with_key(&sandbox, &binary("bulla")).args(["encrypt", "-i", "x.yaml"])).ok();
    script(&sandbox, "sed -i s/alice/bob/ \"$1\"");
    let (code, seen) = start(&sandbox).ends();
    assert_eq!(code, 0, "{seen}");
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("a: Ym9i"));
    nothing_is_left(&sandbox);
}
