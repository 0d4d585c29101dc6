//! A log in memory that can be cut off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ports::{EventLog, EventReader, ReadBatch, Skipped, StoreError, StreamIdentity};
use async_trait::async_trait;
use tokio::sync::watch;

#[derive(Default)]
struct State {
    streams: HashMap<String, Vec<Recorded>>,
    /// Messages that are no events for this version.
    skipped: Vec<Skipped>,
    /// The last sequence given away in each stream; it stays when its event is forgotten.
    given: HashMap<String, u64>,
    /// How often each stream was made anew.
    replaced: HashMap<String, u32>,
    outage: bool,
    /// The next reader that is opened panics.
    broken: bool,
}

#[derive(Clone)]
pub struct MemoryLog {
    state: Arc<Mutex<State>>,
    changed: watch::Sender<()>,
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self { state: Arc::default(), changed: watch::Sender::new(()) }
    }
}

impl MemoryLog {
    /// Appends an event at the end of a stream; its position is set here.
    pub fn append(&self, stream: &str, mut event: Recorded) -> Position {
        let mut state = self.state.lock().unwrap();
        let given = state.given.entry(stream.to_owned()).or_default();
        *given += 1;
        event.position = Position { stream: stream.to_owned(), sequence: *given };
        let position = event.position.clone();
        state.streams.entry(stream.to_owned()).or_default().push(event);
        drop(state);
        self.changed.send_replace(());
        position
    }

    /// Stores a message that no reader of this version takes for an event.
    pub fn append_foreign(&self, stream: &str, subject: &str) -> Position {
        let mut state = self.state.lock().unwrap();
        let given = state.given.entry(stream.to_owned()).or_default();
        *given += 1;
        let position = Position { stream: stream.to_owned(), sequence: *given };
        let (subject, event_type) = (subject.to_owned(), "room.joined.v1".to_owned());
        let reason = "the subject is none of this version's".to_owned();
        state.skipped.push(Skipped { position: position.clone(), subject, event_type, reason });
        position
    }

    pub fn events(&self, stream: &str) -> Vec<Recorded> {
        self.state.lock().unwrap().streams.get(stream).cloned().unwrap_or_default()
    }

    pub fn last(&self, stream: &str) -> u64 {
        self.state.lock().unwrap().given.get(stream).copied().unwrap_or(0)
    }

    /// Removes events, as an operator's hand or age does: their numbers are never given again.
    pub fn forget(&self, stream: &str, which: impl Fn(u64) -> bool) {
        let mut state = self.state.lock().unwrap();
        state.streams.entry(stream.to_owned()).or_default().retain(|event| !which(event.position.sequence));
    }

    /// Deletes a stream and makes it anew, empty.
    pub fn replace(&self, stream: &str) {
        self.lose(stream, 0);
        *self.state.lock().unwrap().replaced.entry(stream.to_owned()).or_default() += 1;
    }

    /// Loses what is behind a sequence, which is given again: as when a stream is put back from an older copy.
    pub fn lose(&self, stream: &str, behind: u64) {
        self.forget(stream, |sequence| sequence > behind);
        self.state.lock().unwrap().given.insert(stream.to_owned(), behind);
        self.changed.send_replace(());
    }

    /// The next reader that somebody opens panics.
    pub fn break_down(&self) {
        self.state.lock().unwrap().broken = true;
    }

    /// From now on nobody can read, or can again.
    pub fn cut(&self, outage: bool) {
        self.state.lock().unwrap().outage = outage;
        self.changed.send_replace(());
    }

    fn check(&self) -> Result<(), StoreError> {
        match self.state.lock().unwrap().outage {
            true => Err(StoreError::Unavailable { reason: "cut off by the test".into() }),
            false => Ok(()),
        }
    }

    fn read(&self, stream: &str, after: u64, max: usize) -> ReadBatch {
        let state = self.state.lock().unwrap();
        let events = state.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let start = events.partition_point(|event| event.position.sequence <= after);
        let taken = events[start..].iter().take(max).cloned().collect::<Vec<_>>();
        let skipped = state.skipped.iter().filter(|it| it.position.stream == stream && it.position.sequence > after);
        let pending = (events.len() - start - taken.len()) as u64;
        ReadBatch { pending, events: taken, skipped: skipped.cloned().collect() }
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn open(&self, stream: &str, after: u64) -> Result<Box<dyn EventReader>, StoreError> {
        self.check()?;
        let broken = std::mem::take(&mut self.state.lock().unwrap().broken);
        assert!(!broken, "broken down by the test");
        Ok(Box::new(Reader { log: self.clone(), stream: stream.to_owned(), after }))
    }

    async fn last_sequence(&self, stream: &str) -> Result<u64, StoreError> {
        self.check()?;
        Ok(self.last(stream))
    }

    async fn identity(&self, stream: &str) -> Result<StreamIdentity, StoreError> {
        self.check()?;
        let replaced = self.state.lock().unwrap().replaced.get(stream).copied().unwrap_or(0);
        Ok(StreamIdentity(format!("made the {replaced}. time")))
    }

    async fn last_kept(&self, stream: &str) -> Result<u64, StoreError> {
        self.check()?;
        Ok(self.events(stream).last().map_or(0, |event| event.position.sequence))
    }
}

struct Reader {
    log: MemoryLog,
    stream: String,
    after: u64,
}

#[async_trait]
impl EventReader for Reader {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError> {
        let mut changed = self.log.changed.subscribe();
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            self.log.check()?;
            let batch = self.log.read(&self.stream, self.after, max);
            if let Some(last) = batch.events.last() {
                self.after = last.position.sequence;
                return Ok(batch);
            }
            if tokio::time::timeout_at(deadline, changed.changed()).await.is_err() {
                return Ok(ReadBatch::default());
            }
        }
    }
}
