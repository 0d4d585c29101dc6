//! What the views in PostgreSQL say of rooms, beside the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ally_nats::{JetStream, NatsConfig, NatsEventStore, Upcasters};
use ally_projections::{Database, DatabaseConfig, RebuildConfig, Rebuilder};
use tokio_postgres::{Client, NoTls, Row};

use super::feed::counts_of;
use super::log::{Event, Known, Members, RoomLog, What};
use super::plan::ROOMS;
use crate::system::System;

async fn query(system: &System, sql: &str) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (client, connection): (Client, _) = tokio_postgres::connect(system.variable("DATABASE_URL"), NoTls).await?;
    let connection = tokio::spawn(connection);
    let rows = client.query(sql, &[]).await;
    drop(client);
    let _ = connection.await;
    rows
}

/// Who is in a room, as the view says.
pub async fn present(system: &System, room: &str) -> BTreeSet<String> {
    members(system).await.unwrap_or_default().remove(room).unwrap_or_default().into_keys().collect()
}

async fn members(system: &System) -> Result<BTreeMap<String, Members>, tokio_postgres::Error> {
    let sql = "SELECT room, conn_id::text, user_id, epoch, state::text FROM presence_member WHERE left_at IS NULL";
    let mut rooms = BTreeMap::<String, Members>::new();
    for row in query(system, sql).await? {
        let (epoch, state): (i64, String) = (row.get(3), row.get(4));
        let state = serde_json::from_str(&state).unwrap();
        let known = Known { user: row.get(2), epoch: epoch.unsigned_abs(), state };
        rooms.entry(row.get(0)).or_default().insert(row.get(1), known);
    }
    Ok(rooms)
}

/// How the views differ from the log: a room, and in what.
pub async fn compare(system: &System, log: &RoomLog) -> Vec<(String, String)> {
    let read = async {
        let members = members(system).await?;
        let rooms = query(system, "SELECT room, members, users, joined FROM presence_room").await?;
        let left = query(system, "SELECT conn_id::text, left_reason FROM presence_member WHERE left_at IS NOT NULL");
        Ok::<_, tokio_postgres::Error>((members, rooms, left.await?))
    };
    let (mut members, rooms, left) = match read.await {
        Ok(read) => read,
        Err(error) => return vec![(ROOMS[0].to_owned(), format!("the views do not answer: {error}"))],
    };
    let counts: BTreeMap<String, [i64; 3]> =
        rooms.iter().map(|row| (row.get(0), [row.get(1), row.get(2), row.get(3)])).collect();
    let left: BTreeMap<String, String> = left.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut differences = Vec::new();
    for room in log.rooms() {
        let (there, seen) = (log.members(room), members.remove(room).unwrap_or_default());
        if there != seen {
            differences.push((room.to_owned(), format!("the view has {seen:?}")));
        }
        let joined = log.of(room).iter().filter(|event| matches!(event.what, What::Join { .. })).count();
        let (present, users) = counts_of(&there);
        let expected = [present, users, joined as u64].map(|count| i64::try_from(count).unwrap());
        if counts.get(room) != Some(&expected) {
            let what = format!("the view counts {:?} (members, users, joined) and not {expected:?}", counts.get(room));
            differences.push((room.to_owned(), what));
        }
        let reasons = log.of(room).iter().filter_map(reason_of);
        for (conn, reason) in reasons.filter(|(conn, reason)| left.get(*conn).map(String::as_str) != Some(*reason)) {
            differences
                .push((room.to_owned(), format!("the view says that {conn} left: {:?}, not {reason}", left.get(conn))));
        }
    }
    differences
}

fn reason_of(event: &Event) -> Option<(&str, &str)> {
    match &event.what {
        What::Leave { reason, .. } => Some((&event.conn, reason)),
        _ => None,
    }
}

/// Folds the log afresh, as the house does, and compares row by row.
pub async fn verify(system: &System) {
    let mut config = NatsConfig::new(system.variable("NATS_URL"));
    system.variable("ALLY_PREFIX").clone_into(&mut config.prefix);
    let events = NatsEventStore::new(JetStream::connect(config).await.unwrap(), Upcasters::default());
    let database = Database::connect(DatabaseConfig::new(system.variable("DATABASE_URL"))).unwrap();
    let rebuilder = Rebuilder::new(database, Arc::new(events), RebuildConfig::default());
    let verified = rebuilder.verify("presence", &|_| ()).await.unwrap();
    assert!(verified.differing == 0 && verified.rows > 0, "the view differs from the log: {:?}", verified.differences);
}
