//! A worker on jobs, in a process that one of them kills: the real runner and the real planner, and a handler or a provider
//! that aborts. No destructor runs, no goodbye is sent.
//!
//! `tests/it/killer.rs` starts it, and starts it again. It is no part of Ally.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "whoever started it sees how it ended")]

mod orders;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::engine::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{JobId, PlanId};
use ally_domain::job::Priority;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, DeliveryContext, EventHandler, PlanOrder, PlanProvider, ProviderError, StoreError};
use ally_handlers::providers::BuiltinProvider;
use ally_handlers::{Executor, PlannerConfig, PlannerHandler};
use ally_nats::names::{StreamName, durable};
use ally_nats::{
    ConsumerConfig, ConsumerRunner, JetStream, JitteredClock, NatsCancellations, NatsConfig, NatsEventStore, Upcasters,
};
use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use orders::{Kills, Orders};

#[tokio::main]
async fn main() {
    let orders = std::env::args().nth(1).expect("orders as JSON: tests/it/killer.rs starts this program");
    let orders: Orders = serde_json::from_str(&orders).unwrap();
    // It ends with whoever holds its standard input.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let mut config = NatsConfig::new(orders.nats.clone());
    config.prefix = orders.prefix.clone();
    let jetstream = JetStream::connect(config).await.unwrap();
    jetstream.ensure_topology().await.unwrap();
    let config = ConsumerConfig {
        max_in_flight: orders.max_in_flight,
        ack_wait: orders.ack_wait,
        max_deliver: orders.max_deliver,
        ..ConsumerConfig::new(durable::PLANNER, StreamName::Plans, "requested")
    };
    let handler = handler(&jetstream, &orders);
    let (retry, clock) = (Arc::new(JitteredClock::default()), Arc::new(SystemClock));
    ConsumerRunner::new(jetstream, Upcasters::default(), config, handler, retry, clock)
        .run(CancellationToken::new())
        .await;
}

fn handler(jetstream: &JetStream, orders: &Orders) -> Arc<dyn EventHandler> {
    let poison: JobId = orders.poison.parse().unwrap();
    let builtin = BuiltinProvider::new(Arc::new(Catalogue::embedded().unwrap()));
    match orders.kills {
        Kills::AtOnce => Arc::new(Deadly { planner: planner(jetstream, orders, Arc::new(builtin)), poison }),
        Kills::AtWork => {
            let company = u32::try_from(orders.max_in_flight).unwrap() - 1;
            let company = (orders.deaths == 0).then_some(company);
            let (poison, begun) = (PlanId::for_job(&poison), Semaphore::new(0));
            Arc::new(planner(jetstream, orders, Arc::new(DeadlyInCompany { builtin, poison, company, begun })))
        }
    }
}

struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "a real server goes by the machine's clock")]
    fn now(&self) -> time::OffsetDateTime {
        time::OffsetDateTime::now_utc()
    }
}

fn planner(jetstream: &JetStream, orders: &Orders, provider: Arc<dyn PlanProvider>) -> PlannerHandler {
    let config = PlannerConfig {
        worker: format!("mortal-{}", std::process::id()),
        lane: Priority::Normal,
        max_per_athlete: orders.max_in_flight,
        max_attempts: orders.max_attempts,
        attempt_deadline: Duration::from_secs(60),
    };
    let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
    let retry = Arc::new(JitteredClock::default());
    let (clock, cancellations) = (Arc::new(SystemClock), NatsCancellations::new(jetstream.clone(), orders.ack_wait));
    let executor = Executor::new(Arc::new(store));
    PlannerHandler::new(executor, provider, retry, clock, Arc::new(cancellations), config)
}

/// The planner, in a process that one job brings down: no destructor runs, no goodbye is sent.
struct Deadly {
    planner: PlannerHandler,
    poison: JobId,
}

#[async_trait]
impl EventHandler for Deadly {
    async fn handle(&self, event: &Recorded, delivery: &DeliveryContext) -> Outcome {
        if event.aggregate.id.as_str() == self.poison.as_str() {
            std::process::abort();
        }
        self.planner.handle(event, delivery).await
    }

    async fn parked(&self, event: &Recorded, reason: &str, fingerprint: &str) -> Result<(), StoreError> {
        self.planner.parked(event, reason, fingerprint).await
    }
}

/// A provider that one plan brings down with its process, in the midst of the attempts of all the others.
struct DeadlyInCompany {
    builtin: BuiltinProvider,
    poison: PlanId,
    /// How many others are in the same hands, while no process died yet: then nobody is done before the deadly plan is begun.
    company: Option<u32>,
    /// One for each plan beside the deadly one that was begun here.
    begun: Semaphore,
}

/// How long a plan takes: long enough for the deadly one to be begun beside it, were it let.
const WORK: Duration = Duration::from_millis(300);

#[async_trait]
impl PlanProvider for DeadlyInCompany {
    fn name(&self) -> &'static str {
        "deadly"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        if order.plan_id == self.poison {
            if let Some(company) = self.company {
                let _company = self.begun.acquire_many(company).await.unwrap();
            }
            std::process::abort();
        }
        self.begun.add_permits(1);
        if self.company.is_some() {
            std::future::pending::<()>().await;
        }
        // This is the work itself, and not a wait for somebody else's.
        tokio::time::sleep(WORK).await;
        self.builtin.make(order).await
    }
}
