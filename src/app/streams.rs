//! The streams of servers that this process has started itself: made at their first start, brought up to date by a later
//! version. On servers of others that is `ally streams apply`.

use ally_nats::{JetStream, JetStreamError, NatsConfig, Replicas};
use anyhow::Context;

use crate::cli::Usage;
use crate::config::Config;

/// Makes the streams where there are none yet. One that has gone is made anew only where that is asked for.
pub async fn apply_own(config: &Config, gone_too: bool) -> anyhow::Result<()> {
    let mut nats = NatsConfig::new(config.nats.url.expose());
    nats.prefix.clone_from(&config.nats.prefix);
    let jetstream = JetStream::connect(nats).await.context("ALLY_PREFIX cannot be used")?;
    let applied =
        if gone_too { jetstream.apply_streams(Replicas::AsFound).await } else { jetstream.apply_own_streams().await };
    match applied {
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
