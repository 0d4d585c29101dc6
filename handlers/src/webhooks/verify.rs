//! Verifies messages as their receivers do, by the library of the specification.

use std::fmt;

use reqwest::header::HeaderMap;
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook, WebhookError};

use super::secret::PREFIX;

/// A text that is no secret of an endpoint. It is not repeated: it may be one that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no secret of an endpoint: it is whsec_ and Base64 behind it")]
pub struct InvalidSecret;

/// Why a message is not to be trusted.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Untrusted(WebhookError);

/// Verifies messages by the secrets of an endpoint: one of them has to fit, since both sign while one replaces the other.
pub struct MessageVerifier(Vec<Webhook>);

impl fmt::Debug for MessageVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageVerifier(…)")
    }
}

impl MessageVerifier {
    /// By these secrets, written as `whsec_…`.
    ///
    /// # Errors
    /// When one of them is none, or empty.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidSecret> {
        secrets.into_iter().map(webhook).collect::<Result<_, _>>().map(Self)
    }

    /// Verifies a message by its headers and the bytes of its body. Its time may be off by five minutes.
    ///
    /// # Errors
    /// Why it is not to be trusted.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Untrusted> {
        let mut judged = Err(WebhookError::InvalidSignature);
        for secret in &self.0 {
            judged = secret.verify(body, headers);
            if judged.is_ok() {
                break;
            }
        }
        judged.map_err(Untrusted)
    }
}

/// The library takes an empty key, with which anybody can sign.
fn webhook(secret: &str) -> Result<Webhook, InvalidSecret> {
    if secret.strip_prefix(PREFIX).unwrap_or(secret).is_empty() {
        return Err(InvalidSecret);
    }
    Webhook::new(secret).map_err(|_| InvalidSecret)
}

/// The id by which a receiver recognises a repeat, where the message names one.
#[must_use]
pub fn message_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(HEADER_WEBHOOK_ID)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use standardwebhooks::{HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};

    use super::super::secret::SigningKey;
    use super::*;

    const BODY: &[u8] = br#"{"type":"webhook.ping"}"#;

    fn secret(number: u32) -> String {
        SigningKey::new(&"k".repeat(32)).unwrap().secret(&"a".parse().unwrap(), number).expose().to_owned()
    }

    #[allow(clippy::disallowed_methods, reason = "the library goes by the machine's clock")]
    fn headers(by: &str) -> HeaderMap {
        let at = time::OffsetDateTime::now_utc().unix_timestamp();
        let signature = Webhook::new(by).unwrap().sign("m1", at, BODY).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (HEADER_WEBHOOK_ID, "m1"),
            (HEADER_WEBHOOK_TIMESTAMP, &at.to_string()),
            (HEADER_WEBHOOK_SIGNATURE, &signature),
        ] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_message_is_trusted_by_either_of_two_secrets_and_by_no_other() {
        let (old, new, other) = (secret(1), secret(2), secret(3));
        let both = MessageVerifier::new([new.as_str(), old.as_str()]).unwrap();
        assert!(both.verify(&headers(&old), BODY).is_ok() && both.verify(&headers(&new), BODY).is_ok());
        assert!(both.verify(&headers(&other), BODY).is_err());
        assert!(both.verify(&headers(&new), b"{}").is_err(), "another body");
        assert!(MessageVerifier::new([]).unwrap().verify(&headers(&new), BODY).is_err(), "no secret fits nothing");
        assert_eq!(message_id(&headers(&new)), Some("m1"));
    }

    #[test]
    fn an_empty_secret_is_refused() {
        for secret in ["", "whsec_"] {
            assert_eq!(
                MessageVerifier::new([self::secret(1).as_str(), secret]).unwrap_err(),
                InvalidSecret,
                "{secret}"
            );
        }
    }

    #[test]
    fn a_text_that_is_no_secret_is_refused_and_not_repeated() {
        let refused = MessageVerifier::new(["whsec_no Base64"]).unwrap_err();
        assert_eq!(refused, InvalidSecret);
        assert!(!refused.to_string().contains("no Base64"));
    }
}
