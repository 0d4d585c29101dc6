//! Where an endpoint is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most bytes of an address.
const MAX_BYTES: usize = 2_048;

/// A text that is no address of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no address of an endpoint: use https://, a host and a path, without user, password and fragment, of at most {MAX_BYTES} bytes"
)]
pub struct InvalidUrl;

/// The address of an endpoint as its app wrote it: `https`, or `http` where a deployment allows it, and no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointUrl(String);

impl EndpointUrl {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what goes there is encrypted on its way.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for EndpointUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(InvalidUrl)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host_is_there = !authority.is_empty() && !authority.starts_with(':');
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#'));
        let fits = text.len() <= MAX_BYTES && plain && host_is_there && !authority.contains('@');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidUrl) }
    }
}

impl TryFrom<String> for EndpointUrl {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        text.parse()
    }
}

impl From<EndpointUrl> for String {
    fn from(url: EndpointUrl) -> Self {
        url.0
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host_and_no_secret() {
        for good in ["https://a.example/hook", "https://a.example", "http://127.0.0.1:9000/x?y=1", "https://[::1]/"] {
            assert_eq!(good.parse::<EndpointUrl>().map(String::from), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "ftp://a.example/",
            "https://",
            "https:///x",
            "https://:443/",
            "https://user:secret@a.example/",
            "https://a.example/#x",
            "https://a.example\\@b.example/",
            "https://a example/",
            "https://a.example/\n",
            "HTTPS://a.example/",
        ] {
            assert_eq!(bad.parse::<EndpointUrl>(), Err(InvalidUrl), "{bad:?}");
        }
        assert!(format!("https://a.example/{}", "x".repeat(2_040)).parse::<EndpointUrl>().is_err());
    }
}
