//! The claims of a token (RFC 7519): which shapes count, and what another shape comes to.
//!
//! A claim that restricts (`exp`, `nbf`, and `iss` and `aud` where they are asked for) must have its shape, or the token does
//! not count. A claim that grants (`roles`, `scope`, `priorities`) grants nothing in another shape, and every other claim is not read.

use ally_domain::job::Priority;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::{RoomGrants, TokenError};

/// How far the clocks of issuer and server may be apart.
const LEEWAY_SECONDS: f64 = 30.0;

/// The claims that are read, of any issuer who knows the secret. A claim that stands there twice is none at all.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub sub: String,
    /// Seconds since 1970, with a fraction where the issuer has one.
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    iss: Value,
    #[serde(default)]
    aud: Value,
    #[serde(default)]
    roles: Value,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    rooms: Value,
    #[serde(default)]
    priorities: Value,
}

impl Claims {
    /// Whether the token counts at this time.
    ///
    /// # Errors
    /// [`TokenError::Expired`] and [`TokenError::NotYet`].
    #[allow(clippy::cast_precision_loss, reason = "an f64 has microseconds to spare for the seconds of our time")]
    pub(super) fn check_time(&self, now: OffsetDateTime) -> Result<(), TokenError> {
        let now = now.unix_timestamp() as f64 + f64::from(now.microsecond()) / 1e6;
        if self.exp + LEEWAY_SECONDS <= now {
            return Err(TokenError::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf > now + LEEWAY_SECONDS) {
            return Err(TokenError::NotYet);
        }
        Ok(())
    }

    /// Whether the token was issued by and for these; anybody where they are not set.
    ///
    /// # Errors
    /// [`TokenError::Foreign`] for others, [`TokenError::Invalid`] for a claim that is missing or of another shape.
    pub(super) fn check_parties(&self, issuer: Option<&str>, audience: Option<&str>) -> Result<(), TokenError> {
        if let Some(issuer) = issuer
            && self.iss.as_str().ok_or(TokenError::Invalid)? != issuer
        {
            return Err(TokenError::Foreign);
        }
        if let Some(audience) = audience {
            let named =
                texts(&self.aud).or_else(|| self.aud.as_str().map(|one| vec![one])).ok_or(TokenError::Invalid)?;
            if !named.contains(&audience) {
                return Err(TokenError::Foreign);
            }
        }
        Ok(())
    }

    /// Who issued the token; `None` where it does not say.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] for a claim of another shape: an athlete is an issuer's subject, so it cannot be passed over.
    pub(super) fn issuer(&self) -> Result<Option<&str>, TokenError> {
        match &self.iss {
            Value::Null => Ok(None),
            Value::String(issuer) => Ok(Some(issuer)),
            _ => Err(TokenError::Invalid),
        }
    }

    /// Which rooms of presence the token opens.
    pub(super) fn rooms(&self) -> RoomGrants {
        RoomGrants::of(&self.rooms)
    }

    /// Whether the token lets its bearer ask for a priority beside the normal one: by `priorities`, a list of texts.
    pub(super) fn allows(&self, priority: Priority) -> bool {
        priority.is_normal() || texts(&self.priorities).is_some_and(|allowed| allowed.contains(&priority.as_str()))
    }

    /// When the token ends; one that never does ends at the end of time.
    #[allow(clippy::cast_possible_truncation, reason = "it saturates, and parts of a second do not count")]
    pub(super) fn expires_at(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.exp as i64).unwrap_or(time::PrimitiveDateTime::MAX.assume_utc())
    }

    /// Whether the token grants a role: by `roles`, a list of texts, or by `scope`, a text of words.
    pub(super) fn grants(&self, role: &str) -> bool {
        let scope = self.scope.as_str().unwrap_or_default();
        texts(&self.roles).is_some_and(|roles| roles.contains(&role)) || scope.split(' ').any(|word| word == role)
    }
}

/// A list of nothing but texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
