//! Lines of `.gitignore` that kept keys out, and are gone.

use crate::around::Around;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::name::{Meaning, meaning, words};

/// Endings that key files have.
const KEY_ENDINGS: [&str; 14] = [
    "asc", "dec", "env", "gpg", "hex", "jks", "kdbx", "key", "keystore", "p12", "pem", "pfx",
    "tfstate", "tfvars",
];

/// Every line that was there before, that kept keys out, and whose files nothing else
/// keeps out.
pub(super) fn find(path: &str, text: &str, around: &dyn Around) -> Vec<Found> {
    let before = around.before(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let Some(before) = before else { return Vec::new() };
    let patterns = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
    };
    let now = patterns(text);
    let removed = before.lines().enumerate().filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty()
            && !line.starts_with(['#', '!'])
            && !now.iter().any(|now| covers(now, line))
    });
    removed
        .filter(|(_, line)| keeps_keys_out(line.trim()))
        .map(|(number, line)| {
            // Where it stood, or the last line that is left.
            let place: usize = text.split_inclusive('\n').take(number).map(str::len).sum();
            let place = place.min(text.len().saturating_sub(1));
            let why = format!("a line that kept keys out of git is gone: {}", line.trim());
            Found::new(place..place, Rule::UnignoredKeys, Confidence::Structure, &why)
        })
        .collect()
}

/// Whether a pattern takes all that another took: the same, a folder above, or all
/// files with that ending.
fn covers(now: &str, before: &str) -> bool {
    let plain = |pattern: &str| pattern.trim_start_matches("**/").trim_matches('/').to_owned();
    let (now, before) = (plain(now), plain(before));
    now == before
        || now == "*"
        || before.starts_with(&format!("{now}/"))
        || now.strip_prefix('*').is_some_and(|ending| {
            !ending.is_empty() && !ending.contains('*') && before.ends_with(ending)
        })
        || (!before.contains('*') && before.rsplit('/').next() == Some(&now))
}

fn keeps_keys_out(pattern: &str) -> bool {
    let name = pattern.trim_end_matches(['/', '*']);
    let name = name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is_named = matches!(
        meaning(name.trim_start_matches(['*', '.'])),
        Meaning::Key | Meaning::Password | Meaning::Token | Meaning::Mnemonic | Meaning::MaybeKey
    );
    let is_folder = words(name).iter().any(|word| {
        matches!(
            &**word,
            "secret"
                | "secrets"
                | "keys"
                | "private"
                | "credentials"
                | "keyring"
                | "keystore"
                | "wallet"
        )
    });
    is_named
        || is_folder
        || name == ".env"
        || ending.is_some_and(|ending| KEY_ENDINGS.contains(&ending))
}
