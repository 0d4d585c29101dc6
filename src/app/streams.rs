//! The streams of servers that this process has started itself: made at their first start, brought up to date by a later
//! version. On servers of others that is `ally streams apply`.

use std::sync::Arc;

use ally_nats::{JetStream, JetStreamError, NatsConfig, NatsEventStore, Replicas, Upcasters};
use ally_projections::{Database, DatabaseConfig, NewStream, PROJECTIONS, RebuildConfig, Rebuilder, migrate};
use anyhow::Context;

use super::archiver;
use crate::cli::{Usage, terminal};
use crate::config::Config;

/// Makes the streams where there are none yet. One that has gone is made anew only where that is asked for.
pub async fn apply_own(config: &Config, gone_too: bool) -> anyhow::Result<()> {
    let mut nats = NatsConfig::new(config.nats.url.expose());
    nats.prefix.clone_from(&config.nats.prefix);
    let jetstream = JetStream::connect(nats).await.context("ALLY_PREFIX cannot be used")?;
    let applied =
        if gone_too { jetstream.apply_streams(Replicas::AsFound).await } else { jetstream.apply_own_streams().await };
    match applied {
        // Whoever has a lost stream made anew wants to go on without what it held.
        Ok(_) if gone_too => follow_new_streams(config, &jetstream).await,
        Ok(_) => Ok(()),
        Err(gone @ JetStreamError::StreamGone { .. }) => {
            let text = format!(
                "{gone}. Put the data back from a copy, begin anew (`ally down --remove-data`, `with-servers --fresh`), or let `ally up --apply-streams` make an empty one"
            );
            Err(Usage(text).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Has every view whose stream is another one now follow it: from it alone, without what only the old one held.
async fn follow_new_streams(config: &Config, jetstream: &JetStream) -> anyhow::Result<()> {
    migrate(config.database.url.expose()).await?;
    let database = Database::connect(DatabaseConfig::new(config.database.url.expose()))?;
    let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
    let store = store.with_archive(archiver::shelf(config)?);
    let rebuilder = Rebuilder::new(database, Arc::new(store), RebuildConfig::default());
    for known in PROJECTIONS {
        if !rebuilder.replaced(known.name).await?.is_empty() {
            terminal::note(&format!("the view {} follows a stream that was made anew", known.name));
            rebuilder.rebuild_from(known.name, NewStream::Accepted, &|_| {}).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_keeps_a_membership_that_ended_for_as_long_as_the_stream_keeps_its_end() {
        let stream = NatsConfig::new("nats://localhost").presence_age;
        assert_eq!(time::Duration::try_from(stream).unwrap(), ally_projections::presence::KEPT_FOR);
    }
}
