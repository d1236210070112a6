//! Which servers are meant when an address is compared with another.

use std::fmt;

use url::{Host, Url};

/// A server: scheme, host and port, spelled in one way.
///
/// Addresses come from files that anybody may have written, so one that says more
/// than that (a user, a path, a query) is no address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    url: Url,
}

impl Origin {
    /// Reads an address; a slash at its end is nothing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let known = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
        // The parser removes blanks and line breaks, and takes `\` for `/`.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let url = Url::parse(text).ok().filter(|_| known && plain)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.host_str().is_some_and(|host| !host.is_empty());
        bare.then_some(Self { url })
    }

    /// The server of the URL of a key.
    pub(crate) fn of_url(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let host = rest.split('/').next()?;
        Self::parse(&format!("{scheme}://{host}"))
    }

    /// The host's name.
    #[cfg(feature = "azure")]
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether nobody on the way can read what is sent.
    pub(crate) fn is_private(&self) -> bool {
        self.url.scheme() == "https" || self.is_loopback()
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The address, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The servers that a user allows, in the spelling of sops: `all`, `none`, or
/// addresses parted by commas.
///
/// sops compares how addresses begin, so that `https://vault.example.com` allows
/// `https://vault.example.com.attacker.net` too; here, servers are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum AllowList {
    /// Whatever a file names.
    All,
    /// Nothing, not even what the environment is configured for.
    Nothing,
    /// Not set.
    #[default]
    Unset,
    /// These.
    Only(Vec<Origin>),
}

impl AllowList {
    /// Reads a variable. What is no address allows nothing.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        match text.map(str::trim) {
            None | Some("") => Self::Unset,
            Some("all") => Self::All,
            Some("none") => Self::Nothing,
            Some(list) => Self::Only(
                list.split(',')
                    .map(str::trim)
                    .filter_map(|entry| match entry.contains("://") {
                        true => Origin::of_url(entry),
                        false => Origin::of_url(&format!("https://{entry}")),
                    })
                    .collect(),
            ),
        }
    }

    /// Whether this server may get a credential. Without encryption, only one that
    /// is named with its `http://`, or this machine.
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        match self {
            Self::All => origin.is_private(),
            Self::Nothing | Self::Unset => false,
            Self::Only(origins) => origins.contains(origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_one_spelling() {
        let same = ["https://vault.example.com", "https://VAULT.example.com:443/"];
        let [first, second] = same.map(|text| Origin::parse(text).unwrap());
        assert_eq!(first, second);
        assert_eq!(second.to_string(), "https://vault.example.com");
        for other in ["http://vault.example.com", "https://vault.example.com:8200"] {
            assert_ne!(Origin::parse(other).unwrap(), first);
        }
    }

    #[test]
    fn what_is_more_or_less_than_a_server_is_no_address() {
        for text in [
            "",
            "vault.example.com",
            "ftp://vault.example.com",
            "https://",
            "https://user@vault.example.com",
            "https://user:word@vault.example.com",
            "https://vault.example.com/prefix",
            "https://vault.example.com?x",
            "https://vault.example.com#x",
            "https://vault.example.com\\@evil.example.net",
            "https://vault.example\n.com",
            " https://vault.example.com",
        ] {
            assert_eq!(Origin::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_list_allows_servers_and_not_beginnings() {
        let list = AllowList::parse(Some("https://vault.example.com/, http://10.0.0.1:8200,b.org"));
        let allows = |text| list.allows(&Origin::parse(text).unwrap());
        assert!(allows("https://vault.example.com"));
        assert!(allows("http://10.0.0.1:8200"));
        assert!(allows("https://b.org"));
        assert!(!allows("https://vault.example.com.attacker.net"));
        assert!(!allows("https://vault.example.com:8200"));
        assert!(!allows("http://vault.example.com"));
        assert!(!allows("http://b.org"));
    }

    #[test]
    fn all_is_not_without_encryption() {
        let all = AllowList::parse(Some("all"));
        let allows = |list: &AllowList, text| list.allows(&Origin::parse(text).unwrap());
        assert!(allows(&all, "https://anybody.example.net"));
        assert!(allows(&all, "http://127.0.0.1:8200"));
        assert!(allows(&all, "http://[::1]:8200"));
        assert!(!allows(&all, "http://anybody.example.net"));
        for text in [None, Some(""), Some("none")] {
            assert!(!allows(&AllowList::parse(text), "https://anybody.example.net"), "{text:?}");
        }
    }
}
