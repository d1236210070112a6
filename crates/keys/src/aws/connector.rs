//! The library of AWS over our own transport.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::remote::{Transport, TransportError};

/// What KMS, STS, SSO and the metadata services are asked through.
#[derive(Clone)]
pub(super) struct Connector(Arc<Transport>);

impl Connector {
    pub(super) fn new(transport: Transport) -> Self {
        Self(Arc::new(transport))
    }

    /// What is below it.
    pub(super) fn transport(&self) -> &Transport {
        &self.0
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let transport = self.0.clone();
        HttpConnectorFuture::new(async move {
            // Of the kind that the library does not try again.
            let failed = |error: TransportError| ConnectorError::other(error.into(), None);
            let unsendable = || failed(TransportError::Request { reason: "it is not one of HTTP" });
            let request = request.try_into_http1x().map_err(|_| unsendable())?;
            let (head, body) = request.into_parts();
            let body = body.bytes().ok_or_else(unsendable)?.to_vec();
            // The library knows by itself what throttling looks like, and asks again.
            let sent = transport.send_once(http::Request::from_parts(head, body));
            let answer = sent.await.map_err(failed)?;
            HttpResponse::try_from(answer.map(Into::into)).map_err(|_| unsendable())
        })
    }
}
