//! Proxies, for what is reached over a network.

use super::text;

/// The proxies of the environment. Addresses may hold passwords.
#[derive(Clone, Default)]
pub struct NetworkVariables {
    /// `HTTPS_PROXY`, or `ALL_PROXY`.
    pub https_proxy: Option<String>,
    /// `http_proxy`, or `ALL_PROXY`.
    pub http_proxy: Option<String>,
    /// `NO_PROXY`: hosts that are reached without one, parted by commas.
    pub no_proxy: Option<String>,
}

impl NetworkVariables {
    pub(super) fn read() -> Self {
        let either = |upper: &str, lower: &str| text(upper).or_else(|| text(lower));
        let all = either("ALL_PROXY", "all_proxy");
        Self {
            https_proxy: either("HTTPS_PROXY", "https_proxy").or(all.clone()),
            http_proxy: either("HTTP_PROXY", "http_proxy").or(all),
            no_proxy: either("NO_PROXY", "no_proxy"),
        }
    }
}
