//! Token → caller, deny by default: what is behind the guard is reached with a valid token or not at all.
//!
//! Here live the token's shape, its making and its checking. Deliberately not here: what a caller may see; every query
//! is asked for the caller's own athlete.

mod claims;
mod guard;
mod rooms;
mod token;

use ally_domain::envelope::Actor;
use ally_domain::ids::AthleteId;
use poem::Request;
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;
use time::OffsetDateTime;

pub(crate) use guard::{CheckedToken, Guard, bearer};
pub use rooms::{RoomAccess, RoomGrants};
pub use token::{AuthConfig, Grants, MIN_SECRET_BYTES, Secret, TokenError, Verifier, mint};

/// The role of people who operate the deployment.
pub const OPERATOR: &str = "operator";

/// Who is behind a request, taken from its token and never from its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The athlete that the token's issuer and subject name.
    pub athlete: AthleteId,
    /// The subject as audits show it: an operator is found by their own name there.
    pub name: String,
    /// Whether the token carries the operator role.
    pub operator: bool,
    /// Which rooms of presence the token opens.
    pub rooms: RoomGrants,
    /// Whether the token lets its bearer ask for the high priority.
    pub high_priority: bool,
    /// When the token ends.
    pub expires_at: OffsetDateTime,
}

impl Caller {
    /// The caller as events keep it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Athlete(self.athlete.to_string())
    }
}

/// A JSON Web Token, signed with HS256. Its subject is the athlete; `exp` is required. In development `ally token`
/// makes one.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "bearer", bearer_format = "JWT", checker = "admitted")]
pub(crate) struct Authenticated(pub Caller);

/// The guard has checked the token and left the caller; a route outside the guard has none and is refused.
async fn admitted(request: &Request, _: Bearer) -> Option<Caller> {
    request.data::<Caller>().cloned()
}
