//! Hybrid post-quantum keys, against Go's age and every sops.

use bulla_testkit::{Sandbox, keys, peers};

use crate::common::{PLAIN, both_ways, open, open_in_vain, sandbox, seal};

/// A hybrid key, made by Go's age-keygen: its file and its recipient.
fn key_of_age(sandbox: &Sandbox) -> (String, String) {
    let mut keygen = sandbox.command(peers::pinned("age-keygen", "1.3.2"));
    sandbox.run(keygen.args(["-pq", "-o", "pq.txt"])).ok();
    let text = sandbox.read_text("pq.txt");
    let recipient = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    (sandbox.path("pq.txt").display().to_string(), recipient.to_owned())
}

#[test]
fn hybrid_keys_go_both_ways() {
    let sandbox = sandbox();
    let (file, recipient) = key_of_age(&sandbox);
    assert!(recipient.starts_with("age1pq1") && recipient.len() > 1900);
    both_ways(&sandbox, &["--age", &recipient], |command| {
        command.env("SOPS_AGE_KEY_FILE", &file);
    });
    // Beside one of the classic kind, each has a stanza of its own file.
    let both = format!("{},{recipient}", keys::age_recipient());
    both_ways(&sandbox, &["--age", &both], |command| {
        command.env("SOPS_AGE_KEY_FILE", &file);
    });
    let shown = open_in_vain(&sandbox, |command| {
        command.env("SOPS_AGE_KEY", keys::age_other_identity());
    });
    assert!(shown.contains("SOPS_AGE_KEY: 1 identity, which does not fit"), "{shown}");
}

#[test]
fn a_hybrid_key_made_here_is_one_of_gos_age() {
    let sandbox = sandbox();
    let run = sandbox.run(sandbox.bulla().args(["keygen", "--pq", "-o", "key.txt"])).ok();
    let recipient = run.err().trim().strip_prefix("Public key: ").unwrap().to_owned();
    let mut theirs = sandbox.command(peers::pinned("age-keygen", "1.3.2"));
    let theirs = sandbox.run(theirs.args(["-y", "key.txt"])).ok();
    assert_eq!(theirs.out().trim(), recipient);
    let ours = sandbox.run(sandbox.bulla().args(["keygen", "-y", "key.txt"])).ok();
    assert_eq!(ours.out(), theirs.out());

    seal(&sandbox, &["--age", &recipient], |_| {});
    let key = sandbox.path("key.txt");
    let opened = open(&sandbox, |command| {
        command.env("SOPS_AGE_KEY_FILE", &key);
    });
    assert_eq!(opened.ok().out(), PLAIN);
}
