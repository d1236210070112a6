//! As whom AWS KMS is asked: what a file may say about that, and what it may not.

use aws_config::profile::{Profile, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_types::os_shim_internal::{Env, Fs};
use bulla_core::{KeyError, MasterKey};
use tokio::sync::OnceCell;

use super::connector::Connector;
use crate::environment::{AwsVariables, Environment, Variables};

/// How often one request is sent.
const ATTEMPTS: u32 = 4;

/// The longest name that a session of a role may have.
const LONGEST_SESSION: usize = 64;

/// Role and profile, as a file or a rule has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    profile: Option<String>,
    role: Option<String>,
}

impl Identity {
    pub(super) fn of(key: &MasterKey) -> Self {
        match key {
            MasterKey::Kms { role, aws_profile, .. } => {
                Self { profile: aws_profile.clone(), role: role.clone() }
            }
            _ => Self::default(),
        }
    }

    /// In words.
    pub(super) fn described(&self) -> String {
        let own = match &self.profile {
            Some(profile) => format!("the profile {profile}"),
            None => "your credentials".to_owned(),
        };
        match &self.role {
            Some(role) => format!("{own}, in the role {role}"),
            None => own,
        }
    }
}

/// What the user's own configuration has.
pub(super) struct Trusted {
    variables: Variables<AwsVariables>,
    /// Roles that the user typed.
    typed: Vec<String>,
    profiles: OnceCell<ProfileSet>,
}

impl Trusted {
    pub(super) fn new(environment: &Environment) -> Self {
        let roles = environment.named.iter().filter_map(|key| match key {
            MasterKey::Kms { role, .. } => role.clone(),
            _ => None,
        });
        // The user's own variable may say `arn+role`, too.
        let set = environment.master_keys.get("SOPS_KMS_ARN").map(String::as_str);
        let set = set.unwrap_or_default().split(',');
        let set = set.filter_map(|key| Some(format!("arn:{}", key.trim().split_once("+arn:")?.1)));
        Self {
            variables: environment.aws.clone(),
            typed: roles.chain(set).collect(),
            profiles: OnceCell::new(),
        }
    }

    /// The configuration to ask with, once role and profile are known to be the
    /// user's own.
    pub(super) async fn config(
        &self,
        identity: &Identity,
        region: &str,
        connector: Connector,
    ) -> Result<SdkConfig, KeyError> {
        let Identity { profile, role } = identity;
        if let Some(profile) = profile {
            self.check_profile(profile).await?;
        }
        if let Some(role) = role {
            self.check_role(role).await?;
        }
        let region = Region::new(region.to_owned());
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(std::time::Duration::from_millis(200));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .retry_config(retries)
            .http_client(connector.clone());
        if let Some(profile) = profile {
            // A profile that is named is the one to use, whatever else the environment
            // has: so it is in sops.
            let config = ProviderConfig::without_region()
                .with_region(Some(region))
                .with_http_client(connector);
            let provider = ProfileFileCredentialsProvider::builder().configure(&config);
            let provider = provider.profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        let config = loader.load().await;
        match role {
            Some(role) if !self.is_own(role) || profile.is_some() => {
                Ok(assuming(role, &config).await)
            }
            _ => Ok(config),
        }
    }

    /// Whether the credentials of this process are of this role already, as in a pod:
    /// most roles may not be assumed by themselves.
    fn is_own(&self, role: &str) -> bool {
        self.variables.is_web_identity && self.variables.role_arn.as_deref() == Some(role)
    }

    async fn check_profile(&self, name: &str) -> Result<(), KeyError> {
        match self.profiles().await?.get_profile(name) {
            Some(_) => Ok(()),
            None => {
                Err(KeyError::denied(format!("your configuration of AWS has no profile {name}"))
                    .with_hint(format!(
                        "if you trust it, make it with aws configure --profile {name}"
                    )))
            }
        }
    }

    async fn check_role(&self, role: &str) -> Result<(), KeyError> {
        let allowed = self.variables.role_allow_list.as_deref().map(str::trim).unwrap_or_default();
        if allowed == "none" {
            let reason = "BULLA_AWS_ROLE_ALLOWLIST is none, so no role is assumed";
            return Err(KeyError::denied(reason));
        }
        let listed = allowed == "all" || allowed.split(',').any(|entry| entry.trim() == role);
        let own = self.variables.role_arn.as_deref() == Some(role);
        if listed || own || self.typed.iter().any(|typed| typed == role) {
            return Ok(());
        }
        let profiles = self.profiles().await?;
        let has = |profile: &Profile| profile.get("role_arn") == Some(role);
        if profiles.profiles().filter_map(|name| profiles.get_profile(name)).any(has) {
            return Ok(());
        }
        Err(KeyError::denied(format!("your configuration of AWS does not name the role {role}"))
            .with_hint(format!("if you trust it, set BULLA_AWS_ROLE_ALLOWLIST={role}")))
    }

    /// `~/.aws/config` and `~/.aws/credentials`, read once.
    async fn profiles(&self) -> Result<&ProfileSet, KeyError> {
        let load = || async {
            let (files, variables, places) = (Fs::real(), Env::real(), Default::default());
            let loaded = aws_config::profile::load(&files, &variables, &places, None).await;
            // The parser's own message shows the line.
            loaded.map_err(|_| KeyError::new("your configuration of AWS cannot be read"))
        };
        self.profiles.get_or_try_init(load).await
    }
}

async fn assuming(role: &str, config: &SdkConfig) -> SdkConfig {
    let provider = AssumeRoleProvider::builder(role).session_name(session_name());
    let provider = provider.configure(config).build().await;
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(provider);
    config.clone().into_builder().credentials_provider(provider).build()
}

/// As sops calls its sessions: trust policies may ask for it.
fn session_name() -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy().into_owned();
    let name = format!("sops@{host}");
    let allowed = |char: &char| char.is_ascii_alphanumeric() || "=,.@-_".contains(*char);
    name.chars().filter(allowed).take(LONGEST_SESSION).collect()
}
