use std::ffi::OsString;

use super::{Spoken, understand};

/// What a line becomes, without the program's name; an error as its text.
fn spoken(line: &[&str]) -> String {
    let args: Vec<OsString> = line.iter().map(OsString::from).collect();
    match understand(args, &crate::command()) {
        Ok(Spoken::Version) => "version".to_owned(),
        Ok(Spoken::Line(words)) => {
            let words: Vec<_> = words[1..].iter().map(|word| word.to_string_lossy()).collect();
            words.join(" ")
        }
        Err(failure) => format!("{failure:?}"),
    }
}

#[track_caller]
fn becomes(name: &str, table: &[(&str, &str)]) {
    for (line, expected) in table {
        let words = [name].into_iter().chain(line.split(' ').filter(|word| !word.is_empty()));
        assert_eq!(spoken(&words.collect::<Vec<_>>()), *expected, "{line}");
    }
}

/// Every line of this table is one that sops 3.13 takes; tests/tests/old_spelling.rs
/// asks it about the effects.
#[test]
fn flags_of_the_root_become_verbs() {
    let table = [
        ("-d a.yaml", "decrypt -- a.yaml"),
        ("--decrypt a.yaml", "decrypt -- a.yaml"),
        ("-decrypt a.yaml", "decrypt -- a.yaml"),
        ("--d a.yaml", "decrypt -- a.yaml"),
        ("-d=true a.yaml", "decrypt -- a.yaml"),
        ("-d -- a.yaml", "decrypt -- a.yaml"),
        ("-d -- -i", "decrypt -- -i"),
        ("-d -", "decrypt -- ./-"),
        ("-d /dev/stdin", "decrypt --filename-override stdin --"),
        ("-d --filename-override x.json /dev/stdin", "decrypt --filename-override=x.json --"),
        ("-i -d a.yaml", "decrypt --in-place -- a.yaml"),
        ("-d -i=false a.yaml", "decrypt -- a.yaml"),
        ("-d -output-type=json a.yaml", "decrypt --output-type=json -- a.yaml"),
        ("-output-type json -d a.yaml", "decrypt --output-type=json -- a.yaml"),
        ("-d --output= a.yaml", "decrypt -- a.yaml"),
        ("-d --output b --output c a.yaml", "decrypt --output=c -- a.yaml"),
        ("-d --verbose --indent 2 --check-for-updates a.yaml", "decrypt --indent=2 -- a.yaml"),
        ("-d --enable-local-keyservice a.yaml", "decrypt --enable-local-keyservice=true -- a.yaml"),
        ("-d --age x --encrypted-regex y a.yaml", "decrypt -- a.yaml"),
        ("-d --config c a.yaml", "decrypt --config=c -- a.yaml"),
        ("-e -i a.yaml", "encrypt --in-place -- a.yaml"),
        ("-a x -p y -e a.yaml", "encrypt --age=x --pgp=y -- a.yaml"),
        ("-e -mac-only-encrypted a.yaml", "encrypt --mac-only-encrypted -- a.yaml"),
        (
            "-e --shamir-secret-sharing-threshold 2 a.yaml",
            "encrypt --shamir-secret-sharing-threshold=2 -- a.yaml",
        ),
        ("-r -i a.yaml", "rotate --in-place -- a.yaml"),
        ("-r --add-age x --rm-pgp y a.yaml", "rotate --add-age=x --rm-pgp=y -- a.yaml"),
        ("--add-age x missing.yaml", "rotate --add-age=x -- missing.yaml"),
        ("-e -d a.yaml", "decrypt -- a.yaml"),
        ("-d -r a.yaml", "rotate -- a.yaml"),
        ("a.yaml", "edit -- a.yaml"),
        ("-- decrypt a.yaml", "decrypt -- a.yaml"),
        ("guard", "edit -- guard"),
        ("a.yaml -d", "edit -- a.yaml"),
        ("-s a.yaml", "edit --show-master-keys -- a.yaml"),
        ("-s -a x --ignore-mac a.yaml", "edit --show-master-keys --age=x --ignore-mac -- a.yaml"),
    ];
    becomes("sops", &table);
    becomes("/usr/local/bin/sops", &table[..4]);
}

#[test]
fn a_value_that_is_set_is_parted_from_its_index() {
    let set = |value| spoken(&["sops", "--set", value, "a.yaml"]);
    assert_eq!(set(r#"["a"][0] "b c""#), r#"set -- a.yaml ["a"][0] "b c""#);
    assert_eq!(set(r#"["a"]  -5"#), r#"set -- a.yaml ["a"] -5"#);
    let refused = set("hunter2");
    assert!(refused.contains("SetFormat") && !refused.contains("hunter2"), "{refused}");
}

#[test]
fn behind_a_verb_flags_stand_anywhere_and_in_the_spelling_of_go() {
    becomes(
        "sops",
        &[
            ("decrypt a.yaml -i", "decrypt --in-place -- a.yaml"),
            ("decrypt -output-type=yaml a.yaml", "decrypt --output-type=yaml -- a.yaml"),
            ("decrypt -i=false a.yaml b.yaml", "decrypt -- a.yaml"),
            ("decrypt", "decrypt"),
            ("exec-env a.yaml env --pristine", "exec-env --pristine -- a.yaml env"),
            ("exec-env a.yaml -x", "exec-env -- a.yaml -x"),
            ("exec-env -- a.yaml --pristine", "exec-env -- a.yaml --pristine"),
            ("decrypt --nope a.yaml", "decrypt --nope -- a.yaml"),
            ("--ignore-mac exec-env a.yaml env", "exec-env --ignore-mac -- a.yaml env"),
            ("--indent 2 decrypt a.yaml", "decrypt --indent=2 -- a.yaml"),
            ("--indent 2 filestatus a.yaml", "filestatus -- a.yaml"),
            ("set a.yaml [0] -5", "set -- a.yaml [0] -5"),
            ("groups add -i -age x --age y", "groups add --in-place --age=x --age=y"),
            ("groups delete -f a.yaml 1", "groups delete --file=a.yaml -- 1"),
            ("keyservice -net unix -addr=x", "keyservice --net=unix --addr=x"),
            ("--config c encrypt a.yaml", "encrypt --config=c -- a.yaml"),
            ("--mac-only-encrypted encrypt a.yaml", "encrypt --mac-only-encrypted -- a.yaml"),
            // sops heeds none of these.
            ("-i encrypt a.yaml", "encrypt -- a.yaml"),
            ("--input-type json decrypt a.yaml", "decrypt -- a.yaml"),
        ],
    );
}

#[test]
fn help_and_version_are_what_they_are_in_sops() {
    let table = [
        ("-v", "version"),
        ("--version --disable-version-check", "version"),
        ("--version decrypt", "version"),
        ("-h", "--help"),
        ("help", "--help"),
        ("h decrypt", "decrypt --help"),
    ];
    becomes("sops", &table);
    becomes("bulla", &[("-v", "--version"), ("help decrypt", "decrypt --help")]);
}

#[test]
fn what_has_a_verb_of_bulla_is_left_alone() {
    becomes(
        "bulla",
        &[
            ("", ""),
            ("decrypt -i a.yaml", "decrypt -i a.yaml"),
            ("--config c guard", "--config c guard"),
            ("guard --nope", "guard --nope"),
            ("--nope", "--nope"),
            // More likely a verb than a file.
            ("decrpyt", "decrpyt"),
            ("-d a.yaml", "decrypt -- a.yaml"),
            ("a.yaml", "edit -- a.yaml"),
        ],
    );
}

#[test]
fn what_sops_refuses_is_refused() {
    for (line, part) in [
        ("", "no file specified"),
        ("-d", "no file specified"),
        ("-ei a.yaml", "-ei: there is no such flag"),
        ("--nope=hunter2 a.yaml", "--nope: there is no such flag"),
        ("-i=maybe -d a.yaml", "--in-place: this is neither true nor false"),
        ("--indent x -d a.yaml", "--indent: this is no integer"),
        ("-d --extract", "--extract: there is nothing behind this flag"),
        ("---d a.yaml", "---d: there is no such flag"),
        ("-i -d --output x a.yaml", "--in-place and --output exclude each other"),
    ] {
        let words = ["sops"].into_iter().chain(line.split(' ').filter(|word| !word.is_empty()));
        let refused = spoken(&words.collect::<Vec<_>>());
        assert!(refused.contains(part) && !refused.contains("hunter2"), "{line}: {refused}");
    }
}
