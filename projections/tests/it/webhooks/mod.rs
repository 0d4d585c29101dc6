//! The views of webhooks, against a pure fold of the log and against the aggregates' own states.

mod age;
mod deliveries;
mod endpoints;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::{DeliveryId, EndpointId};
use ally_projections::webhook::{self, DeliveryView};
use ally_projections::{Database, RebuildConfig, Rebuilder};

use crate::support::{MemoryLog, TestDatabase};

const VIEWS: [&str; 2] = ["webhook_endpoint", "webhook_delivery"];

fn append_endpoint(log: &MemoryLog, events: Vec<Recorded>) {
    for event in events {
        log.append("WEBHOOKS", event);
    }
}

fn append(log: &MemoryLog, events: Vec<Recorded>) {
    for event in events {
        log.append("DELIVERIES", event);
    }
}

fn rebuilder(pool: &Database, log: &MemoryLog) -> Rebuilder {
    let config = RebuildConfig { read_timeout: Duration::from_secs(5), ..RebuildConfig::default() };
    Rebuilder::new(pool.clone(), Arc::new(log.clone()), config)
}

/// The row of a delivery, of an endpoint that was sent no more than a page holds.
async fn row_of(pool: &Database, endpoint: &EndpointId, delivery: &DeliveryId) -> Option<DeliveryView> {
    let rows = webhook::deliveries(pool, endpoint, None, None, 1_000).await.unwrap();
    rows.into_iter().find(|row| row.id == *delivery)
}

/// Every row of each table, as text.
async fn tables(database: &TestDatabase) -> [Vec<String>; 2] {
    [database.table("SELECT * FROM webhook_endpoint").await, database.table("SELECT * FROM webhook_delivery").await]
}

/// Rows and pure fold say the same of the whole log.
async fn is_what_the_log_says(database: &TestDatabase, log: &MemoryLog) {
    let (pool, [endpoints, deliveries]) = (database.pool(), tables(database).await);
    let folded = webhook::fold_endpoints(&log.events("WEBHOOKS")).unwrap();
    assert_eq!(endpoints.len(), folded.len());
    let there: Vec<_> = folded.into_values().filter(|row| row.removed_at.is_none()).collect();
    assert_eq!(webhook::endpoints(&pool, None, None, 1_000).await.unwrap(), there);

    let folded = webhook::fold_deliveries(&log.events("DELIVERIES")).unwrap();
    assert_eq!(deliveries.len(), folded.len());
    for expected in folded {
        let row = row_of(&pool, &expected.delivery.endpoint_id, &expected.id).await;
        assert_eq!(row, Some(expected));
    }
}

/// Folds the streams again: no row differs, and none has changed once the tables are swapped.
async fn is_rebuilt_as_it_is(database: &TestDatabase, log: &MemoryLog) {
    let rebuilder = rebuilder(&database.pool(), log);
    let before = tables(database).await;
    for view in VIEWS {
        let verified = rebuilder.verify(view, &|_| {}).await.unwrap();
        assert_eq!((verified.differences, verified.differing), (vec![], 0));
        rebuilder.rebuild(view, &|_| {}).await.unwrap();
    }
    assert_eq!(tables(database).await, before);
}
