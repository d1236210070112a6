//! What the kinds of keys behind a network share: a runtime, a limit of time, HTTP
//! over TLS, and the addresses that may be talked to.

// Each kind uses its part of this.
#![cfg_attr(
    not(all(feature = "aws", feature = "azure", feature = "gcp", feature = "vault")),
    allow(dead_code, unused_imports)
)]

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bulla_core::KeyError;
use tokio::runtime::{Builder, Runtime};

mod failure;
mod origin;
mod transport;

pub(crate) use failure::{Answer, TransportError, classify, find_transport_error};
pub(crate) use origin::{AllowList, Origin};
pub(crate) use transport::{Transport, Trust};

/// How long one key may take when nothing else is said.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Threads that carry connections while callers wait.
const WORKERS: usize = 2;

/// The runtime that the services of one keyring share, started with the first call.
pub(crate) struct Remote {
    timeout: Duration,
    runtime: OnceLock<Option<Runtime>>,
}

impl Remote {
    /// Starts nothing yet.
    pub(crate) fn new(timeout: Option<Duration>) -> Arc<Self> {
        Arc::new(Self { timeout: timeout.unwrap_or(DEFAULT_TIMEOUT), runtime: OnceLock::new() })
    }

    /// Waits for `call`, with its logins and retries, as long as one key may take.
    ///
    /// Blocking, from as many threads at once as the caller has; not for threads of
    /// another runtime.
    pub(crate) fn run<T>(
        &self,
        whom: &str,
        call: impl Future<Output = Result<T, KeyError>>,
    ) -> Result<T, KeyError> {
        let Some(runtime) = self.runtime.get_or_init(start) else {
            return Err(KeyError::new("the operating system gives no thread for the network"));
        };
        let limited = async { tokio::time::timeout(self.timeout, call).await };
        runtime.block_on(limited).unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs_f64();
            Err(KeyError::retryable(format!("{whom} did not answer within {seconds} s"))
                .with_hint("check the address, the network and the proxy"))
        })
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // The lookup of a name cannot be broken off, and nobody should wait for it.
        if let Some(Some(runtime)) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn start() -> Option<Runtime> {
    // Another library of the process may have chosen before us: then that holds.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().ok()
}
