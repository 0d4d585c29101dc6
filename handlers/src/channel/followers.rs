//! Who follows which channel on this node, each with a queue that is bounded in bytes.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ally_domain::channel::{ChannelId, ChannelState};
use tokio::sync::mpsc;

use super::error::ChannelError;
use super::notice::ChannelNotice;
use crate::presence::observe;

/// The most channels that one follows.
pub const MAX_FOLLOWED: usize = 64;
/// What may wait for one follower, in bytes. One that does not read is cut off.
const MAX_WAITING_BYTES: usize = 1 << 20;

/// The followers of a node.
#[derive(Default)]
pub(super) struct Followers(Mutex<Registry>);

#[derive(Default)]
struct Registry {
    last: u64,
    queues: HashMap<u64, Queue>,
    channels: HashMap<ChannelId, Followed>,
}

/// A channel that somebody follows.
#[derive(Default)]
struct Followed {
    followers: HashSet<u64>,
    /// The last major revision that they know: from a notice, or because the channel was read since the first of them came.
    known: Option<u64>,
}

struct Queue {
    notices: mpsc::UnboundedSender<Arc<ChannelNotice>>,
    bytes: Arc<AtomicUsize>,
}

impl Queue {
    /// Whether there was room for it, and somebody reads.
    fn push(&self, notice: &Arc<ChannelNotice>) -> bool {
        let weight = notice.weight();
        let before = self.bytes.fetch_add(weight, Ordering::Relaxed);
        // A notice that is larger than the limit itself gets through an empty queue.
        if before > 0 && before + weight > MAX_WAITING_BYTES {
            observe::slow();
            return false;
        }
        self.notices.send(Arc::clone(notice)).is_ok()
    }
}

impl Followers {
    pub(super) fn len(&self) -> usize {
        self.lock().queues.len()
    }

    /// Tells those who follow its channel. Behind changes that this node missed, because it was away from the log for longer than the
    /// log keeps them, they are told everything that the channel holds.
    pub(super) fn tell(&self, notice: ChannelNotice, channel: &ChannelState) {
        let mut registry = self.lock();
        let Registry { queues, channels, .. } = &mut *registry;
        let Some(Followed { followers, known }) = channels.get_mut(&notice.channel) else { return };
        let revision = notice.major_revision;
        let is_gap = known.is_some_and(|known| revision > known + 1);
        *known = Some(known.map_or(revision, |known| known.max(revision)));
        let notice = Arc::new(if is_gap { notice.with_everything(channel) } else { notice });
        let is_cut = |id: &&u64| queues.get(id).is_some_and(|queue| !queue.push(&notice));
        let cut: Vec<u64> = followers.iter().filter(is_cut).copied().collect();
        for id in cut {
            registry.queues.remove(&id);
        }
    }

    /// A channel was read, or changed: whoever follows it knows it up to there, unless they know of a notice.
    pub(super) fn note(&self, channel: &ChannelId, major_revision: u64) {
        if let Some(followed) = self.lock().channels.get_mut(channel) {
            followed.known.get_or_insert(major_revision);
        }
    }

    /// The log is another one: what comes is to be told whatever was known.
    pub(super) fn begin_anew(&self) {
        self.lock().channels.values_mut().for_each(|followed| followed.known = Some(0));
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who follows channels: a socket. Dropped, it follows none.
pub struct ChannelFollower {
    id: u64,
    followed: HashSet<ChannelId>,
    notices: mpsc::UnboundedReceiver<Arc<ChannelNotice>>,
    bytes: Arc<AtomicUsize>,
    followers: Arc<Followers>,
}

impl ChannelFollower {
    pub(super) fn new(followers: Arc<Followers>) -> Self {
        let (sender, notices) = mpsc::unbounded_channel();
        let bytes = Arc::<AtomicUsize>::default();
        let mut registry = followers.lock();
        registry.last += 1;
        let id = registry.last;
        registry.queues.insert(id, Queue { notices: sender, bytes: Arc::clone(&bytes) });
        drop(registry);
        Self { id, followed: HashSet::new(), notices, bytes, followers }
    }

    /// Follows a channel from now on: every change that this node learns of later is told. To be called before the channel is read
    /// or changed, so that nothing in between is missed.
    ///
    /// # Errors
    /// When it follows as many as it may.
    pub fn follow(&mut self, channel: &ChannelId) -> Result<(), ChannelError> {
        if self.followed.contains(channel) {
            return Ok(());
        }
        if self.followed.len() >= MAX_FOLLOWED {
            return Err(ChannelError::FollowsTooMany { followed: self.followed.len() });
        }
        self.followed.insert(channel.clone());
        self.followers.lock().channels.entry(channel.clone()).or_default().followers.insert(self.id);
        Ok(())
    }

    /// The next change of a channel that it follows; `None` once it was cut off, because it read too slowly.
    pub async fn next(&mut self) -> Option<Arc<ChannelNotice>> {
        let notice = self.notices.recv().await;
        if let Some(notice) = &notice {
            self.bytes.fetch_sub(notice.weight(), Ordering::Relaxed);
        }
        notice
    }
}

impl Drop for ChannelFollower {
    fn drop(&mut self) {
        let mut registry = self.followers.lock();
        registry.queues.remove(&self.id);
        for channel in &self.followed {
            let Some(followed) = registry.channels.get_mut(channel) else { continue };
            followed.followers.remove(&self.id);
            if followed.followers.is_empty() {
                registry.channels.remove(channel);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::channel::{Item, ItemKey, ItemValue, Operation};
    use ally_domain::envelope::TraceContext;
    use futures::FutureExt;
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;

    fn channel() -> ChannelId {
        ChannelId::new("room", "lobby").unwrap()
    }

    /// The channel with two items, and a change of one of them.
    fn change(major_revision: u64) -> (ChannelNotice, ChannelState) {
        let item = |value: u64| Item {
            value: ItemValue::new(&json!(value)).unwrap(),
            revision: value,
            updated: None,
            author_uid: None,
        };
        let mut state = ChannelState::default();
        state.major_revision = major_revision;
        state.items.insert("quiet".parse::<ItemKey>().unwrap(), item(1));
        state.items.insert("busy".parse::<ItemKey>().unwrap(), item(major_revision));
        let notice = ChannelNotice {
            channel: channel(),
            operation: Operation::Update,
            items: vec![("busy".parse().unwrap(), Some(item(major_revision)))],
            major_revision,
            author: "amy".parse().unwrap(),
            at: OffsetDateTime::UNIX_EPOCH,
            trace: TraceContext::default(),
            is_whole: false,
        };
        (notice, state)
    }

    #[test]
    fn behind_a_gap_everything_is_told_once() {
        let followers = Arc::<Followers>::default();
        let mut follower = ChannelFollower::new(Arc::clone(&followers));
        follower.follow(&channel()).unwrap();
        followers.note(&channel(), 3);
        let mut told = |revision: u64| {
            let (notice, state) = change(revision);
            followers.tell(notice, &state);
            let notice = follower.next().now_or_never().unwrap().unwrap();
            (notice.operation, notice.major_revision, notice.items.len())
        };
        // One that was on its way when the channel was read is no gap.
        assert_eq!(told(3), (Operation::Update, 3, 1));
        assert_eq!(told(4), (Operation::Update, 4, 1));
        assert_eq!(told(9), (Operation::Set, 9, 2));
        assert_eq!(told(10), (Operation::Update, 10, 1));
        followers.begin_anew();
        assert_eq!(told(2), (Operation::Set, 2, 2));
    }
}
