//! As whom Cloud KMS is asked.

use std::fs;

use bulla_core::KeyError;
use google_cloud_auth::credentials::{
    Builder, CacheableResource, Credentials, CredentialsProvider, EntityTag, external_account,
    impersonated, service_account, user_account,
};
use google_cloud_auth::errors::CredentialsError;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::environment::GcpVariables;

/// The credentials, in the order of sops.
pub(super) fn of(variables: &GcpVariables) -> Result<Credentials, KeyError> {
    if let Some(credentials) = &variables.credentials {
        return from_variable(credentials);
    }
    if let Some(token) = &variables.access_token {
        return from_token(token, variables.universe_domain.clone());
    }
    Builder::default().build().map_err(|_| {
        KeyError::new("the Application Default Credentials of Google Cloud cannot be used").with_hint(
            "check the file that GOOGLE_APPLICATION_CREDENTIALS names, or log in with gcloud auth application-default login",
        )
    })
}

/// In words.
pub(super) fn described(variables: &GcpVariables) -> &'static str {
    match variables {
        GcpVariables { credentials: Some(_), .. } => "GOOGLE_CREDENTIALS",
        GcpVariables { access_token: Some(_), .. } => "GOOGLE_OAUTH_ACCESS_TOKEN",
        _ => "Application Default Credentials",
    }
}

/// `GOOGLE_CREDENTIALS` is a file, or what would stand in one.
fn from_variable(text: &SecretString) -> Result<Credentials, KeyError> {
    let unusable = |what| {
        KeyError::new(format!("GOOGLE_CREDENTIALS {what}"))
            .with_hint("set it to a file of credentials, or to the JSON of one")
    };
    let text = text.expose_secret();
    let json = match text.trim_start().starts_with('{') {
        true => Zeroizing::new(text.to_owned()),
        false => Zeroizing::new(
            fs::read_to_string(text).map_err(|_| unusable("is no JSON, and no file"))?,
        ),
    };
    // A parser's error would show a part of it.
    let json: Value = serde_json::from_str(&json).map_err(|_| unusable("is no JSON"))?;
    let kind = json.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let built = match kind.as_str() {
        "service_account" => service_account::Builder::new(json).build(),
        "authorized_user" => user_account::Builder::new(json).build(),
        "impersonated_service_account" => impersonated::Builder::new(json).build(),
        "external_account" => external_account::Builder::new(json).build(),
        _ => return Err(unusable("has a type of credentials that is not known")),
    };
    built.map_err(|_| unusable("has something missing"))
}

fn from_token(token: &SecretString, domain: Option<String>) -> Result<Credentials, KeyError> {
    let header = Zeroizing::new(format!("Bearer {}", token.expose_secret().trim()));
    let mut header = HeaderValue::from_str(&header)
        .map_err(|_| KeyError::new("GOOGLE_OAUTH_ACCESS_TOKEN is not a token"))?;
    header.set_sensitive(true);
    Ok(Credentials::from(Token { header, domain, tag: EntityTag::new() }))
}

/// A token as it was given; nobody can renew it.
#[derive(Debug)]
struct Token {
    header: HeaderValue,
    domain: Option<String>,
    tag: EntityTag,
}

impl CredentialsProvider for Token {
    async fn headers(
        &self,
        _: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        let data = HeaderMap::from_iter([(AUTHORIZATION, self.header.clone())]);
        Ok(CacheableResource::New { entity_tag: self.tag.clone(), data })
    }

    async fn universe_domain(&self) -> Option<String> {
        self.domain.clone()
    }
}
