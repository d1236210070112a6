//! What Azure means, in one line.

use azure_core::error::{Error, ErrorKind};
use bulla_core::KeyError;

use crate::remote::{Answer, Origin, classify, find_transport_error};

/// An error of a call, without what the server wrote.
pub(super) fn explain(vault: &Origin, error: &Error) -> KeyError {
    if is_of_login(error) {
        return of_login(error);
    }
    if let Some(error) = find_transport_error(error) {
        return error.clone().into();
    }
    match error.kind() {
        ErrorKind::HttpResponse { status, error_code, .. } => {
            of_status(vault, u16::from(*status), error_code.as_deref().unwrap_or_default())
        }
        ErrorKind::DataConversion => garbage(vault),
        _ => KeyError::new(format!("{vault} asks for a token that is not meant for it")),
    }
}

/// An answer that is none.
pub(super) fn garbage(vault: &Origin) -> KeyError {
    KeyError::new(format!("{vault} answered with something that Key Vault does not say"))
}

/// Whether it is the login that failed, and not the call.
fn is_of_login(error: &Error) -> bool {
    let mut next = Some(error as &(dyn std::error::Error + 'static));
    while let Some(error) = next {
        let kind = error.downcast_ref::<Error>().map(Error::kind);
        if matches!(kind, Some(ErrorKind::Credential)) {
            return true;
        }
        next = error.source();
    }
    false
}

fn of_login(error: &Error) -> KeyError {
    if let Some(error) = find_transport_error(error) {
        let error = KeyError::from(error.clone());
        return KeyError { reason: format!("the login to Azure failed: {error}"), ..error };
    }
    KeyError::denied("no Azure credential was found that is accepted; it may have expired").with_hint(
        "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, use a workload or managed identity, or run az login",
    )
}

fn of_status(vault: &Origin, status: u16, code: &str) -> KeyError {
    match classify(status) {
        Answer::Unauthenticated => {
            KeyError::denied(format!("{vault} does not accept the token; it may have expired"))
                .with_hint("log in again, or check tenant and cloud")
        }
        Answer::Denied if code == "KeyDisabled" => {
            KeyError::new("the key is disabled").with_hint("enable this version of it")
        }
        Answer::Denied => KeyError::denied(format!("{vault} denies the use of this key"))
            .with_hint(
                "ask for the rights get, encrypt and decrypt, and check the vault's firewall",
            ),
        Answer::NotFound => KeyError::new(format!("{vault} has no such key or version"))
            .with_hint("check name and version"),
        Answer::Throttled => KeyError::retryable(format!("{vault} limits requests; try later")),
        Answer::Broken => KeyError::retryable(format!("{vault} failed with the status {status}")),
        Answer::Refused => KeyError::new(format!("{vault} cannot do this with this key"))
            .with_hint("it has to be an RSA key; if it is, restore the file from git"),
    }
}
