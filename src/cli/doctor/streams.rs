//! The streams of the event log, looked at through NATS_URL: there, and as this version needs them.

use ally_nats::StreamFault;

use super::{Finding, each_once};
use crate::cli::reach;
use crate::config::Config;

pub async fn look(config: &Config) -> Finding {
    let what = "streams".to_owned();
    let looked = async { Ok::<_, anyhow::Error>(reach::jetstream(config).await?.look_at_streams().await?) };
    match looked.await {
        Err(error) => Finding { what, well: false, found: format!("{error:#}"), remedy: None },
        Ok(faults) if faults.is_empty() => {
            Finding { what, well: true, found: "as they must be".to_owned(), remedy: None }
        }
        Ok(faults) => {
            let found = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Finding { what, well: false, found, remedy: Some(each_once(faults.iter().map(StreamFault::remedy))) }
        }
    }
}
