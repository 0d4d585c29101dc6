//! What a store must read of an aggregate, however its events lie.

use super::{event, load, new_append, new_job, stored};
use crate::ids::{AggregateId, AggregateKind, AggregateRef};
use crate::ports::EventStore;

/// Events of one name come as often as they happened, and in the order in which they did, whatever happened between.
pub async fn a_history_with_repeated_events_is_whole_and_in_order(store: &dyn EventStore) {
    let (job, other) = (new_job(), new_job());
    let appends: [&[&str]; 5] =
        [&["requested"], &["started", "progressed", "progressed"], &["expedited"], &["started"], &["completed"]];
    let (mut last, mut others, mut number) = (0, 0, 0);
    let mut names = Vec::new();
    for append in appends {
        let events = append.iter().map(|name| {
            number += 1;
            event(name, number)
        });
        last = stored(store, new_append(&job, last, events.collect())).await.position.sequence;
        others = stored(store, new_append(&other, others, vec![event("started", 0)])).await.position.sequence;
        names.extend_from_slice(append);
        let history = load(store, &job).await;
        let read: Vec<String> = history.events.iter().map(|event| event.event_type.name.to_string()).collect();
        assert_eq!(read, names);
        let numbers = (1..=names.len()).map(|number| format!(r#"{{"number":{number}}}"#));
        assert_eq!(
            history.events.iter().map(|event| event.data.clone()).collect::<Vec<_>>(),
            numbers.collect::<Vec<_>>()
        );
        assert_eq!(history.last_sequence(), last);
    }
}

/// More events of one name than any store reads at once.
pub async fn a_long_history_is_whole(store: &dyn EventStore) {
    const APPENDS: usize = 7;
    const EACH: usize = 100;
    let job = new_job();
    let mut last = 0;
    for append in 0..APPENDS {
        let events = (0..EACH).map(|n| event(if n % 50 == 0 { "expedited" } else { "progressed" }, append * EACH + n));
        last = stored(store, new_append(&job, last, events.collect())).await.position.sequence;
    }
    let history = load(store, &job).await;
    let numbers = (0..APPENDS * EACH).map(|number| format!(r#"{{"number":{number}}}"#));
    assert_eq!(history.events.iter().map(|event| event.data.clone()).collect::<Vec<_>>(), numbers.collect::<Vec<_>>());
}

/// What is known of an aggregate is all, as long as its last event stands where it stood.
pub async fn the_last_position_is_the_newest_events(store: &dyn EventStore) {
    let (job, other) = (new_job(), new_job());
    let position = async |aggregate| store.last_position(aggregate).await.expect("the store can be read");
    assert_eq!(position(&job).await, None);
    let last = async |aggregate| store.last_event(aggregate).await.expect("the store can be read");
    assert!(last(&job).await.is_none());
    let first = stored(store, new_append(&job, 0, vec![event("requested", 1), event("started", 2)])).await.position;
    stored(store, new_append(&other, 0, vec![event("requested", 1)])).await;
    assert_eq!(position(&job).await, Some(first.clone()));
    let second = stored(store, new_append(&job, first.sequence, vec![event("requested", 3)])).await.position;
    assert_eq!(position(&job).await, Some(second.clone()));
    let newest = last(&job).await.expect("there is one");
    assert_eq!((newest.position, newest.data.as_str()), (second, r#"{"number":3}"#));
}

/// The same id under another kind, or an id that begins alike, is another aggregate.
pub async fn aggregates_do_not_disturb_each_other(store: &dyn EventStore) {
    let job = new_job();
    let longer: AggregateId = format!("{}-1", job.id).parse().expect("it is a token");
    let others = [
        AggregateRef { kind: AggregateKind::Plan, id: job.id.clone() },
        AggregateRef { kind: AggregateKind::Athlete, id: job.id.clone() },
        AggregateRef { kind: AggregateKind::Job, id: longer },
    ];
    stored(store, new_append(&job, 0, vec![event("requested", 1)])).await;
    for other in &others {
        stored(store, new_append(other, 0, vec![event("requested", 1)])).await;
    }
    for aggregate in others.iter().chain([&job]) {
        let history = load(store, aggregate).await;
        assert_eq!(history.events.len(), 1, "{aggregate}");
        assert!(history.events.iter().all(|event| event.aggregate == *aggregate));
    }
}
