//! What the connections of one generator see, added up.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::super::order::{Seen, Times};
use crate::load::Recorder;

/// The most different failures that are told apart.
const MAX_ERRORS: usize = 32;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Connect,
    Join,
    Resume,
    Leave,
    Beat,
    Patch,
    Delivery,
    Late,
}

const MEASURES: usize = 8;

pub struct Collector {
    times: RefCell<[Recorder; MEASURES]>,
    /// Questions that are not answered yet.
    waiting: Cell<u64>,
    none_waits: Notify,
    recovered: Cell<u64>,
    frames: Cell<u64>,
    bytes: Cell<u64>,
    errors: RefCell<BTreeMap<String, u64>>,
}

impl Collector {
    pub fn new() -> anyhow::Result<Self> {
        let recorders: Vec<Recorder> = (0..MEASURES).map(|_| Recorder::new()).collect::<anyhow::Result<_>>()?;
        let times = recorders.try_into().map_err(|_| anyhow::anyhow!("there is one recorder a measure"))?;
        Ok(Self {
            times: RefCell::new(times),
            waiting: Cell::default(),
            none_waits: Notify::new(),
            recovered: Cell::default(),
            frames: Cell::default(),
            bytes: Cell::default(),
            errors: RefCell::default(),
        })
    }

    pub fn record(&self, measure: Measure, micros: u64, count: u64) {
        if let Some(recorder) = self.times.borrow_mut().get_mut(measure as usize) {
            recorder.record_micros(micros, count);
        }
    }

    pub fn record_since(&self, measure: Measure, begun: Instant) {
        self.record(measure, u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX), 1);
    }

    pub fn add_frame(&self, bytes: usize) {
        self.frames.set(self.frames.get() + 1);
        self.bytes.set(self.bytes.get() + bytes as u64);
    }

    pub fn add_recovered(&self) {
        self.recovered.set(self.recovered.get() + 1);
    }

    pub fn add_error(&self, error: impl Into<String>) {
        let mut errors = self.errors.borrow_mut();
        let error = error.into();
        let error = if errors.len() < MAX_ERRORS || errors.contains_key(&error) { error } else { "others".to_owned() };
        *errors.entry(error).or_default() += 1;
    }

    pub fn add_waiting(&self) {
        self.waiting.set(self.waiting.get() + 1);
    }

    /// So many questions are answered, or will never be.
    pub fn remove_waiting(&self, count: u64) {
        self.waiting.set(self.waiting.get().saturating_sub(count));
        if self.waiting.get() == 0 {
            self.none_waits.notify_waiters();
        }
    }

    /// Waits until everything is answered, for so long at most; the answer is what was not.
    pub async fn answered(&self, within: Duration) -> u64 {
        let deadline = Instant::now() + within;
        while self.waiting.get() > 0 {
            if timeout_at(deadline, self.none_waits.notified()).await.is_err() {
                break;
            }
        }
        self.waiting.get()
    }

    /// What was seen since the last time.
    pub fn take(&self) -> Seen {
        let mut times = self.times.borrow_mut();
        let mut of = |measure: Measure| {
            let recorder = times.get_mut(measure as usize);
            Times(recorder.map(|recorder| recorder.recorded()).unwrap_or_default())
        };
        let seen = Seen {
            connect: of(Measure::Connect),
            join: of(Measure::Join),
            resume: of(Measure::Resume),
            leave: of(Measure::Leave),
            beat: of(Measure::Beat),
            patch: of(Measure::Patch),
            delivery: of(Measure::Delivery),
            late: of(Measure::Late),
            recovered: self.recovered.take(),
            frames: self.frames.take(),
            bytes: self.bytes.take(),
            errors: self.errors.take(),
            ..Seen::default()
        };
        times.iter_mut().for_each(Recorder::clear);
        seen
    }
}
