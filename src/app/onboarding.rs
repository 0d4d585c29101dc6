//! The onboarding role: the process manager over its consumer.

use std::net::TcpListener;
use std::sync::Arc;

use ally_api::{Drain, worker};
use ally_domain::ids::AggregateKind;
use ally_handlers::series;
use ally_nats::names::durable;
use anyhow::Context;

use super::context::RoleContext;
use super::probes::{ConsumerProbe, NatsProbe, StreamsProbe};
use super::work;

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let jetstream = context.jetstream().await?;
    series::of_onboarding();
    let handler = work::onboarding(&context.store(&jetstream, &[AggregateKind::Job])?);
    let runner = work::runner(jetstream.clone(), work::onboarding_consumer(&context.config), handler);
    let health = context.health(vec![
        Arc::new(NatsProbe(jetstream.clone())),
        Arc::new(StreamsProbe(jetstream)),
        Arc::new(ConsumerProbe { name: durable::ONBOARDING, hands: runner.workload() }),
    ]);
    let port = context.serve(listener, worker(&health, context.limits())?, Drain::on(context.stop.clone()))?;
    runner.run(context.stop.clone()).await;
    port.await.context("the onboarding's port broke down")??;
    Ok(())
}
