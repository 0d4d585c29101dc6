//! The workers' consumers, looked at through NATS_URL: there, and as their roles need them. A consumer that somebody has changed
//! holds jobs back without a fault anywhere else: they are no orphans, since it may still be given them.

use ally_nats::{ConsumerFault, JetStream};

use super::{Finding, each_once};
use crate::app::consumers;
use crate::cli::reach;
use crate::config::Config;

/// The finding; none while the log does not answer or has no streams, which the line about streams tells.
pub(super) async fn look(config: &Config) -> Option<Finding> {
    let log = reach::log(config).await.ok()?;
    let what = "consumers".to_owned();
    Some(match faults(config, &log.jetstream).await {
        Err(error) => Finding { what, well: false, found: error.to_string(), remedy: None },
        Ok(faults) if faults.is_empty() => {
            Finding { what, well: true, found: "as their roles need them".to_owned(), remedy: None }
        }
        Ok(faults) => {
            let found = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Finding { what, well: false, found, remedy: Some(each_once(faults.iter().map(ConsumerFault::remedy))) }
        }
    })
}

/// What is wrong with any of them.
async fn faults(config: &Config, jetstream: &JetStream) -> Result<Vec<ConsumerFault>, ally_nats::JetStreamError> {
    let mut faults = Vec::new();
    for consumer in consumers(config) {
        faults.extend(jetstream.look_at_consumer(&consumer).await?);
    }
    Ok(faults)
}
