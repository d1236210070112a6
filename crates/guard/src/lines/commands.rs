//! Passwords on command lines whose flags do not say so, and in statements of SQL.

use std::ops::Range;

/// The longest command that is looked at.
const LIMIT: usize = 500;

/// Commands, and the flag that a password stands behind.
const COMMANDS: [(&str, &str); 6] = [
    ("sshpass", "-p"),
    ("docker login", "-p"),
    ("podman login", "-p"),
    ("registry login", "-p"),
    ("redis-cli ", "-a"),
    ("mysql", "-p"),
];

/// The password of a command or a statement that a word stands in.
pub(super) fn password(text: &str, word: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let window = &bytes[word.end..bytes.len().min(word.end + LIMIT)];
    let line = memchr::memchr(b'\n', window).unwrap_or(window.len());
    let rest = text.get(word.end..word.end + line)?;
    let lower = text.get(word.clone())?.to_ascii_lowercase();
    if matches!(&*lower, " -u " | "--user " | "--user=") {
        // `user:password`
        let login = argument(rest, 0)?;
        let colon = rest[login.clone()].find(':')? + login.start + 1;
        let is_address = rest[login.clone()].contains("://");
        let name = &rest[login.start..colon - 1];
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte));
        return (is_name && !is_address && colon < login.end)
            .then(|| word.end + colon..word.end + login.end);
    }
    if lower == "identified by" || (lower == "passw" && is_statement(text, word, rest)) {
        let quote = rest.find('\'')?;
        let is_near = rest[..quote]
            .chars()
            .all(|character| character.is_whitespace() || character.is_ascii_uppercase());
        let end = quote + 1 + rest[quote + 1..].find('\'')?;
        return is_near.then(|| word.end + quote + 1..word.end + end);
    }
    if let Some(value) = last_argument(text, word, rest, &lower) {
        return Some(value);
    }
    let (command, flag) = COMMANDS
        .iter()
        .find(|(command, _)| lower.starts_with(command.trim_end()) || lower == *command)?;
    // Some commands are written down with the blank before their flags.
    let at = match rest.strip_prefix(flag) {
        Some(_) if command.ends_with(' ') => flag.len(),
        _ => rest.find(&format!(" {flag}"))? + 1 + flag.len(),
    };
    // MySQL's stands close to its flag, and is asked for when there is none.
    let is_close = rest[at..].starts_with(|next: char| !next.is_whitespace());
    if *command == "mysql" && !is_close {
        return None;
    }
    let value = argument(rest, at)?;
    Some(word.end + value.start..word.end + value.end)
}

/// Passwords that stand where they do in a command, without a flag.
fn last_argument(
    text: &str,
    word: &Range<usize>,
    rest: &str,
    command: &str,
) -> Option<Range<usize>> {
    let of_rest = |range: Range<usize>| word.end + range.start..word.end + range.end;
    match command {
        // `rabbitmqctl add_user NAME PASSWORD`
        "rabbitmqctl add_user" => {
            let name = argument(rest, 0)?;
            argument(rest, name.end).map(of_rest)
        }
        // `htpasswd -bc FILE NAME PASSWORD`, `htpasswd -nb NAME PASSWORD`
        "htpasswd -" => {
            let flags = rest.split_whitespace().next()?;
            let arguments = if flags.contains('n') { 2 } else { 3 };
            let mut range = rest.find(flags)?..rest.find(flags)? + flags.len();
            for _ in 0..arguments {
                range = argument(rest, range.end)?;
            }
            flags.contains('b').then(|| of_rest(range))
        }
        // `ConvertTo-SecureString 'PASSWORD' -AsPlainText`
        "convertto-securestring" => {
            let value = argument(rest.strip_prefix(" -String").unwrap_or(rest), 0)?;
            let skipped = if rest.starts_with(" -String") { " -String".len() } else { 0 };
            let is_value =
                rest.contains("-AsPlainText") && !rest[skipped..][value.clone()].starts_with('-');
            is_value.then(|| of_rest(skipped + value.start..skipped + value.end))
        }
        // `echo 'NAME:PASSWORD' | chpasswd`
        "| chpasswd" => {
            let from = text.floor_char_boundary(word.start.saturating_sub(LIMIT));
            let before = &text[from..word.start];
            let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
            let base = word.start - line.len();
            let login = argument(line, line.find("echo ")? + "echo ".len())?;
            let colon = line[login.clone()].find(':')? + login.start + 1;
            Some(base + colon..base + login.end)
        }
        _ => None,
    }
}

/// `CREATE USER app WITH PASSWORD '…'`
fn is_statement(text: &str, word: &Range<usize>, rest: &str) -> bool {
    if !rest.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("ord '")) {
        return false;
    }
    let before = &text.as_bytes()[word.start.saturating_sub(LIMIT)..word.start];
    let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
    let line = format!(" {}", String::from_utf8_lossy(line).to_ascii_uppercase());
    [" USER ", " ROLE ", " LOGIN "].iter().any(|noun| line.contains(noun))
}

/// The next word of a command line, without its quotes.
fn argument(rest: &str, at: usize) -> Option<Range<usize>> {
    let start = at + (rest[at..].len() - rest[at..].trim_start_matches([' ', '=']).len());
    let first = rest[start..].chars().next()?;
    if matches!(first, '\'' | '"') {
        let end = rest[start + 1..].find(first)? + start + 1;
        return Some(start + 1..end);
    }
    let length = rest[start..].find(char::is_whitespace).unwrap_or(rest.len() - start);
    (length > 0).then_some(start..start + length)
}

#[cfg(test)]
mod tests {
    use crate::lines::{Kind, find};

    fn found(text: &str) -> Vec<&str> {
        find(text, Kind::Settings, |_| true).into_iter().map(|found| &text[found.span]).collect()
    }

    #[test]
    fn passwords_behind_flags_and_in_statements() {
        for text in [
            "curl -s -u 'admin:hunter2' https://x",
            "curl --user admin:hunter2 https://x",
            "sshpass -p 'hunter2' scp a b",
            "docker login -u bot -p hunter2 x",
            "redis-cli -h x -a hunter2 PING",
            "mysql -u root -phunter2 app",
            "CREATE USER app WITH PASSWORD 'hunter2';",
            "ALTER USER 'app'@'%' IDENTIFIED BY 'hunter2';",
            "rabbitmqctl add_user app hunter2",
            "htpasswd -bc /etc/users admin hunter2",
            "htpasswd -nb admin hunter2",
            "$a = ConvertTo-SecureString 'hunter2' -AsPlainText -Force",
            "echo 'me:hunter2' | chpasswd",
        ] {
            assert_eq!(found(text), ["hunter2"], "{text}");
        }
    }

    #[test]
    fn other_flags_of_that_name() {
        for text in [
            "sort -u a:b2",
            "date -u +%H:%M2",
            "$x | ConvertTo-SecureString -AsPlainText -Force",
            "aws x | docker login --username AWS --password-stdin r.example.org/a1b2c3",
            "curl -u \"$USER:$PASSWORD\" https://x",
            "curl -u user:password https://x",
            "docker login -u bot --password-stdin",
            "docker run -p 80:8080 mysql",
            "mysql -u root -p app",
            "needs MySQL-python2, or mysqlclient",
            "sshpass -f file2 ssh x",
            "the password 'x' of the user",
            "rabbitmqctl add_user app",
            "htpasswd -c /etc/users admin hunter2",
            "ConvertTo-SecureString $x -AsPlainText",
            "cat users | chpasswd",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
