//! The same calls to sops and to bulla.

use bulla_testkit::{Run, Sandbox, binary, peers};

use crate::common::{seal, with_key};

#[test]
fn every_format_gives_the_same_variables_and_files() {
    let sandbox = Sandbox::new();
    seal(&sandbox, "x.json", "{\"one\": \"a\\nb\", \"two\": 2.50, \"three\": true}\n");
    seal(&sandbox, "x.env", "# note\none=a\\nb\ntwo=2.50\nthree=\nfour=\"7\"\n");
    seal(&sandbox, "x.bin", "one two\n three");
    seal(&sandbox, "nested.json", "{\"a\": {\"b\": 1}}\n");
    for file in ["x.json", "x.env", "x.bin", "nested.json"] {
        let variables = "printf '[%s]' \"$one\" \"$two\" \"$three\" \"$four\" \"$data\"";
        for args in [["exec-env", file, variables], ["exec-file", file, "cat {} | tr -d ' \\t\\n'"]]
        {
            let run = |program| sandbox.run(with_key(&sandbox, program).args(args));
            let (theirs, ours) = (run(&peers::sops()), run(&binary("bulla")));
            let text = |run: &Run| String::from_utf8_lossy(&run.stdout).replace("2.50", "2.5");
            assert_eq!((theirs.code, text(&theirs)), (ours.code, text(&ours)), "{args:?}");
        }
    }
}

#[test]
fn commands_get_the_same_from_both_and_end_the_same() {
    let sandbox = Sandbox::new();
    let text = "one: a b\nbool: true\nno: False\nint: -7\nfloat: 1.50\nlarge: 1e21\nsmall: 0.00001\nday: 2020-01-01\n\
                time: 2020-01-01T10:00:00.5+02:00\nempty: ''\nlines: |\n  a\n   b\nquote: \"it's \\\"x\\\"\"\n\
                HOME: /elsewhere\n# a comment\n";
    seal(&sandbox, "x.yaml", text);
    seal(&sandbox, "nested.yaml", "a:\n  b: c\n");
    seal(&sandbox, "stream.yaml", "a: 1\n---\nb: 2\n");
    sandbox.write("plain.yaml", "a: b\n");
    let all = "for name in one bool no int float large small day time empty lines quote HOME; do \
               eval \"printf '%s=[%s]\\n' $name \\\"\\$$name\\\"\"; done";
    let cases: &[&[&str]] = &[
        &["exec-env", "x.yaml", all],
        &["exec-env", "--pristine", "x.yaml", all],
        &["exec-env", "--same-process", "x.yaml", all],
        &["exec-env", "stream.yaml", "echo $a-$b"],
        &["exec-env", "x.yaml", ""],
        &["exec-env", "x.yaml", "exit 7"],
        &["exec-env", "--same-process", "x.yaml", "exit 7"],
        &["exec-env", "x.yaml", "no-such-command"],
        &["exec-env", "x.yaml", "cat"],
        &["exec-env", "--background", "x.yaml", "echo unseen"],
        &["exec-env", "--background", "--same-process", "x.yaml", "true"],
        &["exec-env", "--user", "no-such-user", "x.yaml", "true"],
        &["exec-env", "x.yaml", "true", "--pristine"],
        &["exec-env", "nested.yaml", "true"],
        &["exec-env", "plain.yaml", "true"],
        &["exec-env", "missing.yaml", "true"],
        &["exec-file", "x.yaml", "test -p {} && grep one {}"],
        &["exec-file", "--no-fifo", "x.yaml", "test -f {} && cat {} {} | grep one"],
        &["exec-file", "--no-fifo", "--filename", "a.cfg", "x.yaml", "basename {}"],
        &["exec-file", "--filename", "a.cfg", "x.yaml", "basename {}; cat {} | wc -l"],
        &["exec-file", "x.yaml", "basename {}"],
        &["exec-file", "x.yaml", "exit 3"],
        &["exec-file", "--no-fifo", "x.yaml", "exit 3"],
        &["exec-file", "--filename", "../a", "x.yaml", "true"],
        &["exec-file", "plain.yaml", "true"],
        &["exec-file", "missing.yaml", "true"],
    ];
    let mut different = Vec::new();
    for args in cases {
        let run = |program| sandbox.run_with(with_key(&sandbox, program).args(*args), "typed\n");
        let (theirs, ours) = (run(&peers::sops()), run(&binary("bulla")));
        if (theirs.code, &theirs.stdout) != (ours.code, &ours.stdout) {
            let shown = |run: &Run| format!("{} {:?} {:?}", run.code, run.out(), run.err());
            let (theirs, ours) = (shown(&theirs), shown(&ours));
            different.push(format!("{args:?}\n  sops {theirs}\n  bulla {ours}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
