//! One file in the hands of both programs: sops changes what bulla sealed, bulla seals
//! again what sops sealed.

use bulla_core::{Format, MasterKey, Recipe, Selector, SelectorKind, open, reseal, seal};
use bulla_testkit::{Run, Sandbox, keys, peers};
use bulla_tests::sealing::{NOW, comments, keyring, leaves, recipe};

const SECRET: &str = "apiVersion: v1\nkind: Secret # of a validator\nmetadata:\n  name: s\nstringData:\n  token: 'first'\n  tls.key: |\n    -----BEGIN KEY-----\n    x\n    -----END KEY-----\n  more: {a: [1, \"x\"], b: 0x1F}\n";

fn sops(sandbox: &Sandbox, program: &std::path::Path, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(program);
    command.env("SOPS_AGE_KEY", keys::age_identity()).args(arguments);
    sandbox.run(&mut command).ok()
}

fn opened(text: &str) -> String {
    let opened = open(text, Format::Yaml, &keyring(), false)
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    opened.text.to_string()
}

#[test]
fn what_sops_changes_in_a_file_of_ours_we_read() {
    for (version, program) in peers::all_sops() {
        let sandbox = Sandbox::new();
        let sealed = seal(SECRET, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text;
        assert!(sealed.contains("    bulla:\n"), "there is something to lose");
        sandbox.write("s.yaml", &sealed);
        sops(&sandbox, &program, &["set", "s.yaml", "[\"stringData\"][\"token\"]", "\"second\""]);
        let expected = leaves(&SECRET.replace("'first'", "second"));
        assert_eq!(leaves(&opened(&sandbox.read_text("s.yaml"))), expected, "sops {version}");
        sops(&sandbox, &program, &["rotate", "-i", "s.yaml"]);
        let rotated = sandbox.read_text("s.yaml");
        assert_eq!(leaves(&opened(&rotated)), expected, "sops {version}");
        assert!(!rotated.contains("bulla:"), "sops {version} drops what it does not know");
    }
}

#[test]
fn what_sops_sealed_we_seal_again_and_sops_reads_it() {
    let sops_regex = "^(data|stringData)$";
    for (version, program) in peers::all_sops() {
        let sandbox = Sandbox::new();
        sandbox.write("s.yaml", SECRET);
        let recipients = format!("{},{}", keys::age_recipient(), keys::age_other_recipient());
        let arguments =
            ["encrypt", "--age", &recipients, "--encrypted-regex", sops_regex, "s.yaml"];
        let by_sops = sops(&sandbox, &program, &arguments).out().to_owned();
        let mut both = recipe();
        both.groups[0].push(MasterKey::Age { recipient: keys::age_other_recipient().to_owned() });

        // Nothing changed: not a byte does, once there is an integrity record.
        let plain = opened(&by_sops);
        let same = reseal(&plain, &by_sops, Format::Yaml, &both, &keyring(), NOW).unwrap().text;
        let (without_record, _) = same.split_once("    bulla:\n").unwrap();
        assert_eq!(without_record, by_sops, "sops {version}");
        let again = reseal(&plain, &same, Format::Yaml, &both, &keyring(), NOW).unwrap().text;
        assert_eq!(again, same, "sops {version}");

        // One value changed: the other tokens and the wrapped keys stay.
        let edited = plain.replace("first", "second");
        let again = reseal(&edited, &by_sops, Format::Yaml, &both, &keyring(), NOW).unwrap().text;
        let kept = |text: &str| -> Vec<String> {
            let wanted = |line: &&str| {
                line.contains("tls.key:")
                    || line.contains("recipient:")
                    || line.contains("version:")
            };
            text.lines().filter(wanted).map(str::to_owned).collect()
        };
        assert_eq!(kept(&again), kept(&by_sops), "sops {version}");
        let differing = by_sops.lines().zip(again.lines()).filter(|(old, new)| old != new).count();
        assert_eq!(differing, 3, "the token, the time and the MAC: sops {version}\n{again}");
        sandbox.write("again.yaml", &again);
        let read = sops(&sandbox, &program, &["decrypt", "again.yaml"]);
        assert_eq!(leaves(read.out()), leaves(&edited), "sops {version}");
    }
}

#[test]
fn flux_finds_its_marker_in_every_document() {
    let text = format!(
        "{SECRET}---\n{SECRET}---\n{{\"apiVersion\": v1, \"kind\": Secret, \"data\": {{a: Yg==}}}}\n"
    );
    let sealed = seal(&text, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text;
    let documents: Vec<&str> = sealed.split("\n---\n").collect();
    assert_eq!(documents.len(), 3);
    assert!(documents[..2].iter().all(|document| document.contains("    mac: ENC[")));
    assert!(documents[2].contains("\"mac\": \"ENC["));
}

#[test]
fn a_comment_behind_a_list_is_read_where_the_block_draws_it() {
    let text = "k: v\n#l\nl:\n- same\n# end\n";
    for (version, program) in peers::all_sops() {
        for kind in SelectorKind::ALL {
            let pattern = if kind.name().ends_with("regex") { "^l$" } else { "l" };
            let selector = Selector::new(kind, pattern).unwrap();
            let recipe = Recipe { selector: Some(selector), ..recipe() };
            let context = format!("sops {version}, {}", kind.name());
            let sandbox = Sandbox::new();
            let sealed = seal(text, Format::Yaml, &recipe, &keyring(), NOW).unwrap().text;
            assert_eq!(opened(&sealed), text, "{context}");
            sandbox.write("s.yaml", &sealed);
            let read = sops(&sandbox, &program, &["decrypt", "s.yaml"]);
            assert_eq!(leaves(read.out()), leaves(text), "{context}");
            assert_eq!(comments(read.out()), comments(text), "{context}");
            assert!(!read.err().contains("unencrypted comment"), "{context}: {}", read.err());

            sandbox.write("p.yaml", text);
            let flag = format!("--{}", kind.name().replace('_', "-"));
            let arguments = ["--encrypt", "--age", keys::age_recipient(), &flag, pattern, "p.yaml"];
            let plain = opened(sops(&sandbox, &program, &arguments).out());
            assert_eq!(leaves(&plain), leaves(text), "{context}");
            assert_eq!(comments(&plain), comments(text), "{context}");
        }
    }
}
