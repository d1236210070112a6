//! Values that stand where a secret will be, and are none.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What references to other stores begin with.
const REFERENCES: [&str; 14] = [
    "env:",
    "os.environ/",
    "vault:",
    "op://",
    "ref+",
    "gcp:secretmanager:",
    "arn:",
    "secret://",
    "secrets://",
    "awssm:",
    "akv:",
    "bws:",
    "keyvault:",
    "projects/",
];

/// How a placeholder begins and ends.
const BRACKETS: [(&str, &str); 14] = [
    ("?{", "}"),
    ("${", "}"),
    ("$(", ")"),
    ("{{", "}}"),
    ("((", "))"),
    ("#{", "}"),
    ("<%", "%>"),
    ("<", ">"),
    ("%(", ")s"),
    ("$__file{", "}"),
    ("$__env{", "}"),
    ("$__vault{", "}"),
    ("{%", "%}"),
    ("[[", "]]"),
];

/// How the words of somebody who will put something else here begin.
const INSTRUCTIONS: [&str; 12] = [
    "replace",
    "your",
    "change",
    "insert",
    "todo",
    "fixme",
    "enter",
    "put",
    "placeholder",
    "redacted",
    "example",
    "fill",
];

/// Words that say nothing of their own. A value of nothing but these is a blank.
const BLANK_WORDS: [&str; 96] = [
    "a",
    "access",
    "account",
    "add",
    "admin",
    "api",
    "apikey",
    "at",
    "auto",
    "bar",
    "base64",
    "baz",
    "be",
    "bogus",
    "change",
    "changeit",
    "changeme",
    "client",
    "code",
    "commit",
    "credential",
    "credentials",
    "data",
    "database",
    "db",
    "default",
    "demo",
    "dev",
    "do",
    "dummy",
    "empty",
    "encoded",
    "enter",
    "env",
    "example",
    "fake",
    "fill",
    "fixme",
    "foo",
    "for",
    "from",
    "generated",
    "here",
    "hex",
    "hidden",
    "id",
    "in",
    "insert",
    "is",
    "it",
    "jwt",
    "key",
    "later",
    "local",
    "masked",
    "me",
    "mnemonic",
    "my",
    "name",
    "nil",
    "none",
    "not",
    "null",
    "of",
    "or",
    "own",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "phrase",
    "placeholder",
    "private",
    "put",
    "real",
    "redacted",
    "removed",
    "replace",
    "replaceme",
    "required",
    "sample",
    "secret",
    "seed",
    "set",
    "some",
    "string",
    "supersecret",
    "tbd",
    "test",
    "the",
    "this",
    "to",
    "todo",
    "token",
    "value",
    "your",
];

/// The shortest repetition that nobody would choose, or draw, as a secret.
const SHORTEST_REPETITION: usize = 4;

/// The longest unit that examples repeat, and how long they are at least.
const LONGEST_UNIT: usize = 16;
const SHORTEST_PATTERN: usize = 16;
const LONGEST_PATTERN: usize = 512;

/// Whether a value is empty, a variable, a template, something in angle brackets, a
/// reference to a store, an instruction, or the same characters again and again.
///
/// The whole value has to be that: `x${VAR}` has an `x` of its own.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || is_reference(value)
        || is_repeated(value)
        || is_all_brackets(value)
        || is_variable(value)
        || is_blank(value)
        || is_cut_off(value)
}

/// `AKIA...`, `eyJh…`: the rest is left out.
fn is_cut_off(value: &str) -> bool {
    value.ends_with("...") || value.ends_with('…')
}

/// Whether some part of a value comes from somewhere else.
pub(crate) fn has_variable(value: &str) -> bool {
    static OPEN: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let open = ["${", "$(", "{{", "%(", "<path:", "((", "#{", "<%"];
        // Far more of them would be too many.
        AhoCorasick::new(open).expect("some ten short marks fit")
    });
    OPEN.is_match(value)
}

fn is_reference(value: &str) -> bool {
    REFERENCES.iter().any(|prefix| {
        value.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && !rest.contains(char::is_whitespace) && rest.contains(['/', ':'])
        })
    })
}

/// `xxxx`, `****`, `0000`, `deadbeefdeadbeef`, `0123456789abcdef0123456789abcdef`
fn is_repeated(value: &str) -> bool {
    let bytes = value.strip_prefix("0x").unwrap_or(value).as_bytes();
    let Some(&first) = bytes.first() else { return false };
    let fills = b"xX*.-_?".contains(&first);
    if bytes.iter().all(|&byte| byte == first) {
        return fills || bytes.len() >= SHORTEST_REPETITION;
    }
    if !(SHORTEST_PATTERN..=LONGEST_PATTERN).contains(&bytes.len()) {
        return false;
    }
    let is_unit = |unit: usize| bytes.iter().zip(&bytes[unit..]).all(|(one, next)| one == next);
    let rises = bytes.windows(2).filter(|pair| pair[1] == pair[0].wrapping_add(1)).count();
    (2..=LONGEST_UNIT.min(bytes.len() / 2)).any(is_unit) || rises * 10 >= bytes.len() * 8
}

/// One or more placeholders, with nothing but blanks between them.
fn is_all_brackets(mut value: &str) -> bool {
    while !value.is_empty() {
        let rest = BRACKETS.iter().find_map(|(open, close)| {
            let inner = value.strip_prefix(open)?;
            let end = inner.find(close)?;
            // Angle brackets hold a word or two, not a document.
            let fits = *open != "<" || (end > 0 && end <= 100 && !inner[..end].contains('<'));
            fits.then(|| &inner[end + close.len()..])
        });
        let Some(rest) = rest else { return false };
        value = rest.trim_start();
    }
    true
}

/// `$NAME`, `%NAME%`, `@NAME@`, `__NAME__`
fn is_variable(value: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
    };
    let is_upper = |name: &str| is_name(name) && !name.contains(|c: char| c.is_ascii_lowercase());
    let between = |mark: &str| {
        value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark)).is_some_and(is_upper)
    };
    // Make wants the sign twice.
    let behind_sign = value.strip_prefix("$$").or_else(|| value.strip_prefix('$'));
    behind_sign.is_some_and(|name| is_name(name.trim_end_matches('$')))
        || between("%")
        || between("@")
        || between("__")
        || value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(is_upper)
}

/// Words that tell somebody to write something else, or none of its own.
fn is_blank(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    // What Amazon and others end their examples with.
    if lower.len() >= 16 && lower.contains("example") && !lower.contains(['/', '@']) {
        return true;
    }
    if value.ends_with("EXAMPLE") || value.ends_with("EXAMPLEKEY") {
        return true;
    }
    let is_part = |character: char| character.is_ascii_alphanumeric();
    let mut words = lower.split(|character| !is_part(character)).filter(|word| !word.is_empty());
    let is_fill = |word: &str| word.bytes().all(|byte| byte == b'x');
    let is_blank_word = |word: &str| {
        let word = word.trim_end_matches(|character: char| character.is_ascii_digit());
        BLANK_WORDS.binary_search(&word).is_ok() || (word.len() > 1 && is_fill(word))
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_. <>:!".contains(&byte);
    if lower.contains(|character: char| character.is_ascii_alphabetic())
        && lower.bytes().all(is_plain)
        && words.clone().all(is_blank_word)
    {
        return true;
    }
    // `REPLACE_WITH_THE_PASSWORD`, `your-database-password`
    INSTRUCTIONS.iter().any(|start| {
        words.next_if_starts(start)
            && lower.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_. <>".contains(&byte))
            && lower.contains(['-', '_', ' '])
    })
}

/// A look at the first word, again and again.
trait FirstWord {
    fn next_if_starts(&mut self, start: &str) -> bool;
}

impl<'a, I: Iterator<Item = &'a str> + Clone> FirstWord for I {
    fn next_if_starts(&mut self, start: &str) -> bool {
        self.clone().next().is_some_and(|word| word.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::{BLANK_WORDS, is_placeholder};

    #[test]
    fn placeholders_are_placeholders() {
        for value in [
            "",
            "  \n",
            "${PASSWORD}",
            "$(PASSWORD)",
            "$PASSWORD",
            "$$PASSWORD",
            "/7PC5om....",
            "eyJhbGciOiJI…",
            "$password$",
            "%PASSWORD%",
            "__PASSWORD__",
            "{{ .Values.password | quote }}",
            "{{- with .Values.a }}{{ . }}{{- end }}",
            "((password))",
            "$__file{/run/secrets/password}",
            "<replace-me>",
            "<path:secret/data/app#password>",
            "${USER} ${PASSWORD}",
            "%(password)s",
            "xxxxxxxx",
            "********",
            "____",
            "0000",
            "aaaa",
            "changeme",
            "CHANGE_ME",
            "your-api-key-here",
            "REPLACE_WITH_YOUR_STRIPE_KEY",
            "AKIAIOSFODNN7EXAMPLE",
            "0x1111111111111111111111111111111111111111111111111111111111111111",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "0123456789abcdef0123456789abcdef",
            "vault:secret/data/app#password",
            "op://vault/item/password",
            "ref+awssm://app/password",
            "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn what_has_something_of_its_own_is_not() {
        for value in [
            "hunter2",
            "x${PASSWORD}",
            "${PASSWORD}x",
            "${PASSWORD",
            "postgres://app:hunter2@db/${DB}",
            "<a> or <b>",
            "<config><password>hunter2</password></config>",
            "vault:hunter2",
            "op://",
            "$2y$10$",
            "pw",
            "123456",
            "yourself!7",
            "my-cat-felix",
            "deadbeefdeadbeefdeadbeefdeadbeee",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn the_words_are_sorted() {
        assert!(BLANK_WORDS.is_sorted());
    }
}
