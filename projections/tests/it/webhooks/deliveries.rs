//! What was sent to endpoints, and how it went.

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::webhook::{DeliveryCommand, DeliveryStatus};
use ally_projections::ProjectorConfig;
use ally_projections::webhook::{self, DeliveryView};
use time::Duration;

use super::{append, is_rebuilt_as_it_is, is_what_the_log_says, rebuilder, row_of, tables};
use crate::support::{DecidedDelivery, MemoryLog, Running, TestDatabase, caught_up, message, quick};

fn endpoint(key: &str) -> EndpointId {
    EndpointId::for_key("coach", key)
}

fn ids(rows: &[DeliveryView]) -> Vec<DeliveryId> {
    rows.iter().map(|row| row.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_a_row_that_counts_its_attempts_and_says_how_the_last_one_went() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint("a"));
    let mut delivery = DecidedDelivery::of_message(&to, 1);
    let running = Running::start(&pool, &log);
    let read = async || {
        caught_up(&pool, &log).await;
        row_of(&pool, &to, &DeliveryId::of(&to, &message(1).id)).await.unwrap()
    };
    append(&log, delivery.queue(&to, 1));
    let row = read().await;
    assert_eq!((row.delivery.status, row.delivery.round, row.delivery.attempts), (DeliveryStatus::Waiting, 1, 0));
    assert_eq!((&row.delivery.endpoint_id, &row.delivery.message), (&to, &message(1)));
    assert_eq!((row.last_status, row.last_reason.as_deref()), (None, None));

    append(&log, delivery.fail());
    let row = read().await;
    assert_eq!((row.delivery.attempts, row.last_status), (1, Some(503)));
    assert!(row.retry_at > Some(row.queued_at) && row.ended_at.is_none());

    append(&log, delivery.break_off());
    let row = read().await;
    assert_eq!((row.delivery.attempts, row.last_status), (2, None));
    assert_eq!(row.last_reason.as_deref(), Some("nobody answered"));

    append(&log, delivery.give_up());
    let row = read().await;
    assert_eq!((row.delivery.status, row.delivery.attempts), (DeliveryStatus::GivenUp, 2));
    assert_eq!((row.last_status, row.retry_at), (None, None));
    assert_eq!(row.last_reason.as_deref(), Some("all attempts were used up"));
    assert!(row.ended_at > Some(row.queued_at));

    append(&log, delivery.replay());
    let row = read().await;
    assert_eq!((row.delivery.status, row.delivery.round), (DeliveryStatus::Waiting, 2));
    assert_eq!((row.delivery.attempts, row.ended_at), (0, None));

    append(&log, delivery.succeed());
    let row = read().await;
    assert_eq!((row.delivery.status, row.delivery.attempts), (DeliveryStatus::Delivered, 1));
    assert_eq!((row.last_status, row.last_reason), (Some(204), None));
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_come_in_pages_the_newest_first() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to, other) = (database.pool(), endpoint("a"), endpoint("b"));
    let mut newest_first = Vec::new();
    let mut given_up = Vec::new();
    let mut begun = None;
    for n in 0..20 {
        append(&log, DecidedDelivery::of_message(&other, n).queue(&other, n));
        let mut delivery = DecidedDelivery::of_message(&to, n);
        // Two are queued in the same moment, each time: their ids tell them apart.
        delivery.now += Duration::minutes(i64::try_from(n / 2).unwrap());
        append(&log, delivery.queue(&to, n));
        newest_first.insert(0, (delivery.now, delivery.delivery_id()));
        if n == 8 {
            begun = Some(delivery.now);
        }
        if n % 4 == 0 {
            append(&log, delivery.give_up());
            given_up.push((newest_first[0].0, delivery.delivery_id()));
        }
    }
    newest_first.sort();
    newest_first.reverse();
    let newest_first: Vec<_> = newest_first.into_iter().map(|(_, id)| id).collect();
    given_up.sort();
    let given_up: Vec<_> = given_up.into_iter().map(|(_, id)| id).collect();
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;

    let mut seen = Vec::new();
    loop {
        let last: Option<&DeliveryView> = seen.last();
        let before = last.map(|row| (row.queued_at, &row.id));
        let page = webhook::deliveries(&pool, &to, None, before, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(ids(&seen), newest_first);
    let status = Some(DeliveryStatus::GivenUp);
    let page = webhook::deliveries(&pool, &to, status, None, 1_000).await.unwrap();
    assert!(ids(&page).iter().eq(given_up.iter().rev()));
    let before = Some((page[1].queued_at, &page[1].id));
    assert_eq!(webhook::deliveries(&pool, &to, status, before, 2).await.unwrap(), page[2..4]);
    let delivered = Some(DeliveryStatus::Delivered);
    assert!(webhook::deliveries(&pool, &to, delivered, None, 10).await.unwrap().is_empty());

    let begun = begun.unwrap();
    let places = async |since, behind, limit| {
        webhook::delivery_places(&pool, &to, DeliveryStatus::GivenUp, since, behind, limit).await.unwrap()
    };
    let since = async |since, limit| places(since, None, limit).await.into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    assert_eq!(since(begun - Duration::seconds(1), 1_000).await, given_up[2..]);
    assert_eq!(since(begun - Duration::days(1), 2).await, given_up[..2]);
    assert!(since(begun + Duration::days(1), 10).await.is_empty());
    let all = places(begun - Duration::days(1), None, 1_000).await;
    let (at, id) = &all[1];
    assert_eq!(places(begun - Duration::days(1), Some((*at, id)), 2).await, all[2..4]);
}

/// The same run every time: what some deliveries do, mostly possible, sometimes refused.
fn run_of(log: &MemoryLog, steps: u64) {
    let to = endpoint("a");
    let mut deliveries: Vec<_> = (0..40).map(|n| DecidedDelivery::of_message(&to, n)).collect();
    let mut chance = 7_u64;
    let mut below = |n: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % n
    };
    for step in 0..steps {
        let n = below(40);
        let delivery = &mut deliveries[usize::try_from(n).unwrap()];
        if below(50) == 0 {
            // The log has forgotten it, and knows nothing of the message when it is queued again.
            *delivery = DecidedDelivery::of_message(&to, n);
        }
        // Forty days in all, so that some deliveries become too old on the way.
        let now =
            delivery.now.max(message(0).timestamp + Duration::minutes(i64::try_from(step * 57_600 / steps).unwrap()));
        delivery.now = now;
        append(
            log,
            match below(6) {
                0 | 1 => delivery.queue(&to, n),
                2 => delivery.fail(),
                3 => delivery.succeed(),
                4 => delivery.give_up(),
                _ => delivery.replay(),
            },
        );
    }
}

#[tokio::test]
async fn small_batches_and_large_ones_give_the_rows_of_the_fold() {
    let log = MemoryLog::default();
    run_of(&log, 2_000);
    assert!(log.last("DELIVERIES") > 400, "{}", log.last("DELIVERIES"));
    let mut all = Vec::new();
    for (max_batch_events, read_events) in [(1, 1), (7, 3), (2_000, 500)] {
        let database = TestDatabase::migrated().await;
        let pool = database.pool();
        let config = ProjectorConfig { max_batch_events, read_events, ..quick() };
        let running = Running::start_with(&pool, &log, config);
        caught_up(&pool, &log).await;
        running.stop().await;
        is_what_the_log_says(&database, &log).await;
        is_rebuilt_as_it_is(&database, &log).await;
        all.push(tables(&database).await);
    }
    assert!(all.windows(2).all(|two| two[0] == two[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_applied_twice_is_applied_once() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint("a"));
    for n in 0..10 {
        let mut delivery = DecidedDelivery::of_message(&to, n);
        let mut events = [delivery.queue(&to, n), delivery.fail(), delivery.give_up(), delivery.replay()].concat();
        events.extend(if n % 2 == 0 { delivery.succeed() } else { delivery.fail() });
        append(&log, events);
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let before = tables(&database).await;
    // As if another projector had written rows and no checkpoint.
    let sql = "UPDATE projection_checkpoint SET position = 0, last_event_id = NULL WHERE stream = 'DELIVERIES'";
    database.client().await.batch_execute(sql).await.unwrap();
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    assert_eq!(tables(&database).await, before);
    assert_eq!(before.map(|rows| rows.len()), [0, 10]);
    is_what_the_log_says(&database, &log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reason_that_postgresql_would_refuse_is_kept_as_it_can_be() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let (pool, to) = (database.pool(), endpoint("a"));
    let mut delivery = DecidedDelivery::of_message(&to, 1);
    append(&log, delivery.queue(&to, 1));
    let reason = "it said a\0b".to_owned();
    append(
        &log,
        delivery.decide(&DeliveryCommand::RecordFailure {
            round: 1,
            status: Some(500),
            reason,
            millis: 1,
            retry_at: None,
        }),
    );
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let row = row_of(&pool, &to, &delivery.delivery_id()).await.unwrap();
    assert_eq!(row.last_reason.as_deref(), Some("it said a\u{fffd}b"));
    let verified = rebuilder(&pool, &log).verify("webhook_delivery", &|_| {}).await.unwrap();
    assert_eq!((verified.differing, verified.rows, verified.incomplete.len()), (0, 1, 0));
}
