//! Other services of Google Cloud.

use std::sync::Arc;
use std::time::Duration;

use bulla_core::KeyError;
use google_cloud_auth::credentials::CacheableResource;
use http::Extensions;

use super::credentials;
use crate::environment::{Environment, GcpVariables, Variables};
use crate::remote::{Remote, Transport, Trust};
use crate::requests::{Reply, Request};

/// Asks services of Google Cloud as the user.
pub struct GoogleRequests {
    remote: Arc<Remote>,
    variables: Variables<GcpVariables>,
    transport: Transport,
}

impl GoogleRequests {
    /// Reads and connects nothing yet. Each request may take as long as `limit`.
    pub fn new(environment: &Environment, limit: Duration) -> Self {
        Self {
            remote: Remote::new(Some(limit)),
            variables: environment.gcp.clone(),
            transport: Transport::new(environment.network.clone(), Trust::default()),
        }
    }

    /// Sends a request to Google, whose address is the caller's to know.
    ///
    /// # Errors
    ///
    /// When there are no credentials, or there is no answer. An answer that says no is
    /// one.
    pub fn send(&self, request: Request) -> Result<Reply, KeyError> {
        self.remote.run("Google Cloud", async {
            let unusable = || {
                let what = credentials::described(&self.variables);
                KeyError::new(format!("the credentials of Google Cloud cannot be used: {what}"))
                    .with_hint("log in again with gcloud auth application-default login")
            };
            let mut request = request.into_http()?;
            let credentials = credentials::of(&self.variables)?;
            let headers = credentials.headers(Extensions::new()).await.map_err(|_| unusable())?;
            let CacheableResource::New { data, .. } = headers else { return Err(unusable()) };
            request.headers_mut().extend(data);
            Ok(self.transport.send(request).await?.into())
        })
    }

    /// Sends a request without saying by whom: to an emulator.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub fn send_to_emulator(&self, request: Request) -> Result<Reply, KeyError> {
        self.remote.run("the emulator of Google Cloud", async {
            Ok(self.transport.send(request.into_http()?).await?.into())
        })
    }
}
