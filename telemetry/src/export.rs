//! A role's telemetry as one value: subscriber, span export, metrics. Nothing is installed globally.

use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{fmt, io};

use metrics::gauge;
use metrics_exporter_prometheus::{PrometheusHandle, PrometheusRecorder};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::{Builder, Handle, Runtime};
use tracing::dispatcher::WeakDispatch;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

pub use crate::config::{
    LogBuffer, LogFormat, LogOutput, MemoryLimits, MemoryUse, OtlpProtocol, Search, SpanMemory, TelemetryConfig,
    TelemetryError, TraceOrder, TraceSummary, default_sample_ratio,
};
use crate::job::JobLayer;
use crate::names::{self, label};
use crate::span_export::Reporter;
use crate::{logs, process, recorder, runtime, series, tracer};

/// Counters of fractions: the recorder's own counters hold whole numbers, so these are recorded as gauges, and shown as what they are.
const FRACTIONAL: [&str; 2] = [names::PROCESS_CPU_SECONDS_TOTAL, names::TOKIO_WORKER_BUSY_SECONDS_TOTAL];
/// The name of the instrumentation that made a span, as collectors show it.
const INSTRUMENTATION: &str = "ally";
/// How long [`Telemetry::shutdown`] waits for a collector.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(3);

/// One role's logs, metrics and traces. Clones share them.
#[derive(Clone)]
pub struct Telemetry {
    dispatch: Dispatch,
    recorder: &'static PrometheusRecorder,
    metrics: PrometheusHandle,
    provider: SdkTracerProvider,
    runtime: Arc<OnceLock<Handle>>,
    service_name: Arc<str>,
}

impl Telemetry {
    /// Builds a role's telemetry. A few kilobytes stay allocated for the life of the process.
    ///
    /// # Errors
    /// When the filter, the ratio or the collector's address is not valid. A collector that does not answer is no error.
    pub fn new(config: TelemetryConfig) -> Result<Self, TelemetryError> {
        let (recorder, metrics) = recorder::leak();
        let weak: Arc<OnceLock<WeakDispatch>> = Arc::default();
        let provider = tracer::provider(&config, Reporter { dispatch: Arc::clone(&weak), recorder })?;
        let logs = logs::layer(&config, Arc::clone(&weak))?;
        // Contexts are not activated on entering a span: nothing here uses OpenTelemetry's own thread-local context.
        let traces = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(INSTRUMENTATION))
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_traced).with_max_level_hint(LevelFilter::INFO));
        let dispatch = Dispatch::new(Registry::default().with(JobLayer).with(traces).with(logs));
        let _ = weak.set(dispatch.downgrade());
        metrics::with_local_recorder(recorder, || {
            let labels = [(label::VERSION, config.service_version), (label::SERVICE, config.service_name.clone())];
            gauge!(names::BUILD_INFO, &labels).set(1.0);
            for metric in [names::SPANS_EXPORTED_TOTAL, names::SPANS_LOST_TOTAL, names::TOKIO_SCHEDULING_DELAY_SECONDS]
            {
                series::begin(metric, &[]);
            }
        });
        let service_name = config.service_name.into();
        Ok(Self { dispatch, recorder, metrics, provider, runtime: Arc::default(), service_name })
    }

    /// The role's subscriber, for code that runs outside the role's runtime.
    #[must_use]
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    /// The role's recorder, for code that runs outside the role's runtime.
    #[must_use]
    pub fn recorder(&self) -> &'static dyn metrics::Recorder {
        self.recorder
    }

    /// The role's metrics as Prometheus reads them (text format 0.0.4), with the process's and the runtime's figures of this moment.
    #[must_use]
    pub fn render_metrics(&self) -> String {
        metrics::with_local_recorder(self.recorder, || {
            process::record();
            if let Some(handle) = self.runtime.get() {
                runtime::record(handle);
            }
        });
        let mut page = self.metrics.render();
        for counter in FRACTIONAL {
            page = page.replace(&format!("# TYPE {counter} gauge"), &format!("# TYPE {counter} counter"));
        }
        page
    }

    /// Makes this thread the role's for the rest of its life: what it logs, counts and traces is the role's.
    pub fn enter_thread(&self) {
        // Both are forgotten because nothing outlives the thread that would need the former ones back.
        std::mem::forget(tracing::dispatcher::set_default(&self.dispatch));
        std::mem::forget(metrics::set_default_local_recorder(self.recorder));
    }

    /// A runtime whose every thread, blocking ones included, is the role's. It also keeps the recorder's memory bounded and
    /// measures how late tasks are polled.
    ///
    /// Work belongs into `runtime.spawn`: a future given to `block_on` runs on the caller's thread, which is the role's only
    /// after [`enter_thread`](Self::enter_thread).
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn build_runtime(&self, worker_threads: usize) -> io::Result<Runtime> {
        let telemetry = self.clone();
        let built = Builder::new_multi_thread()
            .worker_threads(worker_threads.max(1))
            .thread_name(self.service_name.as_ref())
            .enable_all()
            .on_thread_start(move || telemetry.enter_thread())
            .build()?;
        let _ = self.runtime.set(built.handle().clone());
        built.spawn(runtime::watch(self.metrics.clone()));
        Ok(built)
    }

    /// Hands over the spans that ended so far, and waits for it, at most a few seconds. It blocks: call it where blocking is allowed.
    pub fn flush(&self) {
        // A failure has been reported by the exporter itself.
        let _ = self.provider.force_flush();
    }

    /// Hands over the last spans and ends the export; spans that end later are not exported. It blocks, for 3 s at most: call
    /// it where blocking is allowed.
    pub fn shutdown(&self) {
        let _ = self.provider.shutdown_with_timeout(SHUTDOWN_WAIT);
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("service_name", &self.service_name).finish_non_exhaustive()
    }
}

/// Spans down to `info`; of log events only those that say what went wrong, since logs carry the trace id anyway.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    let most_verbose = if metadata.is_span() { Level::INFO } else { Level::WARN };
    *metadata.level() <= most_verbose
}
