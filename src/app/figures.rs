//! Figures that more than one role measures, each for itself: when one is gone, the other's are still there, and each says when it
//! measured them.

use std::sync::Arc;
use std::time::Duration;

use ally_nats::{ConsumerMonitor, JetStream, NatsEventStore};
use ally_projections::{Database, watch_lag};
use tokio::task::JoinHandle;

use super::clock::SystemClock;
use super::context::RoleContext;
use super::work;

/// How often the consumers are looked at.
const CONSUMERS_EVERY: Duration = Duration::from_secs(5);

/// How consumers stand, and what is parked.
pub fn watch_consumers(context: &RoleContext, jetstream: JetStream) -> JoinHandle<()> {
    let (consumers, until) = (work::consumers(&context.config).to_vec(), context.stop.clone());
    context.background.keep("consumers' monitor", &context.stop, move || {
        let monitor = ConsumerMonitor::new(jetstream.clone(), Arc::new(SystemClock), consumers.clone());
        monitor.run(CONSUMERS_EVERY, until.clone())
    })
}

/// How far the views are behind the log, and how many jobs stand where, for a role that projects nothing.
pub fn watch_views(context: &RoleContext, database: Database, log: Arc<NatsEventStore>) -> JoinHandle<()> {
    let stop = context.stop.clone();
    context.background.keep("measuring of the views", &context.stop, move || {
        let (database, log, stop) = (database.clone(), log.clone(), stop.clone());
        async move {
            let _: Option<()> = stop.run_until_cancelled(watch_lag(&database, &*log, &SystemClock)).await;
        }
    })
}
