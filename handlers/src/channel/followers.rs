//! Who follows which channel on this node, each with a queue that is bounded in bytes.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ally_domain::channel::ChannelId;
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
    channels: HashMap<ChannelId, HashSet<u64>>,
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

    /// Tells those who follow its channel.
    pub(super) fn tell(&self, notice: ChannelNotice) {
        let mut registry = self.lock();
        let Some(followers) = registry.channels.get(&notice.channel) else { return };
        let notice = Arc::new(notice);
        let queues = &registry.queues;
        let is_cut = |id: &&u64| queues.get(id).is_some_and(|queue| !queue.push(&notice));
        let cut: Vec<u64> = followers.iter().filter(is_cut).copied().collect();
        for id in cut {
            registry.queues.remove(&id);
        }
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
        self.followers.lock().channels.entry(channel.clone()).or_default().insert(self.id);
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
            let Some(followers) = registry.channels.get_mut(channel) else { continue };
            followers.remove(&self.id);
            if followers.is_empty() {
                registry.channels.remove(channel);
            }
        }
    }
}
