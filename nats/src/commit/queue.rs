//! The queue of one stream: which appends go out next, and together with which.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::atomic::Ordering;

use async_nats::Subscriber;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::boarding::{Boarding, Expected};
use super::fleet::{Arrived, Fleet};
use super::flight::Flight;
use super::{Waiting, Way};
use crate::config::CommitConfig;

pub(super) struct Queue<'a> {
    way: Way,
    limits: CommitConfig,
    arriving: &'a mut mpsc::Receiver<Waiting>,
    open: bool,
    backlog: VecDeque<Waiting>,
    fleet: Fleet,
    boarding: Option<Boarding>,
    /// Batches opened so far.
    opened: u64,
    /// Where the server says that it has begun with a batch.
    inbox: String,
    expected: Option<Expected>,
    /// How many messages a shared batch may have now: halved by each batch that was refused, doubled by each success.
    share_limit: usize,
}

impl<'a> Queue<'a> {
    pub(super) fn new(way: Way, arriving: &'a mut mpsc::Receiver<Waiting>) -> Self {
        let limits = *way.limits();
        Self {
            inbox: way.jetstream.client().new_inbox(),
            way,
            limits,
            arriving,
            open: true,
            backlog: VecDeque::new(),
            fleet: Fleet::new(),
            boarding: None,
            opened: 0,
            expected: None,
            share_limit: limits.max_batch_messages,
        }
    }

    pub(super) async fn run(mut self) {
        // Without it batches are closed by time, which is later and not wrong.
        let mut begun = self.way.jetstream.client().subscribe(format!("{}.*", self.inbox)).await.ok();
        while self.open || !self.backlog.is_empty() || !self.fleet.is_empty() {
            let room = self.open && self.backlog.len() < self.limits.max_waiting;
            let alarm = self.alarm();
            tokio::select! {
                Some(arrived) = self.fleet.next() => self.land(arrived),
                // Those who wait may wait for appends that are not in the queue's own flights.
                () = self.way.traffic.answered.notified(), if !self.backlog.is_empty() && self.fleet.is_empty() => {}
                arrived = self.arriving.recv(), if room => match arrived {
                    Some(waiting) => self.backlog.push_back(waiting),
                    None => self.open = false,
                },
                number = next_begun(&mut begun) => if let Some(boarding) = &mut self.boarding {
                    boarding.begun(number);
                },
                () = at(alarm) => {}
            }
            #[cfg(feature = "testing")]
            break_down(&self.way);
            self.take_arrived();
            self.expected = self.expected.filter(|expected| expected.until > Instant::now());
            self.dispatch();
        }
    }

    fn take_arrived(&mut self) {
        while self.backlog.len() < self.limits.max_waiting
            && let Ok(waiting) = self.arriving.try_recv()
        {
            self.backlog.push_back(waiting);
        }
    }

    /// When something is due though nothing happens.
    fn alarm(&self) -> Option<Instant> {
        let closes = self.boarding.as_ref().map(|boarding| self.closes_at(boarding));
        closes.or(self.expected.map(|expected| expected.until))
    }

    fn closes_at(&self, boarding: &Boarding) -> Instant {
        boarding.closes_at(self.fleet.batches() > 1, self.backlog.len(), self.expected)
    }

    fn land(&mut self, arrived: Arrived) {
        let Arrived { flight, landed, appends, took } = arrived;
        if self.boarding.as_ref().is_some_and(|boarding| boarding.flight == flight) {
            self.boarding = None;
        }
        if appends > 1 {
            let wider = self.share_limit.saturating_mul(2).min(self.limits.max_batch_messages);
            let narrower = (self.share_limit / 2).max(self.limits.share_from);
            self.share_limit = if landed.refused { narrower } else { wider };
        }
        if appends >= self.limits.share_from {
            self.expected = Some(Expected::after(landed.open, took));
        }
        for waiting in landed.again.into_iter().rev() {
            self.backlog.push_front(waiting);
        }
    }

    fn dispatch(&mut self) {
        while self.may_board() && self.board() {
            self.boarding = None;
        }
        let due = |boarding: &Boarding| self.closes_at(boarding) <= Instant::now();
        if self.boarding.as_ref().is_some_and(due) {
            self.boarding = None;
        }
        if !self.is_sharing() {
            self.send_singles();
        }
        self.send_lonely();
        self.way.traffic.sharing.store(self.is_sharing(), Ordering::Relaxed);
    }

    fn is_sharing(&self) -> bool {
        self.boarding.is_some() || self.expected.is_some() || self.fleet.is_sharing()
    }

    /// Whether a batch is open, or may be opened for those who wait: when they are many, when more are expected at any
    /// moment, or when one of them needs a batch in any case.
    fn may_board(&self) -> bool {
        if self.boarding.is_some() {
            return !self.backlog.is_empty();
        }
        let needed = || !self.fleet.is_sharing() && self.backlog.iter().any(|waiting| !waiting.is_single());
        self.may_send_batch()
            && (self.backlog.len() >= self.limits.share_from
                || (self.expected.is_some() && !self.backlog.is_empty())
                || needed())
    }

    /// Takes aboard the open batch who may come, oldest first, never two appends to one aggregate; opens one for the first
    /// of them. True when it is full.
    fn board(&mut self) -> bool {
        let mut kept = VecDeque::new();
        let mut full = false;
        let few = self.backlog.len() < self.limits.share_from;
        let hurried = few && self.expected.is_none() && !self.fleet.is_sharing();
        while let Some(waiting) = self.backlog.pop_front() {
            if !waiting.is_wanted() {
                continue;
            }
            let busy = self.fleet.is_busy(&waiting);
            if !busy && self.fleet.is_stale(&waiting) {
                self.fleet.launch(Flight::resolve(self.way.clone(), waiting));
                continue;
            }
            if busy || waiting.alone {
                kept.push_back(waiting);
                continue;
            }
            let mut boarding = self.boarding.take().unwrap_or_else(|| self.open_batch(hurried));
            let load = boarding.load.with(&waiting);
            full = load.appends > 1 && (load.messages > self.share_limit || load.bytes > self.limits.max_batch_bytes);
            if full {
                kept.push_back(waiting);
            } else {
                self.fleet.seat(boarding.flight, &waiting);
                boarding.load = load;
                // A flight that takes nobody any more has failed; it lands in a moment, and its seats with it.
                kept.extend(boarding.seats.send(waiting).err().map(|refused| refused.0));
            }
            self.boarding = Some(boarding);
            if full {
                break;
            }
        }
        kept.append(&mut self.backlog);
        self.backlog = kept;
        full
    }

    fn open_batch(&mut self, hurried: bool) -> Boarding {
        self.opened += 1;
        let (seats, arriving) = mpsc::unbounded_channel();
        let begun = format!("{}.{}", self.inbox, self.opened).into();
        let flight = Flight::open(self.way.clone(), arriving, begun);
        Boarding::new(self.fleet.launch(flight), self.opened, seats, hurried)
    }

    /// Few are waiting: each goes out by itself, side by side, up to the number from which sharing pays.
    fn send_singles(&mut self) {
        let on_their_way = |queue: &Self| queue.way.open().saturating_sub(queue.backlog.len());
        while on_their_way(self) < self.limits.share_from {
            let at = self.backlog.iter().position(|waiting| waiting.is_single() && !self.fleet.is_busy(waiting));
            let Some(waiting) = at.and_then(|at| self.backlog.remove(at)) else { return };
            self.launch_alone(waiting);
        }
    }

    /// Appends that failed a batch are sent one by one, so that only the guilty one hears of it.
    fn send_lonely(&mut self) {
        while self.may_send_batch()
            && let Some(at) = self.backlog.iter().position(|waiting| waiting.alone && !self.fleet.is_busy(waiting))
            && let Some(waiting) = self.backlog.remove(at)
        {
            self.launch_alone(waiting);
        }
    }

    fn launch_alone(&mut self, waiting: Waiting) {
        if !waiting.is_wanted() {
            return;
        }
        let how = if self.fleet.is_stale(&waiting) { Flight::resolve } else { Flight::send };
        self.fleet.launch(how(self.way.clone(), waiting));
    }

    fn may_send_batch(&self) -> bool {
        self.fleet.batches() < self.limits.max_batches_in_flight
    }
}

#[cfg(feature = "testing")]
#[allow(clippy::panic, reason = "a test asked for it")]
fn break_down(way: &Way) {
    assert!(!way.traffic.breaks.swap(false, Ordering::Relaxed), "a test has the queue break down");
}

/// The number of the batch with which the server has begun.
async fn next_begun(begun: &mut Option<Subscriber>) -> Option<u64> {
    let Some(subscriber) = begun else { return pending().await };
    let Some(message) = subscriber.next().await else {
        *begun = None;
        return None;
    };
    message.subject.rsplit('.').next().and_then(|number| number.parse().ok())
}

async fn at(alarm: Option<Instant>) {
    match alarm {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
