//! A value that is never shown.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// What stands in the place of a secret.
pub const MASK: &str = "********";

/// A secret: it can be used and not printed, logged or serialised.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A URL with its password masked; any other text masked whole.
    pub fn masked_url(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return MASK.to_owned() };
        let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
        match rest[..authority_end].rfind('@') {
            None => self.0.clone(),
            Some(at) => {
                let user = rest[..at].split(':').next().unwrap_or_default();
                let password = if rest[..at].contains(':') { format!(":{MASK}") } else { String::new() };
                format!("{scheme}://{user}{password}{}", &rest[at..])
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = if self.0.contains("://") { self.masked_url() } else { MASK.to_owned() };
        serializer.serialize_str(&text)
    }
}
