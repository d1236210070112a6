//! The same edits with sops and with bulla.

use bulla_testkit::{binary, keys, peers};

use crate::common::{opened_by_sops, script, sealed, with_key};

#[test]
fn an_edit_has_the_same_code_and_the_same_effect() {
    let age = keys::age_recipient();
    let cases: &[(&[&str], &str)] = &[
        (&["x.yaml"], "sed -i s/alice/bob/ \"$1\""),
        (&["x.yaml"], "echo 'new: [1, {a: b}]' >> \"$1\""),
        (&["x.yaml"], "exit 0"),
        (&["x.yaml"], "exit 3"),
        (&["x.yaml"], "kill -TERM $$"),
        (&["-s", "x.yaml"], "exit 0"),
        (&["--ignore-mac", "x.yaml"], "sed -i s/alice/bob/ \"$1\""),
        (&["--age", age, "new.yaml"], "echo 'a: b' > \"$1\""),
        (&["--age", age, "new.yaml"], "exit 0"),
        (&["plain.yaml"], "exit 0"),
        (&[], "exit 0"),
        (&["x.yaml"], "basename \"$1\""),
    ];
    let mut different = Vec::new();
    for (args, body) in cases {
        let outcome = |program| {
            let sandbox = sealed();
            sandbox.write("plain.yaml", "a: b\n");
            script(&sandbox, body);
            let run = sandbox.run(with_key(&sandbox, program).arg("edit").args(*args));
            let opened = ["x.yaml", "new.yaml"].map(|file| {
                // What bulla kept as it was is emitted anew by the other.
                let text = sandbox.path(file).exists().then(|| opened_by_sops(&sandbox, file));
                text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            });
            (run.code, run.out().to_owned(), opened.map(|text| text.map(flat)))
        };
        let (theirs, ours) = (outcome(&peers::sops()), outcome(&binary("bulla")));
        if theirs != ours {
            different.push(format!("{args:?} {body}\n  {theirs:?}\n  {ours:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Lists in their one way of writing.
fn flat(text: String) -> String {
    text.replace(['[', ']', '{', '}', ',', '-'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
