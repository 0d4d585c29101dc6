//! The planner role: workers on requested jobs over their consumer, and the figures of the queue.

use std::net::TcpListener;
use std::sync::Arc;

use ally_api::{Drain, Planner, planner};
use anyhow::Context;

use super::clock::SystemClock;
use super::context::RoleContext;
use super::probes::{NatsProbe, PostgresProbe};
use super::work;
use super::workload::PlannerWorkload;

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let jetstream = context.jetstream().await?;
    let database = context.database()?;
    let handler = work::planner(context, &jetstream)?;
    let runner = work::runner(jetstream.clone(), work::planner_consumer(context), handler);
    let endpoint = planner(Planner {
        workload: Arc::new(PlannerWorkload::new(database.clone(), runner.workload())),
        clock: Arc::new(SystemClock),
        health: context.health(vec![Arc::new(NatsProbe(jetstream)), Arc::new(PostgresProbe(database))]),
        limits: context.limits(),
    })?;
    let port = context.serve(listener, endpoint, Drain::on(context.stop.clone()))?;
    runner.run(context.stop.clone()).await;
    port.await.context("the planner's port broke down")??;
    Ok(())
}
