//! Verifies what a webhook of Ally delivers, by the library of the Standard Webhooks specification.

use http::HeaderMap;
use serde::de::DeserializeOwned;
use standardwebhooks::Webhook;

const PREFIX: &str = "whsec_";

/// Why a delivery is not taken: answer it with 400.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookVerificationError {
    /// Not signed by one of the secrets, or older than five minutes.
    #[error("the delivery is not signed as it should be: {0}")]
    Signature(#[from] standardwebhooks::WebhookError),
    /// There is nothing to verify with: no secret, or only empty ones.
    #[error("no secret was given")]
    NoSecret,
    /// Signed, and not the JSON that was asked for.
    #[error("the event cannot be read: {0}")]
    Event(#[from] serde_json::Error),
}

/// The event of a delivery. `body` is the body as it came, before anybody parsed it; `secrets` are those of the endpoint
/// (`whsec_…`), two while one replaces the other. An empty one is skipped.
///
/// # Errors
/// What is not signed by one of the secrets, or is older than five minutes.
pub fn verify_webhook<T: DeserializeOwned>(
    body: &[u8],
    headers: &HeaderMap,
    secrets: &[impl AsRef<str>],
) -> Result<T, WebhookVerificationError> {
    let mut failure = WebhookVerificationError::NoSecret;
    for secret in secrets {
        let secret: &str = secret.as_ref();
        if !has_key(secret) {
            continue;
        }
        match Webhook::new(secret).and_then(|webhook| webhook.verify(body, headers)) {
            Ok(()) => return Ok(serde_json::from_slice(body)?),
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}

/// The library takes an empty key, with which anybody can sign: it is what a variable that nobody set gives.
fn has_key(secret: &str) -> bool {
    !secret.strip_prefix(PREFIX).unwrap_or(secret).is_empty()
}
