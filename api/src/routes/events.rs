//! News of jobs that come by themselves, as server-sent events.

use ally_telemetry::names::limit;
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::{Authenticated, Caller};
use crate::event_stream::Admission;
use crate::job_events::{JobStream, Since};
use crate::limits::{ClientAddress, limited};
use crate::params::{EventId, Faults, Given};
use crate::problem::{Kind, Problem};
use crate::server::HangUp;
use crate::wire::{EventStream, JobEvents};

/// When a client that has as many streams as it may should come back.
const COME_BACK: std::time::Duration = std::time::Duration::from_secs(5);

pub(crate) struct Events(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Followed {
    /// Events, for as long as the client stays. The data of each is one JSON object: of `snapshot` a `JobsSnapshot`, of `job` a
    /// `JobEvent`, of `resync` a `JobsResync`, of `end` a `JobsEnd`.
    #[oai(status = 200)]
    Events(EventStream<JobEvents>),
}

#[derive(ApiResponse)]
pub(crate) enum FollowedToItsEnd {
    /// Events, until the job ends. The data of each is one JSON object: of `snapshot` a `JobsSnapshot`, of `job` a `JobEvent`, of
    /// `resync` a `JobsResync`, of `end` a `JobsEnd`.
    #[oai(status = 200)]
    Events(EventStream<JobEvents>),
    /// The job has ended, and the id of its last event was sent: nothing comes any more, and browsers come back no more.
    #[oai(status = 204)]
    Known,
}

pub(crate) struct One;
pub(crate) struct All;

impl Refusals for One {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for All {
    const STATUSES: &'static [u16] = &[400];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Events")]
impl Events {
    /// Follow a job
    ///
    /// Where the job stands, and then each of its events, once and in order, until it ends. A client that comes back with the id that it
    /// had last gets exactly what it missed and no snapshot, from whichever server. An id that tells nothing is answered with `resync`
    /// and a snapshot.
    #[oai(path = "/jobs/:id/events", method = "get", operation_id = "jobEvents")]
    async fn job(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        Path(id): Path<String>,
        /// The id of the last event that is known, for a client that cannot send the header.
        #[oai(name = "lastEventId")]
        Query(position): Query<Option<Given<EventId>>>,
        /// The id of the last event, as browsers send it when they come back. It counts before `lastEventId`.
        #[oai(name = "Last-Event-ID")]
        Header(last): Header<Option<Given<EventId>>>,
        request: &Request,
    ) -> Result<FollowedToItsEnd, Refused<One>> {
        let job = id.parse().map_err(|_| Problem::not_found("job"))?;
        let admission = self.admit(&caller, request)?;
        let since = since(position, last)?;
        let begun = self.0.streams.begin_job(&self.0.lookup, &caller.athlete, &job, since).await?;
        let Some(begun) = begun else { return Ok(FollowedToItsEnd::Known) };
        let stream = JobStream::new(&self.0.streams, begun, &caller, admission, self.0.draining.clone());
        Ok(FollowedToItsEnd::Events(EventStream::new(stream.body(hang_up(request)))))
    }

    /// Follow all jobs
    ///
    /// The jobs of the athlete of which something may come, and then each event of each of the athlete's jobs, once and in the order of
    /// the log, those of jobs that are requested later included. It goes on until the client leaves. A client that comes back with the
    /// id that it had last gets exactly what it missed and no snapshot, from whichever server. An id that tells nothing is answered with
    /// `resync` and a snapshot.
    #[oai(path = "/events", method = "get", operation_id = "events")]
    async fn all(
        &self,
        Authenticated(caller): Authenticated,
        /// The id of the last event that is known, for a client that cannot send the header.
        #[oai(name = "lastEventId")]
        Query(position): Query<Option<Given<EventId>>>,
        /// The id of the last event, as browsers send it when they come back. It counts before `lastEventId`.
        #[oai(name = "Last-Event-ID")]
        Header(last): Header<Option<Given<EventId>>>,
        request: &Request,
    ) -> Result<Followed, Refused<All>> {
        let admission = self.admit(&caller, request)?;
        let since = since(position, last)?;
        let begun = self.0.streams.begin_all(&self.0.lookup, &caller.athlete, since).await?;
        let stream = JobStream::new(&self.0.streams, begun, &caller, admission, self.0.draining.clone());
        Ok(Followed::Events(EventStream::new(stream.body(hang_up(request)))))
    }

    /// A place among the streams of this node, of the client's address, and of the athlete.
    fn admit(&self, caller: &Caller, request: &Request) -> Result<Admission, Problem> {
        let limits = &self.0.streams.limits;
        let too_many = |whose: &str, limit: usize| {
            limited(limit::EVENT_STREAMS);
            let detail = format!("{limit} streams of {whose} are open, which is as many as may be; close one of them");
            Problem::new(Kind::RateLimited, detail).retry_after(COME_BACK)
        };
        if self.0.streams.feed.len() >= limits.in_all {
            return Err(too_many("this server", limits.in_all));
        }
        let address = request.data::<ClientAddress>().map(|ClientAddress(address)| *address);
        let admission = Admission::of_address(&self.0.streams.open, address, limits.per_address);
        let mut admission = admission.ok_or_else(|| too_many("this client address", limits.per_address))?;
        if !admission.take_for(&caller.athlete, limits.per_athlete) {
            return Err(too_many("this athlete", limits.per_athlete));
        }
        Ok(admission)
    }
}

/// Where a client left off: by the header, or else by the query.
fn since(position: Option<Given<EventId>>, last: Option<Given<EventId>>) -> Result<Since, Problem> {
    let mut faults = Faults::default();
    let position = faults.read("lastEventId", position).flatten();
    let last = faults.read("Last-Event-ID", last).flatten();
    faults.check()?;
    Ok(last.or(position))
}

fn hang_up(request: &Request) -> Option<HangUp> {
    request.data::<HangUp>().cloned()
}
