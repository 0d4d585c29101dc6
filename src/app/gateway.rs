//! The gateway: the public API over the log and the views.

use std::net::TcpListener;
use std::sync::Arc;

use ally_api::{AuthConfig, Drain, Gateway, Secret, StreamLimits, gateway};
use ally_domain::engine::Catalogue;
use ally_domain::ids::AggregateKind;
use ally_handlers::job_feed::JobFeed;
use ally_handlers::{Executor, Submissions, series};
use ally_projections::Checkpoints;
use anyhow::Context;

use super::admission::Admission;
use super::clock::SystemClock;
use super::consumers::Consumers;
use super::context::RoleContext;
use super::dead_letters::Office;
use super::figures;
use super::letters::Letters;
use super::probes::{NatsProbe, PostgresProbe, StreamsProbe};
use super::views::PostgresViews;
use super::webhook_views::{PostgresWebhooks, Security};
use super::webhooks;
use crate::config::Config;

/// What its requests append to.
const KINDS: [AggregateKind; 5] =
    [AggregateKind::Job, AggregateKind::Plan, AggregateKind::Athlete, AggregateKind::Webhook, AggregateKind::Delivery];

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let jetstream = context.jetstream().await?;
    let database = context.database()?;
    let store = context.store(&jetstream, &KINDS)?;
    series::of_submissions();
    let executor = Executor::new(Arc::new(Admission::new(store.clone(), jetstream.capacity().clone())));
    let clock = Arc::new(SystemClock);
    figures::watch_consumers(context, jetstream.clone());
    figures::watch_views(context, database.clone(), store.clone());
    let secret = context.config.auth.jwt_secret.as_ref().context("ALLY_JWT_SECRET is not set")?;
    let checkpoints = Checkpoints::listen(database.clone());
    let letters = Letters::new(store.clone(), database.clone(), checkpoints.clone());
    let drain = Drain::on(context.stop.clone());
    let feed = JobFeed::new(store.clone());
    let follow = feed.clone();
    store.begin_reader_series();
    context.background.keep("feed of jobs", &context.stop, {
        let stop = context.stop.clone();
        move || follow.clone().follow_log(stop.clone())
    });
    let endpoint = gateway(Gateway {
        submissions: Submissions::new(executor.clone(), clock.clone()),
        dead_letters: Arc::new(Office::new(letters, jetstream.clone(), executor)),
        consumers: Arc::new(Consumers(jetstream.clone())),
        webhook_views: Arc::new(PostgresWebhooks(database.clone())),
        webhook_security: Arc::new(Security {
            key: webhooks::key(&context.config)?,
            addresses: webhooks::addresses(&context.config),
        }),
        store,
        job_feed: feed,
        streams: stream_limits(&context.config),
        catalogue: Arc::new(Catalogue::embedded()?),
        traces: context.config.observability.span_memory.clone(),
        views: Arc::new(PostgresViews::new(database.clone(), checkpoints)),
        clock,
        auth: auth_config(&context.config, secret.expose())?,
        limits: context.limits(),
        max_queued_jobs: context.config.limits.max_queue_depth,
        health: context.health(vec![
            Arc::new(NatsProbe(jetstream.clone())),
            Arc::new(StreamsProbe(jetstream.clone())),
            Arc::new(PostgresProbe(database)),
        ]),
        drain: drain.clone(),
    })
    .context("CORS_ALLOWED_ORIGINS cannot be used")?;
    context.serve(listener, endpoint, drain)?.await.context("the gateway's port broke down")??;
    jetstream.flush().await.or_else(|error| {
        // Nothing waits for an answer any more: every accepted request had its append acknowledged.
        tracing::warn!(%error, "the connection to NATS ended before it was flushed");
        Ok(())
    })
}

/// What one client may have of streams.
fn stream_limits(config: &Config) -> StreamLimits {
    let limits = &config.limits;
    StreamLimits {
        per_athlete: limits.event_streams_per_athlete,
        per_address: limits.event_streams_per_client,
        in_all: limits.event_streams,
        ..StreamLimits::default()
    }
}

/// What tokens are signed and checked with.
pub fn auth_config(config: &Config, secret: &str) -> anyhow::Result<AuthConfig> {
    Ok(AuthConfig {
        secret: Secret::new(secret)?,
        issuer: config.auth.issuer.clone(),
        audience: config.auth.audience.clone(),
    })
}
