//! The flags that name keys, of every kind, and the variables that stand in for
//! them.

use bulla_core::MasterKey;
use bulla_core::rules::{KeyKind, KeyTextError, Rules, parse_keys};
use bulla_keys::Environment;
use clap::Args;

use crate::exit::Code;
use crate::failure::{Failure, Result};

/// Where the flags stand in the help.
const HEADING: &str = "For whom (keys, or their names in the rules)";

/// What was typed about keys.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct KeyFlags {
    /// age recipients [env: SOPS_AGE_RECIPIENTS]
    #[arg(short, long, value_name = "KEY,…", help_heading = HEADING)]
    age: Vec<String>,
    /// PGP fingerprints [env: SOPS_PGP_FP]
    #[arg(short, long, value_name = "KEY,…", help_heading = HEADING)]
    pgp: Vec<String>,
    /// AWS KMS: ARNs, or ARN+ROLE [env: SOPS_KMS_ARN]
    #[arg(short, long, value_name = "KEY,…", help_heading = HEADING)]
    kms: Vec<String>,
    /// Google Cloud KMS: resource IDs [env: SOPS_GCP_KMS_IDS]
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    gcp_kms: Vec<String>,
    /// Huawei Cloud KMS: REGION:UUID [env: SOPS_HUAWEICLOUD_KMS_IDS]
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    hckms: Vec<String>,
    /// Azure Key Vault: URLs of keys [env: SOPS_AZURE_KEYVAULT_URLS]
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    azure_kv: Vec<String>,
    /// Vault, OpenBao: URLs of keys [env: SOPS_VAULT_URIS]
    #[arg(long, value_name = "KEY,…", help_heading = HEADING)]
    hc_vault_transit: Vec<String>,
    #[command(flatten)]
    aws: AwsFlags,
}

/// What goes with every key of AWS that was typed.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AwsFlags {
    /// Profile of AWS that --kms uses
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    aws_profile: Option<String>,
    /// Encryption context of --kms
    #[arg(long, value_name = "K:V,…", help_heading = HEADING)]
    encryption_context: Option<String>,
}

/// The keys of one flag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedKeys<'a> {
    /// The kind that the flag is for.
    pub(crate) kind: KeyKind,
    /// What messages call the flag, or the variable.
    pub(crate) name: &'a str,
    /// As typed: several between commas, and the flag several times.
    pub(crate) texts: &'a [String],
}

impl KeyFlags {
    /// The keys that were typed, each once; none when no flag was. `rules` have names
    /// for keys.
    pub(crate) fn typed(&self, rules: Option<&Rules>) -> Result<Vec<MasterKey>> {
        self.aws.parse(&self.lists().map(|(typed, _)| typed), rules)
    }

    /// The keys that were typed, and those of the variables for every kind of which
    /// none was, each once: how sops reads them. `rules` have names for keys.
    pub(crate) fn typed_or_set(
        &self,
        environment: &Environment,
        rules: Option<&Rules>,
    ) -> Result<Vec<MasterKey>> {
        let lists = self.lists().map(|(typed, variable)| {
            let set = environment.master_keys.get(variable);
            match set {
                Some(text) if typed.texts.is_empty() => {
                    TypedKeys { name: variable, texts: std::slice::from_ref(text), ..typed }
                }
                _ => typed,
            }
        });
        self.aws.parse(&lists, rules)
    }

    /// The keys that were typed in full. What is only named comes from the rules, which
    /// are anybody's.
    pub(crate) fn spelled_out(&self) -> Vec<MasterKey> {
        let lists = self.lists().into_iter();
        let texts = lists.flat_map(|(typed, _)| typed.texts.iter().map(move |text| (typed, text)));
        let parsed = texts.filter_map(|(typed, text)| parse_keys(typed.kind, text).ok());
        parsed.flatten().map(|key| self.aws.complete(key, None)).collect()
    }

    /// Every flag with the variable that stands in for it.
    fn lists(&self) -> [(TypedKeys<'_>, &'static str); 7] {
        let list = |kind, name, texts| TypedKeys { kind, name, texts };
        [
            (list(KeyKind::Age, "--age", &self.age), "SOPS_AGE_RECIPIENTS"),
            (list(KeyKind::Pgp, "--pgp", &self.pgp), "SOPS_PGP_FP"),
            (list(KeyKind::Kms, "--kms", &self.kms), "SOPS_KMS_ARN"),
            (list(KeyKind::GcpKms, "--gcp-kms", &self.gcp_kms), "SOPS_GCP_KMS_IDS"),
            (list(KeyKind::HcKms, "--hckms", &self.hckms), "SOPS_HUAWEICLOUD_KMS_IDS"),
            (list(KeyKind::AzureKv, "--azure-kv", &self.azure_kv), "SOPS_AZURE_KEYVAULT_URLS"),
            (list(KeyKind::Vault, "--hc-vault-transit", &self.hc_vault_transit), "SOPS_VAULT_URIS"),
        ]
    }
}

impl AwsFlags {
    /// The keys of several flags, each once.
    pub(crate) fn parse(
        &self,
        lists: &[TypedKeys<'_>],
        rules: Option<&Rules>,
    ) -> Result<Vec<MasterKey>> {
        let context = self.encryption_context.as_deref().map(parse_context).transpose()?;
        let mut keys: Vec<MasterKey> = Vec::new();
        for list in lists {
            for text in list.texts {
                let parsed = match rules {
                    Some(rules) => rules.parse_keys(list.kind, text),
                    None => parse_keys(list.kind, text),
                };
                let named = |error: KeyTextError| Failure::other(format!("{}: {error}", list.name));
                for key in parsed.map_err(named)? {
                    let key = self.complete(key, context.as_deref());
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
            }
        }
        Ok(keys)
    }

    /// A key as it is meant: with the profile and the context that were typed.
    fn complete(&self, mut key: MasterKey, typed: Option<&[(String, String)]>) -> MasterKey {
        if let MasterKey::Kms { context, aws_profile, .. } = &mut key {
            if let Some(typed) = typed {
                *context = typed.to_vec();
            }
            if self.aws_profile.is_some() {
                aws_profile.clone_from(&self.aws_profile);
            }
        }
        key
    }
}

/// Reads `key:value,key:value`.
fn parse_context(text: &str) -> Result<Vec<(String, String)>> {
    let pair = |pair: &str| match pair.split(':').collect::<Vec<_>>()[..] {
        [key, value] => Some((key.trim().to_owned(), value.trim().to_owned())),
        _ => None,
    };
    let pairs: Option<Vec<_>> = text.split(',').map(pair).collect();
    pairs.ok_or_else(|| {
        let message = "--encryption-context: write it as key:value,key:value";
        Failure::new(Code::EncryptionContext, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/1b4e28ba-2fa1-11d2-883f-0016d3cca427";
    const PGP: &str = "85D77543B3D624B63CEA9E6DBC17301B491B3F21";

    #[test]
    fn a_variable_counts_for_its_kind_alone_and_only_when_none_was_typed() {
        let variables =
            [("SOPS_KMS_ARN", ARN), ("SOPS_PGP_FP", "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4")];
        let environment = Environment {
            master_keys: variables.map(|(k, v)| (k, v.into())).into(),
            ..Environment::default()
        };
        let flags = KeyFlags { pgp: vec![PGP.into()], ..KeyFlags::default() };
        let keys = flags.typed_or_set(&environment, None).unwrap();
        let shown: Vec<_> = keys.iter().map(MasterKey::to_string).collect();
        assert_eq!(shown, [PGP, ARN]);
    }

    #[test]
    fn every_flag_has_its_variable() {
        let flags = KeyFlags::default();
        assert_eq!(flags.lists().map(|(_, variable)| variable), bulla_keys::MASTER_KEYS);
    }

    #[test]
    fn profile_and_context_go_to_every_key_of_aws() {
        let aws = AwsFlags {
            aws_profile: Some("prod".into()),
            encryption_context: Some("app:web,stage:live".into()),
        };
        let flags = KeyFlags { kms: vec![ARN.into()], aws, ..KeyFlags::default() };
        let [MasterKey::Kms { context, aws_profile, .. }] =
            &flags.typed_or_set(&Environment::default(), None).unwrap()[..]
        else {
            panic!("one key of AWS");
        };
        let expected = [("app", "web"), ("stage", "live")].map(|(k, v)| (k.into(), v.into()));
        assert_eq!(context[..], expected);
        assert_eq!(aws_profile.as_deref(), Some("prod"));
    }

    #[test]
    fn a_context_that_is_none_has_the_code_of_sops() {
        for bad in ["", "a", "a:b,c", "a:b:c"] {
            assert_eq!(parse_context(bad).unwrap_err().code, Code::EncryptionContext, "{bad}");
        }
    }
}
