//! A role's work in the background, kept running: what breaks down is told, counted and begun anew.
//!
//! Deliberately not here: the work that a role is there for. When that ends, the role ends, and the process with it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ally_api::Probe;
use ally_telemetry::names::{self, label};
use ally_telemetry::series;
use async_trait::async_trait;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The pause before work is begun anew: the first, the longest. It doubles while the work breaks down again soon.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// Work that has lasted so long since it was begun anew is well again.
const STEADY: Duration = Duration::from_secs(60);

/// The background work of a role. Clones share what is known of it.
#[derive(Clone, Default)]
pub struct Background {
    breakdowns: Arc<Mutex<Vec<Breakdown>>>,
}

struct Breakdown {
    task: &'static str,
    why: String,
    at: Instant,
}

impl Background {
    /// Runs work until it ends by itself, which it does when `stop` is cancelled, or until the token is while it waits to be
    /// begun anew.
    pub fn keep<F>(
        &self,
        task: &'static str,
        stop: &CancellationToken,
        mut work: impl FnMut() -> F + Send + 'static,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        series::begin(names::BACKGROUND_RESTARTS_TOTAL, &[(label::TASK, &[task])]);
        let (known, stop) = (self.clone(), stop.clone());
        tokio::spawn(async move {
            let mut pause = PAUSE.0;
            loop {
                let begun = Instant::now();
                let Err(broken) = tokio::spawn(work()).await else { return };
                if begun.elapsed() > STEADY {
                    pause = PAUSE.0;
                }
                known.note(task, panic_text(broken), pause);
                if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return;
                }
                pause = (pause * 2).min(PAUSE.1);
            }
        })
    }

    /// A warning while something has broken down lately.
    pub fn probe(&self) -> Arc<dyn Probe> {
        Arc::new(self.clone())
    }

    fn note(&self, task: &'static str, why: String, pause: Duration) {
        tracing::error!(task, why, pause_ms = pause.as_millis(), "work in the background broke down; it is begun anew");
        metrics::counter!(names::BACKGROUND_RESTARTS_TOTAL, label::TASK => task).increment(1);
        let mut breakdowns = self.breakdowns.lock().unwrap_or_else(PoisonError::into_inner);
        breakdowns.retain(|known| known.task != task);
        breakdowns.push(Breakdown { task, why, at: Instant::now() });
    }
}

#[async_trait]
impl Probe for Background {
    fn name(&self) -> &'static str {
        "background"
    }

    async fn check(&self) -> Result<(), String> {
        Ok(())
    }

    async fn warning(&self) -> Option<String> {
        let breakdowns = self.breakdowns.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = breakdowns.iter().filter(|it| it.at.elapsed() < STEADY + PAUSE.1);
        let told: Vec<_> =
            lately.map(|it| format!("the {} broke down and was begun anew ({})", it.task, it.why)).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

fn panic_text(broken: tokio::task::JoinError) -> String {
    match broken.try_into_panic() {
        Ok(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
        }
        Err(cancelled) => cancelled.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_breaks_down_is_begun_anew_and_told_until_it_has_lasted() {
        let (background, stop) = (Background::default(), CancellationToken::new());
        let begun = Arc::new(AtomicU32::new(0));
        let (told, mut runs) = tokio::sync::mpsc::unbounded_channel();
        let (counted, ended) = (begun.clone(), stop.clone());
        let kept = background.keep("reconciler", &stop, move || {
            let (n, told, ended) = (counted.fetch_add(1, Ordering::Relaxed), told.clone(), ended.clone());
            async move {
                assert!(n >= 2, "the first two break down");
                told.send(n).unwrap();
                ended.cancelled().await;
            }
        });
        assert_eq!(runs.recv().await, Some(2), "the third run works");
        let probe = background.probe();
        assert_eq!(probe.check().await, Ok(()));
        let warning = probe.warning().await.unwrap();
        assert!(warning.contains("the reconciler broke down") && warning.contains("the first two"), "{warning}");
        tokio::time::advance(STEADY + PAUSE.1).await;
        assert_eq!(probe.warning().await, None);
        stop.cancel();
        kept.await.unwrap();
    }
}
