//! How each kind of master key is spelled.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::master_key::MasterKey;
use crate::rules::bech32;

/// Whether this looks like the half of a key that nobody else may see, or like an
/// address with a password.
pub(super) fn is_secret(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let address = text.split_once("://").map(|(_, rest)| rest);
    let host = address.and_then(|address| address.split('/').next());
    host.is_some_and(|host| host.contains('@'))
        || ["AGE-SECRET-KEY-", "AGE-PLUGIN-", "-----BEGIN"].iter().any(|mark| upper.contains(mark))
}

/// Whether this looks like an age recipient that lost or changed a letter.
pub(super) fn is_damaged_age(text: &str) -> bool {
    text.starts_with("age1") && !text.contains(char::is_whitespace) && age(text).is_none()
}

/// A recipient of age, in Bech32 or as an SSH key.
pub(super) fn age(text: &str) -> Option<MasterKey> {
    let known = match bech32::decoded(text) {
        Some(("age", bytes)) => bytes == 32,
        // Hybrid keys and plugins, which know their own lengths.
        Some((prefix, _)) => prefix.starts_with("age1"),
        None => is_ssh_key(text),
    };
    known.then(|| MasterKey::Age { recipient: text.to_owned() })
}

/// Whether this is a public key of OpenSSH, of a kind that age can seal for.
fn is_ssh_key(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some(kind @ ("ssh-ed25519" | "ssh-rsa")), Some(blob)) = (words.next(), words.next())
    else {
        return false;
    };
    // The blob begins with the length of the kind's name, and the name.
    let blob = STANDARD.decode(blob).unwrap_or_default();
    let named = blob.get(4..).is_some_and(|blob| blob.starts_with(kind.as_bytes()));
    named && !text.contains(char::is_control)
}

/// A fingerprint, its blanks removed.
pub(super) fn pgp(text: &str) -> Option<MasterKey> {
    let fingerprint: String = text.split_whitespace().collect();
    let digits = fingerprint.strip_suffix('!').unwrap_or(&fingerprint);
    // A long key ID, version 4, version 5 and later. Anyone can make a key with a
    // short ID of his choice.
    let known = matches!(digits.len(), 16 | 40 | 64);
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (known && hex).then_some(MasterKey::Pgp { fingerprint })
}

/// The ARN of a key or an alias, perhaps with that of a role.
pub(super) fn kms(text: &str) -> Option<MasterKey> {
    let compact: String = text.split_whitespace().collect();
    let (arn, role) = match compact.find("+arn:") {
        Some(at) => (&compact[..at], Some(&compact[at + 1..])),
        None => (compact.as_str(), None),
    };
    let known = is_kms_arn(arn) && role.is_none_or(is_role_arn);
    known.then(|| MasterKey::Kms {
        arn: arn.to_owned(),
        role: role.map(str::to_owned),
        context: Vec::new(),
        aws_profile: None,
    })
}

fn is_kms_arn(arn: &str) -> bool {
    arn_of("kms", arn).is_some_and(|[region, account, resource]| {
        let id = resource.strip_prefix("key/").or_else(|| resource.strip_prefix("alias/"));
        !region.is_empty() && is_account(account) && id.is_some_and(|id| !id.is_empty())
    })
}

/// Whether this is the ARN of a role of AWS IAM.
pub(super) fn is_role_arn(arn: &str) -> bool {
    arn_of("iam", arn).is_some_and(|[region, account, resource]| {
        let name = resource.strip_prefix("role/");
        region.is_empty() && is_account(account) && name.is_some_and(|name| !name.is_empty())
    })
}

/// Region, account and resource of an ARN of this service, in any partition.
fn arn_of<'a>(service: &str, arn: &'a str) -> Option<[&'a str; 3]> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, found, region, account, resource]
            if partition.starts_with("aws") && found == service && is_word(resource) =>
        {
            Some([region, account, resource])
        }
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether nothing in it ends a word in a file or moves a cursor.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A resource name.
pub(super) fn gcp_kms(text: &str) -> Option<MasterKey> {
    let parts: Vec<_> = text.split('/').collect();
    match parts[..] {
        ["projects", project, "locations", place, "keyRings", ring, "cryptoKeys", key]
            if [project, place, ring, key].into_iter().all(is_word) =>
        {
            Some(MasterKey::GcpKms { resource_id: text.to_owned() })
        }
        _ => None,
    }
}

/// Region and UUID.
pub(super) fn hckms(text: &str) -> Option<MasterKey> {
    let (region, uuid) = text.split_once(':')?;
    let region_like = |char: char| char.is_ascii_alphanumeric() || char == '-';
    let uuid_like = |char: char| char.is_ascii_hexdigit() || char == '-';
    let known = !region.is_empty() && region.chars().all(region_like);
    (known && !uuid.is_empty() && uuid.chars().all(uuid_like))
        .then(|| MasterKey::HcKms { key_id: text.to_owned() })
}

/// The URL of a key, perhaps of one version.
pub(super) fn azure_kv(text: &str) -> Option<MasterKey> {
    let (vault_url, parts) = split_url(text)?;
    let (name, version) = match parts[..] {
        ["keys", name] => (name, ""),
        ["keys", name, version] => (name, version),
        _ => return None,
    };
    // The client refuses to send a token anywhere else.
    vault_url.starts_with("https://").then(|| MasterKey::AzureKv {
        vault_url: vault_url.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// The URL of a transit key.
pub(super) fn vault(text: &str) -> Option<MasterKey> {
    let (address, parts) = split_url(text)?;
    match &parts[..] {
        ["v1", engine @ .., "keys", key] if !engine.is_empty() => Some(MasterKey::Vault {
            address: address.to_owned(),
            engine_path: engine.join("/"),
            key_name: (*key).to_owned(),
        }),
        _ => None,
    }
}

/// The address of a server and the segments of the path behind it.
///
/// `None` for credentials in the address, queries, and segments that would lead
/// to another place on the server.
fn split_url(text: &str) -> Option<(&str, Vec<&str>)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let (host, path) = text[scheme.len()..].split_once('/')?;
    let parts: Vec<_> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    let plain = |part: &&str| is_word(part) && !part.contains(['?', '#', '@', '\\', '%']);
    let leads_away = |part: &str| part == "." || part == "..";
    (plain(&host) && parts.iter().all(|part| plain(part) && !leads_away(part)))
        .then(|| (&text[..scheme.len() + host.len()], parts))
}
