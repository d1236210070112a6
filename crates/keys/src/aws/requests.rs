//! Other services of AWS, with signed requests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity as Signer;
use aws_types::service_config::ServiceConfigKey;
use bulla_core::KeyError;

use super::connector::Connector;
use super::failure::of_credentials;
use super::identity::{Identity, Trusted};
use super::trusted_connector;
use crate::environment::Environment;
use crate::remote::Remote;
use crate::requests::{Reply, Request};

/// Asks services of AWS as the user: with the region, the endpoint and the
/// credentials of the environment and the user's own configuration.
pub struct AwsRequests {
    remote: Arc<Remote>,
    trusted: Trusted,
    connector: Connector,
}

/// Where a service is, as the user's environment has it.
#[derive(Clone, Debug)]
pub struct AwsPlace {
    /// The region.
    pub region: String,
    /// An address that takes the place of that of AWS.
    pub endpoint: Option<String>,
    /// Whether the servers for the US government's rules are wanted.
    pub fips: bool,
    /// Whether addresses of IPv6 are wanted too.
    pub dual_stack: bool,
}

impl AwsRequests {
    /// Reads and connects nothing yet. Each request may take as long as `limit`.
    pub fn new(environment: &Environment, limit: Duration) -> Self {
        Self {
            remote: Remote::new(Some(limit)),
            trusted: Trusted::new(environment),
            connector: trusted_connector(&environment.aws, &environment.network),
        }
    }

    /// Sends what `make` makes for where the service is. `id` is what AWS calls the
    /// service in configurations, and `name` in signatures.
    ///
    /// # Errors
    ///
    /// When there are no region and no credentials, or there is no answer. An answer
    /// that says no is one.
    pub fn send(
        &self,
        (id, name): (&str, &str),
        make: impl FnOnce(&AwsPlace) -> Result<Request, KeyError>,
    ) -> Result<Reply, KeyError> {
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new());
        self.remote.run("AWS", async {
            let region = region.region().await.ok_or_else(|| {
                KeyError::new("no region of AWS is configured")
                    .with_hint("set AWS_REGION, or a region in ~/.aws/config")
            })?;
            let connector = self.connector.clone();
            let config =
                self.trusted.config(&Identity::default(), region.as_ref(), connector).await?;
            let place = AwsPlace {
                region: region.to_string(),
                endpoint: endpoint(&config, id),
                fips: config.use_fips().unwrap_or_default(),
                dual_stack: config.use_dual_stack().unwrap_or_default(),
            };
            let mut request = make(&place)?.into_http()?;
            signed(&mut request, &config, &place.region, name).await?;
            Ok(self.connector.transport().send(request).await?.into())
        })
    }
}

/// The endpoint of a service before that of all services, as in AWS's own programs.
fn endpoint(config: &SdkConfig, id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL");
    let key = key.profile("endpoint_url").build().ok()?;
    let own = config.service_config().and_then(|services| services.load_config(key));
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// Adds a signature over everything.
async fn signed(
    request: &mut http::Request<Vec<u8>>,
    config: &SdkConfig,
    region: &str,
    name: &str,
) -> Result<(), KeyError> {
    let unsigned = || KeyError::new("the request to AWS cannot be signed");
    let provider = config.credentials_provider().ok_or_else(unsigned)?;
    let credentials = provider.provide_credentials().await;
    let signer: Signer = credentials.map_err(|error| of_credentials(&error))?.into();
    let mut settings = SigningSettings::default();
    // The address is that which is sent, and S3 wants to be told the body's hash.
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let parameters = v4::SigningParams::builder()
        .identity(&signer)
        .region(region)
        .name(name)
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(|_| unsigned())?;
    let headers: Vec<_> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers.into_iter(),
        SignableBody::Bytes(request.body()),
    );
    let signature = signable.and_then(|signable| sign(signable, &parameters.into()));
    let (instructions, _) = signature.map_err(|_| unsigned())?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
