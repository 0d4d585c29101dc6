//! Endpoints as their events add up.

use ally_domain::ids::EndpointId;
use ally_domain::webhook::{AppName, DisableCause, Endpoint, EndpointCommand, MessageType};
use ally_projections::{Database, webhook};
use time::{Duration, OffsetDateTime};

use super::{append_endpoint, is_rebuilt_as_it_is, is_what_the_log_says, rebuilder, tables};
use crate::support::{DecidedEndpoint, MemoryLog, Running, TestDatabase, caught_up};

/// As PostgreSQL keeps a time.
fn cut(time: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
    time.map(|time| time.replace_microsecond(time.microsecond()).unwrap())
}

async fn page(pool: &Database, app: Option<&str>, after: Option<&EndpointId>, limit: u32) -> Vec<EndpointId> {
    let app: Option<AppName> = app.map(|app| app.parse().unwrap());
    let rows = webhook::endpoints(pool, app.as_ref(), after, limit).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_is_a_row_that_is_what_its_commands_are_decided_on() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let [mut rotated, mut failing, mut removed] = ["a", "b", "c"].map(|key| DecidedEndpoint::of_app("coach", key));
    for endpoint in [&mut rotated, &mut failing, &mut removed] {
        append_endpoint(&log, endpoint.register("coach"));
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;

    let previous_until = rotated.now + Duration::days(1);
    append_endpoint(&log, rotated.decide(&EndpointCommand::RotateSecret { previous_until }));
    let types = Some([MessageType::WebhookDisabled, MessageType::JobRequested].into());
    append_endpoint(&log, rotated.decide(&EndpointCommand::Update { url: None, types, description: Some(None) }));
    let (at, allowed) = (failing.now, std::time::Duration::from_secs(3_600));
    append_endpoint(&log, failing.decide(&EndpointCommand::NoteFailure { at, allowed }));
    append_endpoint(&log, failing.decide(&EndpointCommand::NoteFailure { at: at + allowed, allowed }));
    append_endpoint(&log, removed.decide(&EndpointCommand::Remove));
    caught_up(&pool, &log).await;
    let row = webhook::endpoint(&pool, &failing.endpoint_id()).await.unwrap().unwrap();
    assert_eq!(row.endpoint.disabled, Some(DisableCause::Failing));
    append_endpoint(&log, failing.decide(&EndpointCommand::Enable { since: 90 }));
    append_endpoint(&log, failing.decide(&EndpointCommand::NoteFailure { at, allowed }));
    caught_up(&pool, &log).await;
    running.stop().await;

    for endpoint in [&rotated, &failing] {
        let row = webhook::endpoint(&pool, &endpoint.endpoint_id()).await.unwrap().unwrap();
        let own = endpoint.state.endpoint().unwrap().clone();
        let (previous_until, failing_since) = (cut(own.previous_until), cut(own.failing_since));
        assert_eq!(row.endpoint, Endpoint { previous_until, failing_since, ..own });
    }
    let row = webhook::endpoint(&pool, &rotated.endpoint_id()).await.unwrap().unwrap();
    assert_eq!((row.endpoint.secret, row.endpoint.description), (2, None));
    assert_eq!(webhook::endpoint(&pool, &removed.endpoint_id()).await.unwrap(), None);
    let kept = database.table("SELECT url FROM webhook_endpoint WHERE removed_at IS NOT NULL").await;
    assert_eq!(kept.len(), 1, "its row stays");
    is_what_the_log_says(&database, &log).await;
    is_rebuilt_as_it_is(&database, &log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_come_in_pages_of_one_app_or_of_all() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut of_coach = Vec::new();
    let mut of_all = Vec::new();
    for n in 0..12 {
        let app = ["coach", "club"][n % 2];
        let mut endpoint = DecidedEndpoint::of_app(app, &n.to_string());
        append_endpoint(&log, endpoint.register(app));
        if n > 9 {
            append_endpoint(&log, endpoint.decide(&EndpointCommand::Remove));
            continue;
        }
        of_all.push(endpoint.endpoint_id());
        if app == "coach" {
            of_coach.push(endpoint.endpoint_id());
        }
    }
    of_all.sort();
    of_coach.sort();
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    assert_eq!(page(&pool, None, None, 1_000).await, of_all);
    assert_eq!(page(&pool, None, Some(&of_all[2]), 3).await, of_all[3..6]);
    assert_eq!(page(&pool, Some("coach"), None, 2).await, of_coach[..2]);
    assert_eq!(page(&pool, Some("coach"), Some(&of_coach[1]), 1_000).await, of_coach[2..]);
    assert!(page(&pool, None, None, 0).await.is_empty());
    assert!(page(&pool, Some("nobody"), None, 10).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_somebody_changed_by_hand_is_found_and_made_anew() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    for key in ["a", "b", "c"] {
        append_endpoint(&log, DecidedEndpoint::of_app("coach", key).register("coach"));
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let before = tables(&database).await;
    let sql = "UPDATE webhook_endpoint SET types = '{job.started}' WHERE last_sequence = 1;
        UPDATE webhook_endpoint SET secret_number = 7 WHERE last_sequence = 2;
        DELETE FROM webhook_endpoint WHERE last_sequence = 3";
    database.client().await.batch_execute(sql).await.unwrap();
    let rebuilder = rebuilder(&pool, &log);
    assert_eq!(rebuilder.verify("webhook_endpoint", &|_| {}).await.unwrap().differing, 3);
    rebuilder.rebuild("webhook_endpoint", &|_| {}).await.unwrap();
    assert_eq!(tables(&database).await, before);
}
