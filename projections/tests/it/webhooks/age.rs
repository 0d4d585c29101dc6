//! The stream forgets deliveries by age. The view keeps what it needs and no more, and a rebuild does not lose what the stream no longer
//! holds.

use ally_domain::ids::EndpointId;
use ally_domain::webhook::DeliveryStatus;
use ally_projections::NewStream;
use ally_projections::webhook::KEPT_FOR;
use time::Duration;

use super::{append, is_rebuilt_as_it_is, is_what_the_log_says, rebuilder, row_of, tables};
use crate::support::{DecidedDelivery, MemoryLog, Running, TestDatabase, caught_up};

fn endpoint() -> EndpointId {
    EndpointId::for_key("coach", "a")
}

fn delivery(n: u64) -> DecidedDelivery {
    DecidedDelivery::of_message(&endpoint(), n)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_goes_when_it_was_queued_too_long_ago() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint());
    let (mut old, mut late) = (delivery(1), delivery(2));
    append(&log, old.queue(&to, 1));
    let queued_at = old.now;
    append(&log, [old.fail(), old.give_up()].concat());
    // The newest event is as old as the stream keeps one, to the second, and then a second older.
    late.now = queued_at + KEPT_FOR - Duration::seconds(1);
    append(&log, late.queue(&to, 2));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    assert!(row_of(&pool, &to, &old.delivery_id()).await.is_some(), "not yet");
    append(&log, late.fail());
    caught_up(&pool, &log).await;
    assert_eq!(row_of(&pool, &to, &old.delivery_id()).await, None);
    assert_eq!(tables(&database).await.map(|rows| rows.len()), [0, 1]);
    // What is recorded of it afterwards changes nothing.
    old.now = late.now;
    append(&log, [old.replay(), old.fail()].concat());
    caught_up(&pool, &log).await;
    running.stop().await;
    assert_eq!(tables(&database).await.map(|rows| rows.len()), [0, 1]);
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_first_events_are_forgotten_survives_a_rebuild() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint());
    let (mut first, mut second, mut third) = (delivery(1), delivery(2), delivery(3));
    // Each of three kinds: ended early, replayed late, and waiting.
    append(&log, [first.queue(&to, 1), second.queue(&to, 2), first.fail(), first.succeed()].concat());
    append(&log, [second.fail(), second.give_up(), third.queue(&to, 3), second.replay()].concat());
    append(&log, [third.fail(), second.break_off(), third.break_off(), second.succeed()].concat());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let whole = tables(&database).await;
    let last = log.last("DELIVERIES");
    assert_eq!(last, 12);
    for forgotten in 1..=last {
        log.forget("DELIVERIES", |sequence| sequence <= forgotten);
        is_rebuilt_as_it_is(&database, &log).await;
        assert_eq!(tables(&database).await, whole, "without {forgotten} events");
    }
    // And the projector goes on, after the swaps.
    append(&log, third.give_up());
    caught_up(&pool, &log).await;
    let row = row_of(&pool, &to, &third.delivery_id()).await.unwrap();
    assert_eq!((row.delivery.status, row.delivery.attempts), (DeliveryStatus::GivenUp, 2));
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_since_the_first_event_that_can_be_read_is_found_also_in_older_deliveries() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint());
    let (mut failed, mut ended) = (delivery(1), delivery(2));
    append(&log, [failed.queue(&to, 1), ended.queue(&to, 2), failed.fail(), ended.fail(), ended.give_up()].concat());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let before = tables(&database).await;
    log.forget("DELIVERIES", |sequence| sequence <= 2);
    let sql = "UPDATE webhook_delivery SET status = 'delivered', ended_at = queued_at WHERE queued_sequence = 1;
        UPDATE webhook_delivery SET last_reason = 'another' WHERE queued_sequence = 2";
    database.client().await.batch_execute(sql).await.unwrap();
    let rebuilder = rebuilder(&pool, &log);
    assert_eq!(rebuilder.verify("webhook_delivery", &|_| {}).await.unwrap().differing, 2);
    rebuilder.rebuild("webhook_delivery", &|_| {}).await.unwrap();
    assert_eq!(tables(&database).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_queued_again_after_it_was_forgotten_counts_no_attempts_of_before() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint());
    let mut before = delivery(1);
    append(&log, [before.queue(&to, 1), before.fail(), before.break_off(), before.give_up()].concat());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    assert_eq!(row_of(&pool, &to, &before.delivery_id()).await.unwrap().delivery.attempts, 2);
    // Nothing else has happened since, so the row is still there when the next event comes.
    log.forget("DELIVERIES", |_| true);
    is_rebuilt_as_it_is(&database, &log).await;
    let mut again = delivery(1);
    again.now = before.now + KEPT_FOR;
    append(&log, [again.queue(&to, 1), again.fail()].concat());
    caught_up(&pool, &log).await;
    running.stop().await;
    let row = row_of(&pool, &to, &again.delivery_id()).await.unwrap();
    assert_eq!((row.delivery.status, row.delivery.attempts), (DeliveryStatus::Waiting, 1));
    assert_eq!((row.queued_sequence, row.last_sequence), (5, 6));
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_another_stream_nothing_is_taken_over() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint());
    let mut before = delivery(1);
    append(&log, [before.queue(&to, 1), before.fail()].concat());
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    log.replace("DELIVERIES");
    let (mut forgotten, mut kept) = (delivery(2), delivery(3));
    append(&log, [forgotten.queue(&to, 2), kept.queue(&to, 3), kept.succeed()].concat());
    log.forget("DELIVERIES", |sequence| sequence == 1);
    let rebuilder = rebuilder(&pool, &log);
    rebuilder.verify("webhook_delivery", &|_| {}).await.unwrap_err();
    rebuilder.rebuild_from("webhook_delivery", NewStream::Accepted, &|_| {}).await.unwrap();
    assert_eq!(database.table("SELECT queued_sequence, last_sequence FROM webhook_delivery").await, ["(2,3)"]);
}
