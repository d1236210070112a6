//! Whether a key can be sealed for, before gpg is asked to: `gpg --with-colons` as
//! GnuPG's doc/DETAILS describes it.

use bulla_core::KeyError;
use time::OffsetDateTime;

use super::fingerprint::Fingerprint;

/// A key or a subkey.
struct Record<'l> {
    is_primary: bool,
    validity: &'l str,
    expires: &'l str,
    /// Small letters for the record itself; capitals, on primary keys, for what the whole
    /// key can still do.
    capabilities: &'l str,
    fingerprint: &'l str,
}

/// Checks that the key of a fingerprint can be sealed for.
///
/// # Errors
///
/// When gpg has no such key or several, or it has expired, was revoked or switched off,
/// or is not for encryption.
pub(super) fn check(listing: &str, fingerprint: &Fingerprint) -> Result<(), KeyError> {
    let records = records(listing);
    let mut primaries = records.iter().filter(|record| record.is_primary);
    let Some(primary) = primaries.next() else {
        return Err(KeyError::new("gpg does not have this key").with_hint(
            "import it with gpg --import FILE or gpg --recv-keys FINGERPRINT, after you have compared the fingerprint with its owner's",
        ));
    };
    if primaries.next().is_some() {
        return Err(KeyError::new("gpg has several keys with this ID")
            .with_hint("write the whole fingerprint, 40 digits"));
    }
    usable(primary, "it")?;
    if primary.capabilities.contains('D') {
        return Err(KeyError::new("it was disabled in gpg")
            .with_hint("enable it with gpg --edit-key, or seal for another key"));
    }
    if fingerprint.is_exact() {
        let digits = fingerprint.digits().to_ascii_uppercase();
        let meant = records.iter().find(|record| record.fingerprint.ends_with(&digits));
        return meant.map_or(Ok(()), |subkey| {
            usable(subkey, "this subkey")?;
            if subkey.capabilities.contains('e') { Ok(()) } else { Err(not_for_encryption()) }
        });
    }
    if primary.capabilities.contains('E') {
        return Ok(());
    }
    let encrypting = records.iter().filter(|record| record.capabilities.contains('e'));
    for subkey in encrypting {
        usable(subkey, "its subkey for encryption")?;
    }
    Err(not_for_encryption())
}

/// The fingerprints of the keys, and their subkeys, whose secret part can open messages:
/// it is in gpg, or on a card that gpg knows.
pub(super) fn openers(listing: &str) -> Vec<Vec<&str>> {
    let mut keys: Vec<(Vec<&str>, bool)> = Vec::new();
    for line in listing.lines() {
        let fields: Vec<_> = line.split(':').collect();
        let field = |index: usize| fields.get(index).copied().unwrap_or_default();
        let kind = field(0);
        if kind == "sec" {
            keys.push((Vec::new(), false));
        }
        let Some((fingerprints, opens)) = keys.last_mut() else { continue };
        match kind {
            // `#` stands for a secret part that is kept elsewhere.
            "sec" | "ssb" => *opens |= field(11).contains('e') && field(14) != "#",
            "fpr" => fingerprints.push(field(9)),
            _ => {}
        }
    }
    keys.into_iter().filter(|(_, opens)| *opens).map(|(fingerprints, _)| fingerprints).collect()
}

fn usable(record: &Record<'_>, what: &str) -> Result<(), KeyError> {
    match record.validity {
        "e" => {
            let on = date(record.expires).map(|date| format!(" on {date}")).unwrap_or_default();
            Err(KeyError::new(format!("{what} has expired{on}")).with_hint(
                "get the extended key from its owner (gpg --refresh-keys), or seal for another key",
            ))
        }
        "r" => Err(KeyError::new(format!("{what} was revoked"))
            .with_hint("remove it, and seal for the key that its owner uses now")),
        "i" => Err(KeyError::new(format!("gpg takes {what} for invalid"))
            .with_hint("import it again, or seal for another key")),
        _ => Ok(()),
    }
}

fn not_for_encryption() -> KeyError {
    KeyError::new("it cannot encrypt, only sign or certify")
        .with_hint("seal for a key that has a subkey for encryption")
}

fn date(seconds: &str) -> Option<String> {
    let time = OffsetDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()?;
    Some(time.date().to_string())
}

fn records(listing: &str) -> Vec<Record<'_>> {
    let mut records: Vec<Record<'_>> = Vec::new();
    for line in listing.lines() {
        let fields: Vec<_> = line.split(':').collect();
        let field = |index: usize| fields.get(index).copied().unwrap_or_default();
        match field(0) {
            kind @ ("pub" | "sub") => records.push(Record {
                is_primary: kind == "pub",
                validity: field(1),
                expires: field(6),
                capabilities: field(11),
                fingerprint: "",
            }),
            // It stands below its key.
            "fpr" => {
                if let Some(record) = records.last_mut().filter(|last| last.fingerprint.is_empty())
                {
                    record.fingerprint = field(9);
                }
            }
            _ => {}
        }
    }
    records
}
