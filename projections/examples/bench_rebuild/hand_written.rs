//! The fold that one writes by hand in an afternoon: one task that reads 500 events, folds them, writes one table with
//! `UNNEST … ON CONFLICT` and a checkpoint in one transaction, and begins again. No fence, no counts, nothing else.

use std::collections::HashMap;
use std::time::Duration;

use ally_domain::job::JobEvent;
use ally_domain::ports::EventLog;
use tokio_postgres::NoTls;

const BATCH: usize = 500;
const UPSERT: &str = "INSERT INTO hand_written (job_id, athlete_id, status, progress, phase, plan_id, attempts, updated_at, last_sequence)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::int4[], $8::timestamptz[], $9::int8[])
    ON CONFLICT (job_id) DO UPDATE SET
        athlete_id = coalesce(nullif(excluded.athlete_id, ''), hand_written.athlete_id), status = excluded.status,
        progress = greatest(excluded.progress, hand_written.progress), phase = coalesce(excluded.phase, hand_written.phase),
        plan_id = coalesce(excluded.plan_id, hand_written.plan_id), attempts = greatest(excluded.attempts, hand_written.attempts),
        updated_at = excluded.updated_at, last_sequence = excluded.last_sequence";

#[derive(Default)]
struct Row {
    athlete_id: String,
    status: &'static str,
    progress: i16,
    phase: Option<String>,
    plan_id: Option<String>,
    attempts: i32,
    last: u64,
    at: Option<time::OffsetDateTime>,
}

/// Folds the whole stream and answers how many events it folded.
pub async fn fold(url: &str, log: &dyn EventLog) -> u64 {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL");
    let connection = tokio::spawn(connection);
    let schema = "SET synchronous_commit = off; DROP TABLE IF EXISTS hand_written, hand_written_checkpoint;
        CREATE TABLE hand_written (job_id text COLLATE \"C\" PRIMARY KEY, athlete_id text, status text, progress int2, phase text, plan_id text,
            attempts int4, updated_at timestamptz, last_sequence int8);
        CREATE TABLE hand_written_checkpoint (position int8); INSERT INTO hand_written_checkpoint VALUES (0)";
    client.batch_execute(schema).await.expect("tables");
    let upsert = client.prepare(UPSERT).await.expect("upsert");
    let checkpoint = client.prepare("UPDATE hand_written_checkpoint SET position = $1").await.expect("checkpoint");
    let last = log.last_sequence("PLANS").await.expect("the log");
    let mut reader = log.open("PLANS", 0).await.expect("the log");
    let (mut position, mut events) = (0, 0);
    while position < last {
        let batch = reader.next(BATCH, Duration::from_secs(5)).await.expect("events");
        let mut rows = HashMap::<String, Row>::new();
        for event in &batch.events {
            position = event.position.sequence;
            events += 1;
            let Ok(fact) = event.decode::<JobEvent>() else { continue };
            let row = rows.entry(event.aggregate.id.to_string()).or_default();
            row.last = position;
            row.at = Some(event.at);
            evolve(row, fact);
        }
        client.batch_execute("BEGIN").await.expect("begin");
        let ids = rows.keys().map(String::as_str).collect::<Vec<_>>();
        let rows = rows.values();
        let athletes = rows.clone().map(|row| row.athlete_id.as_str()).collect::<Vec<_>>();
        let statuses = rows.clone().map(|row| row.status).collect::<Vec<_>>();
        let progress = rows.clone().map(|row| row.progress).collect::<Vec<_>>();
        let phases = rows.clone().map(|row| row.phase.as_deref()).collect::<Vec<_>>();
        let plans = rows.clone().map(|row| row.plan_id.as_deref()).collect::<Vec<_>>();
        let attempts = rows.clone().map(|row| row.attempts).collect::<Vec<_>>();
        let times = rows.clone().map(|row| row.at).collect::<Vec<_>>();
        let sequences = rows.map(|row| row.last.cast_signed()).collect::<Vec<_>>();
        client
            .execute(&upsert, &[&ids, &athletes, &statuses, &progress, &phases, &plans, &attempts, &times, &sequences])
            .await
            .expect("rows");
        client.execute(&checkpoint, &[&position.cast_signed()]).await.expect("checkpoint");
        client.batch_execute("COMMIT").await.expect("commit");
    }
    drop(client);
    connection.await.expect("connection").expect("connection");
    events
}

fn evolve(row: &mut Row, fact: JobEvent) {
    row.status = match fact {
        JobEvent::Requested(requested) => {
            row.athlete_id = requested.athlete_id.into();
            "queued"
        }
        JobEvent::Started(started) => {
            row.attempts = i32::try_from(started.attempt).expect("few attempts");
            "running"
        }
        JobEvent::Progressed(progressed) => {
            row.progress = progressed.percent.into();
            row.phase = Some(progressed.phase);
            "running"
        }
        JobEvent::Completed(completed) => {
            row.plan_id = Some(completed.plan_id.into());
            row.progress = 100;
            "completed"
        }
        JobEvent::AttemptFailed(_) => "retrying",
        JobEvent::Failed(_) => "failed",
        JobEvent::DeadLettered(_) => "dead_lettered",
        JobEvent::Redriven(_) => "queued",
        JobEvent::CancelRequested(_) => "cancelling",
        JobEvent::Cancelled(_) => "cancelled",
        // Whatever else there is says nothing about where the job stands.
        _ => return,
    };
}
