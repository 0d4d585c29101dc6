//! Following a room without being a member of it.

use std::sync::Arc;

use ally_domain::room::RoomId;

use super::error::PresenceError;
use super::followers::{Audience, Follower};
use super::input::Input;
use super::node::{Node, Presence};
use super::notice::{EndReason, Notice, Start};
use super::outbox::{Inbox, outbox};
use crate::cursor::Cursor;

/// Somebody who follows a room without being a member.
pub struct Observer {
    start: Start,
    /// What comes behind it.
    inbox: Inbox,
    node: Arc<Node>,
    room: RoomId,
    id: u64,
}

impl Observer {
    /// The room that it follows.
    #[must_use]
    pub const fn room(&self) -> &RoomId {
        &self.room
    }

    /// The next thing that it is to be told; an end is the last one. `None` when nothing more will ever come.
    pub async fn next(&mut self) -> Option<Notice> {
        tokio::select! {
            biased;
            () = self.node.draining.cancelled() => Some(Notice::End(EndReason::Draining)),
            notice = self.inbox.next() => notice,
        }
    }

    /// What the follower begins with. It can be taken only once: a connection that kept it would keep the room as it was, for as
    /// long as it lives.
    pub fn take_start(&mut self) -> Start {
        self.start.take()
    }

    /// Done once it is to be cut off, whatever it is being written.
    pub fn cut(&self) -> impl Future<Output = EndReason> + Send + 'static {
        let (cut, draining) = (self.inbox.cut(), self.node.draining.clone());
        async move {
            tokio::select! {
                why = cut => why,
                () = draining.cancelled() => EndReason::Draining,
            }
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.node.unfollow(&self.room, self.id);
    }
}

impl Presence {
    /// Follows a room without being a member of it.
    ///
    /// # Errors
    /// When the node does not know the rooms yet.
    pub async fn observe(
        &self,
        room: &RoomId,
        audience: Audience,
        since: Option<Cursor>,
    ) -> Result<Observer, PresenceError> {
        self.ready()?;
        let (outbox, inbox) = outbox(self.0.config.outbox_bytes);
        let follower = Follower {
            id: self.0.new_follower(),
            conn: None,
            audience,
            outbox,
            since: Cursor::default(),
            partial: false,
        };
        let id = follower.id;
        let ask = |answer| Input::Follow { room: room.clone(), follower, since, answer };
        let start = self.0.ask(room, ask).await?;
        Ok(Observer { start, inbox, node: Arc::clone(&self.0), room: room.clone(), id })
    }
}
