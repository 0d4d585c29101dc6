//! Finding a trace: by the job that it is about, by how it ended, by how long it took.

use super::{Kept, SpanMemory, Trace};

/// Which traces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// About this job.
    pub job: Option<String>,
    /// Only those with an error.
    pub errors: bool,
    /// In which order.
    pub order: TraceOrder,
    /// How many at most.
    pub limit: usize,
}

/// In which order traces are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TraceOrder {
    /// The one that began last first.
    #[default]
    Newest,
    /// The one that lasted longest first.
    Slowest,
}

/// A trace in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// What its root shows.
    pub name: String,
    /// Whose root it is.
    pub service: String,
    /// When its first span began, in nanoseconds since 1970.
    pub start_unix_ns: u64,
    /// From then to the end of its last span so far, in nanoseconds.
    pub took_ns: u64,
    /// Spans that are kept.
    pub spans: u32,
    /// Spans that ended badly.
    pub errors: u32,
    /// Spans that were not kept because the trace is too long.
    pub dropped: u32,
    /// The jobs that it is about.
    pub jobs: Vec<String>,
}

impl SpanMemory {
    /// The traces that a search is for.
    #[must_use]
    pub fn find(&self, search: &Search) -> Vec<TraceSummary> {
        let kept = self.kept();
        let mut found = kept.summaries(search);
        match search.order {
            TraceOrder::Newest => found.sort_by_key(|trace| std::cmp::Reverse(trace.start_unix_ns)),
            TraceOrder::Slowest => found.sort_by_key(|trace| std::cmp::Reverse(trace.took_ns)),
        }
        found.truncate(search.limit);
        found
    }
}

impl Kept {
    fn summaries(&self, search: &Search) -> Vec<TraceSummary> {
        let fits = |trace: &Trace| {
            let about = search.job.as_deref().is_none_or(|job| trace.jobs.iter().any(|known| **known == *job));
            about && (!search.errors || trace.errors > 0)
        };
        self.traces.iter().filter(|(_, trace)| fits(trace)).map(|(id, trace)| trace.summary(*id)).collect()
    }
}

impl Trace {
    fn summary(&self, id: u128) -> TraceSummary {
        TraceSummary {
            trace_id: format!("{id:032x}"),
            name: self.root.0.clone(),
            service: self.root.1.clone(),
            start_unix_ns: self.start_unix_ns,
            took_ns: self.end_unix_ns.saturating_sub(self.start_unix_ns),
            spans: self.spans,
            errors: self.errors,
            dropped: self.dropped,
            jobs: self.jobs.iter().map(ToString::to_string).collect(),
        }
    }
}
