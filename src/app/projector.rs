//! The projector role: the tables brought up to date, then the views folded from the log; beside it the watch over what
//! no worker settled, over open jobs that no consumer holds, over deadlines, and over the consumers' figures, the archiver, and
//! webhooks.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use ally_api::{Drain, worker};
use ally_domain::ids::AggregateKind;
use ally_domain::ports::Cancellations;
use ally_handlers::{Executor, series};
use ally_nats::{Backstop, NatsCancellations, Upcasters};
use ally_projections::{Projector, ProjectorConfig, migrate};
use anyhow::Context;

use super::archive_watch::ArchiveWatch;
use super::archiver;
use super::clock::SystemClock;
use super::context::RoleContext;
use super::deadlines;
use super::figures;
use super::probes::{NatsProbe, PostgresProbe, ProjectorProbe, StreamsProbe};
use super::provider;
use super::reconciler;
use super::webhooks::Webhooks;
use super::work;

/// The pause between two tries to migrate while Postgres is away.
const MIGRATE_PAUSE: Duration = Duration::from_millis(500);

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let jetstream = context.jetstream().await?;
    let database = context.database()?;
    let log = context.store(&jetstream, &[AggregateKind::Job, AggregateKind::Webhook, AggregateKind::Delivery])?;
    log.begin_reader_series();
    ally_handlers::webhooks::begin_series();
    series::of_reconciler(provider::name(&context.config));
    let clock = Arc::new(SystemClock);
    // Nothing is worked on here, so nothing is watched.
    let cancellations: Arc<dyn Cancellations> = Arc::new(NatsCancellations::new(jetstream.clone(), Duration::MAX));
    let webhooks = Webhooks::new(&context.config, &log)?;
    let handlers = work::handlers(context, &log, &cancellations, &webhooks)?;
    let archive = &context.config.archive;
    let after = Duration::from_secs(archive.after_seconds);
    let archiver = archiver::build(&context.config, log.clone(), database.clone(), after)?;
    let whole = ArchiveWatch::new(log.clone());
    let projector = Projector::new(database.clone(), log.clone(), clock.clone(), ProjectorConfig::default());
    let health = context.health(vec![
        Arc::new(NatsProbe(jetstream.clone())),
        Arc::new(StreamsProbe(jetstream.clone())),
        Arc::new(PostgresProbe(database.clone())),
        Arc::new(ProjectorProbe(projector.clone())),
        Arc::new(whole.clone()),
    ]);
    let port = context.serve(listener, worker(&health, context.limits())?, Drain::on(context.stop.clone()))?;
    let (background, stop) = (&context.background, &context.stop);
    let (log_of, clock_of, until) = (jetstream.clone(), clock.clone(), stop.clone());
    let watch = background.keep("backstop", stop, move || {
        Backstop::new(log_of.clone(), Upcasters::default(), clock_of.clone(), handlers.clone()).run(until.clone())
    });
    let executor = Executor::new(log).with_provider(provider::name(&context.config));
    let reconciler = reconciler::build(&context.config, &jetstream, executor.clone());
    let look_every = Duration::from_secs(context.config.workers.reconcile_every_seconds);
    let (held, until) = (jetstream.clone(), stop.clone());
    let reconciling = background
        .keep("reconciler", stop, move || reconciler::run(reconciler.clone(), held.clone(), look_every, until.clone()));
    let hooks = webhooks.keep(context, &jetstream);
    let figures = figures::watch_consumers(context, jetstream);
    let until = stop.clone();
    let watched = background.keep("watch over the archive", stop, move || whole.clone().run(until.clone()));
    tokio::select! {
        () = migrated(context, &projector) => {
            let every = Duration::from_secs(archive.every_seconds);
            let archiving = archiver.map(|(archiver, _)| {
                let (database, until) = (database.clone(), stop.clone());
                background.keep("archiver", stop, move || {
                    archiver::run(archiver.clone(), database.clone(), every, until.clone())
                })
            });
            let (database, until) = (database.clone(), stop.clone());
            let ending = background.keep("watch over deadlines", stop, move || {
                deadlines::run(executor.clone(), database.clone(), look_every, until.clone())
            });
            projector.run(stop.clone()).await;
            ending.await.context("the watch over deadlines broke down")?;
            if let Some(archiving) = archiving {
                archiving.await.context("the archiver broke down")?;
            }
        }
        () = stop.cancelled() => {}
    }
    for ended in [watch, reconciling, figures, watched].into_iter().chain(hooks) {
        ended.await.context("work in the background broke down")?;
    }
    port.await.context("the projector's port broke down")??;
    Ok(())
}

/// Migrates as soon as Postgres answers.
async fn migrated(context: &RoleContext, projector: &Projector) {
    let mut said = String::new();
    loop {
        match migrate(context.config.database.url.expose()).await {
            Ok(migrated) => {
                return tracing::info!(applied = migrated.applied.len(), "the views' tables are up to date");
            }
            // Said once for each reason, not twice a second.
            Err(error) if error.to_string() != said => {
                projector.waits(&error.to_string());
                tracing::error!(%error, "the views' tables cannot be brought up to date yet; trying again");
                said = error.to_string();
            }
            Err(_) => {}
        }
        tokio::time::sleep(MIGRATE_PAUSE).await;
    }
}
