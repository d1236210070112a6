//! What can go wrong on the way to a service, and what its answers mean.

use std::error::Error;
use std::io;

use bulla_core::KeyError;

/// Why no answer came, or none that can be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransportError {
    /// No connection.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    /// The other side is not who it says.
    #[error("the certificate of {host} is not trusted")]
    Untrusted { host: String },
    /// The connection broke.
    #[error("{host} broke off the connection")]
    Interrupted { host: String },
    /// More than an honest answer has.
    #[error("{host} answered with more than 1 MiB")]
    TooLarge { host: String },
    /// Credentials and data keys go where they were meant to go, or nowhere.
    #[error("{host} redirects to another address, and redirects are not followed")]
    Redirect { host: String },
    /// The files for TLS, or a proxy's address.
    #[error("the connection cannot be prepared: {reason}")]
    Tls { reason: String },
    /// Something in the request that HTTP cannot carry.
    #[error("the request cannot be sent: {reason}")]
    Request { reason: &'static str },
}

impl TransportError {
    /// What the HTTP library says, without the parts that are only for its authors.
    pub(super) fn of(host: &str, error: &reqwest::Error) -> Self {
        let host = host.to_owned();
        if find::<rustls::Error>(error).is_some() || is_tls(error) {
            return Self::Untrusted { host };
        }
        if !error.is_connect() {
            return Self::Interrupted { host };
        }
        let reason = match find::<io::Error>(error) {
            Some(error) if error.kind() != io::ErrorKind::Other => error.kind().to_string(),
            _ if innermost(error).contains("lookup") || innermost(error).contains("resol") => {
                "its name is not known".to_owned()
            }
            _ => "the connection failed".to_owned(),
        };
        Self::Unreachable { host, reason }
    }
}

impl TransportError {
    /// What went wrong below a client that has its own HTTP.
    #[cfg(feature = "gcp")]
    pub(crate) fn of_source(host: &str, error: &(dyn Error + 'static)) -> Option<Self> {
        find::<reqwest::Error>(error).map(|error| Self::of(host, error))
    }
}

impl From<TransportError> for KeyError {
    fn from(error: TransportError) -> Self {
        let reason = error.to_string();
        match error {
            TransportError::Unreachable { .. } => {
                Self::retryable(reason).with_hint("check the address, the network and the proxy")
            }
            TransportError::Interrupted { .. } => Self::retryable(reason),
            TransportError::Untrusted { .. } => Self::new(reason)
                .with_hint("name the file of its certificate authority in SSL_CERT_FILE"),
            _ => Self::new(reason),
        }
    }
}

/// The transport's own error, when a client of ours wrapped it into one of its own.
pub(crate) fn find_transport_error<'e>(
    error: &'e (dyn Error + 'static),
) -> Option<&'e TransportError> {
    find(error)
}

/// What an answer means that is not a success, whatever the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The credential is not, or no longer, accepted.
    Unauthenticated,
    /// The credential is good, and not for this.
    Denied,
    /// There is no such key.
    NotFound,
    /// Too many requests.
    Throttled,
    /// The server's own fault.
    Broken,
    /// The request is not one that it does.
    Refused,
}

/// The meaning of an HTTP status.
pub(crate) fn classify(status: u16) -> Answer {
    match status {
        401 => Answer::Unauthenticated,
        403 => Answer::Denied,
        404 => Answer::NotFound,
        429 => Answer::Throttled,
        500.. => Answer::Broken,
        _ => Answer::Refused,
    }
}

fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // What io::Error wraps is not among its sources.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|error| error as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    innermost(error).contains("certificate")
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
