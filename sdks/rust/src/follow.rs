//! Follows jobs by server-sent events: comes back after every cut, with the id of the last event that came whole.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode, header};
use reqwest::Response;
use serde_json::Value;

use crate::client::Token;
use crate::error::{Error, ProblemError};
use crate::generated::types::{JobEvent, JobsResync, JobsSnapshot};
use crate::retry::{LONGEST, is_refusal_for_now, wait};
use crate::sse::{EventParser, ServerSentEvent, TooLong};

const RECONNECT: Duration = Duration::from_secs(2);
/// Where the server names no time.
const LONGEST_OWN_WAIT: Duration = Duration::from_secs(300);
/// A connection that lasted as long was no failure, though nothing happened meanwhile: proxies end what is quiet.
const LASTING: Duration = Duration::from_secs(10);

/// Something that a stream says, with the id to come back with: put it beside what you keep.
#[derive(Debug, Clone)]
pub struct JobNewsItem {
    /// `None` before a snapshot that follows a resync.
    pub id: Option<String>,
    /// `snapshot`, `resync`, or what happened to a job: `job.completed`.
    pub kind: String,
    /// As it came.
    pub data: Value,
    /// The same, typed.
    pub news: JobNews,
}

/// What a stream says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum JobNews {
    /// What is when a stream begins. It counts instead of all that was known of open jobs.
    Snapshot(JobsSnapshot),
    /// What happened to a job, with the job since.
    Job(Box<JobEvent>),
    /// What was missed is not known; a snapshot follows.
    Resync(JobsResync),
    /// Newer than this version: `data` has it.
    Newer,
}

/// A stream, over any number of connections. [`Follow::next`] can be dropped at any time and called again.
#[derive(Debug)]
pub struct Follow {
    http: reqwest::Client,
    address: String,
    token: Token,
    last_event_id: Option<String>,
    attempts: u32,
    silence: Duration,
    reconnect: Duration,
    failures: u32,
    connection: Option<Connection>,
    /// When the next connection may begin.
    pause_until: Option<Instant>,
    ready: VecDeque<ServerSentEvent>,
    has_ended: bool,
}

#[derive(Debug)]
struct Connection {
    response: Response,
    parser: EventParser,
    opened: Instant,
    /// Since when bytes are waited for. It outlives a call of [`Follow::next`] that is dropped, and is not set while the reader
    /// is busy with an item: that is no silence of the server.
    silent_since: Option<Instant>,
}

impl Connection {
    fn new(response: Response) -> Self {
        Self { response, parser: EventParser::default(), opened: Instant::now(), silent_since: None }
    }
}

/// How a connection ended.
enum End {
    /// Nothing comes any more.
    Job,
    /// The server wants the client back.
    Return(Duration),
    Broken(Error, Option<Duration>),
    /// No later try changes it.
    Refused(Error),
}

impl Follow {
    pub(crate) fn new(http: reqwest::Client, address: String, token: Token) -> Self {
        Self {
            http,
            address,
            token,
            last_event_id: None,
            attempts: 10,
            silence: Duration::from_secs(45),
            reconnect: RECONNECT,
            failures: 0,
            connection: None,
            pause_until: None,
            ready: VecDeque::new(),
            has_ended: false,
        }
    }

    /// Goes on behind an item that was taken before; without one the stream begins with a snapshot.
    #[must_use]
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = Some(id.into());
        self
    }

    /// How often in a row it may fail to bring an event before the last failure is handed on; 10 where nothing is set.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// A stream without a byte for as long is left; 45 seconds where nothing is set. The server sends a comment every 15.
    #[must_use]
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = silence.min(LONGEST);
        self
    }

    /// The next item, or `None` once the stream has ended.
    ///
    /// # Errors
    /// A refusal for good, or the last one of too many failures in a row. The stream has ended then.
    pub async fn next(&mut self) -> Option<Result<JobNewsItem, Error>> {
        while !self.has_ended {
            let end = match self.step().await {
                Ok(Some(item)) => return Some(Ok(item)),
                Ok(None) => continue,
                Err(end) => end,
            };
            let opened = self.connection.take().map(|connection| connection.opened);
            if let Some(error) = self.after(end, opened) {
                self.has_ended = true;
                return Some(Err(error));
            }
        }
        None
    }

    /// Waits for one thing: a pause, an answer, an event or bytes.
    async fn step(&mut self) -> Result<Option<JobNewsItem>, End> {
        if let Some(event) = self.ready.pop_front() {
            return self.take(event);
        }
        if let Some(until) = self.pause_until {
            tokio::time::sleep_until(until.into()).await;
            self.pause_until = None;
        }
        let Some(connection) = &mut self.connection else {
            self.connection = Some(self.connect().await?);
            return Ok(None);
        };
        let since = *connection.silent_since.get_or_insert_with(Instant::now);
        let chunk = tokio::time::timeout_at((since + self.silence).into(), connection.response.chunk()).await;
        let chunk = chunk.map_err(|_| broken(format!("it was silent for {:?}", self.silence)))?;
        let chunk = chunk.map_err(|error| End::Broken(error.into(), None))?;
        let chunk = chunk.ok_or_else(|| broken("it ended without a word".to_owned()))?;
        connection.silent_since = None;
        let events = connection.parser.push(&chunk);
        self.ready = events.map_err(|TooLong| broken("an event is too long to be one of Ally".to_owned()))?.into();
        if let Some(reconnect) = connection.parser.reconnect {
            self.reconnect = reconnect.min(LONGEST_OWN_WAIT);
        }
        Ok(None)
    }

    async fn connect(&self) -> Result<Connection, End> {
        let mut request = self.http.get(&self.address);
        request = request.header(header::AUTHORIZATION, self.token.authorization());
        request = request.header(header::ACCEPT, "text/event-stream").header(header::CACHE_CONTROL, "no-store");
        if let Some(id) = self.last_event_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            request = request.header("Last-Event-ID", id);
        }
        let response = tokio::time::timeout(self.silence, request.send()).await;
        let response = response.map_err(|_| broken(format!("no answer came for {:?}", self.silence)))?;
        let response = response.map_err(|error| End::Broken(error.into(), None))?;
        match response.status() {
            StatusCode::OK => Ok(Connection::new(response)),
            StatusCode::NO_CONTENT => Err(End::Job),
            status => {
                let refused = tokio::time::timeout(self.silence, refused(status, response)).await;
                Err(refused.unwrap_or_else(|_| {
                    broken(format!("a refusal ({status}) did not come whole for {:?}", self.silence))
                }))
            }
        }
    }

    fn take(&mut self, event: ServerSentEvent) -> Result<Option<JobNewsItem>, End> {
        let is_end = event.event == "end";
        if !is_end && !["snapshot", "job", "resync"].contains(&event.event.as_str()) {
            self.arrived(event.id);
            return Ok(None);
        }
        let data: Value = serde_json::from_str(&event.data).map_err(|error| broken(error.to_string()))?;
        if is_end {
            self.ready.clear();
            let after = data.get("reconnectAfterMs").and_then(Value::as_u64);
            return Err(after.map_or(End::Job, |after| End::Return(Duration::from_millis(after))));
        }
        // What came before a resync is worth nothing any more; the snapshot behind it has an id of its own.
        if event.event == "resync" {
            self.last_event_id = None;
        }
        self.arrived(event.id.filter(|_| event.event != "resync"));
        let kind = data.get("type").and_then(Value::as_str).unwrap_or(&event.event).to_owned();
        Ok(Some(JobNewsItem { id: self.last_event_id.clone(), kind, news: news(&event.event, &data), data }))
    }

    fn arrived(&mut self, id: Option<String>) {
        self.failures = 0;
        self.last_event_id = id.or_else(|| self.last_event_id.take());
    }

    /// What is to be done about an end; an error that is handed on.
    fn after(&mut self, end: End, opened: Option<Instant>) -> Option<Error> {
        let (error, after) = match end {
            End::Job => {
                self.has_ended = true;
                return None;
            }
            End::Refused(error) => return Some(error),
            End::Return(after) => (None, Some(after)),
            End::Broken(error, after) => (Some(error), after),
        };
        self.ready.clear();
        let lasted = opened.is_some_and(|opened| opened.elapsed() >= LASTING);
        self.failures = if lasted { 0 } else { self.failures + 1 };
        if self.failures >= self.attempts {
            let nothing = || Error::Stream(format!("it ended {} times without an event", self.failures));
            return Some(error.unwrap_or_else(nothing));
        }
        let own = (self.reconnect * 2_u32.pow(self.failures.saturating_sub(1).min(3))).min(LONGEST_OWN_WAIT);
        self.pause_until = Some(Instant::now() + wait(1, Some(after.unwrap_or(own))));
        None
    }
}

fn broken(reason: String) -> End {
    End::Broken(Error::Stream(reason), None)
}

/// A token is asked for anew with each connection: one that ended while the stream was open is not refused here.
async fn refused(status: StatusCode, response: Response) -> End {
    let headers = response.headers().clone();
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return End::Broken(error.into(), None),
    };
    let refusal = match ProblemError::of(status, &headers, &body) {
        Ok(refusal) => refusal,
        Err(error) => return End::Refused(error),
    };
    let after = refusal.retry_after;
    let error = Error::Problem(Box::new(refusal));
    match is_refusal_for_now(status.as_u16()) {
        true => End::Broken(error, after),
        false => End::Refused(error),
    }
}

fn news(event: &str, data: &Value) -> JobNews {
    let typed = match event {
        "snapshot" => serde_json::from_value(data.clone()).map(JobNews::Snapshot),
        "job" => serde_json::from_value(data.clone()).map(JobNews::Job),
        _ => serde_json::from_value(data.clone()).map(JobNews::Resync),
    };
    typed.unwrap_or(JobNews::Newer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause_after(after: Option<Duration>) -> Duration {
        let mut stream =
            Follow::new(reqwest::Client::builder().no_proxy().build().unwrap(), String::new(), "token".into());
        stream.reconnect = LONGEST_OWN_WAIT;
        stream.failures = 5;
        let begun = Instant::now();
        assert!(stream.after(End::Broken(Error::Stream(String::new()), after), None).is_none());
        stream.pause_until.map(|until| until - begun).unwrap_or_default()
    }

    #[test]
    fn only_a_wait_of_its_own_has_a_limit() {
        let own = pause_after(None);
        assert!(own >= LONGEST_OWN_WAIT && own < LONGEST_OWN_WAIT * 2, "{own:?}");
        assert!(pause_after(Some(LONGEST_OWN_WAIT * 10)) >= LONGEST_OWN_WAIT * 10, "the server's is obeyed");
        assert!(pause_after(Some(Duration::MAX)) >= LONGEST);
    }
}
