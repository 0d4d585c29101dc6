//! The view of dead letters: folded, paged by filter, grouped, and the same when it is folded again from a stream that has
//! lost what operators and age took out of it.

use std::sync::Arc;

use ally_projections::dead_letter::{self, DeadLetterView, State, Wanted};
use ally_projections::{Database, RebuildConfig, Rebuilder};
use time::Duration;

use crate::support::{
    MemoryLog, NOW, Running, TestDatabase, caught_up, discarded, discarded_as, keep_for, letter, parked, requeued,
};

async fn all(pool: &Database, wanted: Wanted) -> Vec<DeadLetterView> {
    dead_letter::page(pool, &wanted, 0, 1_000).await.unwrap()
}

fn sequences(page: &[DeadLetterView]) -> Vec<u64> {
    page.iter().map(|row| row.sequence).collect()
}

fn rebuilder(pool: &Database, log: &MemoryLog) -> Rebuilder {
    let config = RebuildConfig { read_timeout: std::time::Duration::from_secs(5), ..RebuildConfig::default() };
    Rebuilder::new(pool.clone(), Arc::new(log.clone()), config)
}

/// Folds the stream again: no row differs, and neither does any once the tables are swapped.
async fn is_what_the_stream_says(pool: &Database, log: &MemoryLog) {
    let rebuilder = rebuilder(pool, log);
    assert_eq!(rebuilder.verify("dead_letter", &|_| {}).await.unwrap().differences, []);
    let before = all(pool, Wanted::default()).await;
    rebuilder.rebuild("dead_letter", &|_| {}).await.unwrap();
    assert_eq!(all(pool, Wanted::default()).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_are_paged_by_filter_and_grouped_by_cause() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    for n in 1..=5 {
        log.append("DLQ", parked(&letter(n, if n < 4 { "down" } else { "full" })));
    }
    log.append("DLQ", discarded(&letter(2, "down"), 2));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;

    let open = Wanted { state: Some(State::Open), ..Wanted::default() };
    assert_eq!(sequences(&dead_letter::page(&pool, &open, 0, 2).await.unwrap()), [1, 3]);
    assert_eq!(sequences(&dead_letter::page(&pool, &open, 3, 2).await.unwrap()), [4, 5]);
    let full = Wanted { fingerprint: Some("full".to_owned()), ..Wanted::default() };
    assert_eq!(sequences(&all(&pool, full).await), [4, 5]);
    let late = Wanted { since: Some(NOW + Duration::minutes(5)), ..Wanted::default() };
    assert_eq!(sequences(&all(&pool, late).await), [5]);
    let other = Wanted { consumer: Some("onboarding".to_owned()), ..Wanted::default() };
    assert!(all(&pool, other).await.is_empty());

    let ended = all(&pool, Wanted { state: Some(State::Discarded), ..Wanted::default() }).await.remove(0);
    assert_eq!((ended.letter, ended.ended_by.as_deref()), (letter(2, "down"), Some("operator:kim")));
    assert_eq!(ended.note.as_deref(), Some("fixed"));
    let groups = dead_letter::groups(&pool, &open).await.unwrap();
    let told = groups.iter().map(|group| (group.fingerprint.as_str(), group.count)).collect::<Vec<_>>();
    assert_eq!(told, [("down", 2), ("full", 2)]);
    assert_eq!((groups[0].oldest, groups[0].newest), (letter(1, "").parked_at, letter(3, "").parked_at));
    is_what_the_stream_says(&pool, &log).await;
    running.stop().await;
}

/// Written before one rule for text held at every door: the view ends the letter, and says by whom and why as far as
/// PostgreSQL can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_that_no_text_can_hold_ends_its_letter_all_the_same() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut odd = letter(1, "down");
    odd.reason = "broke\0off".to_owned();
    log.append("DLQ", parked(&odd));
    log.append("DLQ", discarded_as(&odd, 1, "operator:k\0m", "fi\0ed \\\\u0000\n"));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    let row = all(&pool, Wanted::default()).await.remove(0);
    assert_eq!((row.state, row.letter.reason.as_str()), (State::Discarded, "broke\u{fffd}off"));
    assert_eq!(row.ended_by.as_deref(), Some("operator:k\u{fffd}m"));
    assert_eq!(row.note.as_deref(), Some("fi\u{fffd}ed \\\\u0000\n"));
    assert!(database.table("SELECT * FROM projection_failure").await.is_empty());
    is_what_the_stream_says(&pool, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_was_taken_out_is_told_by_its_audit() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let running = Running::start(&pool, &log);
    log.append("DLQ", parked(&letter(1, "down")));
    log.append("DLQ", parked(&letter(2, "down")));
    caught_up(&pool, &log).await;
    log.append("DLQ", discarded(&letter(1, "down"), 1));
    log.forget("DLQ", |sequence| sequence == 1);
    caught_up(&pool, &log).await;
    assert_eq!(all(&pool, Wanted::default()).await[0].state, State::Discarded);
    is_what_the_stream_says(&pool, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_is_parked_again_before_its_end_is_told_is_one_open_letter() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let running = Running::start(&pool, &log);
    log.append("DLQ", parked(&letter(1, "down")));
    caught_up(&pool, &log).await;
    // Put back, and given up again at once: whoever put it back has not come to the audit yet, or died before.
    log.append("DLQ", keep_for(&letter(1, "down"), Some(1), Duration::days(36_500)));
    log.forget("DLQ", |sequence| sequence == 1);
    caught_up(&pool, &log).await;
    assert_eq!(sequences(&all(&pool, Wanted::default()).await), [2]);
    is_what_the_stream_says(&pool, &log).await;
    log.append("DLQ", requeued(&letter(1, "down"), 1));
    caught_up(&pool, &log).await;
    let states = all(&pool, Wanted::default()).await.iter().map(|row| row.state).collect::<Vec<_>>();
    assert_eq!(states, [State::Redriven, State::Open]);
    is_what_the_stream_says(&pool, &log).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stream_forgets_by_age_the_view_forgets_with_it() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let running = Running::start(&pool, &log);
    // Parked long ago on a stream that keeps a letter for a day: forgotten by now.
    let mut old = letter(1, "down");
    old.parked_at -= Duration::days(3_650);
    log.append("DLQ", keep_for(&old, None, Duration::days(1)));
    caught_up(&pool, &log).await;
    assert!(all(&pool, Wanted::default()).await.is_empty(), "nobody is shown a letter that cannot be put back");
    log.forget("DLQ", |_| true);
    // The numbers go on though the end of the stream is gone: a rebuild does not wait for it.
    is_what_the_stream_says(&pool, &log).await;
    log.append("DLQ", parked(&letter(2, "down")));
    caught_up(&pool, &log).await;
    assert_eq!(database.table("SELECT sequence FROM dead_letter").await, ["(2)"], "the row is tidied away");
    is_what_the_stream_says(&pool, &log).await;
    running.stop().await;
}
