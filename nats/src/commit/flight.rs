//! One trip of one or several appends, and what is to be done about its answer: the stored are told, the guilty are
//! told, the innocent go back into the queue.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ports::{Appended, StoreError};
use ally_telemetry::names::{self, attr, label, span};
use ally_telemetry::propagation;
use async_nats::Subject;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument;

use super::publish::{Failure, Trip};
use super::resolve::{Verdict, resolve, resolve_deeply};
use super::{Waiting, Way};
use crate::answer::Stored;
use crate::names::StreamName;
use crate::read::Reader;

/// Reads at once while the log is asked about the appends of a refused batch.
const MAX_READS: usize = 32;
/// A batch links to the traces of this many of its appends.
const MAX_LINKS: usize = 64;
/// After the first message, which the server is waiting for, appends are handed to the client in groups: each hand-over costs
/// a write to the network, and here and on the server's side somebody to be woken.
const GROUP: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Flight {
    way: Way,
    load: Vec<Waiting>,
    /// Open while others may still come aboard; it is committed when nobody can any more.
    doors: Option<Doors>,
    sends: bool,
}

/// Through which others come aboard, and where the server says that it has begun.
struct Doors {
    arriving: mpsc::UnboundedReceiver<Waiting>,
    begun: Option<Subject>,
}

/// What a flight brings back to the queue. Those whom it could answer have been answered.
#[derive(Debug, Default)]
pub(super) struct Landed {
    /// Where aggregates now stand.
    pub(super) stored: Vec<(Arc<str>, u64)>,
    /// To be tried again, in order.
    pub(super) again: Vec<Waiting>,
    /// The server refused the whole.
    pub(super) refused: bool,
    /// How many appends, these included, were open before the first of these was told.
    pub(super) open: usize,
}

impl Flight {
    /// Sends an append.
    pub(super) fn send(way: Way, append: Waiting) -> Self {
        Self { way, load: vec![append], doors: None, sends: true }
    }

    /// Sends whoever is handed over, as a batch, until the other end of `arriving` is dropped.
    pub(super) fn open(way: Way, arriving: mpsc::UnboundedReceiver<Waiting>, begun: Subject) -> Self {
        let doors = Some(Doors { arriving, begun: Some(begun) });
        Self { way, load: Vec::new(), doors, sends: true }
    }

    /// Only asks the log what became of an append.
    pub(super) fn resolve(way: Way, append: Waiting) -> Self {
        Self { way, load: vec![append], doors: None, sends: false }
    }

    pub(super) fn is_batch(&self) -> bool {
        self.sends && (self.doors.is_some() || self.load.iter().any(|waiting| !waiting.is_single()))
    }

    /// How many appends are aboard before it leaves.
    pub(super) fn appends(&self) -> usize {
        self.load.len()
    }

    /// The aggregates of those.
    pub(super) fn filters(&self) -> Vec<Arc<str>> {
        let parts = self.load.iter().flat_map(|waiting| &waiting.unit.parts);
        parts.map(|part| Arc::clone(&part.filter)).collect()
    }

    pub(super) async fn run(mut self) -> Landed {
        if !self.sends {
            return self.ask_the_log(Failure::Stale).await;
        }
        let sent = self.trip().await;
        let open = self.way.open();
        if let Some(Doors { mut arriving, .. }) = self.doors.take() {
            // The trip failed before all were aboard.
            arriving.close();
            self.load.extend(std::iter::from_fn(|| arriving.try_recv().ok()));
        }
        let landed = match sent {
            Ok(sent) => self.stored(sent).await,
            Err(Failure::Refused(reason)) => self.refused(&reason),
            Err(Failure::Busy(reason)) => self.later(&reason).await,
            Err(Failure::Full(reason)) => self.no_room(reason).await,
            Err(failure) => self.ask_the_log(failure).await,
        };
        Landed { open, ..landed }
    }

    async fn trip(&mut self) -> Result<Stored, Failure> {
        let begun = self.doors.as_mut().and_then(|doors| doors.begun.take());
        let mut trip = Trip::new(&self.way.jetstream, begun);
        if self.load.iter().any(|waiting| waiting.attempts > 0 && !waiting.is_single()) {
            trip.listen().await;
        }
        let mut loaded = 0;
        loop {
            if !trip.has_left() || self.load.len() >= loaded + GROUP || self.doors.is_none() {
                for waiting in self.load.iter().skip(loaded) {
                    trip.load(&waiting.unit.messages).await?;
                }
                loaded = self.load.len();
            }
            let Some(doors) = &mut self.doors else { break };
            let arrived = tokio::select! {
                arrived = doors.arriving.recv() => arrived,
                lost = trip.lost() => return Err(lost),
            };
            match arrived {
                Some(waiting) => self.load.push(waiting),
                None => self.doors = None,
            }
        }
        let events: usize = self.load.iter().map(|waiting| waiting.unit.messages.len()).sum();
        if events > 0 {
            metrics::histogram!(names::APPEND_BATCH_SIZE, label::STREAM => self.way.stream.as_str())
                .record(f64::from(u32::try_from(events).unwrap_or(u32::MAX)));
        }
        trip.commit().instrument(self.span(events)).await
    }

    /// Several traces meet in a shared batch: it is linked to each of them and the child of none.
    fn span(&self, events: usize) -> tracing::Span {
        let sampled =
            || self.load.iter().filter(|waiting| propagation::is_sampled(waiting.trace.traceparent.as_deref()));
        if self.load.len() < 2 || sampled().next().is_none() {
            return tracing::Span::none();
        }
        let commit = tracing::info_span!(
            parent: None, span::COMMIT,
            { attr::OTEL_KIND } = span::kind::CLIENT,
            { attr::MESSAGING_SYSTEM } = attr::NATS,
            { attr::MESSAGING_DESTINATION_NAME } = self.way.stream.as_str(),
            { attr::MESSAGING_BATCH_MESSAGE_COUNT } = events,
        );
        for waiting in sampled().take(MAX_LINKS) {
            propagation::link(&commit, waiting.trace.traceparent.as_deref(), waiting.trace.tracestate.as_deref());
        }
        commit
    }

    async fn stored(self, sent: Stored) -> Landed {
        let mut landed = Landed::default();
        let messages: usize = self.load.iter().map(|waiting| waiting.unit.messages.len()).sum();
        let mut last = sent.sequence.saturating_sub(messages as u64);
        for (told, waiting) in self.load.into_iter().enumerate() {
            if told == self.way.limits().share_from {
                // Those who have been told may append again: the server has nothing to do until the next batch is open.
                tokio::task::yield_now().await;
            }
            last += waiting.unit.messages.len() as u64;
            // Behind a trip without an answer the copy that the log held is this append's own.
            let duplicate = sent.duplicate && !waiting.uncertain;
            tell_stored(waiting, self.way.stream, last, duplicate, &mut landed);
        }
        landed
    }

    fn refused(self, reason: &str) -> Landed {
        let mut landed = Landed { refused: true, ..Landed::default() };
        if self.load.len() > 1 {
            // One of them is at fault. Each gets a trip of its own.
            landed.again = self.load.into_iter().map(|waiting| Waiting { alone: true, ..waiting }).collect();
            return landed;
        }
        for waiting in self.load {
            let what =
                waiting.unit.parts.first().map_or_else(String::new, |part| format!("an append to {}", part.aggregate));
            waiting.answer(Err(StoreError::Rejected { what, reason: reason.to_owned() }));
        }
        landed
    }

    /// Tells everybody at once. Only those of whom an earlier trip may have stored something are looked up before.
    async fn no_room(self, reason: String) -> Landed {
        let Self { way, load, doors, sends } = self;
        let (uncertain, certain): (Vec<_>, Vec<_>) = load.into_iter().partition(|waiting| waiting.uncertain);
        for waiting in certain {
            waiting.answer(Err(StoreError::Full { reason: reason.clone() }));
        }
        if uncertain.is_empty() {
            return Landed { refused: true, ..Landed::default() };
        }
        Self { way, load: uncertain, doors, sends }.ask_the_log(Failure::Full(reason)).await
    }

    async fn later(self, reason: &str) -> Landed {
        let attempts = self.load.iter().map(|waiting| waiting.attempts).max().unwrap_or(0);
        pause(attempts).await;
        let mut landed = Landed { refused: true, ..Landed::default() };
        for mut waiting in self.load {
            // A batch is incomplete, too, when the server has refused one of its messages: that one shall fail by itself.
            waiting.alone = true;
            again(waiting, reason, &mut landed);
        }
        landed
    }

    async fn ask_the_log(self, failure: Failure) -> Landed {
        let Self { way: Way { jetstream, stream, .. }, load, sends, .. } = self;
        let alone = load.len() == 1;
        let attempts = load.iter().map(|waiting| waiting.attempts).max().unwrap_or(0);
        let reason = match &failure {
            Failure::Unknown(reason) => {
                // The server may be busy changing its leader, or with storing these very events.
                pause(attempts).await;
                reason.clone()
            }
            Failure::Duplicate => "the server knows its message ids".to_owned(),
            _ => "its expectation did not hold".to_owned(),
        };
        let reader = Reader::new(jetstream, stream);
        let deeply = alone && failure == Failure::Duplicate;
        let verdicts: Vec<_> = futures::stream::iter(load)
            .map(|waiting| async {
                let verdict = match deeply {
                    true => resolve_deeply(&reader, &waiting.unit).await,
                    false => resolve(&reader, &waiting.unit).await,
                };
                (waiting, verdict)
            })
            .buffered(MAX_READS)
            .collect()
            .await;

        let mut landed = Landed { refused: sends, ..Landed::default() };
        for (mut waiting, verdict) in verdicts {
            waiting.uncertain |= matches!(failure, Failure::Unknown(_));
            match verdict {
                // After a trip without an answer it is this append's own events that the log holds.
                Ok(Verdict::Stored(sequence)) => {
                    let duplicate = !waiting.uncertain;
                    tell_stored(waiting, stream, sequence, duplicate, &mut landed);
                }
                Ok(Verdict::Conflict(aggregate, expected)) => {
                    waiting.answer(Err(StoreError::Conflict { aggregate, expected }));
                }
                Ok(Verdict::Untouched | Verdict::Torn(_)) if let Failure::Full(reason) = &failure => {
                    waiting.answer(Err(StoreError::Full { reason: reason.clone() }));
                }
                Ok(Verdict::Torn(found)) => {
                    tracing::warn!(stream = %stream, "a batch was stored in part when the store became full; the rest of it is appended");
                    waiting.unit.keep_missing(&found);
                    again(waiting, &reason, &mut landed);
                }
                Ok(Verdict::Untouched) => {
                    // By itself, so that it spoils no batch should the reader only have lagged behind.
                    waiting.contradicted |= !sends;
                    waiting.alone |= failure == Failure::Duplicate || !sends;
                    again(waiting, &reason, &mut landed);
                }
                Err(unreachable) => again(waiting, &unreachable.to_string(), &mut landed),
            }
        }
        if alone && !landed.again.is_empty() {
            // It should have worked: somebody else's append to the same aggregate is still on its way, or nobody answers.
            pause(attempts).await;
        }
        landed
    }
}

fn tell_stored(waiting: Waiting, stream: StreamName, last: u64, duplicate: bool, landed: &mut Landed) {
    for part in &waiting.unit.parts {
        landed.stored.push((Arc::clone(&part.filter), last.saturating_sub(part.behind)));
    }
    let position = Position { stream: stream.as_str().to_owned(), sequence: last };
    waiting.answer(Ok(Appended { position, duplicate }));
}

fn again(mut waiting: Waiting, reason: &str, landed: &mut Landed) {
    waiting.attempts += 1;
    reason.clone_into(&mut waiting.why);
    if Instant::now() >= waiting.deadline {
        let reason = format!("the append was tried {} times: {}", waiting.attempts, waiting.why);
        waiting.answer(Err(StoreError::Unavailable { reason }));
    } else {
        landed.again.push(waiting);
    }
}

/// Full jitter, so that processes which failed together do not come back together.
async fn pause(attempts: u32) {
    let ceiling = FIRST_PAUSE.saturating_mul(1 << attempts.min(6)).min(LONGEST_PAUSE);
    tokio::time::sleep(ceiling.mul_f64(rand::random::<f64>())).await;
}
