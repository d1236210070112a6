//! Values and keys written so that go-ini reads them.

use super::read::key_name;
use super::value::{self, MARKS};

/// A value as go-ini writes it, or with other quotes where it could not read that
/// again; `None` when no quotes help.
pub(super) fn value(value: &str) -> Option<String> {
    let usual = match value {
        _ if value.contains(['\n', '`']) => "\"\"\"",
        _ if value.contains(MARKS) => "`",
        _ if value.trim().len() != value.len() => "\"",
        _ => "",
    };
    let written = |quote: &str| format!("{quote}{value}{quote}");
    let all = [usual, "", "`", "\"\"\"", "\"", "'"];
    all.into_iter().map(written).find(|text| reads_as(text, value))
}

/// Whether this text, behind a delimiter and alone on its line or lines, is that
/// value.
pub(super) fn reads_as(text: &str, value: &str) -> bool {
    let line = format!("{text}\n");
    value::read(&line, 0).is_ok_and(|read| {
        read.value == value && read.comment.is_none() && !read.is_cut && read.next == line.len()
    })
}

/// A key as go-ini writes it; `None` when it could not read that again.
pub(super) fn key(name: &str) -> Option<String> {
    let written = match name {
        _ if name.contains(['"', '=', ':']) => format!("`{name}`"),
        _ if name.contains('`') => format!("\"\"\"{name}\"\"\""),
        _ => name.to_owned(),
    };
    let is_lost = name == "-" || written.starts_with(MARKS) || written.starts_with('[');
    let line = format!("{written} = x");
    let is_read = key_name(&line).is_ok_and(|(read, _)| read == name);
    (!is_lost && is_read && !name.contains('\n')).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_go_ini_writes_them_if_it_reads_that_again() {
        let cases = [
            ("v", "v"),
            ("a b", "a b"),
            (" a", "\" a\""),
            ("a;b", "`a;b`"),
            ("a\nb", "\"\"\"a\nb\"\"\""),
            ("a`b", "\"\"\"a`b\"\"\""),
            ("\"x\"", "`\"x\"`"),
            ("C:\\new\\", "`C:\\new\\`"),
            ("'", "'"),
            ("", ""),
            ("a`#\"\"\"", "\"\"\"a`#\"\"\"\"\"\""),
        ];
        for (text, written) in cases {
            assert_eq!(value(text).as_deref(), Some(written), "{text:?}");
            assert!(reads_as(written, text));
        }
        assert_eq!(value("a`\n\"\"\"b;\n"), None);
    }

    #[test]
    fn keys_that_go_ini_loses_are_not_written() {
        for name in ["-", "#1", ";x", "[a]", "a`\"b", " a", ""] {
            assert_eq!(key(name), None, "{name:?}");
        }
        assert_eq!(key("a=b").as_deref(), Some("`a=b`"));
        assert_eq!(key("a`b").as_deref(), Some("\"\"\"a`b\"\"\""));
        assert_eq!(key("a b").as_deref(), Some("a b"));
    }
}
