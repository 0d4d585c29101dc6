//! Bringing a database to its shape.

use ally_projections::{MigrateError, migrate};

use crate::support::TestDatabase;

#[tokio::test]
async fn a_missing_database_is_created_and_the_second_time_there_is_nothing_to_do() {
    let database = TestDatabase::missing();
    let first = migrate(&database.url).await.unwrap();
    assert!(first.created && first.applied.len() >= 5, "{first:?}");
    let second = migrate(&database.url).await.unwrap();
    assert!(!second.created && second.applied.is_empty(), "{second:?}");
}

#[tokio::test]
async fn many_may_migrate_at_once() {
    let database = TestDatabase::missing();
    let all = futures::future::join_all((0..6).map(|_| migrate(&database.url))).await;
    let done = all.into_iter().map(Result::unwrap).collect::<Vec<_>>();
    let appliers = done.iter().filter(|migrated| !migrated.applied.is_empty()).count();
    assert_eq!(appliers, 1, "exactly one applies the steps: {done:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let error = migrate("postgres://ally@127.0.0.1:1/none").await.unwrap_err();
    assert!(matches!(&error, MigrateError::Unreachable { reason } if reason.contains("refused")), "{error}");
}
