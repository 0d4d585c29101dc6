//! What waits for one follower, bounded in bytes: one that does not read is cut off, and costs the others nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ally_domain::room::LeaveReason;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::notice::{EndReason, Notice};
use super::observe;

/// The end that is written to.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    queue: mpsc::UnboundedSender<Notice>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bytes: AtomicUsize,
    limit: usize,
    /// Cancelled when nothing more is to be written to the follower, not even what waits.
    cut: CancellationToken,
    /// Why it was cut: one more than a place in [`CUTS`], 0 while it was not.
    why: AtomicUsize,
}

const CUTS: [EndReason; 5] = [
    EndReason::Slow,
    EndReason::Resumed,
    EndReason::Draining,
    EndReason::Left(LeaveReason::Expired),
    EndReason::Left(LeaveReason::Cut),
];

/// The end that is read from, by the one task that writes to the follower.
#[derive(Debug)]
pub struct Inbox {
    queue: mpsc::UnboundedReceiver<Notice>,
    shared: Arc<Shared>,
}

/// A queue that takes up to `limit` bytes.
pub(super) fn outbox(limit: usize) -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared =
        Arc::new(Shared { bytes: AtomicUsize::new(0), limit, cut: CancellationToken::new(), why: AtomicUsize::new(0) });
    (Outbox { queue: sender, shared: Arc::clone(&shared) }, Inbox { queue: receiver, shared })
}

impl Outbox {
    /// Queues a notice; false when the follower is gone, or is cut off with this one.
    pub(super) fn push(&self, notice: Notice) -> bool {
        let weight = notice.weight();
        let before = self.shared.bytes.fetch_add(weight, Ordering::Relaxed);
        // A notice that is larger than the limit itself gets through an empty queue.
        if before > 0 && before + weight > self.shared.limit {
            observe::slow();
            self.cut(EndReason::Slow);
            return false;
        }
        self.queue.send(notice).is_ok()
    }

    /// Ends it at once, whatever waits.
    pub(super) fn cut(&self, why: EndReason) {
        let code = CUTS.iter().position(|known| *known == why).map_or(1, |at| at + 1);
        let _ = self.shared.why.compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
        self.shared.cut.cancel();
    }
}

impl Inbox {
    /// The next notice; an end is the last one. `None` when nobody will ever write more.
    pub async fn next(&mut self) -> Option<Notice> {
        tokio::select! {
            biased;
            why = cut(&self.shared) => Some(Notice::End(why)),
            notice = self.queue.recv() => {
                if let Some(notice) = &notice {
                    self.shared.bytes.fetch_sub(notice.weight(), Ordering::Relaxed);
                }
                notice
            }
        }
    }

    /// Done once the follower is to be cut off whatever it is being written: for the task that waits for its socket.
    pub fn cut(&self) -> impl Future<Output = EndReason> + Send + 'static {
        let shared = Arc::clone(&self.shared);
        async move { cut(&shared).await }
    }
}

async fn cut(shared: &Shared) -> EndReason {
    shared.cut.cancelled().await;
    let code = shared.why.load(Ordering::Acquire);
    CUTS.get(code.wrapping_sub(1)).copied().unwrap_or(EndReason::Slow)
}
