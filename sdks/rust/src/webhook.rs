//! Verifies what a webhook of Ally delivers, by the library of the Standard Webhooks specification.

use http::HeaderMap;
use serde::de::DeserializeOwned;
use standardwebhooks::Webhook;

/// Why a delivery is not taken: answer it with 400.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookVerificationError {
    /// Not signed by one of the secrets, or older than five minutes.
    #[error("the delivery is not signed as it should be: {0}")]
    Signature(#[from] standardwebhooks::WebhookError),
    /// There is nothing to verify with.
    #[error("no secret was given")]
    NoSecret,
    /// Signed, and not the JSON that was asked for.
    #[error("the event cannot be read: {0}")]
    Event(#[from] serde_json::Error),
}

/// The event of a delivery. `body` is the body as it came, before anybody parsed it; `secrets` are those of the endpoint
/// (`whsec_…`), two while one replaces the other.
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
        match Webhook::new(secret.as_ref()).and_then(|webhook| webhook.verify(body, headers)) {
            Ok(()) => return Ok(serde_json::from_slice(body)?),
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}
