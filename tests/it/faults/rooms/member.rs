//! What the model knows of one membership: what its client did and was answered, and how it may have ended.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;

use super::beats::Beats;
use super::line::Line;
use super::log::RoomLog;
use super::nodes::{NodeId, Nodes};

/// How long things may take; from the settings of the run.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub time_to_live: Duration,
    pub grace: Duration,
    pub cycle: Duration,
}

impl Times {
    /// No ghost outlives it: the time to live, what the server takes to tell of its end at most, and one cycle.
    pub fn bound(&self) -> Duration {
        self.time_to_live + Duration::from_secs(3) + self.cycle
    }

    /// Behind an outage of the log and the leases: nodes let nobody go for a time to live, and then wait once more for a lease that is only
    /// not there, since nobody saw it end (`PresenceConfig::unleased_for`).
    pub fn bound_behind_outage(&self) -> Duration {
        self.bound() + self.cycle + Duration::from_secs(6)
    }
}

/// Why a member is there no more, or soon will not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It said so, and was answered.
    Left,
    /// It said goodbye, and nobody answered.
    LeaveLost,
    Kicked,
    /// Its connection broke, and it does not come back.
    Cut,
    /// Its connection broke, and its client knows no way to come back.
    CutOff,
    /// Its connection is open, and nobody is there.
    Silent,
    /// The same by Socket.IO, where a ping that is not answered for a third of the time to live ends the connection.
    Unanswering,
    NodeKilled,
    NodeDrained,
    /// Its node ended in order, and its client knows no way to come back.
    Drained,
    /// It sends no requests any more.
    Stopped,
}

#[derive(Debug, Clone, Copy)]
pub struct Gone {
    pub cause: Cause,
    pub since: OffsetDateTime,
}

/// It may have left for a reason that its client does not know of.
#[derive(Debug, Clone, Copy)]
pub struct Doubt {
    pub reason: &'static str,
    pub from: OffsetDateTime,
    pub until: Option<OffsetDateTime>,
}

pub enum Connection {
    Web(Line),
    Http(Beats),
    None,
}

pub struct Member {
    pub conn: String,
    pub room: String,
    pub user: &'static str,
    /// The node of its connection, or the last one.
    pub node: NodeId,
    pub resume: Option<String>,
    /// What the number in its state may be.
    pub numbers: BTreeSet<u64>,
    pub connection: Connection,
    pub doubts: Vec<Doubt>,
    pub gone: Option<Gone>,
}

/// How long behind its cause a member left.
#[derive(Debug, Clone, Copy)]
pub struct Lateness {
    pub cause: Cause,
    pub late: Duration,
    /// Whether the log or the leases were away meanwhile.
    pub behind_outage: bool,
}

/// What the log says of a membership, beside the model.
pub enum Judgement {
    Stays,
    /// It is there, and has until then to leave.
    Leaving(OffsetDateTime),
    /// It left rightly, so long behind its cause.
    Departed {
        reason: String,
        lateness: Option<Lateness>,
    },
    Wrong(String),
}

impl Member {
    pub fn goes(&mut self, cause: Cause, since: OffsetDateTime) {
        self.gone = Some(Gone { cause, since });
    }

    pub fn judge(&self, log: &RoomLog, nodes: &Nodes, times: &Times) -> Judgement {
        let departure = log.departure(&self.room, &self.conn);
        let Some(gone) = self.gone else {
            let Some((reason, at)) = departure else { return Judgement::Stays };
            if self.doubts.iter().any(|doubt| doubt.allows(reason, at)) {
                return Judgement::Departed { reason: reason.to_owned(), lateness: None };
            }
            return Judgement::Wrong(format!("it left ({reason}) at {at}, and its client is there"));
        };
        let outage = nodes.servers_away(gone.since, departure.map_or_else(super::super::now, |(_, at)| at));
        let (since, bound) = match outage {
            Some(outage) => (gone.since.max(outage.to.unwrap_or_else(super::super::now)), times.bound_behind_outage()),
            None => (gone.since, times.bound()),
        };
        // Nobody can be renewed by a client that is silent, but for a third of the time to live its node may renew what it heard before.
        let renewed = nodes.outages(Some(self.node), gone.since, gone.since + times.time_to_live / 2);
        let renewed = renewed
            .iter()
            .filter(|_| matches!(gone.cause, Cause::Silent | Cause::Unanswering))
            .map(|outage| outage.from)
            .max();
        let since = since.max(renewed.unwrap_or(since));
        let Some((reason, at)) = departure else { return Judgement::Leaving(since + bound) };
        if self.doubts.iter().any(|doubt| doubt.allows(reason, at)) {
            return Judgement::Departed { reason: reason.to_owned(), lateness: None };
        }
        let disturbed = outage.is_some() || !nodes.outages(Some(self.node), gone.since, at).is_empty();
        let Some(earliest) = gone.earliest(reason, disturbed, times) else {
            return Judgement::Wrong(format!("it left ({reason}) at {at}, and {gone:?} (disturbed: {disturbed})"));
        };
        if at + Duration::from_millis(20) < earliest {
            return Judgement::Wrong(format!("it left ({reason}) at {at}, too early behind {gone:?}"));
        }
        let (cause, late) = (gone.cause, Duration::try_from(at - since).unwrap_or_default());
        Judgement::Departed {
            reason: reason.to_owned(),
            lateness: Some(Lateness { cause, late, behind_outage: outage.is_some() }),
        }
    }
}

impl Doubt {
    fn allows(&self, reason: &str, at: OffsetDateTime) -> bool {
        self.reason == reason && self.from <= at && self.until.is_none_or(|until| at <= until)
    }
}

impl Gone {
    /// The first moment at which it may leave for a reason; nothing where it may not.
    fn earliest(&self, reason: &str, disturbed: bool, times: &Times) -> Option<OffsetDateTime> {
        use Cause::{
            Cut, CutOff, Drained, Kicked, LeaveLost, Left, NodeDrained, NodeKilled, Silent, Stopped, Unanswering,
        };
        let live = self.since + times.time_to_live / 2;
        match (self.cause, reason) {
            (Left | LeaveLost, "left") | (Kicked, "kicked") | (CutOff, "cut") | (Drained, "drained") => {
                Some(self.since)
            }
            (Cut, "cut") => Some(self.since + times.grace),
            (LeaveLost, "cut" | "drained") if disturbed => Some(self.since),
            (Silent | NodeKilled | NodeDrained, "expired") => Some(live),
            (Stopped | Unanswering, "expired") => Some(self.since + times.time_to_live / 4),
            // Its node does not live to tell of it, or does not reach the log.
            (CutOff | Unanswering, "drained") if disturbed => Some(self.since),
            (Cut | CutOff | LeaveLost, "expired") if disturbed => Some(live.min(self.since + times.grace)),
            _ => None,
        }
    }
}
