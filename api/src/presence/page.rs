//! Members of a room as they are listed, a bounded part at a time.

use std::sync::Arc;

use ally_domain::room::{ConnId, Member};
use ally_handlers::presence::Snapshot;
use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::SerializeSeq;

use super::shape;

/// Members in one frame, at most.
pub(crate) const PAGE: usize = 200;
/// Bytes of a frame of members, about: a connection keeps a buffer as long as the longest frame that it was ever sent.
const FRAME_BYTES: usize = 8 * 1024;
/// What a member weighs beside its state.
const MEMBER_BYTES: usize = 200;

/// Members that one frame holds: at most so many, and bounded in bytes.
pub(super) struct Page<'a> {
    pub members: Vec<(ConnId, &'a Arc<Member>)>,
    /// Whether more stand behind them.
    pub more: bool,
}

impl<'a> Page<'a> {
    /// The members behind one of them; at least one, if there is any.
    pub(super) fn of(snapshot: &'a Snapshot, after: Option<ConnId>, limit: usize) -> Self {
        let (mut members, mut bytes) = (Vec::new(), 0);
        for (conn, member) in snapshot.state.members_behind(after) {
            bytes += member.state.as_json().len() + MEMBER_BYTES;
            if members.len() == limit || (bytes > FRAME_BYTES && !members.is_empty()) {
                return Self { members, more: true };
            }
            members.push((conn, member));
        }
        Self { members, more: false }
    }
}

/// Members as they are listed.
pub(super) struct Members<'a>(pub &'a [(ConnId, &'a Arc<Member>)]);

/// A member of a room: one connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Member")]
pub(super) struct MemberFrame<'a> {
    #[schemars(with = "shape::ConnectionId")]
    conn_id: ConnId,
    #[schemars(with = "shape::UserId")]
    user_id: &'a str,
    #[schemars(with = "shape::Epoch")]
    epoch: u64,
    /// The way by which it came in.
    #[schemars(with = "shape::DoorText")]
    door: ally_domain::room::Door,
    /// What it says of itself.
    #[schemars(with = "shape::State")]
    state: &'a ally_domain::room::MemberState,
}

impl Serialize for Members<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for (conn_id, member) in self.0 {
            let user_id = member.user.as_str();
            let (conn_id, epoch, door, state) = (*conn_id, member.epoch, member.door, &member.state);
            list.serialize_element(&MemberFrame { conn_id, user_id, epoch, door, state })?;
        }
        list.end()
    }
}
