//! Whether the archive holds what the log says that it must: looked at now and then, told by readiness and a gauge.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ally_api::Probe;
use ally_nats::{ArchiveLook, Inventoried, NatsEventStore};
use ally_telemetry::names;
use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// Names and sizes are looked at, nothing is read.
const EVERY: Duration = Duration::from_secs(10);

/// A watch over the archive. Clones share what was seen.
#[derive(Clone)]
pub struct ArchiveWatch {
    store: Arc<NatsEventStore>,
    warning: Arc<Mutex<Option<String>>>,
}

impl ArchiveWatch {
    /// Over the archive that a store reads.
    pub fn new(store: Arc<NatsEventStore>) -> Self {
        Self { store, warning: Arc::default() }
    }

    /// Looks until the token is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let mut look = ArchiveLook::new((*self.store).clone());
        let looking = async {
            loop {
                let found = look.look().await;
                let warning = match &found {
                    Ok(segments) => {
                        let faults = segments.iter().filter(|segment| segment.state.is_fault()).count();
                        metrics::gauge!(names::ARCHIVE_SEGMENTS_MISSING).set(faults as f64);
                        warning(segments)
                    }
                    // Whether the log answers is told by others.
                    Err(_) => None,
                };
                self.set(warning);
                tokio::time::sleep(EVERY).await;
            }
        };
        let _: Option<()> = stop.run_until_cancelled(looking).await;
    }

    fn set(&self, warning: Option<String>) {
        let mut before = self.warning.lock().unwrap_or_else(PoisonError::into_inner);
        if *before != warning {
            match &warning {
                Some(warning) => tracing::error!(warning, "the archive is not whole"),
                None => tracing::info!("the archive is whole again"),
            }
            *before = warning;
        }
    }
}

fn warning(segments: &[Inventoried]) -> Option<String> {
    let mut faults = segments.iter().filter(|segment| segment.state.is_fault());
    let first = faults.next()?;
    let all = faults.count() + 1;
    Some(format!(
        "{all} of the {} segments that the log names are not whole where this process looks, the first is {} ({}): nothing more is \
         archived, and nothing is rebuilt; `ally archive list` names them",
        segments.len(),
        first.name,
        first.state
    ))
}

#[async_trait]
impl Probe for ArchiveWatch {
    fn name(&self) -> &'static str {
        "archive"
    }

    async fn check(&self) -> Result<(), String> {
        Ok(())
    }

    async fn warning(&self) -> Option<String> {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
