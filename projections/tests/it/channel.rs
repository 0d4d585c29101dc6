//! What channels hold, against a pure fold of the log and against the channels' own state.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_projections::{RebuildConfig, Rebuilder, channel};

use crate::support::{Channel, MemoryLog, Running, TestDatabase, caught_up};

fn append(log: &MemoryLog, events: Vec<Recorded>) {
    for event in events {
        log.append("CHANNELS", event);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_is_a_row_that_its_last_event_says() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut channels =
        [Channel::new("room", "lobby"), Channel::new("user", "lobby"), Channel::new("room", "Zoë's = 1")];
    for n in 0..20 {
        for channel in &mut channels {
            append(&log, channel.set(&format!("k{}", n % 3), n));
        }
    }
    append(&log, channels[1].remove("k1"));
    // The stream keeps the last events of each channel only.
    log.forget("CHANNELS", |sequence| sequence <= 40);
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    append(&log, channels[0].set("later", 1));
    caught_up(&pool, &log).await;
    running.stop().await;

    let folded = channel::fold(&log.events("CHANNELS")).unwrap();
    assert_eq!(folded.len(), channels.len());
    for Channel { id, state, .. } in &channels {
        let row = channel::get(&pool, id).await.unwrap().unwrap();
        assert_eq!(Some(&row), folded.get(id));
        assert_eq!(row.items, serde_json::to_string(&state.items).unwrap());
        assert_eq!((row.major_revision, row.item_count as usize), (state.major_revision, state.items.len()));
    }
    let lobby = channel::get(&pool, &channels[0].id).await.unwrap().unwrap();
    assert!(lobby.items.contains(r#"{"n":  1,"é":"\u0000"}"#), "byte for byte: {}", lobby.items);
    assert_eq!(channel::get(&pool, &Channel::new("room", "nowhere").id).await.unwrap(), None);

    let config = RebuildConfig { read_timeout: Duration::from_secs(5), ..RebuildConfig::default() };
    let rebuilder = Rebuilder::new(pool.clone(), Arc::new(log.clone()), config);
    let rows = || database.table("SELECT * FROM channel_metadata");
    let before = rows().await;
    let verified = rebuilder.verify("channel_metadata", &|_| {}).await.unwrap();
    assert_eq!((verified.differences, verified.differing, verified.rows), (vec![], 0, 3));
    let sql = "UPDATE channel_metadata SET major_revision = 7 WHERE channel_type = 'user'";
    database.client().await.batch_execute(sql).await.unwrap();
    assert_eq!(rebuilder.verify("channel_metadata", &|_| {}).await.unwrap().differing, 1);
    rebuilder.rebuild("channel_metadata", &|_| {}).await.unwrap();
    assert_eq!(rows().await, before);
}
