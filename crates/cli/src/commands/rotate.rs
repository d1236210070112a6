//! `bulla rotate`

use std::path::PathBuf;

use bulla_core::rules::{KeyKind, Rules};
use bulla_core::{KeyGroup, MasterKey};

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::FormatFlags;
use crate::key_flags::{AwsFlags, TypedKeys};
use crate::newcomers::AcceptFlags;
use crate::sealed_file::SealedFile;
use crate::sealing::now;
use crate::write::Output;

/// Seal a file anew, with a fresh data key
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to seal anew
    file: PathBuf,
    /// Replace the file
    #[arg(short, long, conflicts_with = "output")]
    in_place: bool,
    /// Write to FILE
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Name that rules and format go by
    #[arg(long, value_name = "FILE")]
    filename_override: Option<PathBuf>,
    #[command(flatten)]
    formats: FormatFlags,
    #[command(flatten)]
    added: Added,
    #[command(flatten)]
    removed: Removed,
    #[command(flatten)]
    aws: AwsFlags,
    #[command(flatten)]
    accept: AcceptFlags,
}

/// Where the flags stand in the help.
const HEADING: &str = "Who comes and who goes (keys, or their names in the rules)";

/// Keys that come to the first group.
#[derive(clap::Args, Debug)]
struct Added {
    /// age recipients to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_age: Vec<String>,
    /// PGP fingerprints to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_pgp: Vec<String>,
    /// Keys of AWS KMS to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_kms: Vec<String>,
    /// Keys of Google Cloud KMS to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_gcp_kms: Vec<String>,
    /// Keys of Huawei Cloud KMS to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_hckms: Vec<String>,
    /// Keys of Azure Key Vault to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_azure_kv: Vec<String>,
    /// Keys of Vault to add
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    add_hc_vault_transit: Vec<String>,
}

/// Keys that go, from whatever group.
#[derive(clap::Args, Debug)]
struct Removed {
    /// age recipients to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_age: Vec<String>,
    /// PGP fingerprints to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_pgp: Vec<String>,
    /// Keys of AWS KMS to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_kms: Vec<String>,
    /// Keys of Google Cloud KMS to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_gcp_kms: Vec<String>,
    /// Keys of Huawei Cloud KMS to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_hckms: Vec<String>,
    /// Keys of Azure Key Vault to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_azure_kv: Vec<String>,
    /// Keys of Vault to remove
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    rm_hc_vault_transit: Vec<String>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let name = args.filename_override.as_deref();
    if !args.file.exists() && (is_any(&args.added.lists()) || is_any(&args.removed.lists())) {
        let message = format!(
            "{}: there is no such file whose keys could be changed; make it with bulla set or bulla encrypt",
            args.file.display()
        );
        return Err(Failure::new(Code::NoFileForKeys, message));
    }
    let file = SealedFile::read(&args.file, name, &args.formats, global)?;
    // Names are a help; what the file is sealed for, it says itself.
    let governing = file.governing().ok().flatten();
    let rules = governing.as_ref().map(|governing| &governing.rules);
    let (added, removed) = args.typed(rules)?;
    let keyring = file.keyring()?;
    let revision = file.revision(&keyring, false)?;
    file.refuse_newcomers(&revision, &args.accept, &[added.as_slice(), &removed].concat())?;
    let metadata = revision.metadata();
    let mut groups = keys_of(&metadata.groups);
    let gone = remove(&mut groups, &removed);
    for key in removed.iter().filter(|key| !gone.contains(key)) {
        say(&format!("bulla: {}: {key} is no key of this file", args.file.display()));
    }
    if let Some(first) = groups.first_mut() {
        for key in added {
            if !first.iter().any(|known| is_named(known, &key)) {
                first.push(key);
            }
        }
    }
    let sealed = revision.rotate(&groups, metadata.threshold, &keyring, &now()?);
    let sealed = sealed.map_err(|error| file.failed(&error))?;
    let output = Output::new(args.output.as_deref(), Some(&*args.file).filter(|_| args.in_place));
    file.write(output, &sealed)?;
    if !gone.is_empty() {
        say(&format!(
            "bulla: {}: whoever goes has known the values; replace them where they are used",
            args.file.display()
        ));
    }
    Ok(())
}

impl Args {
    fn typed(&self, rules: Option<&Rules>) -> Result<(Vec<MasterKey>, Vec<MasterKey>)> {
        let added = self.aws.parse(&self.added.lists(), rules)?;
        Ok((added, self.aws.parse(&self.removed.lists(), rules)?))
    }
}

impl Added {
    fn lists(&self) -> [TypedKeys<'_>; 7] {
        let list = |kind, name, texts| TypedKeys { kind, name, texts };
        [
            list(KeyKind::Age, "--add-age", &self.add_age),
            list(KeyKind::Pgp, "--add-pgp", &self.add_pgp),
            list(KeyKind::Kms, "--add-kms", &self.add_kms),
            list(KeyKind::GcpKms, "--add-gcp-kms", &self.add_gcp_kms),
            list(KeyKind::HcKms, "--add-hckms", &self.add_hckms),
            list(KeyKind::AzureKv, "--add-azure-kv", &self.add_azure_kv),
            list(KeyKind::Vault, "--add-hc-vault-transit", &self.add_hc_vault_transit),
        ]
    }
}

impl Removed {
    fn lists(&self) -> [TypedKeys<'_>; 7] {
        let list = |kind, name, texts| TypedKeys { kind, name, texts };
        [
            list(KeyKind::Age, "--rm-age", &self.rm_age),
            list(KeyKind::Pgp, "--rm-pgp", &self.rm_pgp),
            list(KeyKind::Kms, "--rm-kms", &self.rm_kms),
            list(KeyKind::GcpKms, "--rm-gcp-kms", &self.rm_gcp_kms),
            list(KeyKind::HcKms, "--rm-hckms", &self.rm_hckms),
            list(KeyKind::AzureKv, "--rm-azure-kv", &self.rm_azure_kv),
            list(KeyKind::Vault, "--rm-hc-vault-transit", &self.rm_hc_vault_transit),
        ]
    }
}

fn is_any(lists: &[TypedKeys<'_>]) -> bool {
    lists.iter().any(|list| !list.texts.is_empty())
}

/// The keys of a file, without what is wrapped for them.
pub(super) fn keys_of(groups: &[Vec<bulla_core::WrappedKey>]) -> Vec<KeyGroup> {
    let keys = |group: &Vec<bulla_core::WrappedKey>| {
        group.iter().map(|wrapped| wrapped.key.clone()).collect()
    };
    groups.iter().map(keys).collect()
}

/// Takes keys out of their groups; gives those that were there.
fn remove(groups: &mut [KeyGroup], removed: &[MasterKey]) -> Vec<MasterKey> {
    let is_in = |key: &MasterKey| removed.iter().any(|removed| is_named(key, removed));
    let gone =
        removed.iter().filter(|removed| groups.iter().flatten().any(|key| is_named(key, removed)));
    let gone = gone.cloned().collect();
    for group in groups {
        group.retain(|key| !is_in(key));
    }
    gone
}

/// Whether two keys are the same by name: profile and context need not be typed.
fn is_named(key: &MasterKey, name: &MasterKey) -> bool {
    key.kind() == name.kind() && key.to_string() == name.to_string()
}
