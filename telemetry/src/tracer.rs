//! The provider behind a role's spans: resource, sampling, limits, and the exporter when there is a collector.

use std::collections::HashMap;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use crate::config::{OtlpProtocol, TelemetryConfig, TelemetryError};
use crate::endpoint;
use crate::grpc::GrpcClient;
use crate::mask;
use crate::names::attr;
use crate::sampler::RatioSampler;
use crate::span_export::{CarefulExporter, Queued, Reporter};
use crate::span_memory::MemoryProcessor;
use crate::span_queue::SpanQueue;

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
    if let Some(memory) = &config.span_memory {
        builder = builder.with_span_processor(MemoryProcessor::new(memory.clone()));
    }
    if let Some(endpoint) = &config.otlp_endpoint {
        let queued = Queued::default();
        let exporter = exporter(endpoint, config)?;
        let exporter = CarefulExporter::new(exporter, endpoint.clone(), reporter, queued.clone());
        builder = builder.with_span_processor(SpanQueue::new(exporter, queued));
    } else if config.span_memory.is_none() {
        return Ok(builder.with_sampler(Sampler::AlwaysOff).build());
    }
    let sampler = RatioSampler::new(config.sample_ratio, config.span_memory.clone());
    Ok(builder.with_sampler(sampler).build())
}

fn exporter(endpoint: &str, config: &TelemetryConfig) -> Result<SpanExporter, TelemetryError> {
    let builder = SpanExporter::builder().with_http();
    let (url, builder) = match config.otlp_protocol {
        OtlpProtocol::HttpProtobuf => {
            let url = endpoint::traces_url(endpoint)?;
            let client = http_client(&url).map_err(|reason| failed(&url, &reason))?;
            (url, builder.with_http_client(client))
        }
        OtlpProtocol::Grpc => {
            let url = endpoint::grpc_url(endpoint)?;
            let client = GrpcClient::new(EXPORT_TIMEOUT).map_err(|error| failed(&url, &error.to_string()))?;
            (url, builder.with_http_client(client))
        }
    };
    builder
        .with_endpoint(&url)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(EXPORT_TIMEOUT)
        .with_retry_policy(RetryPolicy::recommended().with_max_retries(EXPORT_RETRIES))
        .with_headers(config.otlp_headers.clone().into_iter().collect::<HashMap<_, _>>())
        .build()
        .map_err(|error| failed(&url, &error.to_string()))
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

/// Who speaks. Nothing is read from the environment here: the binary's configuration is its only reader. What the deployment
/// says of itself counts before what the program knows, but for the service's name, which has a setting of its own.
fn resource(config: &TelemetryConfig) -> Resource {
    let said = &config.resource_attributes;
    let service = config.traced_as.as_ref().or_else(|| said.get(attr::SERVICE_NAME)).unwrap_or(&config.service_name);
    let known = [
        (attr::SERVICE_VERSION, &config.service_version),
        (attr::SERVICE_INSTANCE_ID, &config.instance_id),
        (attr::DEPLOYMENT_ENVIRONMENT_NAME, &config.environment),
    ];
    let known = known.map(|(key, value)| KeyValue::new(key, value.clone()));
    let said = said.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(known.into_iter().chain(said))
        .with_attributes([
            KeyValue::new(attr::SERVICE_NAME, service.clone()),
            KeyValue::new(attr::ROLE, config.service_name.clone()),
        ])
        .build()
}
