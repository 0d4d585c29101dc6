//! Who works beside whom. A job whose last attempt was lost with its worker may be what brought that worker down: it is
//! worked on alone, so that at worst it takes only itself along. Whatever else was in the same hands is suspected with it,
//! once, and cleared by the attempt that it survives.
//!
//! Deliberately not here: how a loss is noticed, which is told by the job's own events.

use std::sync::Arc;

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The room that the workers of one process share. Cheap to clone; the clones are the same room.
#[derive(Debug, Clone, Default)]
pub struct Quarantine {
    room: Arc<RwLock<()>>,
}

/// A place to work; it is free again when this is dropped.
#[derive(Debug)]
pub(super) enum Place {
    /// Beside others.
    Beside { _place: OwnedRwLockReadGuard<()> },
    /// Alone.
    Alone { _place: OwnedRwLockWriteGuard<()> },
}

impl Quarantine {
    /// A place beside others, once nobody works or waits to work alone.
    pub(super) async fn beside(&self) -> Place {
        Place::Beside { _place: Arc::clone(&self.room).read_owned().await }
    }

    /// The whole room, once everybody who came before has left it.
    pub(super) async fn alone(&self) -> Place {
        Place::Alone { _place: Arc::clone(&self.room).write_owned().await }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::Quarantine;

    #[tokio::test]
    async fn many_work_beside_each_other_and_a_suspect_works_alone() {
        let room = Quarantine::default();
        let (one, other) = (room.beside().await, room.clone().beside().await);
        let mut suspect = Box::pin(room.alone());
        assert!(suspect.as_mut().now_or_never().is_none(), "others are at work");
        let mut late = Box::pin(room.beside());
        assert!(
            late.as_mut().now_or_never().is_none(),
            "a suspect waits, and is not kept waiting by whoever comes later"
        );
        drop((one, other));
        let alone = suspect.await;
        assert!(late.as_mut().now_or_never().is_none(), "it is alone");
        drop(alone);
        late.await;
    }
}
