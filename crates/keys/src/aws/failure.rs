//! What AWS means, in one line.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bulla_core::KeyError;

use super::arn::KeyArn;
use crate::remote::{Answer, classify, find_transport_error};

/// Errors of the service that credentials come from, which the library hides in
/// errors of other types.
const OF_CREDENTIALS: [(&str, &str); 6] = [
    ("ExpiredToken", "have expired"),
    ("expired", "have expired"),
    ("AccessDenied", "may not be used: access is denied"),
    ("InvalidIdentityToken", "may not be used: the identity token is not accepted"),
    ("InvalidClientTokenId", "are not accepted"),
    ("SignatureDoesNotMatch", "are not accepted"),
];

/// An error of a call, without what the server wrote.
pub(super) fn explain<E>(key: &KeyArn<'_>, error: SdkError<E, HttpResponse>) -> KeyError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let SdkError::ServiceError(error) = &error {
        let code = error.err().code().unwrap_or_default();
        let status = error.raw().status();
        return match of_code(key, code) {
            Some(known) => known,
            // The library takes a success that it cannot read for an error of the service.
            None if status.is_success() => garbage(key),
            None => of_status(key, status.as_u16()),
        };
    }
    if let Some(found) = find::<CredentialsError>(&error) {
        return of_credentials(found);
    }
    if let Some(error) = find_transport_error(&error) {
        return error.clone().into();
    }
    match error {
        SdkError::TimeoutError(_) => {
            KeyError::retryable(format!("{} did not answer in time", key.whom()))
        }
        SdkError::ResponseError(_) => garbage(key),
        _ => KeyError::new(format!("{} cannot be asked", key.whom()))
            .with_hint("check region, endpoint and credentials of your configuration of AWS"),
    }
}

/// An answer that is none.
pub(super) fn garbage(key: &KeyArn<'_>) -> KeyError {
    KeyError::new(format!("{} answered with something that KMS does not say", key.whom()))
}

fn of_code(key: &KeyArn<'_>, code: &str) -> Option<KeyError> {
    let whom = key.whom();
    Some(match code {
        "InvalidCiphertextException" | "IncorrectKeyException" => KeyError::new(format!(
            "{whom} cannot open it with this key and this encryption context"
        ))
        .with_hint("restore the file from git"),
        "AccessDeniedException" | "AccessDenied" | "KMSAccessDeniedException" => denied(&whom),
        "NotFoundException" => KeyError::new(format!("{whom} has no such key"))
            .with_hint("check the region and the account in the ARN"),
        "DisabledException" => KeyError::new("the key is disabled").with_hint("enable it"),
        "KMSInvalidStateException" | "InvalidKeyUsageException" => {
            KeyError::new("the key cannot be used: it is to be deleted, or of another kind")
        }
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "LimitExceededException"
        | "RequestLimitExceeded" => {
            KeyError::retryable(format!("{whom} limits requests; try later"))
        }
        "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => {
            KeyError::denied("the credentials for AWS have expired").with_hint("log in again")
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationTokenException" => {
            KeyError::denied(format!("{whom} does not accept the credentials"))
                .with_hint("check AWS_ACCESS_KEY_ID, AWS_PROFILE and the clock")
        }
        "KeyUnavailableException" | "KMSInternalException" | "DependencyTimeoutException" => {
            KeyError::retryable(format!("{whom} is not available; try later"))
        }
        _ => return None,
    })
}

/// A refusal whose words say nothing that is known.
fn of_status(key: &KeyArn<'_>, status: u16) -> KeyError {
    let whom = key.whom();
    match classify(status) {
        Answer::Denied | Answer::Unauthenticated => denied(&whom),
        Answer::Throttled => KeyError::retryable(format!("{whom} limits requests; try later")),
        Answer::Broken => KeyError::retryable(format!("{whom} failed with the status {status}")),
        Answer::NotFound | Answer::Refused => {
            KeyError::new(format!("{whom} refused with the status {status}"))
        }
    }
}

fn denied(whom: &str) -> KeyError {
    KeyError::denied(format!("{whom} denies the use of this key"))
        .with_hint("ask for kms:Encrypt and kms:Decrypt on it, or use another role or profile")
}

pub(super) fn of_credentials(error: &CredentialsError) -> KeyError {
    let login = "set AWS_PROFILE or AWS_ACCESS_KEY_ID, or log in with aws sso login";
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return KeyError::new("no credentials for AWS were found").with_hint(login);
    }
    if let Some(error) = find_transport_error(error) {
        let error = KeyError::from(error.clone());
        return KeyError { reason: format!("no credentials for AWS: {error}"), ..error };
    }
    let mut next = Some(error as &(dyn Error + 'static));
    while let Some(error) = next {
        let text = error.to_string();
        if let Some((_, what)) = OF_CREDENTIALS.iter().find(|(code, _)| text.contains(code)) {
            return KeyError::denied(format!("the credentials for AWS {what}")).with_hint(login);
        }
        next = error.source();
    }
    KeyError::new("the credentials for AWS cannot be loaded").with_hint(login)
}

fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
