//! What a load costs the server does not depend on where in the log the events lie. Counted in the server's processor time, in
//! turns, so that what else the machine does falls on both alike.

use ally_domain::ids::AggregateRef;
use ally_domain::ports::EventStore;
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::NatsEventStore;

use crate::bench::{Deployment, config, run};
use crate::servers::Server;

/// Messages of others between two events.
const BETWEEN: usize = 50_000;
/// The most messages that a batch may have.
const BATCH: usize = 1_000;
const TURNS: usize = 8;
const LOADS: usize = 100;

/// Kinds of events: each once, and one of them twice.
const ONCE: [&str; 3] = ["requested", "started", "completed"];
const TWICE: [&str; 4] = ["requested", "started", "expedited", "started"];

async fn append(store: &NatsEventStore, aggregate: &AggregateRef, expected: u64, name: &str) -> u64 {
    store.append(new_append(aggregate, expected, vec![event(name, 1)])).await.unwrap().position.sequence
}

async fn fill(store: &NatsEventStore, messages: usize) {
    for _ in 0..messages / BATCH {
        let events = (0..BATCH).map(|n| event("progressed", n)).collect();
        store.append(new_append(&new_job(), 0, events)).await.unwrap();
    }
}

#[test]
fn a_load_costs_the_server_the_same_however_far_apart_the_events_lie() {
    run(async {
        let server = Server::started().await;
        let deployment = Deployment::on(config(&server.url())).await;
        let store = deployment.store();
        let far = [(new_job(), &ONCE[..]), (new_job(), &TWICE[..])];
        let near = [(new_job(), &ONCE[..]), (new_job(), &TWICE[..])];
        let mut lasts = [0, 0];
        for step in 0..TWICE.len() {
            for (last, (job, names)) in lasts.iter_mut().zip(&far) {
                if let Some(name) = names.get(step) {
                    *last = append(&store, job, *last, name).await;
                }
            }
            if step + 2 < TWICE.len() {
                fill(&store, BETWEEN).await;
            }
        }
        for (job, names) in &near {
            let mut last = 0;
            for name in *names {
                last = append(&store, job, last, name).await;
            }
        }
        for (far, near) in far.iter().zip(&near) {
            let (mut costs_far, mut costs_near) = (0, 0);
            for _ in 0..TURNS {
                costs_far += loads(&server, &store, far).await;
                costs_near += loads(&server, &store, near).await;
            }
            // A search through the blocks between would cost fifty times as much.
            assert!(costs_far <= costs_near * 3 + 5, "{costs_far} ticks far apart, {costs_near} side by side");
        }
    });
}

async fn loads(server: &Server, store: &NatsEventStore, (job, names): &(AggregateRef, &[&str])) -> u64 {
    let before = server.processor_ticks();
    for _ in 0..LOADS {
        assert_eq!(store.load(job).await.unwrap().events.len(), names.len());
    }
    server.processor_ticks() - before
}
