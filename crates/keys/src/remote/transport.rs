//! HTTP for the clients of all services: bounded answers, no redirects, retries.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Identity, NoProxy, Proxy, Request, Response};
use url::{Host, Url};

use super::failure::TransportError;
use crate::environment::{NetworkVariables, Variables};

/// The longest answer; the real ones have some kilobytes.
const LONGEST_ANSWER: usize = 1 << 20;

/// How often something is asked when the other side has too much to do.
const ATTEMPTS: u32 = 4;

/// How long the first pause lasts at most; each one doubles that.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Whom TLS trusts, and as whom it presents itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// Files of certificates in PEM that take the place of the system's.
    pub(crate) roots: Vec<PathBuf>,
    /// The files of a client certificate and of its key.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
    /// Whether any certificate will do.
    pub(crate) anybody: bool,
}

/// A pool of connections, opened when the first request is sent.
pub(crate) struct Transport {
    network: Variables<NetworkVariables>,
    trust: Trust,
    through_proxy: OnceLock<Result<Client, String>>,
    direct: OnceLock<Result<Client, String>>,
}

impl Transport {
    /// Reads and opens nothing yet.
    pub(crate) fn new(network: Variables<NetworkVariables>, trust: Trust) -> Self {
        Self { network, trust, through_proxy: OnceLock::new(), direct: OnceLock::new() }
    }

    /// Sends a request, again after a pause while the answer is that there is too
    /// much to do.
    ///
    /// Only for requests that do no harm when they arrive twice: wrapping, unwrapping
    /// and logging in are such.
    pub(crate) async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            let response = self.send_once(request.clone()).await?;
            if !is_busy(response.status()) {
                return Ok(response);
            }
            tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            pause *= 2;
        }
        self.send_once(request).await
    }

    /// Sends a request.
    pub(crate) async fn send_once(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let request = Request::try_from(request)
            .map_err(|_| TransportError::Request { reason: "its address is not one" })?;
        let host = shown(request.url());
        let client = self.client(request.url())?;
        let response =
            client.execute(request).await.map_err(|error| TransportError::of(&host, &error))?;
        if response.status().is_redirection() {
            return Err(TransportError::Redirect { host });
        }
        read(&host, response).await
    }

    fn client(&self, url: &Url) -> Result<&Client, TransportError> {
        let near = is_near(url);
        let cell = if near { &self.direct } else { &self.through_proxy };
        let client = cell.get_or_init(|| self.build(!near).map_err(|error| error.to_string()));
        client.as_ref().map_err(|reason| TransportError::Tls { reason: reason.clone() })
    }

    fn build(&self, through_proxy: bool) -> Result<Client, Box<dyn Error>> {
        // The environment was read already, and not by this library.
        let mut builder = Client::builder().no_proxy().redirect(Policy::none()).http1_only();
        if through_proxy {
            let except = self.network.no_proxy.as_deref().and_then(NoProxy::from_string);
            if let Some(proxy) = &self.network.https_proxy {
                builder = builder.proxy(Proxy::https(proxy)?.no_proxy(except.clone()));
            }
            if let Some(proxy) = &self.network.http_proxy {
                builder = builder.proxy(Proxy::http(proxy)?.no_proxy(except));
            }
        }
        Ok(self.trusting(builder)?.build()?)
    }

    fn trusting(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, Box<dyn Error>> {
        let read = |path: &PathBuf| {
            fs::read(path).map_err(|error| format!("{}: {}", path.display(), error.kind()))
        };
        if !self.trust.roots.is_empty() {
            let mut roots = Vec::new();
            for path in &self.trust.roots {
                let found = Certificate::from_pem_bundle(&read(path)?)
                    .map_err(|_| format!("{}: this is no certificate in PEM", path.display()))?;
                roots.extend(found);
            }
            builder = builder.tls_certs_only(roots);
        }
        if let Some((certificate, key)) = &self.trust.identity {
            let mut pem = read(certificate)?;
            pem.push(b'\n');
            pem.extend(zeroize::Zeroizing::new(read(key)?).iter());
            let identity = Identity::from_pem(&zeroize::Zeroizing::new(pem))
                .map_err(|_| format!("{}: this is no key in PEM", key.display()))?;
            builder = builder.identity(identity);
        }
        Ok(builder.tls_danger_accept_invalid_certs(self.trust.anybody))
    }
}

/// The body, but no more of it than an honest answer has.
async fn read(
    host: &str,
    mut response: Response,
) -> Result<http::Response<Vec<u8>>, TransportError> {
    let mut answer = http::Response::new(Vec::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    let broken = |_| TransportError::Interrupted { host: host.to_owned() };
    while let Some(part) = response.chunk().await.map_err(broken)? {
        if answer.body().len() + part.len() > LONGEST_ANSWER {
            return Err(TransportError::TooLarge { host: host.to_owned() });
        }
        answer.body_mut().extend_from_slice(&part);
    }
    Ok(answer)
}

/// Too many requests, or a fault of the server that may pass.
fn is_busy(status: http::StatusCode) -> bool {
    status == http::StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// This machine, and the address at which clouds tell a machine who it is: no proxy
/// is asked about either, and none should see what the latter answers.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name == "metadata.google.internal",
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.is_unicast_link_local() || address.is_unique_local()
        }
        None => false,
    }
}

/// The host as messages name it.
fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
