//! The provider behind a role's spans: resource, sampling, limits, and the exporter when there is a collector.

use std::collections::HashMap;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};

use crate::config::{TelemetryConfig, TelemetryError};
use crate::endpoint::{self, traces_url};
use crate::mask;
use crate::names::attr;
use crate::span_export::{CarefulExporter, Reporter};
use crate::span_memory::MemoryExporter;

/// Spans that wait for their export; more are dropped, never waited for.
const QUEUE_SPANS: usize = 8192;
const BATCH_SPANS: usize = 512;
const EXPORT_EVERY: Duration = Duration::from_secs(1);
/// The end of one export with its retries.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
/// One more try bridges a collector's restart; more would only delay a role's end while the collector is away.
const EXPORT_RETRIES: usize = 1;
/// Enough for a projection batch that covers many traces.
const LINKS_PER_SPAN: u32 = 512;

/// Builds the provider. Without an endpoint nothing is recorded: spans then carry ids, for logs and job statuses, and no more.
pub(crate) fn provider(config: &TelemetryConfig, reporter: Reporter) -> Result<SdkTracerProvider, TelemetryError> {
    if !(0.0..=1.0).contains(&config.sample_ratio) {
        return Err(TelemetryError::SampleRatio { ratio: config.sample_ratio });
    }
    let mut builder =
        SdkTracerProvider::builder().with_resource(resource(config)).with_max_links_per_span(LINKS_PER_SPAN);
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio)));
    if let Some(memory) = &config.span_memory {
        builder = builder.with_simple_exporter(MemoryExporter::new(memory.clone()));
    }
    let Some(endpoint) = &config.otlp_endpoint else {
        let sampler = if config.span_memory.is_some() { sampler } else { Sampler::AlwaysOff };
        return Ok(builder.with_sampler(sampler).build());
    };
    let exporter = CarefulExporter::new(exporter(&traces_url(endpoint)?, config)?, endpoint.clone(), reporter);
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE_SPANS)
        .with_max_export_batch_size(BATCH_SPANS)
        .with_scheduled_delay(EXPORT_EVERY)
        .build();
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    Ok(builder.with_sampler(sampler).with_span_processor(processor).build())
}

fn exporter(url: &str, config: &TelemetryConfig) -> Result<SpanExporter, TelemetryError> {
    SpanExporter::builder()
        .with_http()
        .with_http_client(http_client(url).map_err(|reason| failed(url, &reason))?)
        .with_endpoint(url)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(EXPORT_TIMEOUT)
        .with_retry_policy(RetryPolicy::recommended().with_max_retries(EXPORT_RETRIES))
        .with_headers(config.otlp_headers.clone().into_iter().collect::<HashMap<_, _>>())
        .build()
        .map_err(|error| failed(url, &error.to_string()))
}

fn failed(url: &str, reason: &str) -> TelemetryError {
    TelemetryError::Exporter { endpoint: mask::address(url), reason: mask::hide(reason, url).into_owned() }
}

/// A proxy that the environment names is used, as for every address elsewhere; a collector on this machine needs none, and
/// a proxy would look for it on its own.
fn http_client(url: &str) -> Result<reqwest::blocking::Client, String> {
    let here = endpoint::is_on_this_machine(url);
    // The blocking client has a runtime of its own, which may not be made on a thread of another.
    let made = std::thread::spawn(move || {
        let builder = reqwest::blocking::Client::builder().timeout(EXPORT_TIMEOUT);
        if here { builder.no_proxy() } else { builder }.build()
    });
    match made.join() {
        Ok(client) => client.map_err(|error| error.to_string()),
        Err(_) => Err("its HTTP client could not be made".to_owned()),
    }
}

/// Who speaks. Nothing is read from the environment here: the binary's configuration is its only reader.
fn resource(config: &TelemetryConfig) -> Resource {
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes([
            KeyValue::new(attr::SERVICE_NAME, config.service_name.clone()),
            KeyValue::new(attr::SERVICE_VERSION, config.service_version.clone()),
            KeyValue::new(attr::SERVICE_INSTANCE_ID, config.instance_id.clone()),
            KeyValue::new(attr::DEPLOYMENT_ENVIRONMENT_NAME, config.environment.clone()),
        ])
        .build()
}
