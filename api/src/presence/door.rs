//! What all ways into presence have in common: who a client is, what it may do, and how many of them there may be.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::ids::AthleteId;
use ally_domain::ports::Clock;
use ally_domain::room::RoomId;
use ally_domain::subject::Subject;
use ally_handlers::channel::Channels;
use ally_handlers::presence::Presence;
use tokio_util::task::TaskTracker;

use super::error::{Code, Refusal};
use crate::auth::{Caller, RoomAccess, RoomGrants, TokenError, Verifier};
use crate::event_stream::{Admission, Open};

/// What one client, one user and one address may do.
#[derive(Debug, Clone)]
pub struct DoorLimits {
    /// Sockets of one user at once, on this node; 0 is no limit.
    pub per_user: usize,
    /// Sockets of one client address at once, on this node; 0 is no limit.
    pub per_address: usize,
    /// Messages a second that one socket may go on sending; 0 is no limit.
    pub messages_per_second: u32,
    /// Messages that one socket may send at once.
    pub messages_burst: u32,
    /// Messages that are refused one behind the other, before the socket is cut off.
    pub refused_until_cut: u32,
    /// The largest message, in bytes.
    pub message_bytes: usize,
    /// How long a client may take to say who it is, and to read what it is sent.
    pub patience: Duration,
    /// How old a connection may become. Who is there for longer than the log remembers would be forgotten.
    pub max_age: Duration,
    /// Members up to which a snapshot is sent whole; of larger rooms the first page.
    pub whole_snapshot: usize,
    /// How often a feed over HTTP that has nothing to tell sends a comment, so that no proxy closes it.
    pub comment_every: Duration,
    /// Whether clients without a token may come in and say who they are: for development only.
    pub trust_user_ids: bool,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            per_user: 64,
            per_address: 4_096,
            messages_per_second: 50,
            messages_burst: 100,
            refused_until_cut: 100,
            message_bytes: 16 * 1024,
            patience: Duration::from_secs(10),
            max_age: Duration::from_secs(24 * 3_600),
            whole_snapshot: 500,
            comment_every: Duration::from_secs(15),
            trust_user_ids: false,
        }
    }
}

/// What every way in works with. Cheap to clone.
#[derive(Clone)]
pub struct Doors {
    /// The rooms.
    pub presence: Presence,
    /// The channels.
    pub channels: Channels,
    /// Who a token names.
    pub verifier: Verifier,
    /// The time, for tokens.
    pub clock: Arc<dyn Clock>,
    /// How long a lease lives, as clients are told.
    pub time_to_live: Duration,
    /// The limits.
    pub limits: Arc<DoorLimits>,
    /// The connections that are served; a role that ends waits for them.
    pub tasks: TaskTracker,
    pub(crate) open: Arc<Open>,
}

impl Doors {
    /// The ways into a node's rooms.
    pub fn new(
        presence: Presence,
        channels: Channels,
        verifier: Verifier,
        clock: Arc<dyn Clock>,
        time_to_live: Duration,
        limits: DoorLimits,
    ) -> Self {
        Self {
            presence,
            channels,
            verifier,
            clock,
            time_to_live,
            limits: Arc::new(limits),
            tasks: TaskTracker::new(),
            open: Arc::default(),
        }
    }

    /// Who a client is: whom the token names; where that is allowed and there is none, whom it says.
    pub(crate) fn user(&self, caller: Option<&Caller>, claimed: Option<&str>) -> Result<AthleteId, Refusal> {
        match (caller, claimed) {
            (Some(caller), Some(user)) if !is_named(caller, user) => Err(Refusal::wrong_user()),
            (Some(caller), _) => Ok(caller.athlete.clone()),
            (None, _) if !self.limits.trust_user_ids => Err(Refusal::unauthorized(TokenError::Missing)),
            (None, Some(user)) => Ok(Subject::own(user).athlete_id()),
            (None, None) => Err(Refusal::malformed("without a token `userId` says who you are")),
        }
    }

    /// How old a connection may become: no older than the token that opened it.
    pub(crate) fn longest(&self, caller: Option<&Caller>) -> Duration {
        let token = caller.map(|caller| {
            let left: time::Duration = caller.expires_at - self.clock.now();
            Duration::try_from(left).unwrap_or_default()
        });
        token.map_or(self.limits.max_age, |left| left.min(self.limits.max_age))
    }

    /// Whether a client may do something in a room.
    pub(crate) fn allows(&self, caller: Option<&Caller>, room: &RoomId, wanted: RoomAccess) -> Result<(), Refusal> {
        if self.grants(caller)?.access(room).is_some_and(|access| access >= wanted) {
            return Ok(());
        }
        Err(Refusal::forbidden(
            room.as_str(),
            match wanted {
                RoomAccess::Observe => "observe",
                RoomAccess::Join => "join",
                RoomAccess::Write => "say anything of yourself in",
            },
        ))
    }

    /// Whether a client may read or change a channel or a lock: by its name, as it might the room of that name.
    pub(crate) fn opens(&self, caller: Option<&Caller>, name: &str, wanted: RoomAccess) -> Result<(), Refusal> {
        let grants = self.grants(caller)?;
        let granted = name.parse::<RoomId>().ok().and_then(|name| grants.access(&name));
        if granted.is_some_and(|access| access >= wanted) {
            return Ok(());
        }
        let what = if wanted == RoomAccess::Write { "change" } else { "read" };
        let message = format!(
            "your token does not let you {what} what is named {name:?}: its claim `rooms` says which names it opens; ask whoever issues tokens"
        );
        Err(Refusal::new(Code::Forbidden, message))
    }

    fn grants<'a>(&self, caller: Option<&'a Caller>) -> Result<&'a RoomGrants, Refusal> {
        match caller {
            Some(caller) => Ok(&caller.rooms),
            None if self.limits.trust_user_ids => Ok(&RoomGrants::ALL),
            None => Err(Refusal::unauthorized(TokenError::Missing)),
        }
    }
}

/// A client may name itself by the subject of its token or by the id that follows from it.
fn is_named(caller: &Caller, user: &str) -> bool {
    user == caller.athlete.as_str() || user == caller.name || Subject::own(user).athlete_id() == caller.athlete
}

impl Doors {
    /// Lets a socket of an address in.
    pub(crate) fn admit(&self, address: Option<IpAddr>) -> Result<Admission, Refusal> {
        let limit = self.limits.per_address;
        Admission::of_address(&self.open, address, limit).ok_or_else(|| {
            too_many(format!("{limit} connections of your address are open, which is as many as may be"))
        })
    }

    /// Counts an admitted socket as a user's as well.
    pub(crate) fn admit_user(&self, admission: &mut Admission, user: &AthleteId) -> Result<(), Refusal> {
        let limit = self.limits.per_user;
        if admission.take_for(user, limit) {
            return Ok(());
        }
        Err(too_many(format!("{limit} connections of yours are open, which is as many as may be")))
    }
}

fn too_many(message: String) -> Refusal {
    Refusal::new(Code::TooManyConnections, format!("{message}; close one of them"))
}
