//! What every event store must do. Each case is a function over the port; [`conformance_tests!`](crate::conformance_tests)
//! makes a test of each.
//!
//! Every case uses ids of its own, so that all of them can run against one store, at the same time and again.

#![allow(clippy::panic, clippy::expect_used, reason = "a suite of tests, compiled into a library")]

mod histories;
pub mod leases;
pub mod locks;
mod several;
mod shared;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::join_all;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

pub use self::histories::*;
pub use self::several::*;
pub use self::shared::*;
use crate::envelope::{Actor, CommandContext, TraceContext};
use crate::event_data::{EncodedEvent, EventType};
use crate::ids::{AggregateId, AggregateKind, AggregateRef, CommandId};
use crate::ports::{Append, Appended, EventStore, History, StoreError};

/// Makes one test of each case. `$run` drives a future to its end; `$store` is an async function from the case's name to
/// a store and whatever must live as long as it.
#[macro_export]
macro_rules! conformance_tests {
    ($run:path, $store:path) => {
        $crate::conformance_tests!(@each $run, $store;
            an_unknown_aggregate_has_an_empty_history, an_append_reads_back_as_written, a_stale_append_is_a_conflict,
            an_expectation_covers_every_event_of_the_aggregate,
            a_history_with_repeated_events_is_whole_and_in_order, a_long_history_is_whole, the_last_position_is_the_newest_events,
            the_end_of_a_stream_is_its_last_event,
            aggregates_do_not_disturb_each_other,
            an_append_sent_again_is_stored_once, an_append_is_recognised_after_the_aggregate_moved_on,
            an_old_command_with_a_new_expectation_is_stored_once, the_events_of_an_append_stand_together,
            several_aggregates_are_appended_all_or_none, several_aggregates_are_appended_in_their_order,
            commands_that_share_an_append_keep_their_contexts, a_shared_append_is_recognised_behind_thousands_of_events,
            what_cannot_be_appended_is_rejected,
            no_update_is_lost, of_rivals_one_wins, the_guilty_alone_conflict, one_append_at_the_same_time_is_stored_once);
    };
    (@each $run:path, $store:path; $($case:ident),+) => {
        $(#[test]
        fn $case() {
            $run(async {
                let (store, _alive) = $store(stringify!($case)).await;
                $crate::testing::conformance::$case(&store).await;
            });
        })+
    };
}

/// Every case, one after the other: for stores that are dear to start.
pub async fn all(store: &dyn EventStore) {
    an_unknown_aggregate_has_an_empty_history(store).await;
    an_append_reads_back_as_written(store).await;
    a_stale_append_is_a_conflict(store).await;
    an_expectation_covers_every_event_of_the_aggregate(store).await;
    a_history_with_repeated_events_is_whole_and_in_order(store).await;
    a_long_history_is_whole(store).await;
    the_last_position_is_the_newest_events(store).await;
    the_end_of_a_stream_is_its_last_event(store).await;
    aggregates_do_not_disturb_each_other(store).await;
    an_append_sent_again_is_stored_once(store).await;
    an_append_is_recognised_after_the_aggregate_moved_on(store).await;
    an_old_command_with_a_new_expectation_is_stored_once(store).await;
    the_events_of_an_append_stand_together(store).await;
    several_aggregates_are_appended_all_or_none(store).await;
    several_aggregates_are_appended_in_their_order(store).await;
    commands_that_share_an_append_keep_their_contexts(store).await;
    a_shared_append_is_recognised_behind_thousands_of_events(store).await;
    what_cannot_be_appended_is_rejected(store).await;
    no_update_is_lost(store).await;
    of_rivals_one_wins(store).await;
    the_guilty_alone_conflict(store).await;
    one_append_at_the_same_time_is_stored_once(store).await;
}

const AT: OffsetDateTime = datetime!(2026-01-02 03:04:05.678 UTC);
const WRITERS: usize = 64;
const SHARED_AGGREGATES: usize = 8;
const ROUNDS: usize = 3;

/// A job that no other case, run or process has.
#[must_use]
pub fn new_job() -> AggregateRef {
    AggregateRef { kind: AggregateKind::Job, id: token() }
}

fn token() -> AggregateId {
    Uuid::now_v7().to_string().parse().expect("a UUID is a token")
}

/// A new command of nobody in particular.
#[must_use]
pub fn new_context() -> CommandContext {
    CommandContext {
        command_id: CommandId::from(Uuid::now_v7()),
        correlation: "a request".to_owned(),
        causation: Some("PLANS:1".to_owned()),
        actor: Actor::Athlete("amy".to_owned()),
        at: AT,
        trace: TraceContext::default(),
    }
}

/// An event with a number in it.
#[must_use]
pub fn event(name: &str, number: usize) -> EncodedEvent {
    let data = serde_json::value::to_raw_value(&serde_json::json!({ "number": number })).expect("a number is JSON");
    EncodedEvent { event_type: EventType::new("plan_job", name, 1), data }
}

/// A new command's append.
#[must_use]
pub fn new_append(aggregate: &AggregateRef, expected: u64, events: Vec<EncodedEvent>) -> Append {
    Append { aggregate: aggregate.clone(), expected, events, context: new_context(), contexts: Vec::new() }
}

/// Appends one event to a new job.
///
/// # Errors
/// Those of the store.
pub async fn append_one(store: &dyn EventStore, name: &str, expected: u64) -> Result<Appended, StoreError> {
    store.append(new_append(&new_job(), expected, vec![event(name, 1)])).await
}

async fn load(store: &dyn EventStore, aggregate: &AggregateRef) -> History {
    store.load(aggregate).await.expect("the store can be read")
}

async fn stored(store: &dyn EventStore, append: Append) -> Appended {
    let appended = store.append(append).await.expect("the append is in order");
    assert!(!appended.duplicate, "it was not there before");
    appended
}

fn is_conflict(answer: &Result<Appended, StoreError>, aggregate: &AggregateRef, expected: u64) -> bool {
    matches!(answer, Err(StoreError::Conflict { aggregate: a, expected: e }) if a == aggregate && *e == expected)
}

/// An aggregate that nothing happened to is no error.
pub async fn an_unknown_aggregate_has_an_empty_history(store: &dyn EventStore) {
    let history = load(store, &new_job()).await;
    assert!(history.events.is_empty());
    assert_eq!(history.last_sequence(), 0);
}

/// Nothing that surrounds a fact is lost.
pub async fn an_append_reads_back_as_written(store: &dyn EventStore) {
    let job = new_job();
    let mut append = new_append(&job, 0, vec![event("requested", 7)]);
    append.context.correlation = "zoë's request, 100 %".to_owned();
    let context = append.context.clone();
    let appended = stored(store, append).await;

    let history = load(store, &job).await;
    let [read] = history.events.as_slice() else { panic!("there is one event: {history:?}") };
    assert_eq!(read.event_id, format!("{}:1", context.command_id));
    assert_eq!(read.aggregate, job);
    assert_eq!(read.event_type.to_string(), "plan_job.requested.v1");
    assert_eq!(read.position, appended.position);
    assert_eq!(read.at, AT);
    assert_eq!(read.correlation, context.correlation);
    assert_eq!(read.causation, context.causation);
    assert_eq!(read.actor, "athlete:amy");
    assert_eq!(read.data, r#"{"number":7}"#);
}

/// What was acknowledged is not behind the end, and only streams of events have one.
pub async fn the_end_of_a_stream_is_its_last_event(store: &dyn EventStore) {
    let end_of = async |stream: &str| store.end_of(stream).await.expect("the store can be read");
    let before = end_of("PLANS").await.expect("it is a stream of events");
    let appended = stored(store, new_append(&new_job(), 0, vec![event("requested", 1), event("cancelled", 2)])).await;
    // Other cases may append at the same time.
    let end = end_of("PLANS").await.expect("it is a stream of events");
    assert!(before < appended.position.sequence && appended.position.sequence <= end, "{before} {appended:?} {end}");
    assert!(end_of("ONBOARDING").await.is_some());
    assert_eq!((end_of("DLQ").await, end_of("NOWHERE").await), (None, None));
}

/// Who decided on an old state hears so, and nothing is stored.
pub async fn a_stale_append_is_a_conflict(store: &dyn EventStore) {
    let job = new_job();
    let first = stored(store, new_append(&job, 0, vec![event("requested", 1)])).await.position.sequence;
    for wrong in [0, first + 1, first - 1, u64::from(u32::MAX)] {
        if wrong == first {
            continue;
        }
        let answer = store.append(new_append(&job, wrong, vec![event("started", 2)])).await;
        assert!(is_conflict(&answer, &job, wrong), "expected {wrong} of {first}: {answer:?}");
    }
    assert_eq!(load(store, &job).await.events.len(), 1);
    stored(store, new_append(&job, first, vec![event("started", 2)])).await;
}

/// It is the aggregate that must not have moved, not events of the same name.
pub async fn an_expectation_covers_every_event_of_the_aggregate(store: &dyn EventStore) {
    let job = new_job();
    let first = stored(store, new_append(&job, 0, vec![event("requested", 1)])).await.position.sequence;
    let answer = store.append(new_append(&job, 0, vec![event("never_seen", 2)])).await;
    assert!(is_conflict(&answer, &job, 0), "{answer:?}");
    let second = stored(store, new_append(&job, first, vec![event("started", 2)])).await.position.sequence;
    let answer = store.append(new_append(&job, first, vec![event("requested", 3)])).await;
    assert!(is_conflict(&answer, &job, first), "{answer:?}");
    stored(store, new_append(&job, second, vec![event("requested", 3)])).await;
}

/// Who did not hear the answer asks again with the same command, and gets the same answer.
pub async fn an_append_sent_again_is_stored_once(store: &dyn EventStore) {
    for count in [1, 3] {
        let job = new_job();
        let append = new_append(&job, 0, (0..count).map(|n| event("requested", n)).collect());
        let first = stored(store, append.clone()).await;
        let again = store.append(append).await.expect("a repeated append is no error");
        assert_eq!(again, Appended { duplicate: true, ..first });
        assert_eq!(load(store, &job).await.events.len(), count);
    }
}

/// However late it is asked again: the ids in the log tell.
pub async fn an_append_is_recognised_after_the_aggregate_moved_on(store: &dyn EventStore) {
    for count in [1, 3] {
        let job = new_job();
        let append = new_append(&job, 0, (0..count).map(|n| event("requested", n)).collect());
        let first = stored(store, append.clone()).await;
        stored(store, new_append(&job, first.position.sequence, vec![event("started", 9)])).await;
        let again = store.append(append).await.expect("a repeated append is no error");
        assert_eq!(again, Appended { duplicate: true, ..first });
        assert_eq!(load(store, &job).await.events.len(), count + 1);
    }
}

/// Within the store's memory of ids, a command that is decided a second time adds nothing either.
pub async fn an_old_command_with_a_new_expectation_is_stored_once(store: &dyn EventStore) {
    for count in [1, 3] {
        let job = new_job();
        let mut append = new_append(&job, 0, (0..count).map(|n| event("requested", n)).collect());
        let first = stored(store, append.clone()).await;
        append.expected = first.position.sequence;
        let again = store.append(append).await.expect("a repeated command is no error");
        assert_eq!(again, Appended { duplicate: true, ..first });
        assert_eq!(load(store, &job).await.events.len(), count);
    }
}

/// Nothing comes between the events of one command, and the answer names the last.
pub async fn the_events_of_an_append_stand_together(store: &dyn EventStore) {
    let job = new_job();
    let appended = stored(store, new_append(&job, 0, (0..5).map(|n| event("progressed", n)).collect())).await;
    let history = load(store, &job).await;
    let sequences: Vec<_> = history.events.iter().map(|event| event.position.sequence).collect();
    let last = appended.position.sequence;
    assert_eq!(sequences, (last - 4..=last).collect::<Vec<_>>());
    let data: Vec<_> = history.events.iter().map(|event| event.data.as_str()).collect();
    assert_eq!(data, (0..5).map(|n| format!(r#"{{"number":{n}}}"#)).collect::<Vec<_>>());
}

/// Mistakes of the caller are told as such, not as conflicts or outages.
pub async fn what_cannot_be_appended_is_rejected(store: &dyn EventStore) {
    let (job, athlete) = (new_job(), AggregateRef { kind: AggregateKind::Athlete, id: token() });
    let one = |aggregate| new_append(aggregate, 0, vec![event("requested", 1)]);
    let wrong = [
        ("nothing at all", vec![]),
        ("no events", vec![new_append(&job, 0, vec![])]),
        ("two streams", vec![one(&job), one(&athlete)]),
        ("one aggregate twice", vec![one(&job), one(&job)]),
    ];
    for (what, appends) in wrong {
        let answer = store.append_together(appends).await;
        assert!(matches!(answer, Err(StoreError::Rejected { .. })), "{what}: {answer:?}");
    }
    assert!(load(store, &job).await.events.is_empty());
}

/// Many writers, few aggregates: each loads, decides and appends until it is heard, and every number is there once.
pub async fn no_update_is_lost(store: &dyn EventStore) {
    let jobs: Vec<_> = (0..SHARED_AGGREGATES).map(|_| new_job()).collect();
    let writers = (0..WRITERS).map(|writer| {
        let job = &jobs[writer % SHARED_AGGREGATES];
        async move {
            for _ in 0..ROUNDS {
                increment(store, job).await;
            }
        }
    });
    join_all(writers).await;
    let mut positions = BTreeSet::new();
    for job in &jobs {
        let history = load(store, job).await;
        let numbers: Vec<_> = history.events.iter().map(|event| event.data.clone()).collect();
        let expected = WRITERS / SHARED_AGGREGATES * ROUNDS;
        assert_eq!(numbers, (0..expected).map(|n| format!(r#"{{"number":{n}}}"#)).collect::<Vec<_>>(), "{job}");
        positions.extend(history.events.iter().map(|event| event.position.sequence));
    }
    assert_eq!(positions.len(), WRITERS * ROUNDS, "no two events share a place");
}

/// The next number of an aggregate, however often somebody else is faster.
async fn increment(store: &dyn EventStore, job: &AggregateRef) {
    loop {
        let history = load(store, job).await;
        Yield::default().await;
        let next = vec![event("progressed", history.events.len())];
        match store.append(new_append(job, history.last_sequence(), next)).await {
            Ok(appended) => return assert!(!appended.duplicate),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("neither stored nor a conflict: {error}"),
        }
    }
}

/// Many appends on one state: one is stored, each other is a conflict.
pub async fn of_rivals_one_wins(store: &dyn EventStore) {
    let job = new_job();
    let rivals = (0..WRITERS).map(|n| store.append(new_append(&job, 0, vec![event("requested", n)])));
    let answers = join_all(rivals).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| is_conflict(answer, &job, 0)).count(), WRITERS - 1, "{answers:?}");
    assert_eq!(load(store, &job).await.events.len(), 1);
}

/// Stale appends among many good ones at the same moment: each is told its own result.
pub async fn the_guilty_alone_conflict(store: &dyn EventStore) {
    let taken: Vec<_> = (0..4).map(|_| new_job()).collect();
    for job in &taken {
        stored(store, new_append(job, 0, vec![event("requested", 0)])).await;
    }
    let jobs: Vec<_> =
        (0..WRITERS).map(|n| taken.get(n / 5).filter(|_| n % 5 == 2).cloned().unwrap_or_else(new_job)).collect();
    // A store that remembers what it appended must not get by on that: others append as well.
    let answers = join_all(jobs.iter().enumerate().map(|(n, job)| {
        let events = (0..=n % 3).map(|m| event("requested", m)).collect();
        store.append(new_append(job, 0, events))
    }))
    .await;
    for (job, answer) in jobs.iter().zip(&answers) {
        let guilty = taken.contains(job);
        assert_eq!(is_conflict(answer, job, 0), guilty, "{job}: {answer:?}");
        assert_eq!(answer.is_ok(), !guilty, "{job}: {answer:?}");
    }
    for (n, job) in jobs.iter().enumerate() {
        let expected = if taken.contains(job) { 1 } else { n % 3 + 1 };
        assert_eq!(load(store, job).await.events.len(), expected, "{job}");
    }
}

/// An impatient caller sends the same command several times at once.
pub async fn one_append_at_the_same_time_is_stored_once(store: &dyn EventStore) {
    for count in [1, 3] {
        let job = new_job();
        let append = new_append(&job, 0, (0..count).map(|n| event("requested", n)).collect());
        let answers = join_all((0..8).map(|_| store.append(append.clone()))).await;
        let positions: BTreeSet<_> = answers
            .iter()
            .map(|answer| answer.as_ref().map(|appended| appended.position.sequence).expect("it is stored"))
            .collect();
        assert_eq!(positions.len(), 1, "{answers:?}");
        assert_eq!(load(store, &job).await.events.len(), count);
    }
}

/// Lets others run once, on any executor.
#[derive(Default)]
struct Yield {
    done: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.done, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
