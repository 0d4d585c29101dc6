//! Appends to several aggregates: all or none, and in their order.

use super::{event, is_conflict, load, new_append, new_job, stored, token};
use crate::ids::{AggregateKind, AggregateRef};
use crate::ports::{Appended, EventStore, StoreError};

/// A plan and the completion of its job: both or neither, and again both once.
pub async fn several_aggregates_are_appended_all_or_none(store: &dyn EventStore) {
    let (job, other) = (new_job(), AggregateRef { kind: AggregateKind::Plan, id: token() });
    let first = stored(store, new_append(&job, 0, vec![event("requested", 1)])).await.position.sequence;
    let both = |expected| {
        let created = new_append(&other, 0, vec![event("created", 1)]);
        vec![created, new_append(&job, expected, vec![event("completed", 2), event("noted", 3)])]
    };
    let stale = store.append_together(both(0)).await;
    assert!(is_conflict(&stale, &job, 0), "{stale:?}");
    assert!(load(store, &other).await.events.is_empty(), "all or none");

    let appends = both(first);
    let appended = store.append_together(appends.clone()).await.expect("both are in order");
    let history = load(store, &job).await;
    assert_eq!(history.last_sequence(), appended.position.sequence, "the answer names the last event");
    assert_eq!((history.events.len(), load(store, &other).await.events.len()), (3, 1));

    let again = store.append_together(appends).await.expect("a repeated append is no error");
    assert_eq!(again, Appended { duplicate: true, ..appended });
    assert_eq!(load(store, &other).await.events.len(), 1);
}

/// A plan, then the completion of its job: what is told to be missing is not there, nor anything behind it.
pub async fn several_aggregates_are_appended_in_their_order(store: &dyn EventStore) {
    let (job, plan) = (new_job(), AggregateRef { kind: AggregateKind::Plan, id: token() });
    let first = stored(store, new_append(&job, 0, vec![event("requested", 1)])).await.position.sequence;
    let created = new_append(&plan, 0, vec![event("created", 1)]);
    let completion = |expected| new_append(&job, expected, vec![event("completed", 2)]);

    let stale = store.append_in_order(vec![created.clone(), completion(0)]).await;
    assert!(is_conflict(&stale, &job, 0), "{stale:?}");
    assert_eq!(load(store, &job).await.events.len(), 1, "the second was refused");
    let completed = completion(first);
    if load(store, &plan).await.events.is_empty() {
        stored(store, created.clone()).await;
    }
    let another = new_append(&plan, 0, vec![event("created", 1)]);
    let known = store.append_in_order(vec![another, completed.clone()]).await;
    assert!(is_conflict(&known, &plan, 0), "{known:?}");
    assert_eq!(load(store, &job).await.events.len(), 1, "nothing is appended behind what was refused");

    let other = AggregateRef { kind: AggregateKind::Plan, id: token() };
    let both = vec![new_append(&other, 0, vec![event("created", 1)]), completed];
    let appended = store.append_in_order(both.clone()).await.expect("both are in order");
    let (plans, jobs) = (load(store, &other).await, load(store, &job).await);
    assert_eq!((plans.events.len(), jobs.events.len()), (1, 2));
    assert!(plans.last_sequence() < jobs.last_sequence(), "in their order");
    assert_eq!(jobs.last_sequence(), appended.position.sequence, "the answer names the last event");

    let again = store.append_in_order(both).await.expect("a repeated append is no error");
    assert_eq!(again, Appended { duplicate: true, ..appended });
    let nothing = store.append_in_order(vec![]).await;
    assert!(matches!(nothing, Err(StoreError::Rejected { .. })), "{nothing:?}");
}
