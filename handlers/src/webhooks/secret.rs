//! The secrets of endpoints, derived from one key of the deployment: the log and the views hold none.

use std::fmt;

use ally_domain::ids::EndpointId;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The fewest bytes of a key.
const MIN_KEY_BYTES: usize = 32;
/// Separates the parts that a secret is derived from, and names this use of the key.
const PURPOSE: &str = "webhook secret\u{1f}";
/// The use of the key that tells it from another one.
const FINGERPRINT: &str = "webhook key fingerprint";
/// So many bytes tell the keys of one deployment apart.
const FINGERPRINT_BYTES: usize = 6;
/// Begins a secret as the specification of Standard Webhooks writes it.
pub(super) const PREFIX: &str = "whsec_";

/// A key that is too short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key of webhooks has {bytes} bytes and needs {MIN_KEY_BYTES}: `openssl rand -hex 32` makes one")]
pub struct WeakKey {
    bytes: usize,
}

/// The key that all secrets of a deployment are derived from. Whoever has it can sign for every endpoint.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// A key.
    ///
    /// # Errors
    /// When it is too short to be one.
    pub fn new(key: &str) -> Result<Self, WeakKey> {
        if key.len() < MIN_KEY_BYTES {
            return Err(WeakKey { bytes: key.len() });
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())))
    }

    /// The secret of an endpoint with a number, the same on every node.
    #[must_use]
    pub fn secret(&self, endpoint: &EndpointId, number: u32) -> EndpointSecret {
        let parts = format!("{PURPOSE}{endpoint}\u{1f}{number}");
        EndpointSecret(format!("{PREFIX}{}", STANDARD.encode(hmac::sign(&self.0, parts.as_bytes()))))
    }

    /// What tells this key from another one and says nothing of it: the roles of a deployment must have the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        STANDARD.encode(&hmac::sign(&self.0, FINGERPRINT.as_bytes()).as_ref()[..FINGERPRINT_BYTES])
    }
}

/// A secret that an endpoint checks its messages by: `whsec_…`.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointSecret(String);

impl EndpointSecret {
    /// The secret itself, for the app that it belongs to.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_same_for_ever_and_another_one_for_another_endpoint_or_number() {
        let key = SigningKey::new(&"k".repeat(32)).unwrap();
        let of = |endpoint: &str, number| key.secret(&endpoint.parse().unwrap(), number);
        assert_eq!(of("a", 1).expose(), of("a", 1).expose());
        assert_ne!(of("a", 1), of("a", 2));
        assert_ne!(of("a", 1), of("b", 1));
        assert_ne!(of("a", 11), of("a1", 1));
        let bytes = STANDARD.decode(of("a", 1).expose().strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);
        assert!(!format!("{key:?}{:?}", of("a", 1)).contains("whsec"));
    }

    #[test]
    fn a_fingerprint_tells_keys_apart_and_is_no_part_of_a_secret() {
        let [one, other] = ["k", "l"].map(|letter| SigningKey::new(&letter.repeat(32)).unwrap());
        assert_eq!(one.fingerprint(), one.clone().fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint().len(), 8);
        assert!(!one.secret(&"a".parse().unwrap(), 1).expose().contains(&one.fingerprint()));
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(SigningKey::new("short").unwrap_err(), WeakKey { bytes: 5 });
    }
}
