//! Who may say that a trace is recorded: those whom a token vouches for.

use std::time::Duration;

use ally_telemetry::export::{Telemetry, TelemetryConfig};
use ally_telemetry::testing::OtlpReceiver;
use reqwest::Method;

use crate::harness::{Ally, header, token};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn a_caller_without_a_token_cannot_have_its_trace_recorded() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let telemetry = Telemetry::new(TelemetryConfig {
        otlp_endpoint: Some(receiver.endpoint()),
        sample_ratio: 0.0,
        ..TelemetryConfig::development("gateway-bff")
    })
    .unwrap();
    telemetry.enter_thread();
    let ally = Ally::start().await;
    let good = token(&ally.clock, "amy");
    let forged = format!("{good}x");
    for (bearer, flag) in [(None, "00"), (Some(&forged), "00"), (Some(&good), "01")] {
        let request = ally.server.request(Method::GET, "/api/v1/profile");
        let request = bearer.into_iter().fold(request, |request, token| request.bearer_auth(token));
        let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "x-trace-id"), Some(TRACE), "the trace goes on whoever calls");
        let returned = header(&response, "traceresponse").unwrap();
        assert!(returned.ends_with(&format!("-{flag}")), "{bearer:?}: {returned}");
    }
    tokio::task::spawn_blocking(move || telemetry.flush()).await.unwrap();
    let spans = receiver.wait_for(|spans| !spans.is_empty(), Duration::from_secs(20)).await.unwrap();
    let servers = spans.iter().filter(|span| span.name == "GET /api/v1/profile").count();
    assert_eq!(servers, 1, "{spans:#?}");
}
