//! Lets members leave whose leases have ended.
//!
//! Every node looks, and the room's decision lets one of them tell. A lease that was seen to end counts at once; one that is only
//! not there counts in the second look, since the log may be ahead of the watch. A renewal that meets the end of its lease may be wiped by
//! it, so a node that sees a lease of its own end takes it again, and the others leave it the time for that. After the watch was interrupted, or the bucket
//! made anew, nobody is let go for a whole time to live: every node takes the leases of its live sockets again meanwhile.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ally_domain::ports::{LeaseChange, LeaseError, LeaseWatch};
use ally_domain::room::ConnId;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::input::{Input, Known};
use super::node::{Node, Presence};
use super::observe;

/// The pause after the watch was interrupted.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest that a lease which was seen to end is waited for, in case its node takes it again.
const TAKEN_AGAIN: Duration = Duration::from_millis(500);

/// What the watch has told.
#[derive(Debug, Default)]
struct Table {
    /// Which bucket it is of.
    bucket: Option<String>,
    held: HashMap<ConnId, u64>,
    ended: HashMap<ConnId, Instant>,
    /// What a watch has told that has not told all yet.
    telling: Option<HashMap<ConnId, u64>>,
}

impl Table {
    fn note(&mut self, change: LeaseChange) {
        match change {
            LeaseChange::Bucket(name) => {
                self.bucket = Some(name);
                self.telling = Some(HashMap::new());
            }
            LeaseChange::Held { conn, revision } => {
                self.ended.remove(&conn);
                self.telling.as_mut().unwrap_or(&mut self.held).insert(conn, revision);
            }
            LeaseChange::Caught => {
                if let Some(told) = self.telling.take() {
                    self.held = told;
                    self.ended.clear();
                }
            }
            LeaseChange::Ended { conn, .. } => {
                if let Some(telling) = &mut self.telling {
                    telling.remove(&conn);
                }
                self.held.remove(&conn);
                self.ended.insert(conn, Instant::now());
            }
        }
    }

    /// Whether it knows all leases.
    const fn is_whole(&self) -> bool {
        self.telling.is_none()
    }

    /// What is known; what ended is told once, when it was not taken again within a time.
    fn known(&mut self, taken_again: Duration) -> Known {
        let (mut ended, now) = (HashSet::new(), Instant::now());
        self.ended.retain(|conn, at| {
            let is_over = now.duration_since(*at) >= taken_again;
            if is_over {
                ended.insert(*conn);
            }
            !is_over
        });
        Known { held: self.held.keys().copied().collect(), ended }
    }
}

impl Presence {
    /// Watches leases and lets members go, until it is told to stop.
    pub async fn reap(self, stop: CancellationToken) {
        let node = self.0;
        let reaping = async {
            let mut table = Table::default();
            loop {
                let Err(error) = node.watch_leases(&mut table).await;
                tracing::warn!(%error, "the leases are not watched; it is tried again, and nobody is let go meanwhile");
                tokio::time::sleep(PAUSE).await;
            }
        };
        stop.run_until_cancelled(reaping).await;
    }
}

impl Node {
    async fn watch_leases(self: &Arc<Self>, table: &mut Table) -> Result<std::convert::Infallible, LeaseError> {
        let before = table.bucket.clone();
        let mut watch = self.parts.leases.watch().await?;
        self.catch_up(&mut *watch, table).await?;
        if table.bucket != before {
            // Not awaited: a watch that nobody reads is behind soon, and ends.
            let node = Arc::clone(self);
            tokio::spawn(async move { node.renew_all().await });
        }
        let quiet_until = Instant::now() + self.parts.leases.time_to_live() + self.config.reap_every;
        let mut cycle = tokio::time::interval(self.config.reap_every);
        cycle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looked_at = Instant::now();
        loop {
            let next = watch.next();
            tokio::pin!(next);
            let change = loop {
                tokio::select! {
                    change = &mut next => break change?,
                    at = cycle.tick() => {
                        // What ends meanwhile is kept until somebody may be let go for it.
                        // A node that hung knows the leases of before: what happened meanwhile is read first.
                        let hung = looked_at.elapsed() > self.config.reap_every * 2;
                        if at >= quiet_until && table.is_whole() && !hung {
                            self.let_go(table.known(TAKEN_AGAIN.min(self.config.reap_every / 2))).await;
                        } else {
                            // A look all the same: whoever counts them sees that somebody watches.
                            observe::looked();
                        }
                        looked_at = Instant::now();
                    }
                }
            };
            match change {
                // Made anew under the watch: what it held is gone, and everybody takes theirs again.
                LeaseChange::Bucket(name) => return Err(anew(&name)),
                LeaseChange::Ended { conn, .. } => self.take_again(conn),
                LeaseChange::Held { .. } | LeaseChange::Caught => {}
            }
            table.note(change);
        }
    }

    async fn catch_up(&self, watch: &mut dyn LeaseWatch, table: &mut Table) -> Result<(), LeaseError> {
        loop {
            let change = watch.next().await?;
            let caught = change == LeaseChange::Caught;
            table.note(change);
            if caught {
                return Ok(());
            }
        }
    }

    /// One cycle: every shard lets go of members without a lease. A member of this node's own whose client is there is no such:
    /// its lease is taken again instead.
    async fn let_go(self: &Arc<Self>, mut known: Known) {
        let span = observe::reap_span();
        let reaped = async {
            let time_to_live = self.parts.leases.time_to_live();
            let own = self.sockets.all();
            let alive = own.iter().filter(|socket| socket.is_live(time_to_live)).map(|socket| socket.conn);
            known.held.extend(alive);
            known.ended.retain(|conn| !known.held.contains(conn));
            let (known, mut reaped) = (Arc::new(known), 0);
            let origin = self.own_origin();
            for shard in self.shards() {
                let (answer, answered) = oneshot::channel();
                let context = Box::new(self.context(&origin));
                let _ = shard.send(Input::Reap { leases: Arc::clone(&known), context, answer });
                reaped += answered.await.unwrap_or(0);
            }
            reaped
        }
        .instrument(span.clone())
        .await;
        observe::reaped(&span, reaped);
    }
}

fn anew(name: &str) -> LeaseError {
    LeaseError::Unavailable { reason: format!("the bucket was made anew ({name})") }
}
