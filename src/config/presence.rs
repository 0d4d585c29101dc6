//! The section of presence.

use serde::{Deserialize, Serialize};

/// Who may be in a room, and for how long without a word.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Presence {
    /// How long a connection counts as alive after it was last heard of. Clients are pinged three times as often.
    pub lease_seconds: u64,
    /// How long a member whose connection broke may take to come back.
    pub grace_ms: u64,
    /// How often members are compared with leases.
    pub reap_every_ms: u64,
    /// Members that a room may have.
    pub max_members: usize,
    /// From this many members on the changes in a room are told together.
    pub big_room_from: usize,
    /// Connections to one node at once.
    pub max_connections: usize,
    /// Connections of one user at once to one node; 0 is no limit.
    pub connections_per_user: usize,
    /// Connections of one client address at once to one node; 0 is no limit.
    pub connections_per_address: usize,
    /// Messages a second that one connection may go on sending; 0 is no limit.
    pub messages_per_second: u32,
    /// Messages that one connection may send at once.
    pub messages_burst: u32,
    /// Whether clients without a token may come in and say who they are. For development only.
    pub trust_user_ids: bool,
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            lease_seconds: 30,
            grace_ms: 10_000,
            reap_every_ms: 3_000,
            max_members: 20_000,
            big_room_from: 500,
            max_connections: 65_536,
            connections_per_user: 64,
            connections_per_address: 4_096,
            messages_per_second: 50,
            messages_burst: 100,
            trust_user_ids: false,
        }
    }
}
