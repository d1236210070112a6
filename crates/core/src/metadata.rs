//! The `sops` block: who can open the file, and what was sealed how.

use serde_json::{Map, Value as Json};

use crate::master_key::{MasterKey, WrappedKey};
use crate::recipe::needed;
use crate::selection::{Selector, SelectorKind};

pub(crate) mod flat;

/// The key under which metadata stands.
pub const KEY: &str = "sops";

/// The version that is written: the newest sops whose files these equal.
pub const VERSION: &str = "3.13.1";

/// The `sops` block of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Wrapped data keys, or wrapped shares when there are several groups.
    pub groups: Vec<Vec<WrappedKey>>,
    /// How many groups open the file; all, when absent.
    pub threshold: Option<usize>,
    /// RFC 3339; the additional data of the MAC.
    pub last_modified: String,
    /// The sealed MAC; empty when there is none.
    pub mac: String,
    /// Which leaves are sealed; all, when absent.
    pub selector: Option<Selector>,
    /// Whether the MAC covers sealed leaves only.
    pub mac_only_encrypted: bool,
    /// The version of sops that wrote the file, or that it was written for.
    pub version: String,
    /// How the sealed values were written, sealed; bulla's own.
    pub layout: Option<String>,
    /// The code over what the MAC leaves open; bulla's own.
    pub integrity: Option<String>,
    /// The block as it was read: its order is kept, and what is not known to us.
    pub raw: Option<Map<String, Json>>,
}

impl Metadata {
    /// Reads a block. Unknown keys are passed over.
    ///
    /// # Errors
    ///
    /// With the name of the field that is not what it should be.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        let block = json.as_object().ok_or("it is not a mapping")?;
        let groups: Vec<_> = match block.get("key_groups") {
            Some(Json::Array(groups)) if !groups.is_empty() => groups
                .iter()
                .map(|group| read_group(group.as_object().ok_or("key_groups is damaged")?))
                .collect::<Result<_, _>>()?,
            _ => vec![read_group(block)?],
        };
        let mut selectors = SelectorKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, text(block, kind.name())?)))
            .filter(|(_, text)| !text.is_empty());
        let selector = selectors.next();
        if selectors.next().is_some() {
            return Err("it has more than one selector".into());
        }
        let selector = selector
            .map(|(kind, text)| Selector::new(kind, text))
            .transpose()
            .map_err(|error| error.to_string())?;
        let threshold = match block.get("shamir_threshold") {
            None | Some(Json::Null) => None,
            Some(value) => {
                let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
                let number = number.and_then(|number| usize::try_from(number).ok());
                Some(number.ok_or("shamir_threshold is not a number")?).filter(|&n| n > 0)
            }
        };
        check_threshold(threshold, groups.len())?;
        let (layout, integrity) = (read_own(block, "layout")?, read_own(block, "integrity")?);
        Ok(Self {
            groups,
            threshold,
            last_modified: text(block, "lastmodified").unwrap_or_default(),
            mac: text(block, "mac").unwrap_or_default(),
            selector,
            mac_only_encrypted: matches!(
                block.get("mac_only_encrypted"),
                Some(Json::Bool(true)) | Some(Json::String(_))
            ) && text(block, "mac_only_encrypted")
                .is_none_or(|text| text == "true"),
            version: text(block, "version").ok_or("version is missing")?,
            layout,
            integrity,
            raw: Some(block.clone()),
        })
    }

    /// How many groups open the file.
    pub fn needed(&self) -> usize {
        match self.groups.len() {
            // sops passes over the threshold then.
            0 | 1 => 1,
            groups => needed(self.threshold, groups),
        }
    }

    /// The block, its keys in the order in which they are written.
    pub fn to_json(&self) -> Json {
        let mut block = Map::new();
        if let [group] = self.groups.as_slice() {
            write_group(&mut block, group);
        } else {
            let groups = self.groups.iter().map(|group| {
                let mut map = Map::new();
                write_group(&mut map, group);
                Json::Object(map)
            });
            // Always: without it, sops would try with fewer shares than it takes.
            block.insert("shamir_threshold".into(), self.needed().into());
            block.insert("key_groups".into(), groups.collect());
        }
        block.insert("lastmodified".into(), self.last_modified.clone().into());
        block.insert("mac".into(), self.mac.clone().into());
        if let Some(selector) = &self.selector {
            block.insert(selector.kind().name().into(), selector.text().into());
        }
        if self.mac_only_encrypted {
            block.insert("mac_only_encrypted".into(), true.into());
        }
        block.insert("version".into(), self.version.clone().into());
        let own = OWN.into_iter().zip([&self.layout, &self.integrity]);
        let own = own.filter_map(|(name, text)| Some((name.to_owned(), text.as_deref()?.into())));
        let bulla = Map::from_iter(own);
        if !bulla.is_empty() {
            block.insert("bulla".into(), bulla.into());
        }
        match &self.raw {
            Some(raw) => self.merge(raw, block).into(),
            None => block.into(),
        }
    }

    /// Our entries in the order of the block that was read, with what it had
    /// besides.
    fn merge(&self, raw: &Map<String, Json>, mut ours: Map<String, Json>) -> Map<String, Json> {
        let same_keys =
            Self::from_json(&raw.clone().into()).is_ok_and(|read| read.groups == self.groups);
        let mut merged = Map::new();
        for (name, value) in raw {
            let is_selector = SelectorKind::ALL.iter().any(|kind| kind.name() == name);
            let is_keys = KEY_LISTS.contains(&name.as_str()) || name == "key_groups";
            let ours = ours.shift_remove(name);
            let kept = match name.as_str() {
                // The order inside of each entry differs from version to version.
                _ if is_keys && same_keys => Some(value.clone()),
                _ if is_keys => ours.map(|ours| like(value, ours)),
                _ if is_selector => ours,
                "mac_only_encrypted" | "shamir_threshold" => ours,
                "bulla" => {
                    let mut bulla = value.as_object().cloned().unwrap_or_default();
                    let ours = ours.as_ref().and_then(Json::as_object);
                    for name in OWN {
                        match ours.and_then(|ours| ours.get(name)) {
                            Some(text) => bulla.insert(name.to_owned(), text.clone()),
                            None => bulla.shift_remove(name),
                        };
                    }
                    (!bulla.is_empty()).then_some(bulla.into())
                }
                _ => ours.or_else(|| Some(value.clone())),
            };
            if let Some(kept) = kept {
                merged.insert(name.clone(), kept);
            }
        }
        merged.extend(ours);
        merged
    }

    /// Whether two blocks say the same, however they are written.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        let bare = |block: &Self| Self { raw: None, ..block.clone() }.to_json();
        bare(self) == bare(other)
    }

    /// All wrapped keys, whatever their group.
    pub fn keys(&self) -> impl Iterator<Item = &WrappedKey> {
        self.groups.iter().flatten()
    }
}

/// Keys as they were written before: who is still there, to the letter, and who is new,
/// with the fields in the same order.
fn like(raw: &Json, ours: Json) -> Json {
    match (raw, ours) {
        (Json::Array(raw), Json::Array(ours)) => {
            let like_some = |item: Json| {
                let has = |old: &&Json| item.as_object().is_some_and(|item| holds(old, item));
                match raw.iter().find(has).or(raw.first()) {
                    Some(old) => like(old, item),
                    None => item,
                }
            };
            ours.into_iter().map(like_some).collect()
        }
        (Json::Object(raw), Json::Object(mut ours)) => {
            let mut ordered = Map::new();
            for (name, old) in raw {
                if let Some(new) = ours.shift_remove(name) {
                    ordered.insert(name.clone(), like(old, new));
                }
            }
            ordered.extend(ours);
            ordered.into()
        }
        (_, ours) => ours,
    }
}

/// Whether an entry has all that `item` has.
fn holds(old: &Json, item: &Map<String, Json>) -> bool {
    item.iter().all(|(name, value)| old.get(name) == Some(value))
}

/// How a selector is named in messages: `encrypted_regex: ^data$`.
pub(crate) fn selector_name(selector: Option<&Selector>) -> String {
    match selector {
        Some(selector) => format!("{}: {}", selector.kind().name(), selector.text()),
        None => "no selector".into(),
    }
}

/// The lists of wrapped keys, in the order in which they are written.
const KEY_LISTS: [&str; 7] = ["kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "age", "pgp"];

/// What is ours below `bulla`, in the order in which it is written.
const OWN: [&str; 2] = ["layout", "integrity"];

/// One of [`OWN`]. What is there and is no text is damaged, not absent.
fn read_own(block: &Map<String, Json>, name: &str) -> Result<Option<String>, String> {
    let Some(bulla) = block.get("bulla") else { return Ok(None) };
    let own = bulla.as_object().ok_or("bulla is not a mapping")?.get(name);
    let text = own.map(|own| own.as_str().ok_or_else(|| format!("bulla.{name} is not a text")));
    Ok(text.transpose()?.map(str::to_owned))
}

fn text(map: &Map<String, Json>, key: &str) -> Option<String> {
    map.get(key)?.as_str().map(str::to_owned)
}

/// Shamir's scheme has no other thresholds, and no more shares.
fn check_threshold(threshold: Option<usize>, groups: usize) -> Result<(), String> {
    match groups {
        0 | 1 => Ok(()),
        2..=255 if (2..=groups).contains(&needed(threshold, groups)) => Ok(()),
        2..=255 => Err(format!("shamir_threshold does not fit the {groups} key groups")),
        _ => Err(format!("it has {groups} key groups, and 255 is the most")),
    }
}

fn read_group(block: &Map<String, Json>) -> Result<Vec<WrappedKey>, String> {
    let mut keys = Vec::new();
    for list in KEY_LISTS {
        let items = match block.get(list) {
            None | Some(Json::Null) => continue,
            Some(Json::Array(items)) => items,
            Some(_) => return Err(format!("{list} is not a list")),
        };
        for item in items {
            let item = item.as_object().ok_or_else(|| format!("{list} is damaged"))?;
            keys.push(read_key(list, item)?);
        }
    }
    Ok(keys)
}

fn read_key(list: &str, item: &Map<String, Json>) -> Result<WrappedKey, String> {
    let need = |name: &str| text(item, name).ok_or_else(|| format!("{list} lacks {name}"));
    let some = |name: &str| text(item, name).filter(|text| !text.is_empty());
    let key = match list {
        "kms" => MasterKey::Kms {
            arn: need("arn")?,
            role: some("role"),
            context: match item.get("context").and_then(Json::as_object) {
                Some(context) => context
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                    .collect(),
                None => Vec::new(),
            },
            aws_profile: some("aws_profile"),
        },
        "gcp_kms" => MasterKey::GcpKms { resource_id: need("resource_id")? },
        "hckms" => MasterKey::HcKms { key_id: need("key_id")? },
        "azure_kv" => MasterKey::AzureKv {
            vault_url: need("vault_url")?,
            name: need("name")?,
            version: text(item, "version").unwrap_or_default(),
        },
        "hc_vault" => MasterKey::Vault {
            address: need("vault_address")?,
            engine_path: need("engine_path")?,
            key_name: need("key_name")?,
        },
        "age" => MasterKey::Age { recipient: need("recipient")? },
        _ => MasterKey::Pgp { fingerprint: need("fp")? },
    };
    Ok(WrappedKey { key, enc: need("enc")?, created_at: some("created_at") })
}

fn write_group(block: &mut Map<String, Json>, group: &[WrappedKey]) {
    for kind in KEY_LISTS {
        let items: Vec<Json> =
            group.iter().filter(|wrapped| wrapped.key.kind() == kind).map(write_key).collect();
        // Empty lists are left out, as sops does since 3.10.
        if !items.is_empty() {
            block.insert(kind.into(), items.into());
        }
    }
}

fn write_key(wrapped: &WrappedKey) -> Json {
    let mut item = Map::new();
    let mut put = |name: &str, value: &str| {
        item.insert(name.into(), value.into());
    };
    let mut context = Map::new();
    let mut profile = None;
    match &wrapped.key {
        MasterKey::Kms { arn, role, context: pairs, aws_profile } => {
            put("arn", arn);
            if let Some(role) = role {
                put("role", role);
            }
            context = pairs.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))).collect();
            profile = Some(aws_profile.clone().unwrap_or_default());
        }
        MasterKey::GcpKms { resource_id } => put("resource_id", resource_id),
        MasterKey::HcKms { key_id } => put("key_id", key_id),
        MasterKey::AzureKv { vault_url, name, version } => {
            put("vault_url", vault_url);
            put("name", name);
            put("version", version);
        }
        MasterKey::Vault { address, engine_path, key_name } => {
            put("vault_address", address);
            put("engine_path", engine_path);
            put("key_name", key_name);
        }
        MasterKey::Age { recipient } => put("recipient", recipient),
        MasterKey::Pgp { .. } => {}
    }
    if !context.is_empty() {
        item.insert("context".into(), context.into());
    }
    if let Some(created_at) = &wrapped.created_at {
        item.insert("created_at".into(), created_at.as_str().into());
    }
    item.insert("enc".into(), wrapped.enc.as_str().into());
    if let Some(profile) = profile {
        item.insert("aws_profile".into(), profile.into());
    }
    if let MasterKey::Pgp { fingerprint } = &wrapped.key {
        item.insert("fp".into(), fingerprint.as_str().into());
    }
    item.into()
}
