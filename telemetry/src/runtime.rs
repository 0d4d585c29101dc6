//! A role's tokio runtime, whose threads belong to the role's telemetry, and its figures.

use std::time::Duration;

use metrics::{gauge, histogram};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::names::{self, label};
use crate::process::count;

/// Between two looks at how late the runtime is.
const PROBE_EVERY: Duration = Duration::from_millis(250);
/// Looks between two rounds of upkeep: 5 s.
const PROBES_PER_UPKEEP: u32 = 20;

/// Records the runtime's figures with the recorder of this thread.
pub(crate) fn record(handle: &Handle) {
    let runtime = handle.metrics();
    gauge!(names::TOKIO_WORKERS).set(count(runtime.num_workers()));
    gauge!(names::TOKIO_ALIVE_TASKS).set(count(runtime.num_alive_tasks()));
    gauge!(names::TOKIO_GLOBAL_QUEUE_DEPTH).set(count(runtime.global_queue_depth()));
    for worker in 0..runtime.num_workers() {
        gauge!(names::TOKIO_WORKER_BUSY_SECONDS_TOTAL, label::WORKER => worker.to_string())
            .set(runtime.worker_total_busy_duration(worker).as_secs_f64());
    }
}

/// Runs as long as the runtime: measures how late tasks are polled, and keeps the recorder's memory bounded.
pub(crate) async fn watch(recorder: PrometheusHandle) {
    loop {
        for _ in 0..PROBES_PER_UPKEEP {
            let due = Instant::now() + PROBE_EVERY;
            tokio::time::sleep_until(due).await;
            histogram!(names::TOKIO_SCHEDULING_DELAY_SECONDS).record(due.elapsed().as_secs_f64());
        }
        recorder.run_upkeep();
    }
}
