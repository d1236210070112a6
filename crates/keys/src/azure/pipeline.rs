//! Azure's libraries over our own transport.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, HttpClient, Request, RetryOptions, StatusCode,
};

use crate::remote::{Transport, TransportError};

/// What every client and every login sends its requests through.
#[derive(Clone)]
pub(super) struct Pipeline(Arc<Transport>);

impl Pipeline {
    pub(super) fn new(transport: Transport) -> Self {
        Self(Arc::new(transport))
    }

    /// Options for a client. The transport itself asks again when it helps.
    pub(super) fn options(&self) -> ClientOptions {
        let client: Arc<dyn HttpClient> = Arc::new(self.clone());
        ClientOptions {
            transport: Some(azure_core::http::Transport::new(client)),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipeline")
    }
}

#[async_trait]
impl HttpClient for Pipeline {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let unsendable = || {
            let reason = "it has a part that HTTP has not";
            Error::new(ErrorKind::Other, TransportError::Request { reason })
        };
        let Body::Bytes(body) = request.body() else { return Err(unsendable()) };
        let mut builder =
            http::Request::builder().method(request.method().as_str()).uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            builder = builder.header(name.as_str(), value.as_str());
        }
        let sent = builder.body(body.to_vec()).map_err(|_| unsendable())?;
        let answer =
            self.0.send(sent).await.map_err(|error| Error::new(ErrorKind::Other, error))?;
        let mut headers = Headers::new();
        for (name, value) in answer.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        let status = StatusCode::from(answer.status().as_u16());
        Ok(AsyncRawResponse::from_bytes(status, headers, answer.into_body()))
    }
}
