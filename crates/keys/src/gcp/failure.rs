//! What Cloud KMS means, in one line.

use std::error::Error as _;

use bulla_core::KeyError;
use google_cloud_gax::client_builder::Error as BuildError;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;

use super::WHOM;
use crate::remote::{Answer, TransportError, classify};

/// An error of a call, without what the server wrote.
pub(super) fn explain(error: &Error) -> KeyError {
    if error.is_authentication() {
        return unauthenticated(error);
    }
    if let Some(status) = error.status() {
        return of_code(status.code);
    }
    if let Some(status) = error.http_status_code() {
        return match classify(status) {
            _ if (300..400).contains(&status) => {
                TransportError::Redirect { host: WHOM.into() }.into()
            }
            Answer::Unauthenticated => of_code(Code::Unauthenticated),
            Answer::Denied => of_code(Code::PermissionDenied),
            Answer::NotFound => of_code(Code::NotFound),
            Answer::Throttled => of_code(Code::ResourceExhausted),
            Answer::Broken => of_code(Code::Unavailable),
            Answer::Refused => KeyError::new(format!("{WHOM} refused with the status {status}")),
        };
    }
    if error.is_deserialization() || error.is_transport() {
        return garbage();
    }
    match error.source().and_then(|source| TransportError::of_source(WHOM, source)) {
        Some(error) => error.into(),
        None if error.is_timeout() => KeyError::retryable(format!("{WHOM} did not answer in time")),
        None => garbage(),
    }
}

/// A client that could not be made.
pub(super) fn unprepared(error: &BuildError) -> KeyError {
    if error.is_universe_domain_mismatch() {
        return KeyError::new("the credentials are not of the universe that is configured")
            .with_hint("check SOPS_GCP_KMS_UNIVERSE_DOMAIN");
    }
    KeyError::new(format!("the connection to {WHOM} cannot be prepared"))
        .with_hint("check the proxy, and the certificates of this machine")
}

/// Something that fell over on the way.
pub(super) fn damaged() -> KeyError {
    KeyError::retryable(format!("the answer of {WHOM} was damaged on the way; try again"))
}

fn garbage() -> KeyError {
    KeyError::new(format!("{WHOM} answered with something that it does not say"))
}

fn unauthenticated(error: &Error) -> KeyError {
    let login = "log in with gcloud auth application-default login, or set GOOGLE_CREDENTIALS";
    match error.source().and_then(|source| TransportError::of_source("the metadata server", source))
    {
        Some(_) => {
            KeyError::new("no credentials for Google Cloud were found, or they cannot be used")
                .with_hint(login)
        }
        None => {
            KeyError::denied("the credentials for Google Cloud are not accepted").with_hint(login)
        }
    }
}

fn of_code(code: Code) -> KeyError {
    match code {
        Code::PermissionDenied => KeyError::denied(format!("{WHOM} denies the use of this key"))
            .with_hint("ask for the role Cloud KMS CryptoKey Encrypter/Decrypter, or for the right account"),
        Code::Unauthenticated => {
            KeyError::denied(format!("{WHOM} does not accept the credential; it may have expired"))
                .with_hint("log in again")
        }
        Code::NotFound => KeyError::new(format!("{WHOM} has no such key"))
            .with_hint("check project, location, key ring and name"),
        Code::FailedPrecondition => {
            KeyError::new("the key is disabled or destroyed").with_hint("enable its version")
        }
        Code::InvalidArgument => KeyError::new(format!("{WHOM} cannot open it with this key"))
            .with_hint("restore the file from git"),
        Code::ResourceExhausted => {
            KeyError::retryable(format!("{WHOM} limits requests; try later"))
        }
        Code::Unavailable | Code::Internal | Code::DeadlineExceeded | Code::Unknown => {
            KeyError::retryable(format!("{WHOM} is not available; try later"))
        }
        code => KeyError::new(format!("{WHOM} refused: {code}")),
    }
}
