//! A stream that is served.

use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_handlers::job_feed::{End as FeedEnd, Notice};
use futures::FutureExt as _;
use poem::Body;
use rand::RngExt as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::JobStreams;
use super::begin::{Begun, Start};
use super::history::Message;
use super::message::{self, EndReason, name};
use super::observe::{self, OpenStream};
use crate::auth::Caller;
use crate::event_stream::{self, Admission, Client, EventText, Unsent};
use crate::server::HangUp;

/// How long a client waits before it comes back, unless it is told otherwise.
const RETRY: Duration = Duration::from_secs(2);
/// Clients of a node that ends come back within this time, not all at once.
const RECONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A piece that is larger goes out before the next event.
const PIECE_BYTES: usize = 64 * 1024;

/// A stream of a client.
pub(crate) struct JobStream {
    streams: JobStreams,
    begun: Begun,
    ends_at: Instant,
    draining: CancellationToken,
    /// Given back when the stream ends.
    _admission: Admission,
    _open: OpenStream,
}

/// Why a stream ends.
enum End {
    /// The client is gone.
    Gone,
    /// The client is told why.
    Told(EndReason),
}

impl From<Unsent> for End {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Gone => Self::Gone,
            Unsent::Slow => Self::Told(EndReason::SlowConsumer),
        }
    }
}

impl JobStream {
    pub(crate) fn new(
        streams: &JobStreams,
        begun: Begun,
        caller: &Caller,
        admission: Admission,
        draining: CancellationToken,
    ) -> Self {
        let left: time::Duration = caller.expires_at - streams.clock.now();
        let longest = Duration::try_from(left).unwrap_or_default().min(streams.limits.max_age);
        Self {
            streams: streams.clone(),
            begun,
            ends_at: Instant::now() + longest,
            draining,
            _admission: admission,
            _open: OpenStream::new(),
        }
    }

    /// The body that the client reads.
    pub(crate) fn body(self, hang_up: Option<HangUp>) -> Body {
        let (client, body) = event_stream::body(self.streams.limits.patience, hang_up);
        let tasks = self.streams.tasks.clone();
        tasks.spawn(self.run(client));
        body
    }

    async fn run(mut self, client: Client) {
        match self.serve(&client).await {
            End::Gone => observe::ended(None),
            End::Told(reason) => {
                observe::ended(Some(reason));
                let after = reconnect_after(reason);
                let mut last = EventText::default();
                if let Some(after) = after {
                    last.retry(after);
                }
                let after_ms = after.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
                last.unplaced(name::END, &message::end(reason, after_ms));
                client.send_last(last).await;
            }
        }
    }

    async fn serve(&mut self, client: &Client) -> End {
        let (draining, ends_at) = (self.draining.clone(), self.ends_at);
        let begun = tokio::select! {
            begun = self.begin(client) => begun,
            () = draining.cancelled() => return End::Told(EndReason::Draining),
            () = tokio::time::sleep_until(ends_at) => return End::Told(EndReason::TooOld),
        };
        if let Err(end) = begun {
            return end;
        }
        loop {
            if self.has_ended() {
                return End::Told(EndReason::JobEnded);
            }
            let quiet = tokio::time::sleep(self.streams.limits.comment_every);
            let piece = tokio::select! {
                notice = self.begun.next() => self.tell(notice),
                () = client.closed() => return End::Gone,
                () = self.draining.cancelled() => return End::Told(EndReason::Draining),
                () = tokio::time::sleep_until(self.ends_at) => return End::Told(EndReason::TooOld),
                () = quiet => (EventText::of_comment(), None),
            };
            let (text, end) = piece;
            if let Err(unsent) = client.send(text).await {
                return unsent.into();
            }
            if let Some(reason) = end {
                return End::Told(reason);
            }
        }
    }

    async fn begin(&mut self, client: &Client) -> Result<(), End> {
        let mut text = EventText::default();
        text.retry(RETRY);
        match std::mem::replace(&mut self.begun.start, Start::Missed(Vec::new())) {
            Start::Missed(messages) => {
                // Something comes at once, also where nothing was missed.
                text.comment();
                for missed in messages {
                    push(&mut text, &missed);
                    if text.len() >= PIECE_BYTES {
                        client.send(std::mem::take(&mut text)).await?;
                    }
                }
            }
            Start::Snapshot { at, resync } => {
                if let Some(reason) = resync {
                    text.unplaced(name::RESYNC, &message::resync(reason));
                }
                let now = self.streams.clock.now();
                let views = self.begun.jobs.values().filter_map(|job| job.view.clone());
                let mut jobs: Vec<_> = views.map(|view| view.as_of(now)).collect();
                jobs.sort_unstable_by(|one, other| {
                    (one.created_at, &one.job_id).cmp(&(other.created_at, &other.job_id))
                });
                text.message(Some(&at), name::SNAPSHOT, &message::snapshot(jobs));
            }
        }
        Ok(client.send(text).await?)
    }

    /// Whether the one job of the stream has come to its end.
    fn has_ended(&self) -> bool {
        let job = self.begun.only.as_ref().and_then(|job| self.begun.jobs.get(job.as_str()));
        job.and_then(|job| job.view.as_ref()).is_some_and(|view| view.status.is_terminal())
    }

    /// What waits, some events at once, and why the stream ends behind it, if it does.
    fn tell(&mut self, first: Option<Notice>) -> (EventText, Option<EndReason>) {
        let (mut text, mut notice) = (EventText::default(), first);
        loop {
            match notice {
                Some(Notice::Event(event)) => match self.take(&event) {
                    Ok(Some(told)) => push(&mut text, &told),
                    Ok(None) => {}
                    Err(reason) => return (text, Some(reason)),
                },
                Some(Notice::End(FeedEnd::NewLog)) => return (text, Some(EndReason::NewLog)),
                Some(Notice::End(FeedEnd::Slow)) | None => return (text, Some(EndReason::SlowConsumer)),
            }
            if text.len() >= PIECE_BYTES || self.has_ended() {
                return (text, None);
            }
            match self.begun.next().now_or_never() {
                Some(next) => notice = next,
                None => return (text, None),
            }
        }
    }

    fn take(&mut self, event: &Recorded) -> Result<Option<Message>, EndReason> {
        let job = event.aggregate.id.as_str();
        let told = self.begun.jobs.entry(job.to_owned()).or_default();
        let message = told.take(self.begun.log, event).map_err(|error| {
            tracing::error!(position = %event.position, job_id = job, %error, "a stream ends: an event cannot be read");
            EndReason::Failed
        })?;
        if self.begun.only.is_none() && told.view.as_ref().is_some_and(|view| view.status.is_final()) {
            self.begun.jobs.remove(job);
        }
        // What is known already is taken in all the same: it changes nothing where it was, and is missing where it was not.
        let message = message.filter(|_| event.position.sequence > self.begun.told);
        if message.is_some() {
            let delay: time::Duration = self.streams.clock.now() - event.at;
            observe::count_event(Duration::try_from(delay).unwrap_or_default());
        }
        Ok(message)
    }
}

fn push(text: &mut EventText, message: &Message) {
    text.message(Some(&message.id), name::JOB, &message.text);
}

/// When a client is to come back, if at all.
fn reconnect_after(reason: EndReason) -> Option<Duration> {
    match reason {
        EndReason::JobEnded => None,
        EndReason::TooOld | EndReason::NewLog => Some(Duration::ZERO),
        EndReason::SlowConsumer => Some(Duration::from_secs(1)),
        EndReason::Failed => Some(Duration::from_secs(30)),
        EndReason::Draining => {
            let within = u64::try_from(RECONNECT_WITHIN.as_millis()).unwrap_or(u64::MAX);
            Some(Duration::from_millis(rand::rng().random_range(0..within)))
        }
    }
}
