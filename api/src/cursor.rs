//! Cursors: where a page ended, sealed, so that nobody reads the log's sequences in one, makes one up, or takes one from one
//! listing or athlete to another. The key comes from the secret of tokens, so that every node opens what another one sealed.
//!
//! The same place gives the same cursor: an answer that has not changed is the same answer (ADR 0045).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::Secret;
use crate::problem::Problem;

/// What the key is for, so that the secret of tokens is no key of anything else.
const PURPOSE: &[u8] = b"ally cursor 1";
/// One nonce for all: what is sealed is short, and of equal places the cursors are to be equal. The cipher is made for that.
const NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// The listings that have cursors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CursorOf {
    Jobs,
    Plans,
    TrainingLog,
    DeadLetters,
    Webhooks,
    WebhookDeliveries,
    WebhookReplay,
}

impl CursorOf {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Plans => "plans",
            Self::TrainingLog => "workouts",
            Self::DeadLetters => "dead-letters",
            Self::Webhooks => "webhooks",
            Self::WebhookDeliveries => "webhook-deliveries",
            Self::WebhookReplay => "webhook-replay",
        }
    }
}

/// Seals and opens cursors. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Cursors(Prk);

impl Cursors {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(Salt::new(HKDF_SHA256, PURPOSE).extract(secret.bytes()))
    }

    /// The cursor of a place in a listing of somebody's.
    pub(crate) fn seal(&self, listing: CursorOf, of: &str, place: &impl Serialize) -> Result<String, Problem> {
        let mut text = serde_json::to_vec(place).map_err(Problem::internal)?;
        let sealed = self.key().and_then(|key| key.seal_in_place_append_tag(nonce(), about(listing, of), &mut text));
        sealed.map_err(Problem::internal)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(text))
    }

    /// The place that a cursor of this listing and this owner names; `None` for any other text.
    pub(crate) fn open<T: DeserializeOwned>(&self, listing: CursorOf, of: &str, cursor: &str) -> Option<T> {
        let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = self.key().ok()?.open_in_place(nonce(), about(listing, of), &mut sealed).ok()?.to_vec();
        serde_json::from_slice(&text).ok()
    }

    fn key(&self) -> Result<LessSafeKey, Unspecified> {
        Ok(LessSafeKey::new(UnboundKey::from(self.0.expand(&[], &AES_256_GCM_SIV)?)))
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key(NONCE)
}

/// What a cursor is bound to and does not hold.
fn about(listing: CursorOf, of: &str) -> Aad<String> {
    Aad::from(format!("{}\n{of}", listing.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors(secret: u8) -> Cursors {
        Cursors::new(&Secret::new(vec![secret; 32]).unwrap())
    }

    #[test]
    fn every_node_opens_what_another_one_sealed() {
        let sealed = cursors(1).seal(CursorOf::Plans, "amy", &42_u64).unwrap();
        assert_eq!(cursors(1).open(CursorOf::Plans, "amy", &sealed), Some(42_u64));
        assert_eq!(
            cursors(1).seal(CursorOf::Plans, "amy", &42_u64).unwrap(),
            sealed,
            "the same place, the same cursor"
        );
    }

    #[test]
    fn a_cursor_opens_where_it_belongs_and_nowhere_else() {
        let (ours, sealed) = (cursors(1), cursors(1).seal(CursorOf::Plans, "amy", &42_u64).unwrap());
        assert_eq!(ours.open::<u64>(CursorOf::Plans, "eve", &sealed), None);
        assert_eq!(ours.open::<u64>(CursorOf::Jobs, "amy", &sealed), None);
        assert_eq!(cursors(2).open::<u64>(CursorOf::Plans, "amy", &sealed), None, "the secret is another one");
        assert_eq!(ours.open::<(i64, String)>(CursorOf::Plans, "amy", &sealed), None, "of another shape");
        let reversed: String = sealed.chars().rev().collect();
        for forged in ["", "42", "AAAA", &sealed[4..], &format!("{sealed}AAAA"), &reversed] {
            assert_eq!(ours.open::<u64>(CursorOf::Plans, "amy", forged), None, "{forged}");
        }
    }

    #[test]
    fn a_cursor_shows_nothing_of_what_it_holds() {
        let ours = cursors(1);
        let (one, next) =
            (ours.seal(CursorOf::Plans, "amy", &1_000_u64), ours.seal(CursorOf::Plans, "amy", &1_001_u64));
        let (one, next) = (one.unwrap(), next.unwrap());
        let same = one.chars().zip(next.chars()).filter(|(a, b)| a == b).count();
        assert!(same < 8, "neighbours look like strangers: {one} {next}");
    }
}
