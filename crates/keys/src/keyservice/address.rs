//! Where a key service is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a key service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// `unix://PATH`: a socket of this machine.
    Unix(PathBuf),
    /// `tcp://HOST:PORT`: in the clear, as of sops.
    Tcp {
        /// `HOST:PORT`
        authority: String,
    },
    /// `tls://HOST:PORT`: both sides show a certificate. sops has no such thing.
    Tls {
        /// `HOST:PORT`
        authority: String,
    },
}

/// A text that is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address; write unix://PATH, tcp://HOST:PORT or tls://HOST:PORT")]
pub struct AddressError {
    text: String,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address = text.split_once("://").and_then(|(scheme, rest)| match scheme {
            "unix" if !rest.is_empty() => Some(Self::Unix(rest.into())),
            "tcp" => Some(Self::Tcp { authority: authority(rest)? }),
            "tls" => Some(Self::Tls { authority: authority(rest)? }),
            _ => None,
        });
        address.ok_or_else(|| AddressError { text: text.to_owned() })
    }
}

/// A host and a port, and nothing else: no user, no path.
fn authority(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    let is_name = |host: &str| {
        let mut bytes = host.bytes();
        !host.is_empty()
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
    };
    let is_literal = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    let port: u16 = port.parse().ok()?;
    (port > 0 && (is_literal || is_name(host))).then(|| format!("{host}:{port}"))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { authority } => write!(f, "tcp://{authority}"),
            Self::Tls { authority } => write!(f, "tls://{authority}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_the_same() {
        for text in [
            "unix:///run/user/1000/bulla.sock",
            "unix://relative/with a blank.sock",
            "tcp://127.0.0.1:5000",
            "tcp://keys.example.com:65535",
            "tls://[::1]:5000",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "unix://",
            "127.0.0.1:5000",
            "http://127.0.0.1:5000",
            "tcp://127.0.0.1",
            "tcp://:5000",
            "tcp://host:0",
            "tcp://host:65536",
            "tcp://user@host:5000",
            "tcp://host:5000/path",
            "tcp://a/b:5000",
            "tcp://ho st:5000",
            "tls://[::1:5000",
            "tcp://[host]:5000",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is not an address")), "{error}");
        }
    }
}
