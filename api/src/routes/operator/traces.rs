//! Traces that this process keeps, for tokens with the operator role: finding one, and reading it whole.

use ally_telemetry::export::{Search, SpanMemory, TraceOrder};
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::super::refused::{Refusals, Refused};
use super::super::{Chapter, Desk};
use super::operator;
use crate::auth::Authenticated;
use crate::params::{Faults, Given, JobIdText, PageLimit, TraceOrderText, YesOrNo};
use crate::problem::{Kind, Problem};
use crate::wire::{Answer, TraceBody, TracesBody};

/// Traces of an answer when the caller does not say.
const PAGE: u16 = 20;

pub(crate) struct OperatorTraces(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Found {
    /// Those that fit.
    #[oai(status = 200)]
    Traces(Answer<TracesBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Shown {
    /// The trace.
    #[oai(status = 200)]
    Trace(Answer<TraceBody>),
}

pub(crate) struct Finding;
pub(crate) struct Showing;

impl Refusals for Finding {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for Showing {
    const STATUSES: &'static [u16] = &[404];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorTraces {
    /// Find traces
    ///
    /// Traces in which something was done, of those that this process keeps, the newest first unless told otherwise. `ally up` keeps
    /// those of every role; where traces go to a collector they are found there.
    #[oai(path = "/operator/traces", method = "get", operation_id = "traces")]
    async fn find(
        &self,
        Authenticated(caller): Authenticated,
        /// Those about a job.
        #[oai(name = "jobId")]
        Query(job_id): Query<Option<Given<JobIdText>>>,
        /// Only those with an error.
        Query(errors): Query<Option<Given<YesOrNo>>>,
        /// Also those that only read something.
        Query(reads): Query<Option<Given<YesOrNo>>>,
        /// In which order.
        Query(order): Query<Option<Given<TraceOrderText>>>,
        /// The most entries.
        Query(limit): Query<Option<Given<PageLimit>>>,
    ) -> Result<Found, Refused<Finding>> {
        operator(&caller)?;
        let mut faults = Faults::default();
        let search = Search {
            job: faults.read("jobId", job_id),
            errors: faults.read("errors", errors).unwrap_or(false),
            order: faults.read("order", order).unwrap_or(TraceOrder::Newest),
            // Which of them read is told apart behind the search.
            limit: usize::MAX,
        };
        let reads = faults.read("reads", reads).unwrap_or(false);
        let limit = faults.read("limit", limit).unwrap_or(PAGE);
        faults.check()?;
        let memory = self.memory()?;
        let found = memory.find(&search).into_iter().filter(|trace| reads || !trace.name.starts_with("GET "));
        let traces = found.take(limit.into()).map(Into::into).collect();
        Ok(Found::Traces(Answer(TracesBody { traces, kept: memory.in_use().into() })))
    }

    /// Read a trace
    ///
    /// One trace whole, and the traces that it is linked with: batches that carried its events, the request that put it back.
    #[oai(path = "/operator/traces/:id", method = "get", operation_id = "trace")]
    async fn show(
        &self,
        Authenticated(caller): Authenticated,
        /// Which one: 32 hexadecimal digits.
        Path(id): Path<String>,
    ) -> Result<Shown, Refused<Showing>> {
        operator(&caller)?;
        let mut spans = self.memory()?.trace_and_linked(&id);
        if spans.is_empty() {
            let detail = "this process keeps no trace of this id (any more); GET the list for those that it keeps";
            return Err(Problem::new(Kind::NotFound, detail).into());
        }
        spans.sort_by_key(|span| span.start_unix_ns);
        Ok(Shown::Trace(Answer(TraceBody { trace_id: id, spans: spans.into_iter().map(Into::into).collect() })))
    }

    fn memory(&self) -> Result<&SpanMemory, Problem> {
        let detail =
            "this process keeps no traces: `ally up` does; elsewhere they go where OTEL_EXPORTER_OTLP_ENDPOINT says";
        self.0.traces.as_ref().ok_or_else(|| Problem::new(Kind::NotFound, detail))
    }
}
