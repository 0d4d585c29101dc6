//! A role, played until it is told to stop: its metrics, and its work.

use std::sync::Arc;

use ally_api::{Drain, metrics};
use anyhow::Context;

use super::about::About;
use super::context::{RoleContext, Serving};
use super::listeners::Listeners;
use super::{gateway, onboarding, planner, presence, projector};
use crate::config::Role;

/// Plays a role until it is told to stop.
pub async fn run(context: RoleContext, listeners: Listeners) -> anyhow::Result<()> {
    let metrics_port = serve_metrics(&context, listeners.metrics)?;
    let played = match context.role {
        Role::Gateway => gateway::run(&context, listeners.http).await,
        Role::Onboarding => onboarding::run(&context, listeners.http).await,
        Role::Planner => Box::pin(planner::run(&context, listeners.http)).await,
        Role::Presence => Box::pin(presence::run(&context, listeners.http)).await,
        Role::Projector => projector::run(&context, listeners.http).await,
    };
    // Whatever ended the role ends its metrics too.
    context.stop.cancel();
    metrics_port.await.context("the metrics port broke down")??;
    played
}

fn serve_metrics(context: &RoleContext, listener: std::net::TcpListener) -> anyhow::Result<Serving> {
    let telemetry = context.telemetry.clone();
    let about = About::new(context);
    let endpoint =
        metrics(Arc::new(move || telemetry.render_metrics()), Some(Arc::new(move || about.now())), context.limits())?;
    context.serve(listener, endpoint, Drain::on(context.stop.clone()))
}
