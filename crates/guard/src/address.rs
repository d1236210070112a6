//! Addresses with a password, or a key, in them.

use memchr::memmem;

use crate::credential::{self, Writing};
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::placeholder::{has_variable, is_placeholder};
use crate::shape::{is_name, is_random};

/// The longest user, password or query that is looked at.
const LIMIT: usize = 1024;

/// Every address with a secret in a text.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut free = 0;
    for at in memmem::find_iter(bytes, b"://") {
        if at < free {
            continue;
        }
        let start = at + 3;
        let window = &bytes[start..bytes.len().min(start + LIMIT)];
        let length = window.iter().position(|&byte| ends_address(byte)).unwrap_or(window.len());
        free = start + length;
        let Some(address) = text.get(start..start + length) else { continue };
        found.extend(password(address, start));
        found.extend(query(address, start));
    }
    found
}

fn ends_address(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"'`<>\\|".contains(&byte)
}

/// `user:password@host`
fn password(address: &str, start: usize) -> Option<Found> {
    let authority = address.split(['/', '?', '#']).next()?;
    // A password may have a slash in it, though it should not.
    let (login, host) = authority.rsplit_once('@').or_else(|| {
        let (login, host) = address.split_once('@')?;
        let has_port = login.split_once(':').is_some_and(|(_, rest)| {
            !rest.split('/').next().is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
        });
        (has_port && !login.contains('?')).then_some((login, host))
    })?;
    let (user, password) = login.split_once(':')?;
    let is_host =
        host.starts_with(|first: char| first.is_ascii_alphanumeric() || "[{$".contains(first));
    // What nobody would take for a secret: the name of the user once more, on a
    // machine of one's own.
    let is_local =
        ["localhost", "127.0.0.1", "[::1]", "host"].iter().any(|local| host.starts_with(local));
    if password.is_empty()
        || !is_host
        || is_placeholder(password)
        || has_variable(password)
        || password.contains(['{', '}', '$', '(', '*', '[', ']'])
        || password.starts_with(['<', '[', '%'])
        || password == user
        || (is_local && is_name(password))
        || password.len() < 3
        || is_mask(password)
    {
        return None;
    }
    let at = start + user.len() + 1;
    let why = "an address with a password in it";
    Some(Found::new(at..at + password.len(), Rule::UrlPassword, Confidence::Structure, why))
}

/// `…`, `PASSWORD`, `pwd1`
fn is_mask(password: &str) -> bool {
    let is_upper = password.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    is_upper
        || password.starts_with("...")
        || matches!(password, "pwd" | "pw" | "pass" | "passw0rd")
}

/// `?apikey=…`, `&token=…`
fn query(address: &str, start: usize) -> Option<Found> {
    let (before, query) = address.split_once('?')?;
    let mut at = start + before.len() + 1;
    for part in query.split('&') {
        let length = part.len() + 1;
        if let Some((name, value)) = part.split_once('=')
            && !name.contains("next")
            && is_random(value)
            && let Some(verdict) =
                credential::judge(name.trim_start_matches("amp;"), value, Writing::Quoted)
                    .or_else(|| credential::judge(&format!("api_{name}"), value, Writing::Quoted))
                    .filter(|_| value.len() >= 16)
        {
            let at = at + name.len() + 1;
            let why = "an address with a key in it";
            let _ = verdict;
            return Some(Found::new(
                at..at + value.len(),
                Rule::UrlPassword,
                Confidence::Heuristic,
                why,
            ));
        }
        at += length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|found| &text[found.span]).collect()
    }

    #[test]
    fn passwords_in_addresses() {
        assert_eq!(found("url: postgres://app:hunter2@db:5432/app\n"), ["hunter2"]);
        assert_eq!(found("'redis://:hunter2@cache:6379/0'"), ["hunter2"]);
        assert_eq!(found("https://me:p%40ss12@example.org/x"), ["p%40ss12"]);
        assert_eq!(found("mongodb+srv://a:hunter2@h1,h2/db?x=y"), ["hunter2"]);
        assert_eq!(
            found("https://h/x?apikey=Zk3vQ9xR1mT7bN5cW2pL8sD4"),
            ["Zk3vQ9xR1mT7bN5cW2pL8sD4"]
        );
    }

    #[test]
    fn addresses_without() {
        for text in [
            "https://example.org:8080/a@b",
            "postgres://app@db:5432/app",
            "https://[user[:pass]]@host.domain[:port]/path",
            "postgres://app:${PASSWORD}@db/app",
            "postgres://user:password@localhost/app",
            "postgres://app:app@db/app",
            "postgres://USER:PASSWORD@HOST/DB",
            "https://user:xxxxx@example.org",
            "git+ssh://git@example.org:a/b",
            "https://h/x?key=value&a=b",
            "://",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
