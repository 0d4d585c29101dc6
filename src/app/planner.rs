//! The planner role: workers on jobs, over a consumer for each of the two queues, and the figures of both.

use std::net::TcpListener;
use std::sync::Arc;

use ally_api::{Drain, Planner, planner};
use ally_domain::job::Priority;
use ally_nats::names::durable;
use anyhow::Context;

use super::clock::SystemClock;
use super::context::RoleContext;
use super::probes::{ConsumerProbe, NatsProbe, PostgresProbe};
use super::provider::provider;
use super::work;
use super::workload::PlannerWorkload;

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let jetstream = context.jetstream().await?;
    let database = context.database()?;
    let store = context.store(&jetstream)?;
    let provider = provider(&context.config, context.config.plans.provider)?;
    let ordinary = work::planner(context, &store, Priority::Normal, provider.clone());
    let ordinary = work::runner(jetstream.clone(), work::planner_consumer(context), ordinary);
    let express = work::planner(context, &store, Priority::High, provider);
    let express = work::runner(jetstream.clone(), work::express_consumer(context), express);
    let hands = vec![ordinary.workload(), express.workload()];
    let endpoint = planner(Planner {
        workload: Arc::new(PlannerWorkload::new(database.clone(), hands)),
        clock: Arc::new(SystemClock),
        health: context.health(vec![
            Arc::new(NatsProbe(jetstream)),
            Arc::new(PostgresProbe(database)),
            Arc::new(ConsumerProbe { name: durable::PLANNER, hands: ordinary.workload() }),
            Arc::new(ConsumerProbe { name: durable::PLANNER_EXPRESS, hands: express.workload() }),
        ]),
        limits: context.limits(),
    })?;
    let port = context.serve(listener, endpoint, Drain::on(context.stop.clone()))?;
    tokio::join!(ordinary.run(context.stop.clone()), express.run(context.stop.clone()));
    port.await.context("the planner's port broke down")??;
    Ok(())
}
