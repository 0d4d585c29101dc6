//! Whether what a role stands on answers, measured by each role for itself and without anybody asking: `dependency_up`, and one line in
//! the log when it goes and one when it is back.
//!
//! Deliberately not here: the model, which is known by its own requests (`handlers`), and what each role does without its dependency.

use std::time::Duration;

use ally_api::Probe;
use ally_telemetry::names::{self, dependency, label};
use metrics::gauge;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The probes that are dependencies, each with the name of the work that watches it.
pub const ALL: [(&str, &str); 2] =
    [(dependency::NATS, "watch over NATS"), (dependency::POSTGRES, "watch over PostgreSQL")];

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// What does not answer within this time is down: a server that hangs refuses nothing.
const DEADLINE: Duration = Duration::from_secs(2);

/// Looks after a dependency until the role ends.
pub async fn watch(probe: &dyn Probe, stop: &CancellationToken) {
    let mut known = Known { name: probe.name(), up: true, since: Instant::now(), looks: 0 };
    while let Some(answer) = stop.run_until_cancelled(look(probe)).await {
        known.note(answer);
        if stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
            return;
        }
    }
}

async fn look(probe: &dyn Probe) -> Result<(), String> {
    tokio::time::timeout(DEADLINE, probe.check())
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} ms", DEADLINE.as_millis())))
}

/// What was seen of it last.
struct Known {
    name: &'static str,
    up: bool,
    since: Instant,
    looks: u64,
}

impl Known {
    fn note(&mut self, answer: Result<(), String>) {
        let up = answer.is_ok();
        self.looks += 1;
        // A role that begins connects meanwhile: one look that finds nothing says nothing yet.
        if !up && self.looks == 1 {
            return;
        }
        gauge!(names::DEPENDENCY_UP, label::DEPENDENCY => self.name).set(if up { 1.0 } else { 0.0 });
        if up == self.up {
            return;
        }
        let lasted = self.since.elapsed().as_secs();
        match answer {
            Err(why) => tracing::warn!(dependency = self.name, why, "a dependency does not answer"),
            Ok(()) => tracing::info!(dependency = self.name, away_seconds = lasted, "a dependency answers again"),
        }
        (self.up, self.since) = (up, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use async_trait::async_trait;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    /// Answers, refuses or hangs.
    struct Server(AtomicU8);

    #[async_trait]
    impl Probe for Server {
        fn name(&self) -> &'static str {
            dependency::POSTGRES
        }

        async fn check(&self) -> Result<(), String> {
            match self.0.load(Ordering::Relaxed) {
                0 => Ok(()),
                1 => Err("connection refused".to_owned()),
                _ => std::future::pending().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_hangs_is_as_down_as_one_that_refuses() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _guard = metrics::set_default_local_recorder(&recorder);
        let page = || recorder.handle().render();
        let (server, stop) = (Server(AtomicU8::new(0)), CancellationToken::new());
        let watched = watch(&server, &stop);
        let driven = async {
            for (does, up) in [(0, "1"), (2, "0"), (0, "1"), (1, "0"), (0, "1")] {
                server.0.store(does, Ordering::Relaxed);
                tokio::time::sleep((EVERY + DEADLINE) * 2).await;
                assert!(page().contains(&format!("dependency_up{{dependency=\"postgres\"}} {up}\n")), "{}", page());
            }
            stop.cancel();
        };
        tokio::join!(watched, driven);
    }
}
