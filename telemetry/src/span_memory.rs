//! Traces kept in this process, for a program that shows its own (`ally up`, `ally demo`) without a collector: the newest, at most
//! so many and in at most so many bytes; of those that are let go, plain ones before those that failed or lasted.
//!
//! Deliberately not here: what leaves the process (`span_export`), and how a trace is shown ([`trace_tree`](crate::trace_tree)).

mod admission;
mod packed;
mod processor;
mod search;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::names::attr;
use crate::trace_span::{SpanKind, TraceSpan};
use admission::{Admission, Share};
use packed::Table;

pub(crate) use processor::MemoryProcessor;
pub use search::{Search, TraceOrder, TraceSummary};

/// Traces kept unless told otherwise.
const MAX_TRACES: usize = 10_000;
/// Bytes of all of them together.
const MAX_BYTES: usize = 64 << 20;
/// Bytes of one; what comes after is counted and not kept.
const MAX_TRACE_BYTES: usize = 256 << 10;
/// Jobs by which one trace is found, and traces that it is linked with.
const MAX_JOBS: usize = 16;
const MAX_LINKED: usize = 64;
/// Of ten traces at most one is a read or a sign of life: clients poll, and would push out what they wait for.
const READS_SHARE: usize = 10;
/// A trace that lasts longer than this is kept for longer than others are.
const SLOW_NS: u64 = 10_000_000_000;
/// The root of a sign of life, where its client names no trace.
const HEARTBEAT: &str = "presence.heartbeat";
/// What a trace takes beside its spans: its places in the map and in the queue, and the name of its root.
const TRACE_OVERHEAD: usize = 384;

/// Traces that ended in this process. Clones share them: every role of a process writes to the same.
#[derive(Clone)]
pub struct SpanMemory(Arc<Mutex<Kept>>, Arc<Mutex<Admission>>);

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub struct MemoryLimits {
    /// Traces.
    pub traces: usize,
    /// Bytes of all of them together.
    pub bytes: usize,
}

/// What is kept at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// Traces.
    pub traces: usize,
    /// Bytes.
    pub bytes: usize,
    /// Traces that were let go to make room.
    pub evicted: u64,
}

struct Kept {
    limits: MemoryLimits,
    table: Table,
    /// Where a span is packed, before its trace makes as much room as it needs and no more.
    scratch: Vec<u8>,
    traces: HashMap<u128, Trace>,
    /// In the order in which they began here: those that nobody would miss first, and those that are worth a look.
    plain: VecDeque<u128>,
    notable: VecDeque<u128>,
    /// Those that only read, in the order in which that was seen.
    reads: VecDeque<u128>,
    bytes: usize,
    evicted: u64,
}

#[derive(Default)]
struct Trace {
    packed: Vec<u8>,
    spans: u32,
    errors: u32,
    dropped: u32,
    start_unix_ns: u64,
    end_unix_ns: u64,
    /// Name and service of the span without a parent, or else of the earliest.
    root: (String, String),
    root_start_unix_ns: u64,
    has_root: bool,
    sends: bool,
    is_read: bool,
    jobs: Vec<Box<str>>,
    linked: Vec<u128>,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { traces: MAX_TRACES, bytes: MAX_BYTES }
    }
}

impl Default for SpanMemory {
    fn default() -> Self {
        Self::new(MemoryLimits::default())
    }
}

impl SpanMemory {
    /// An empty memory.
    #[must_use]
    pub fn new(limits: MemoryLimits) -> Self {
        let admission = Arc::new(Mutex::new(Admission::new(Instant::now())));
        let kept = Kept {
            limits,
            table: Table::default(),
            scratch: Vec::new(),
            traces: HashMap::new(),
            plain: VecDeque::new(),
            notable: VecDeque::new(),
            reads: VecDeque::new(),
            bytes: 0,
            evicted: 0,
        };
        Self(Arc::new(Mutex::new(kept)), admission)
    }

    /// Whether a trace that begins here, or comes in from outside, is to be kept.
    pub(crate) fn admits(&self, trace: u128, root: &str, is_stranger: bool) -> bool {
        let share = match is_stranger {
            true => Share::Strangers,
            false if is_read(root) => Share::Reads,
            false => Share::Commands,
        };
        self.admission().admit(trace, share, Instant::now())
    }

    /// Whether a trace that goes on here is kept.
    pub(crate) fn knows(&self, trace: u128) -> bool {
        self.admission().knows(trace)
    }

    /// The spans of one trace that have ended so far, in the order in which they ended.
    #[must_use]
    pub fn trace(&self, trace_id: &str) -> Vec<TraceSpan> {
        let kept = self.kept();
        number(trace_id).map(|id| kept.unpack(id)).unwrap_or_default()
    }

    /// A trace, and behind it those that link to it or that it links to: batches that carried its events, what it was put
    /// back by.
    #[must_use]
    pub fn trace_and_linked(&self, trace_id: &str) -> Vec<TraceSpan> {
        let kept = self.kept();
        let Some(id) = number(trace_id) else { return Vec::new() };
        let linked = kept.traces.get(&id).map(|trace| trace.linked.clone()).unwrap_or_default();
        std::iter::once(id).chain(linked).flat_map(|id| kept.unpack(id)).collect()
    }

    /// How much is kept.
    #[must_use]
    pub fn in_use(&self) -> MemoryUse {
        let kept = self.kept();
        MemoryUse { traces: kept.traces.len(), bytes: kept.bytes + kept.table.bytes(), evicted: kept.evicted }
    }

    /// Keeps a span that has ended.
    pub fn keep(&self, span: &TraceSpan) {
        if let Some(id) = number(&span.trace_id) {
            self.kept().keep(id, span);
        }
    }

    fn admission(&self) -> MutexGuard<'_, Admission> {
        // What a panic interrupted is at worst a trace that is not kept.
        self.1.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What a panic interrupted is at worst a trace that lacks a span.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn unpack(&self, id: u128) -> Vec<TraceSpan> {
        let Some(trace) = self.traces.get(&id) else { return Vec::new() };
        packed::unpack(&trace.packed, &format!("{id:032x}"), &self.table)
    }

    fn keep(&mut self, id: u128, span: &TraceSpan) {
        let trace = self.traces.entry(id).or_insert_with(|| {
            self.plain.push_back(id);
            self.bytes += TRACE_OVERHEAD;
            Trace::default()
        });
        let before = trace.bytes();
        self.scratch.clear();
        packed::pack(span, &mut self.table, &mut self.scratch);
        trace.take(span, &self.scratch);
        let turned_read = !trace.is_read && trace.only_reads();
        trace.is_read |= turned_read;
        self.bytes += trace.bytes() - before;
        for (other, _) in &span.links {
            if let Some(other) = number(other).filter(|other| *other != id) {
                self.link(id, other);
                self.link(other, id);
            }
        }
        if turned_read {
            self.reads.push_back(id);
            self.thin_reads();
        }
        self.make_room();
    }

    /// Lets go of the oldest that only read, where there are more than their share.
    fn thin_reads(&mut self) {
        if self.reads.len() <= self.limits.traces / READS_SHARE {
            return;
        }
        let oldest = self.reads.pop_front();
        if let Some(id) = oldest.filter(|id| self.traces.get(id).is_some_and(Trace::only_reads)) {
            self.remove(id);
        }
        if self.plain.len() > 2 * self.limits.traces {
            self.plain.retain(|id| self.traces.contains_key(id));
        }
    }

    fn remove(&mut self, id: u128) {
        if let Some(gone) = self.traces.remove(&id) {
            self.bytes = self.bytes.saturating_sub(gone.bytes() + TRACE_OVERHEAD);
            self.evicted += 1;
        }
    }

    fn link(&mut self, id: u128, to: u128) {
        let Some(trace) = self.traces.get_mut(&id) else { return };
        if trace.linked.len() < MAX_LINKED && !trace.linked.contains(&to) {
            let before = trace.bytes();
            trace.linked.push(to);
            self.bytes += trace.bytes() - before;
        }
    }

    /// Lets the oldest go. Those worth a look have half of the room for themselves.
    fn make_room(&mut self) {
        while self.traces.len() > self.limits.traces || self.bytes + self.table.bytes() > self.limits.bytes {
            let oldest = match self.plain.pop_front() {
                Some(id) if self.traces.get(&id).is_some_and(Trace::is_notable) => {
                    self.notable.push_back(id);
                    if self.notable.len() <= self.limits.traces / 2 && !self.plain.is_empty() {
                        continue;
                    }
                    self.notable.pop_front()
                }
                Some(id) => Some(id),
                None => self.notable.pop_front(),
            };
            let Some(oldest) = oldest else { return };
            self.remove(oldest);
        }
    }
}

impl Trace {
    fn take(&mut self, span: &TraceSpan, packed: &[u8]) {
        if self.packed.len() + packed.len() > MAX_TRACE_BYTES {
            self.dropped += 1;
            return;
        }
        // A long trace grows by parts of what it has, so that it is not copied for each span.
        self.packed.reserve_exact(packed.len().max(self.packed.len() / 16));
        self.packed.extend_from_slice(packed);
        self.start_unix_ns =
            if self.spans == 0 { span.start_unix_ns } else { self.start_unix_ns.min(span.start_unix_ns) };
        self.end_unix_ns = self.end_unix_ns.max(span.end_unix_ns);
        self.spans += 1;
        self.errors += u32::from(span.is_error());
        self.sends |= span.kind == SpanKind::Producer;
        let is_root = span.parent_span_id.is_none();
        let is_earlier = self.spans == 1 || span.start_unix_ns < self.root_start_unix_ns;
        if is_root || (is_earlier && !self.has_root) {
            self.root = (span.name.clone(), span.service.clone());
            (self.root_start_unix_ns, self.has_root) = (span.start_unix_ns, is_root);
        }
        if let Some(job) = span.text(attr::JOB_ID)
            && self.jobs.len() < MAX_JOBS
            && !self.jobs.iter().any(|known| **known == *job)
        {
            self.jobs.push(job.into());
        }
    }

    /// What it takes: what is allocated, not only what is used.
    fn bytes(&self) -> usize {
        let jobs: usize = self.jobs.iter().map(|job| job.len() + size_of::<Box<str>>()).sum();
        self.packed.capacity() + jobs + self.linked.capacity() * size_of::<u128>()
    }

    /// Whether it asked for something, and nothing came of it but the answer.
    fn only_reads(&self) -> bool {
        is_read(&self.root.0) && !self.sends && !self.is_notable()
    }

    fn is_notable(&self) -> bool {
        self.errors > 0 || self.end_unix_ns.saturating_sub(self.start_unix_ns) > SLOW_NS
    }
}

/// Whether a span asks for something, by its name, or is a sign of life.
fn is_read(name: &str) -> bool {
    name.starts_with("GET ") || name.starts_with("HEAD ") || name == HEARTBEAT
}

fn number(trace_id: &str) -> Option<u128> {
    u128::from_str_radix(trace_id, 16).ok().filter(|id| *id != 0)
}

impl fmt::Debug for SpanMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanMemory").field("in_use", &self.in_use()).finish()
    }
}

#[cfg(test)]
mod tests;
