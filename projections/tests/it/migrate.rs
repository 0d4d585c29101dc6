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

/// As after a release that was rolled back.
#[tokio::test]
async fn a_database_that_a_newer_version_migrated_is_refused_with_a_sentence_and_left_as_it_is() {
    let database = TestDatabase::migrated().await;
    let client = database.client().await;
    let sql = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
        VALUES (990, 'moons', now()::text, '1'), (991, 'tides', now()::text, '2')";
    client.execute(sql, &[]).await.unwrap();
    let error = migrate(&database.url).await.unwrap_err();
    assert!(matches!(&error, MigrateError::Newer { newer, .. } if newer == "V990__moons, V991__tides"), "{error}");
    assert!(error.to_string().contains("newer version of Ally"), "{error}");
    // And back: the newer version's steps undone, this one goes on.
    client.execute("DELETE FROM refinery_schema_history WHERE version > 900", &[]).await.unwrap();
    assert!(migrate(&database.url).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let error = migrate("postgres://ally@127.0.0.1:1/none").await.unwrap_err();
    assert!(matches!(&error, MigrateError::Unreachable { reason } if reason.contains("refused")), "{error}");
}
