//! The pool: honest about a server that is not there, and back when it is.

use std::time::Duration;

use ally_projections::{Database, DatabaseConfig, DatabaseError};

use crate::support::{OwnPostgres, TestDatabase, until};

#[tokio::test]
async fn it_starts_without_a_server_and_recovers_through_a_crash() {
    let mut server = OwnPostgres::new(&["fsync=off"]);
    let database = Database::connect(DatabaseConfig::new(server.url())).unwrap();
    let error = database.ping().await.unwrap_err();
    assert!(matches!(error, DatabaseError::Unavailable { .. }), "{error}");

    for _ in 0..2 {
        server.start();
        until("the server answers", || async { database.ping().await.ok() }).await;
        server.kill();
        let error = database.ping().await.unwrap_err();
        assert!(matches!(error, DatabaseError::Unavailable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_was_cut_in_the_pool_fails_no_read() {
    let database = TestDatabase::migrated().await;
    let pool = database.pool();
    pool.ping().await.unwrap();
    database
        .rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", &[])
        .await;
    pool.ping().await.unwrap();
}

#[tokio::test]
async fn a_missing_database_is_told_by_name() {
    let database = TestDatabase::missing();
    let error = database.pool().ping().await.unwrap_err();
    assert!(error.to_string().contains(&database.name), "{error}");
}

#[tokio::test]
async fn statements_end_in_time() {
    let database = TestDatabase::migrated().await;
    let config = DatabaseConfig { statement_timeout: Duration::from_millis(50), ..DatabaseConfig::new(&database.url) };
    let pool = Database::connect(config).unwrap();
    let mut client = database.client().await;
    let holder = client.transaction().await.unwrap();
    holder.batch_execute("LOCK TABLE projection_checkpoint").await.unwrap();
    let error = ally_projections::list_checkpoints(&pool).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Refused { sqlstate, .. } if sqlstate == "57014"), "{error}");
}
