//! The planner role: workers on jobs, over a consumer for each of the two queues, and the figures of both.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use ally_api::{Drain, Planner, planner};
use ally_domain::ids::AggregateKind;
use ally_domain::job::Priority;
use ally_domain::ports::{Cancellations, PlanProvider};
use ally_handlers::{Quarantine, series};
use ally_nats::NatsCancellations;
use ally_nats::names::durable;
use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::clock::SystemClock;
use super::context::RoleContext;
use super::probes::{ConsumerProbe, NatsProbe, PostgresProbe, StreamsProbe};
use super::provider::{self, own_or_configured};
use super::work;
use super::workload::PlannerWorkload;

/// A wish to stop a job that the live feed lost with a connection is found in the log within this time. Jobs of the
/// built-in engine are done before the first look.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Between two looks at a provider that was away.
const LOOK_AT_PROVIDER_EVERY: Duration = Duration::from_secs(5);

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let jetstream = context.jetstream().await?;
    let database = context.database()?;
    let store = context.store(&jetstream, &[AggregateKind::Job, AggregateKind::Plan])?;
    series::of_planner(provider::name(&context.config));
    let provider = own_or_configured(&context.config)?;
    let heard = NatsCancellations::new(jetstream.clone(), LOOK_EVERY);
    let cancellations: Arc<dyn Cancellations> = Arc::new(heard.clone());
    // One room for both queues: they share the process that a job may bring down.
    let quarantine = Quarantine::default();
    let of = |lane| work::planner(context, &store, lane, provider.clone(), cancellations.clone(), &quarantine);
    let ordinary = of(Priority::Normal);
    let ordinary = work::runner(jetstream.clone(), work::planner_consumer(&context.config), ordinary);
    let express = of(Priority::High);
    let express = work::runner(jetstream.clone(), work::express_consumer(&context.config), express);
    let hands = vec![ordinary.workload(), express.workload()];
    let endpoint = planner(Planner {
        workload: Arc::new(PlannerWorkload::new(database.clone(), hands)),
        clock: Arc::new(SystemClock),
        health: context.health(vec![
            Arc::new(NatsProbe(jetstream.clone())),
            Arc::new(StreamsProbe(jetstream)),
            Arc::new(PostgresProbe(database)),
            Arc::new(ConsumerProbe { name: durable::PLANNER, hands: ordinary.workload() }),
            Arc::new(ConsumerProbe { name: durable::PLANNER_EXPRESS, hands: express.workload() }),
        ]),
        limits: context.limits(),
    })?;
    let port = context.serve(listener, endpoint, Drain::on(context.stop.clone()))?;
    // What is in hand may still be stopped while it drains.
    let drained = CancellationToken::new();
    let until = drained.clone();
    let listening =
        context.background.keep("watch for wishes to stop a job", &drained, move || heard.clone().run(until.clone()));
    context.background.keep("look at the provider", &context.stop, {
        let (provider, stop) = (provider.clone(), context.stop.clone());
        move || look_at(provider.clone(), stop.clone())
    });
    tokio::join!(ordinary.run(context.stop.clone()), express.run(context.stop.clone()));
    drained.cancel();
    listening.await.context("listening for wishes to stop a job broke down")?;
    port.await.context("the planner's port broke down")??;
    Ok(())
}

async fn look_at(provider: Arc<dyn PlanProvider>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK_AT_PROVIDER_EVERY)).await.is_some() {
        stop.run_until_cancelled(provider.look()).await;
    }
}
