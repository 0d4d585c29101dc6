//! The token: how it is made, and when it counts.

use std::fmt;
use std::sync::{Arc, Once};
use std::time::Duration;

use ally_domain::job::Priority;
use ally_domain::ports::Clock;
use ally_domain::subject::Subject;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use time::OffsetDateTime;

use super::claims::Claims;
use super::{Caller, OPERATOR};

/// The fewest bytes of a secret: as many as HS256's hash has.
pub const MIN_SECRET_BYTES: usize = 32;
/// The most bytes of a subject.
const MAX_SUBJECT_BYTES: usize = 255;

/// The signing secret. It never shows in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret of at least [`MIN_SECRET_BYTES`].
    ///
    /// # Errors
    /// [`TokenError::ShortSecret`] for a shorter one.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, TokenError> {
        let secret = secret.into();
        if secret.len() < MIN_SECRET_BYTES { Err(TokenError::ShortSecret) } else { Ok(Self(secret)) }
    }

    /// What keys for other purposes are derived from.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(masked)")
    }
}

/// What a token must show.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// The secret that signs.
    pub secret: Secret,
    /// The `iss` that a token must carry; any when not set.
    pub issuer: Option<String>,
    /// The `aud` that a token must carry; any when not set.
    pub audience: Option<String>,
}

/// Why a token was not made or does not count. The texts are told to callers and hold nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The configured secret is too short to be safe.
    #[error("the token secret is shorter than {MIN_SECRET_BYTES} bytes; make one with `openssl rand -hex 32`")]
    ShortSecret,
    /// No `Authorization: Bearer` header.
    #[error("the request carries no bearer token")]
    Missing,
    /// No token at all, a foreign signature, another algorithm, or a claim that is missing or of the wrong type.
    #[error("the token is not one that this deployment issued")]
    Invalid,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is yet to come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Signed by the right secret for somebody else.
    #[error("the token was issued by or for another service")]
    Foreign,
    /// The header has a `crit`: it names extensions that must be known, and none is known here.
    #[error("the token demands an extension that is not known here (crit)")]
    Critical,
    /// `sub` is empty or too long.
    #[error("the token names no subject, or one of more than {MAX_SUBJECT_BYTES} bytes")]
    Subject,
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Unsigned,
}

/// The claims of a token that Ally makes.
#[derive(Debug, Serialize)]
struct Written<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "<[Priority]>::is_empty")]
    priorities: &'a [Priority],
}

/// What a token grants beyond what is its athlete's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grants<'a> {
    /// Its roles.
    pub roles: &'a [String],
    /// The priorities that its bearer may ask for, beside the normal one.
    pub priorities: &'a [Priority],
}

impl<'a> From<&'a [String]> for Grants<'a> {
    fn from(roles: &'a [String]) -> Self {
        Self { roles, priorities: &[] }
    }
}

impl<'a, const N: usize> From<&'a [String; N]> for Grants<'a> {
    fn from(roles: &'a [String; N]) -> Self {
        Self::from(roles.as_slice())
    }
}

impl<'a> From<&'a Vec<String>> for Grants<'a> {
    fn from(roles: &'a Vec<String>) -> Self {
        Self::from(roles.as_slice())
    }
}

/// Makes a token for a subject that counts for `ttl` from `now`.
///
/// # Errors
/// A subject that no verifier would take, or a signature that fails.
pub fn mint<'a>(
    config: &AuthConfig,
    subject: &str,
    now: OffsetDateTime,
    ttl: Duration,
    grants: impl Into<Grants<'a>>,
) -> Result<String, TokenError> {
    let Grants { roles, priorities } = grants.into();
    let iat = now.unix_timestamp();
    let claims = Written {
        sub: checked(subject)?,
        iat,
        exp: iat.saturating_add(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX)),
        iss: config.issuer.as_deref(),
        aud: config.audience.as_deref(),
        roles,
        priorities,
    };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&config.secret.0))
        .map_err(|_| TokenError::Unsigned)
}

fn checked(subject: &str) -> Result<&str, TokenError> {
    if (1..=MAX_SUBJECT_BYTES).contains(&subject.len()) { Ok(subject) } else { Err(TokenError::Subject) }
}

/// Checks tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    key: DecodingKey,
    validation: Validation,
    /// The issuer that is configured; then a token of another one is refused before its subject is looked at.
    issuer: Option<String>,
    audience: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// A verifier of tokens as configured. The algorithm is pinned: a token that names another one does not count.
    pub fn new(config: &AuthConfig, clock: Arc<dyn Clock>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The library checks the signature; what the claims say is checked here, against the clock port.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self(Arc::new(Inner {
            key: DecodingKey::from_secret(&config.secret.0),
            validation,
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            clock,
        }))
    }

    /// The subject of the configured issuer, or of tokens without one, is the deployment's own (ADR 0055).
    fn subject<'a>(&self, issuer: Option<&'a str>, name: &'a str) -> Subject<'a> {
        static WARNED: Once = Once::new();
        match issuer.filter(|_| self.0.issuer.is_none()) {
            None => Subject::own(name),
            Some(issuer) => {
                WARNED.call_once(|| {
                    tracing::warn!(
                        issuer,
                        "a token names its issuer and none is configured: its subjects are athletes of that issuer; \
                         set ALLY_JWT_ISSUER before the first of them comes, if it is this deployment's own"
                    );
                });
                Subject::of(issuer, name)
            }
        }
    }

    /// Who is behind a token.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let Inner { key, validation, issuer, audience, clock } = self.0.as_ref();
        let token = jsonwebtoken::decode::<Claims>(token, key, validation).map_err(|_| TokenError::Invalid)?;
        // Whatever it names must be understood, and no extension is (RFC 7515, section 4.1.11).
        if token.header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let claims = token.claims;
        claims.check_parties(issuer.as_deref(), audience.as_deref())?;
        claims.check_time(clock.now())?;
        let subject = self.subject(claims.issuer()?, checked(&claims.sub)?);
        Ok(Caller {
            athlete: subject.athlete_id(),
            name: subject.readable(),
            operator: claims.grants(OPERATOR),
            rooms: claims.rooms(),
            high_priority: claims.allows(Priority::High),
            expires_at: claims.expires_at(),
        })
    }
}
