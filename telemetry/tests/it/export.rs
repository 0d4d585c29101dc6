//! What really leaves a role as OTLP.

use std::time::Instant;

use ally_telemetry::export::{SpanMemory, Telemetry, TelemetryConfig, TelemetryError};
use ally_telemetry::names::{self, attr, service, span};
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::{SpanKind, SpanStatus};
use tracing::{Level, field};

use crate::support::{DEADLINE, as_role, config, exporting, has, lines, named};

#[tokio::test]
async fn kinds_parents_attributes_and_the_resource_arrive() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting(service::GATEWAY_BFF, &receiver);
    as_role(&telemetry, || {
        let server = tracing::info_span!(
            span::HTTP_SERVER,
            otel.name = span::http_server("POST", "/api/v1/plans/generate"),
            otel.kind = span::kind::SERVER,
            { attr::HTTP_REQUEST_METHOD } = "POST",
            { attr::HTTP_RESPONSE_STATUS_CODE } = field::Empty,
        );
        server.in_scope(|| {
            let send = tracing::info_span!(
                span::SEND,
                otel.name = span::send("ally.es.job.{id}.requested"),
                otel.kind = span::kind::PRODUCER,
                otel.status_code = field::Empty,
                otel.status_description = field::Empty,
                { attr::MESSAGING_SYSTEM } = attr::NATS,
                { attr::MESSAGING_BATCH_MESSAGE_COUNT } = 3_u64,
            );
            send.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            send.record(attr::OTEL_STATUS_DESCRIPTION, "no answer");
        });
        server.record(attr::HTTP_RESPONSE_STATUS_CODE, 503_u64);
    });
    telemetry.flush();

    let send = "send ally.es.job.{id}.requested";
    let spans = receiver.wait_for(has(&["POST /api/v1/plans/generate", send]), DEADLINE).await.unwrap();
    let (server, send) = (named(&spans, "POST /api/v1/plans/generate"), named(&spans, send));
    assert_eq!((server.kind, send.kind), (SpanKind::Server, SpanKind::Producer));
    assert_eq!(server.parent_span_id, None);
    assert_eq!(send.parent_span_id.as_ref(), Some(&server.span_id));
    assert_eq!(send.trace_id, server.trace_id);
    assert_eq!(server.attributes[attr::HTTP_RESPONSE_STATUS_CODE], 503, "a number is a number");
    assert_eq!(send.attributes[attr::MESSAGING_SYSTEM], "nats");
    assert_eq!(send.attributes[attr::MESSAGING_BATCH_MESSAGE_COUNT], 3);
    assert_eq!(send.status, SpanStatus::Error("no answer".into()));
    assert!(server.start_unix_ns <= send.start_unix_ns && send.end_unix_ns <= server.end_unix_ns);
    for (key, value) in [
        (attr::SERVICE_NAME, "gateway-bff"),
        (attr::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
        (attr::DEPLOYMENT_ENVIRONMENT_NAME, "development"),
    ] {
        assert_eq!(server.resource[key], value);
    }
    assert!(!server.resource[attr::SERVICE_INSTANCE_ID].is_empty());
}

#[tokio::test]
async fn warnings_become_events_of_the_span_and_chatter_does_not() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting("planning-engine", &receiver);
    as_role(&telemetry, || {
        tracing::info_span!("noisy").in_scope(|| {
            tracing::info!("nothing to see");
            tracing::warn!(attempt = 2, "the model is slow");
            tracing::debug_span!("detail").in_scope(|| ());
        });
    });
    telemetry.flush();
    let spans = receiver.wait_for(has(&["noisy"]), DEADLINE).await.unwrap();
    assert_eq!(spans.len(), 1, "debug spans are not exported");
    let [(name, attributes)] = named(&spans, "noisy").events.as_slice() else { panic!("one event: {spans:?}") };
    assert_eq!((name.as_str(), attributes["attempt"].to_string().as_str()), ("the model is slow", "2"));
}

#[tokio::test]
async fn no_secret_leaves_in_a_span_or_a_log() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, logs) = exporting("gateway-bff", &receiver);
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbXkifQ.c2lnbmF0dXJl";
    as_role(&telemetry, || {
        let span = tracing::info_span!(
            "careless",
            http.request.header.authorization = "Basic hunter2",
            url = format!("postgres://ally:hunter2@db/ally"),
            note = format!("Bearer {jwt}"),
            otel.status_code = "ERROR",
            otel.status_description = "nats://u:hunter2@nats refused",
        );
        span.in_scope(|| {
            tracing::error!(
                api_key = "hunter2",
                url = "postgres://ally:hunter2@db/ally",
                "could not use {jwt} at nats://u:hunter2@nats"
            );
        });
    });
    telemetry.flush();
    let spans = receiver.wait_for(has(&["careless"]), DEADLINE).await.unwrap();
    for (what, text) in [("spans", format!("{spans:?}")), ("logs", logs.text())] {
        assert!(text.contains("***"), "{what}: {text}");
        assert!(!text.contains("hunter2") && !text.contains(jwt), "{what}: {text}");
    }
}

#[tokio::test]
async fn the_collectors_key_is_sent_along() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (config, _) = config("gateway-bff");
    let telemetry = Telemetry::new(TelemetryConfig {
        otlp_endpoint: Some(receiver.endpoint()),
        otlp_headers: [("x-tenant".to_owned(), "ally".to_owned())].into(),
        ..config
    })
    .unwrap();
    as_role(&telemetry, || tracing::info_span!("work").in_scope(|| ()));
    telemetry.flush();
    receiver.wait_for(has(&["work"]), DEADLINE).await.unwrap();
    assert!(receiver.headers().contains(&("x-tenant".to_owned(), "ally".to_owned())), "{:?}", receiver.headers());
}

#[tokio::test]
async fn a_collector_that_refuses_costs_one_warning_and_a_count() {
    let receiver = OtlpReceiver::start().await.unwrap();
    receiver.answer(400_u16.try_into().unwrap());
    let (telemetry, logs) = exporting("gateway-bff", &receiver);
    for _ in 0..3 {
        as_role(&telemetry, || tracing::info_span!("lost").in_scope(|| ()));
        telemetry.flush();
    }
    assert!(telemetry.render_metrics().contains("spans_lost_total 3"), "{}", telemetry.render_metrics());
    let warnings: Vec<_> = lines(&logs).into_iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0]["lost_spans"], 1);
    assert!(receiver.spans().is_empty());

    // It recovers by itself.
    receiver.answer(200_u16.try_into().unwrap());
    as_role(&telemetry, || tracing::info_span!("kept").in_scope(|| ()));
    telemetry.flush();
    receiver.wait_for(has(&["kept"]), DEADLINE).await.unwrap();
    assert!(telemetry.render_metrics().contains("spans_exported_total 1"));
}

#[test]
fn a_collector_that_is_not_there_holds_nobody_up() {
    // A port that was free a moment ago, and nobody listens on.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let (config, _) = config("gateway-bff");
    let telemetry =
        Telemetry::new(TelemetryConfig { otlp_endpoint: Some(format!("http://{free}")), ..config }).unwrap();
    let started = Instant::now();
    as_role(&telemetry, || {
        // More than the queue holds: the rest is dropped, not waited for.
        for _ in 0..20_000 {
            tracing::info_span!("lost").in_scope(|| ());
        }
    });
    assert!(started.elapsed() < DEADLINE);
    telemetry.shutdown();
    as_role(&telemetry, || tracing::info_span!("after the end").in_scope(|| tracing::info!("still alive")));
}

#[tokio::test]
async fn the_ratio_decides_for_new_traces_and_the_caller_for_its_own() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (config, _) = config("gateway-bff");
    let telemetry =
        Telemetry::new(TelemetryConfig { otlp_endpoint: Some(receiver.endpoint()), sample_ratio: 0.0, ..config })
            .unwrap();
    as_role(&telemetry, || {
        tracing::info_span!("new").in_scope(|| {
            assert!(ally_telemetry::propagation::trace_id().is_some(), "an unrecorded trace has an id all the same");
            let (traceparent, _) = ally_telemetry::propagation::current();
            assert!(!ally_telemetry::propagation::is_sampled(traceparent.as_deref()));
        });
        let continued = tracing::info_span!("continued");
        let sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        ally_telemetry::propagation::set_parent(&continued, Some(sampled), None);
        continued.in_scope(|| ());
    });
    telemetry.flush();
    let spans = receiver.wait_for(has(&["continued"]), DEADLINE).await.unwrap();
    assert_eq!(spans.len(), 1);
}

#[test]
fn a_bad_value_fails_with_what_to_write_instead() {
    let broken = |change: fn(&mut TelemetryConfig)| {
        let (mut config, _) = config("gateway-bff");
        change(&mut config);
        Telemetry::new(config).unwrap_err()
    };
    let filter = broken(|config| config.log_filter = "ally=loudly".into());
    assert!(matches!(filter, TelemetryError::LogFilter { .. }) && filter.to_string().contains("info,ally_nats=debug"));
    let ratio = broken(|config| config.sample_ratio = 1.5);
    assert!(matches!(ratio, TelemetryError::SampleRatio { .. }), "{ratio}");
    let endpoint = broken(|config| config.otlp_endpoint = Some("collector".into()));
    assert!(matches!(endpoint, TelemetryError::Endpoint(_)) && endpoint.to_string().contains("http://localhost:4318"));
}

#[test]
fn every_attribute_key_is_written_once() {
    let mut keys = attr::ALL.to_vec();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), attr::ALL.len());
    assert!(names::METRICS.len() > 40 && Level::INFO < Level::DEBUG);
}

#[tokio::test]
async fn a_span_ends_when_it_was_last_left_and_one_never_entered_when_it_is_dropped() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting("projector", &receiver);
    as_role(&telemetry, || {
        let left = tracing::info_span!("left");
        let held = tracing::info_span!("held");
        left.in_scope(|| ());
        tracing::info_span!("between").in_scope(|| ());
        drop((left, held));
    });
    telemetry.flush();
    let spans = receiver.wait_for(has(&["left", "held", "between"]), DEADLINE).await.unwrap();
    let between = named(&spans, "between");
    assert!(named(&spans, "left").end_unix_ns <= between.start_unix_ns);
    assert!(named(&spans, "held").end_unix_ns >= between.end_unix_ns);
}

#[tokio::test]
async fn spans_kept_in_memory_are_those_that_leave() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (mut config, _) = config(service::PLANNING_ENGINE);
    let memory = SpanMemory::default();
    config.otlp_endpoint = Some(receiver.endpoint());
    config.span_memory = Some(memory.clone());
    let telemetry = Telemetry::new(config).unwrap();
    as_role(&telemetry, || {
        let work = tracing::info_span!(
            "work",
            otel.kind = span::kind::CONSUMER,
            otel.status_code = span::status::ERROR,
            otel.status_description = "no answer",
            { attr::MESSAGING_BATCH_MESSAGE_COUNT } = 3_i64,
            password = "hunter2",
        );
        work.in_scope(|| tracing::info_span!("part").in_scope(|| tracing::warn!("said on the way")));
    });
    telemetry.flush();

    let mut left = receiver.wait_for(has(&["work", "part"]), DEADLINE).await.unwrap();
    let mut kept = memory.trace(&left[0].trace_id);
    left.sort_by(|a, b| a.span_id.cmp(&b.span_id));
    kept.sort_by(|a, b| a.span_id.cmp(&b.span_id));
    assert_eq!(kept, left, "whoever looks at the memory sees what a collector would");
    assert!(!format!("{kept:?}").contains("hunter2"), "secrets are masked there too");
    assert_eq!(memory.trace("0af7651916cd43dd8448eb211c80319c"), [], "another trace is not in it");
}
