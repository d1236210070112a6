//! Dotenv and INI: what is sealed comes back byte for byte, what sops would read
//! otherwise is refused.
#![allow(clippy::unwrap_used)]

mod common;

use bulla_core::{
    Document, Error, Format, Metadata, Part, Recipe, Refusal, Selector, SelectorKind, Value, open,
    reseal, seal,
};
use common::{NOW, keyring, recipe};
use proptest::prelude::*;

fn with(kind: SelectorKind, text: &str) -> Recipe {
    Recipe { selector: Some(Selector::new(kind, text).unwrap()), ..recipe() }
}

fn round_trip(text: &str, format: Format, recipe: &Recipe) -> String {
    let sealed = seal(text, format, recipe, &keyring(), NOW)
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
        .text;
    let opened = open(&sealed, format, &keyring(), false)
        .unwrap_or_else(|error| panic!("{sealed}\n{error}"));
    assert_eq!(*opened.text, text, "{sealed}");
    assert_eq!(opened.readable_comments, Vec::<usize>::new(), "{sealed}");
    sealed
}

fn refusal(text: &str, format: Format, recipe: &Recipe) -> String {
    match seal(text, format, recipe, &keyring(), NOW) {
        Ok(sealed) => panic!("{text:?} was sealed\n{}", sealed.text),
        Err(error) => error.to_string(),
    }
}

const DOTENV: [&str; 12] = [
    "A=b\n",
    "A=b",
    "# head\n\nA=b c \n#\n#tight\nB=\"quoted\"\n\n\nC=a=b=c\n",
    "A=two\\nlines\nB=\\\\n\n",
    "A=b\r\nB=c\r\n",
    "\u{feff}A=b\n",
    "A=1\nA=2\n=nameless\nB=\nexport C=x\n a b =c\n",
    "A=b\n#no break at the end",
    "A=b\nB=",
    "A=\u{0}\u{1}\u{85}é日😀\n",
    "A=ENC[\n#ENC[AES256_GCM,\nB==\n",
    "\n\n\nA=b\n\n\n",
];

const INI: [&str; 22] = [
    "[a]\nk = v\n",
    "k=v",
    "; head\n\n# more\n[a] ; behind\n\n;c\n  k : v ; inline\n\n; end\n; of file\n",
    "[a]\r\nk = v\r\n;c\r\n# d\r\nl = w ; e\r\n",
    "\u{feff}[a] ; c\nk = v\n[b]\n",
    "[a]\nq = \"x y\"\ns = 'z'\nb = `a;b#c`\nt = \"\"\"d\"\"\"\nempty =\nnone = ''\n",
    "[a]\nm = `one\n  two\n\nthree`\nn = \"\"\"\nx\r\n\"\"\"\n",
    "[a]\nlong = one \\\n   two \\\n\n[b]\nl = x\\\n  y  \nz = \\\n\nw = 1\n",
    "[a]\nk = v\n[b]\n[a]\nk = w\n[DEFAULT]\nk = x\n",
    "[a]\n; one\n\n; two\n;; three\nk = v  # four\n",
    "[a]\n;; marks\nk = v\n;\n#\nl = w\n;x",
    "  [ spaced ]  \n\tk\t=\tv\t\n",
    "[a]\n\"a=b\" = c\n`d:e` = f\n\"\"\"g`h\"\"\" = i\nj k = l\n",
    "[x] ; see [1]\nk = v\n",
    "[a]\nk = it's\nl = 'it''s'\nm = \"a\" b\nn = '\no = \"\"x\"\"\n",
    "[a]\nk = \u{0}é日😀\u{1}\n",
    "[a]\nk = v\\\n",
    "[a]\nk = v\\",
    "[a]\nurl = http://user:pass@host/?a=b&c=d\n",
    "[a]\nk = ENC[\n; ENC[AES256_GCM,\n; more\nl = w\n",
    "[empty]\n[full]\n; c\nk = v\n[comment only]\n; d\n",
    "k = v\n; a\n;b ;c\n[s]\nk = \"\"\"\"quoted\" inside\"\"\"\n",
];

#[test]
fn every_way_of_writing_dotenv_comes_back() {
    for text in DOTENV {
        round_trip(text, Format::Dotenv, &recipe());
    }
}

#[test]
fn every_way_of_writing_ini_comes_back() {
    for text in INI {
        round_trip(text, Format::Ini, &recipe());
    }
}

#[test]
fn what_is_not_selected_stays_as_it_is() {
    let text = "# note\nUSER=me\nPASSWORD=x\n";
    let sealed = round_trip(text, Format::Dotenv, &with(SelectorKind::EncryptedRegex, "^PASS"));
    assert!(sealed.starts_with("# note\nUSER=me\nPASSWORD=ENC[AES256_GCM,data:"), "{sealed}");
    assert!(sealed.contains("\nsops_mac=ENC["), "{sealed}");
    let text = "[a]\n; note\nuser = me\npassword = 'x' ; y\n[b]\npassword = z\n";
    let sealed = round_trip(text, Format::Ini, &with(SelectorKind::EncryptedRegex, "^password$"));
    let start = "[a]\n; note\nuser = me\npassword = 'ENC[AES256_GCM,data:";
    assert!(sealed.starts_with(start), "{sealed}");
    assert!(sealed.contains("\n[sops]\n"), "{sealed}");
    assert!(sealed.contains("' ; y\n[b]\n"), "{sealed}");
}

#[test]
fn comments_choose_what_is_sealed() {
    for (kind, text) in [
        (SelectorKind::EncryptedCommentRegex, "seal"),
        (SelectorKind::UnencryptedCommentRegex, "leave"),
    ] {
        let recipe = with(kind, text);
        let text = "# seal this\nA=secret\n#leave this\nB=open\n";
        let sealed = round_trip(text, Format::Dotenv, &recipe);
        assert!(!sealed.contains("secret"), "{sealed}");
        // In INI a key's comment stands behind the key, as sops has it.
        let text = "[a] ; leave\nx = 1\n[b] ; seal\ny = secret\n";
        let sealed = round_trip(text, Format::Ini, &recipe);
        assert!(!sealed.contains("secret") && sealed.contains("x = 1"), "{sealed}");
    }
}

#[test]
fn comments_in_a_row_have_one_token() {
    let sealed = round_trip(INI[9], Format::Ini, &recipe());
    assert_eq!(sealed.matches("type:comment").count(), 1, "{sealed}");
    for word in ["one", "two", "three", "four"] {
        assert!(!sealed.contains(word), "{sealed}");
    }
}

#[test]
fn what_sops_cannot_read_is_refused_with_its_line() {
    let dotenv = [
        ("A=b\n\nC\n", "line 3: this is not valid dotenv: there is no `=`"),
        ("A=b\r\n\r\n", "line 2: this is not valid dotenv: this empty line ends with CR LF"),
        ("\u{feff}# c\nA=b\n", "line 1: this is not valid dotenv"),
        ("A=b\nsops_x=y\n", "line 2: there is a `sops` key already"),
        ("# c\n", "nothing in this file is selected"),
        ("", "nothing in this file is selected"),
    ];
    for (text, expected) in dotenv {
        let error = refusal(text, Format::Dotenv, &recipe());
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
    let ini = [
        ("[a]\nnothing\n", "line 2: this is not valid INI: there is no `=` or `:`"),
        ("[a\n", "line 1: this is not valid INI: this section has no closing bracket"),
        ("[]\n", "line 1: this is not valid INI: this section has no name"),
        ("[a]\n= v\n", "line 2: this is not valid INI: this key has no name"),
        ("[a]\nk = `v\n", "line 2: this is not valid INI: a quote is opened here and not closed"),
        ("[a]\n\"k = v\n", "line 2: this is not valid INI: the quote around this key"),
        ("k=v\n[sops]\nx=y\n", "line 2: there is a `sops` key already"),
        ("[a]\n", "nothing in this file is selected"),
    ];
    for (text, expected) in ini {
        let error = refusal(text, Format::Ini, &recipe());
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
}

#[test]
fn what_go_ini_reads_otherwise_than_people_is_refused() {
    let cases = [
        ("[a]\nk = pass#word\n", Refusal::CommentInValue, r#"line 2, ["a"]["k"]"#),
        ("[a]\nk = \"a;b\"\n", Refusal::CommentInValue, r#"line 2, ["a"]["k"]"#),
        ("[a]\nk = #hash\nl = x\n", Refusal::CommentInValue, r#"line 2, ["a"]["k"]"#),
        ("[a]\nk = `v` ; c\n", Refusal::LostBehindQuote, r#"line 2, ["a"]["k"]"#),
        ("[a]\nk = v\nl = w\nk = x\n", Refusal::DuplicateKey, r#"line 4, ["a"]"#),
        ("[a]\n- = v\n", Refusal::KeyLost, r#"line 2, ["a"]["-"]"#),
        ("[a]\n`#k` = v\n", Refusal::KeyLost, r##"line 2, ["a"]["#k"]"##),
    ];
    for (text, refusal, place) in cases {
        match seal(text, Format::Ini, &recipe(), &keyring(), NOW) {
            Err(Error::Refused { place: at, refusal: found }) => {
                assert_eq!((found, at.to_string().as_str()), (refusal, place), "{text:?}");
            }
            other => panic!("{text:?}: {:?}", other.map(|sealed| sealed.text)),
        }
    }
}

#[test]
fn a_backslash_does_not_hide_a_secret_in_a_readable_value() {
    let recipe = with(SelectorKind::EncryptedRegex, "^(password|x)$");
    let cases = [
        ("x = 1\ndir = C:\\temp\\\npassword = y\n", Refusal::ContinuedEntry),
        ("x = 1\ndir = C:\\temp\\\n[b]\n", Refusal::ContinuedEntry),
        ("x = 1\ndir = C:\\temp\\\n", Refusal::ContinuedToEnd),
        ("x = 1\ndir = C:\\temp\\", Refusal::ContinuedToEnd),
    ];
    for (text, refusal) in cases {
        match seal(text, Format::Ini, &recipe, &keyring(), NOW) {
            Err(Error::Refused { refusal: found, .. }) => assert_eq!(found, refusal, "{text:?}"),
            other => panic!("{text:?}: {:?}", other.map(|sealed| sealed.text)),
        }
    }
    round_trip("x = 1\nopts = -Xmx1g \\\n  -Dfoo=bar\n\n", Format::Ini, &recipe);
}

#[test]
fn an_edited_file_keeps_its_ciphertexts() {
    for (format, text, edited) in [
        (Format::Dotenv, "#c\nA=1\nB=2\n", "#c\nA=1\nB=3\n"),
        (Format::Ini, "[a]\n; c\n; d\nk = 1\nl = 2\n", "[a]\n; c\n; d\nk = 1\nl = 3\n"),
    ] {
        let sealed = round_trip(text, format, &recipe());
        let again = reseal(text, &sealed, format, &recipe(), &keyring(), NOW).unwrap();
        assert_eq!(again.text, sealed);
        let next = reseal(edited, &sealed, format, &recipe(), &keyring(), NOW).unwrap().text;
        let same = sealed.lines().zip(next.lines()).filter(|(old, new)| old == new).count();
        // The changed value, the MAC, the layout record and the integrity record are new.
        assert!(sealed.lines().count() - same <= 4, "{sealed}\n{next}");
        assert_eq!(*open(&next, format, &keyring(), false).unwrap().text, edited);
    }
}

#[test]
fn metadata_that_is_not_known_is_kept_in_its_place() {
    let sealed = round_trip("A=1\n", Format::Dotenv, &recipe());
    let text = sealed.replace("sops_mac=", "sops_later__list_0__map_x=a\\nb\nsops_mac=");
    let next = reseal("A=2\n", &text, Format::Dotenv, &recipe(), &keyring(), NOW).unwrap().text;
    assert!(next.contains("\nsops_later__list_0__map_x=a\\nb\nsops_mac="), "{next}");
}

#[test]
fn line_breaks_in_ini_metadata_are_read_however_they_are_written() {
    let sealed = round_trip("k = v\n", Format::Ini, &recipe());
    for selector in ["`^a\nb$`", "^a\\nb$", "\"\"\"^a\r\nb$\"\"\""] {
        let start = sealed.find("unencrypted_suffix").unwrap();
        let end = start + sealed[start..].find('\n').unwrap();
        let text = format!("{}encrypted_regex = {selector}{}", &sealed[..start], &sealed[end..]);
        let document = Document::parse(&text, Format::Ini).unwrap();
        let metadata = document.metadata().expect("metadata");
        assert_eq!(metadata.selector.as_ref().unwrap().text(), "^a\nb$", "{selector}");
    }
}

#[test]
fn a_selector_that_the_format_cannot_hold_is_refused() {
    // sops would read a line break in it.
    let recipe = with(SelectorKind::EncryptedRegex, "^(a|\\name)$");
    for (format, text) in [(Format::Dotenv, "a=1\n"), (Format::Ini, "[a]\nk = 1\n")] {
        let error = seal(text, format, &recipe, &keyring(), NOW).unwrap_err();
        assert!(matches!(error, Error::NotReproduced { .. } | Error::Metadata { .. }), "{error}");
    }
}

#[test]
fn damaged_metadata_is_an_error_that_says_so() {
    let sealed = round_trip("A=1\n", Format::Dotenv, &recipe());
    for (from, to) in [
        ("sops_version", "sops_verzion"),
        ("sops_age__list_0", "sops_age__list_9999999999"),
        ("sops_mac", "sops_age"),
    ] {
        let text = sealed.replace(from, to);
        let error = open(&text, Format::Dotenv, &keyring(), false).err().unwrap();
        assert!(matches!(error, Error::Metadata { line: 2, .. }), "{error}");
    }
    let sealed = round_trip("k = 1\n", Format::Ini, &recipe());
    let error = open(&format!("{sealed}[sops]\n"), Format::Ini, &keyring(), false).err().unwrap();
    assert!(matches!(error, Error::Metadata { line: 2, .. }), "{error}");
}

#[test]
fn equal_keys_count_once_when_a_file_is_read() {
    let document = Document::parse("[a]\nk = 1\nl = 2\nk = 3\n", Format::Ini).unwrap();
    let values: Vec<_> = document
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Leaf(leaf) => Some((document.paths().display(leaf.path), leaf.value.clone())),
            Part::Comment(_) => None,
        })
        .collect();
    let expected = [(r#"["a"]["k"]"#, "3"), (r#"["a"]["l"]"#, "2")];
    assert_eq!(values, expected.map(|(path, value)| (path.to_owned(), Value::Str(value.into()))));
}

/// With quadratic time in any of these the test would take hours.
#[test]
fn files_of_hostile_size_are_read() {
    let many = 1_000_000;
    let dotenv = [
        ("A=1\n".repeat(many), many),
        ("#c\n".repeat(many), many),
        ("\n".repeat(many), 0),
        ((0..many).map(|n| format!("sops_a{n}__list_{n}=x\n")).collect(), 0),
        (format!("sops_{}=x\n", "a__map_".repeat(many)), 0),
        ("sops_age__list_0__map_enc=x\n".repeat(many), 0),
    ];
    for (text, parts) in dotenv {
        assert_eq!(Document::parse(&text, Format::Dotenv).unwrap().parts().len(), parts);
    }
    let ini = [
        ("[a]\n".repeat(many), many),
        ("k=1\n".repeat(many), 1),
        ((0..many).map(|n| format!("k{n}=1\n")).collect(), many),
        ("; c\n".repeat(many), 1),
        ("k = \\\n".repeat(many), 1),
        (format!("k = \"\"\"{}\"\"\"\n", "\n".repeat(many)), 1),
        ("[sops]\n".repeat(many), 0),
        ("[a] ; x\n; y\nk = v ; z\n".repeat(many / 4), many / 4 * 3),
    ];
    for (text, parts) in ini {
        assert_eq!(Document::parse(&text, Format::Ini).unwrap().parts().len(), parts);
    }
}

fn lines(alphabet: &'static str) -> impl Strategy<Value = String> {
    let pieces: Vec<&'static str> = alphabet.split('|').collect();
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn anything_that_is_sealed_as_dotenv_comes_back(
        text in lines("\n|\n|A=|B=|#|\\n|\\|=|x|\r|\r\n|'|\"| |ENC[|é|\u{feff}|sops|_|A=1\n"),
    ) {
        if let Ok(sealed) = seal(&text, Format::Dotenv, &recipe(), &keyring(), NOW) {
            let opened = open(&sealed.text, Format::Dotenv, &keyring(), false);
            prop_assert_eq!(&*opened.map_err(|error| error.to_string()).unwrap().text, &text);
        }
    }

    #[test]
    fn anything_that_is_sealed_as_ini_comes_back(
        text in lines("\n|\n|\n|k=|l = |m: |[a]\n|[b] ; c\n|;|# d\n|; e\n|\\|`|\"\"\"|\"|'| |x|y z\
            |\r\n|\t|=|]|\u{a0}|é|\u{feff}|ENC[|1\n|v ; c\n"),
    ) {
        match seal(&text, Format::Ini, &recipe(), &keyring(), NOW) {
            Ok(sealed) => {
                let opened = open(&sealed.text, Format::Ini, &keyring(), false);
                prop_assert_eq!(&*opened.map_err(|error| error.to_string()).unwrap().text, &text);
            }
            Err(error) => prop_assert!(!matches!(error, Error::NotReproduced { .. }), "{}", error),
        }
    }
}

/// What is read is written again in the order and with the names that were found.
#[test]
fn metadata_comes_back() {
    let sealed = round_trip("[a]\nk = v\n", Format::Ini, &recipe());
    let document = Document::parse(&sealed, Format::Ini).unwrap();
    let metadata: &Metadata = document.metadata().unwrap();
    assert_eq!(metadata.last_modified, NOW);
    assert_eq!(metadata.keys().count(), 1);
}
