//! What is kept, what is let go, and how much room it takes.

use super::*;
use crate::trace_span::{Attributes, SpanStatus};

/// A job's trace as the roles make it: fifteen spans with as many attributes and ids.
fn job_trace(number: u64) -> Vec<TraceSpan> {
    let id = |of: u64| format!("0198c0de-{:04x}-7000-8000-{of:012x}", number & 0xffff);
    let attributes: Attributes = [
        (attr::JOB_ID, id(number).as_str().into()),
        (attr::MESSAGING_MESSAGE_ID, format!("{}:1", id(number + 1)).as_str().into()),
        (attr::MESSAGING_MESSAGE_CONVERSATION_ID, id(number + 2).as_str().into()),
        (attr::AGGREGATE_ID, id(number).as_str().into()),
        (attr::POSITION, format!("PLANS:{number}").as_str().into()),
        (attr::MESSAGING_SYSTEM, attr::NATS.into()),
        (attr::MESSAGING_OPERATION_NAME, "process".into()),
        (attr::MESSAGING_OPERATION_TYPE, "process".into()),
        (attr::MESSAGING_DESTINATION_NAME, "PLANS".into()),
        (attr::MESSAGING_DESTINATION_TEMPLATE, "ally.es.job.{id}.requested".into()),
        (attr::MESSAGING_CONSUMER_GROUP_NAME, "planner".into()),
        (attr::MESSAGING_MESSAGE_BODY_SIZE, 812.into()),
        (attr::MESSAGING_NATS_STREAM_SEQUENCE, 4_200.into()),
        (attr::MESSAGING_NATS_DELIVERY_COUNT, 1.into()),
        (attr::PLAN_PROVIDER, "builtin".into()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    let start = 1_700_000_000_000_000_000 + number * 1_000_000;
    let spans = (0..15_u64).map(|at| TraceSpan {
        service: "planning-engine".into(),
        resource: [(attr::SERVICE_NAME.to_owned(), "planning-engine".to_owned())].into(),
        trace_id: format!("{:032x}", u128::from(number) + 1),
        span_id: format!("{:016x}", at + 1),
        parent_span_id: (at > 0).then(|| format!("{at:016x}")),
        name: "process ally.es.job.{id}.requested".into(),
        start_unix_ns: start + at * 100_000,
        end_unix_ns: start + at * 100_000 + 90_000,
        attributes: attributes.clone(),
        ..TraceSpan::default()
    });
    spans.collect()
}

fn keep_all(memory: &SpanMemory, spans: &[TraceSpan]) {
    spans.iter().for_each(|span| memory.keep(span));
}

#[test]
fn ten_thousand_jobs_fit_and_no_more_are_kept() {
    let memory = SpanMemory::default();
    let traces = MAX_TRACES as u64;
    for number in 0..traces {
        keep_all(&memory, &job_trace(number));
    }
    let full = memory.in_use();
    assert_eq!((full.traces, full.evicted), (MAX_TRACES, 0), "{full:?}");
    assert!(full.bytes <= MAX_BYTES, "{full:?}");
    for number in traces..traces + 500 {
        keep_all(&memory, &job_trace(number));
    }
    let after = memory.in_use();
    assert_eq!((after.traces, after.evicted), (MAX_TRACES, 500));
    assert!(after.bytes <= MAX_BYTES, "{after:?}");
    assert_eq!(memory.trace(&job_trace(0)[0].trace_id), [], "the oldest is gone");
    let newest = job_trace(traces + 499);
    assert_eq!(memory.trace(&newest[0].trace_id), newest);
}

#[test]
fn bytes_bound_it_where_traces_are_long() {
    let memory = SpanMemory::new(MemoryLimits { traces: 1_000, bytes: 100_000 });
    for number in 0..200 {
        keep_all(&memory, &job_trace(number));
        assert!(memory.in_use().bytes <= 100_000, "{number}: {:?}", memory.in_use());
    }
    assert!(memory.in_use().traces > 5, "{:?}", memory.in_use());
    // One trace without an end takes its share and no more.
    let one = &job_trace(7)[3];
    for _ in 0..10_000 {
        memory.keep(one);
    }
    assert!(memory.in_use().bytes <= 100_000, "{:?}", memory.in_use());
}

#[test]
fn what_failed_or_lasted_outlives_what_did_not() {
    let memory = SpanMemory::new(MemoryLimits { traces: 100, ..MemoryLimits::default() });
    let mut failed = job_trace(0);
    failed[3].status = SpanStatus::Error("no answer".into());
    let mut slow = job_trace(1);
    slow[0].end_unix_ns += SLOW_NS;
    keep_all(&memory, &failed);
    keep_all(&memory, &slow);
    for number in 2..1_000 {
        keep_all(&memory, &job_trace(number));
    }
    assert_eq!((memory.trace(&failed[0].trace_id), memory.trace(&slow[0].trace_id)), (failed.clone(), slow));
    assert_eq!(memory.in_use().traces, 100);
    // They have half of the room: a deployment where everything fails shows what happens now.
    for number in 2_000..2_200 {
        let mut failed = job_trace(number);
        failed[0].status = SpanStatus::Error("no answer".into());
        keep_all(&memory, &failed);
    }
    assert_eq!(memory.in_use().traces, 100);
    assert_eq!(memory.trace(&failed[0].trace_id), []);
    assert!(!memory.trace(&job_trace(2_199)[0].trace_id).is_empty());
}

#[test]
fn a_trace_is_found_by_its_job_its_errors_and_its_length() {
    let memory = SpanMemory::default();
    for number in 0..20 {
        let mut trace = job_trace(number);
        if number == 4 {
            trace[2].status = SpanStatus::Error("no answer".into());
        }
        trace[14].end_unix_ns += if number == 9 { 5_000_000 } else { 0 };
        keep_all(&memory, &trace);
    }
    let find = |search: Search| {
        let found = memory.find(&Search { limit: 3, ..search });
        found.into_iter().map(|trace| trace.trace_id).collect::<Vec<_>>()
    };
    let id = |number: u64| job_trace(number)[0].trace_id.clone();
    assert_eq!(find(Search::default()), [id(19), id(18), id(17)]);
    assert_eq!(find(Search { errors: true, ..Search::default() }), [id(4)]);
    assert_eq!(find(Search { order: TraceOrder::Slowest, ..Search::default() })[0], id(9));
    let job = job_trace(7)[0].text(attr::JOB_ID).map(str::to_owned);
    assert_eq!(find(Search { job, ..Search::default() }), [id(7)]);
    let summary = &memory.find(&Search { errors: true, limit: 1, ..Search::default() })[0];
    assert_eq!((summary.spans, summary.errors, summary.took_ns), (15, 1, 1_490_000));
}

#[test]
fn a_batch_is_shown_with_each_trace_that_it_links_to() {
    let memory = SpanMemory::default();
    keep_all(&memory, &job_trace(1));
    keep_all(&memory, &job_trace(2));
    let mut batch = job_trace(3).remove(0);
    batch.links = [1, 2].map(|number| (job_trace(number)[0].trace_id.clone(), "0000000000000001".to_owned())).into();
    memory.keep(&batch);
    for number in [1, 2] {
        let spans = memory.trace_and_linked(&job_trace(number)[0].trace_id);
        assert_eq!((spans.len(), &spans[15]), (16, &batch));
    }
    assert_eq!(memory.trace_and_linked("nothing"), []);
}

#[test]
fn polls_push_out_nothing_but_polls() {
    let memory = SpanMemory::new(MemoryLimits { traces: 100, ..MemoryLimits::default() });
    for number in 0..80 {
        keep_all(&memory, &job_trace(number));
    }
    for number in 1_000..5_000 {
        let mut poll = job_trace(number).remove(0);
        poll.name = "GET /api/v1/jobs/{id}".into();
        memory.keep(&poll);
    }
    assert_eq!(memory.in_use().traces, 90);
    for number in 0..80 {
        assert!(!memory.trace(&job_trace(number)[0].trace_id).is_empty(), "{number}");
    }
    assert!(!memory.trace(&job_trace(4_999)[0].trace_id).is_empty(), "the last ones are there");
    assert!(memory.0.lock().unwrap().plain.len() <= 200);
}
