//! How much of everything a node of presence allows, and how long it waits.

use std::time::Duration;

/// The limits and times of a node.
#[derive(Debug, Clone)]
pub struct PresenceConfig {
    /// The node's name; no other node that runs has it.
    pub node: String,
    /// How many tasks share the rooms of this node.
    pub shards: usize,
    /// Members that a room may have.
    pub max_members: usize,
    /// How long a member whose connection broke may take to come back, before it has left. Not for clients that cannot resume.
    pub grace: Duration,
    /// How often members are compared with leases.
    pub reap_every: Duration,
    /// How long a member may be without a lease whose end nobody saw. Longer than a watch of the leases may be behind the log.
    pub unleased_for: Duration,
    /// From this many members on a room is big: its followers are told of changes together, every `delta_every`.
    pub big_from: usize,
    /// A big room with fewer members than this is big no more. Below `big_from`, so that a room does not go to and fro.
    pub big_until: usize,
    /// How often the followers of a big room are told.
    pub delta_every: Duration,
    /// The most changes that the followers of a big room are told of at once; beyond, they are told how many are there.
    pub delta_changes: usize,
    /// What may wait for one follower, in bytes, before it is cut off as too slow.
    pub outbox_bytes: usize,
    /// Events of a room that are kept for those who come back.
    pub recent_events: usize,
    /// Bytes of them.
    pub recent_bytes: usize,
    /// How long they are kept.
    pub recent_for: Duration,
    /// How long a room without members and followers is kept.
    pub forget_after: Duration,
    /// How long a command may wait for the log.
    pub command_deadline: Duration,
    /// Commands that may wait in one shard.
    pub max_waiting: usize,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            node: "node".to_owned(),
            shards: 2,
            max_members: 20_000,
            grace: Duration::from_secs(10),
            reap_every: Duration::from_secs(3),
            unleased_for: Duration::from_secs(6),
            big_from: 500,
            big_until: 400,
            delta_every: Duration::from_millis(250),
            delta_changes: 128,
            outbox_bytes: 1 << 20,
            recent_events: 1_024,
            recent_bytes: 1 << 20,
            recent_for: Duration::from_secs(120),
            forget_after: Duration::from_secs(15 * 60),
            command_deadline: Duration::from_secs(10),
            max_waiting: 32_768,
        }
    }
}
