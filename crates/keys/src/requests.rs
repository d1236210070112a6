//! Requests that are not about keys, sent with the credentials that keys are asked
//! with, and under the same rules about who may get them.
//!
//! Publishing a file is such a request. What is asked of a service is the caller's
//! business; who is asked, as whom, and over which connection is decided here.

use std::fmt;

use http::{HeaderName, HeaderValue, Method, Uri};
use zeroize::Zeroizing;

use crate::remote::TransportError;

#[cfg(feature = "aws")]
pub use crate::aws::requests::{AwsPlace, AwsRequests};
#[cfg(feature = "gcp")]
pub use crate::gcp::requests::GoogleRequests;
#[cfg(feature = "vault")]
pub use crate::vault::requests::VaultRequests;

/// A request, but for what is added to it to show who sends it.
#[derive(Clone)]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Where to, with everything encoded that has to be.
    pub url: String,
    /// Headers by their names.
    pub headers: Vec<(&'static str, String)>,
    /// The body, which may be empty.
    pub body: Vec<u8>,
}

/// What was answered, whatever it means.
#[derive(Clone)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// The body; at most 1 MiB, as a longer one is no answer.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Request {
    /// Without headers and body, which may have secrets in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, url, .. } = self;
        f.debug_struct("Request").field("method", method).field("url", url).finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    /// Without the body, which may have secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Request {
    #[allow(dead_code, reason = "each service has its part of this")]
    pub(crate) fn into_http(self) -> Result<http::Request<Vec<u8>>, TransportError> {
        let unsendable = |reason| TransportError::Request { reason };
        let uri = self.url.parse::<Uri>().map_err(|_| unsendable("its address is not one"))?;
        let mut request = http::Request::new(self.body);
        *request.uri_mut() = uri;
        *request.method_mut() = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| unsendable("its method is not one"))?;
        for (name, value) in self.headers {
            let value = HeaderValue::try_from(value);
            let value = value.map_err(|_| unsendable("a header cannot be sent"))?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        Ok(request)
    }
}

impl From<http::Response<Vec<u8>>> for Reply {
    fn from(response: http::Response<Vec<u8>>) -> Self {
        Self { status: response.status().as_u16(), body: Zeroizing::new(response.into_body()) }
    }
}
