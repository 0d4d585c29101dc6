//! What channels and locks refuse, as problems.

use ally_domain::channel::{ChannelRefusal, Conflict};
use ally_domain::ports::LockError;
use ally_domain::problem::FieldError;
use ally_handlers::channel::ChannelError;

use super::{Kind, Problem};

impl From<ChannelError> for Problem {
    fn from(error: ChannelError) -> Self {
        let told = |kind| Self::new(kind, error.to_string());
        match &error {
            ChannelError::Refused(ChannelRefusal::Conflict(conflict)) => {
                Self { errors: differences(conflict), ..told(Kind::MetadataConflict) }
            }
            ChannelError::Refused(ChannelRefusal::Fenced { .. }) | ChannelError::Lock(LockError::NotHeld { .. }) => {
                told(Kind::LockNotHeld)
            }
            ChannelError::Refused(refusal) => Self::field("data", refusal.to_string(), "items that the channel takes"),
            ChannelError::Lock(LockError::Held { .. }) => told(Kind::LockHeld),
            ChannelError::Lock(LockError::Unavailable { reason }) | ChannelError::Unavailable { reason } => {
                Self::unavailable("presence", reason)
            }
            ChannelError::Contended { .. } => told(Kind::Conflict),
            ChannelError::FollowsTooMany { .. } => told(Kind::RateLimited),
        }
    }
}

/// Every revision that is another one than expected.
fn differences(conflict: &Conflict) -> Vec<FieldError> {
    let is_at = |revision| format!("is at revision {revision}");
    let major = conflict.expected.map(|expected| {
        FieldError::new(
            "options.majorRevision",
            is_at(conflict.major_revision),
            format!("{expected}, as the request says"),
        )
    });
    let of_item = |item: &ally_domain::channel::ItemConflict| {
        let problem = if item.current == 0 { "is not there".to_owned() } else { is_at(item.current) };
        FieldError::new(
            format!("data[{}].revision", item.key),
            problem,
            format!("{}, as the request says", item.expected),
        )
    };
    major.into_iter().chain(conflict.items.iter().map(of_item)).collect()
}
