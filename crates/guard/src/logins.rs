//! Files of logins whose lines have no names: what stands where is known by the file's.

use std::ops::Range;

use crate::credential::{self, Writing};
use crate::found::Found;
use crate::judge::FINDING_LIMIT;

/// What separates the fields of a line, and which of them is the password.
struct Form {
    names: &'static [&'static str],
    password: fn(&str) -> Option<Range<usize>>,
}

const FORMS: [Form; 5] = [
    // `host:port:database:user:password`
    Form { names: &[".pgpass", "pgpass", "pgpass.conf"], password: fifth_of_colons },
    // `[host]:port user:password`
    Form { names: &["sasl_passwd", "sasl-passwd", "smtp_auth"], password: behind_last_colon },
    // `client server secret addresses`
    Form { names: &["chap-secrets", "pap-secrets"], password: third_word },
    // `: PSK "password"`
    Form { names: &["ipsec.secrets", "swanctl.secrets"], password: in_quotes },
    // `user name on >password`
    Form { names: &["users.acl", "redis.acl", "aclfile"], password: behind_arrow },
];

/// The passwords of a file that is called like one of these.
pub(crate) fn find(text: &str, names: &[&str]) -> Vec<Found> {
    let form = names.first().and_then(|name| {
        let file = name.rsplit('/').next().unwrap_or(name);
        FORMS.iter().find(|form| form.names.contains(&file))
    });
    let Some(form) = form else { return Vec::new() };
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if found.len() >= FINDING_LIMIT {
            break;
        }
        let content = line.trim_end();
        if !content.trim_start().starts_with('#')
            && let Some(range) = (form.password)(content)
            && let Some(verdict) =
                credential::judge("password", &content[range.clone()], Writing::Data)
        {
            let why = "a password in the clear: the file has the name of one of logins, and this is where they stand";
            let span = at + range.start..at + range.end;
            found.push(Found::new(span, verdict.rule, verdict.confidence, why));
        }
        at += line.len();
    }
    found
}

fn fifth_of_colons(line: &str) -> Option<Range<usize>> {
    let fields: Vec<&str> = line.splitn(5, ':').collect();
    let password = fields.get(4)?;
    Some(line.len() - password.len()..line.len())
}

fn behind_last_colon(line: &str) -> Option<Range<usize>> {
    let login = line.split_whitespace().nth(1)?;
    let (_, password) = login.split_once(':')?;
    Some(line.len() - password.len()..line.len()).filter(|_| line.ends_with(login))
}

fn third_word(line: &str) -> Option<Range<usize>> {
    let word = line.split_whitespace().nth(2)?;
    let start = word.as_ptr() as usize - line.as_ptr() as usize;
    let quotes = word.len() - word.trim_start_matches('"').len();
    Some(start + quotes..start + quotes + word.trim_matches('"').len())
}

fn in_quotes(line: &str) -> Option<Range<usize>> {
    let (_, behind) = line.split_once(": PSK ").or_else(|| line.split_once(": EAP "))?;
    let open = line.len() - behind.len() + behind.find('"')? + 1;
    Some(open..open + line[open..].find('"')?)
}

fn behind_arrow(line: &str) -> Option<Range<usize>> {
    let word = line.split_whitespace().find(|word| word.len() > 1 && word.starts_with('>'))?;
    let start = word.as_ptr() as usize - line.as_ptr() as usize + 1;
    Some(start..start + word.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
        find(text, &[name]).into_iter().map(|found| &text[found.span]).collect()
    }

    #[test]
    fn each_file_has_its_own_form() {
        for (text, name) in [
            ("# host\ndb:5432:*:app:hunter2\n", ".pgpass"),
            ("[smtp.example.org]:587 me:hunter2\n", "sasl_passwd"),
            ("me * \"hunter2\" *\n", "chap-secrets"),
            ("10.0.0.1 : PSK \"hunter2\"\n", "ipsec.secrets"),
            ("user default off\nuser app on >hunter2 ~* +@all\n", "etc/users.acl"),
        ] {
            assert_eq!(found(text, name), ["hunter2"], "{name}");
            assert_eq!(found(text, "notes"), Vec::<&str>::new(), "{name}");
            assert_eq!(found(&text.replace("hunter2", "${X}"), name), Vec::<&str>::new(), "{name}");
        }
        for name in [".pgpass", "sasl_passwd", "chap-secrets", "ipsec.secrets", "users.acl"] {
            assert_eq!(found("a\n:\n: PSK \"\n>\nü ü ü\n", name), Vec::<&str>::new());
        }
    }
}
