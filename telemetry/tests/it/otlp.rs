//! How spans leave: both protocols, a second try, what is lost, who is said to speak.

use ally_telemetry::export::{OtlpProtocol, Telemetry, TelemetryConfig};
use ally_telemetry::names::{attr, service};
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::TraceSpan;

use crate::support::{DEADLINE, as_role, config, exporting, has, named};

const UNAVAILABLE: u16 = 503;
const REFUSED: u16 = 400;

fn over(protocol: OtlpProtocol, receiver: &OtlpReceiver) -> Telemetry {
    let (config, _) = config(service::GATEWAY_BFF);
    let otlp_headers = [("x-tenant".to_owned(), "ally".to_owned())].into();
    let otlp_endpoint = Some(receiver.endpoint());
    Telemetry::new(TelemetryConfig { otlp_endpoint, otlp_protocol: protocol, otlp_headers, ..config }).unwrap()
}

fn work(telemetry: &Telemetry, name: &'static str) {
    as_role(telemetry, || tracing::info_span!("work", otel.name = name, { attr::JOB_ATTEMPT } = 3_u64).in_scope(|| ()));
    telemetry.flush();
}

fn value_of(page: &str, series: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap())
}

#[tokio::test]
async fn both_protocols_bring_the_same_and_try_again_once() {
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::Grpc] {
        let receiver = OtlpReceiver::start().await.unwrap();
        let telemetry = over(protocol, &receiver);
        work(&telemetry, "first");
        let spans = receiver.wait_for(has(&["first"]), DEADLINE).await.unwrap();
        assert_eq!(named(&spans, "first").attributes[attr::JOB_ATTEMPT], 3, "{protocol:?}");
        assert!(receiver.headers().contains(&("x-tenant".to_owned(), "ally".to_owned())), "{protocol:?}");

        receiver.answer_next(UNAVAILABLE.try_into().unwrap());
        work(&telemetry, "second");
        receiver.wait_for(has(&["second"]), DEADLINE).await.unwrap();
        let page = telemetry.render_metrics();
        assert_eq!(
            (value_of(&page, "spans_exported_total"), value_of(&page, "spans_lost_total")),
            (2, 0),
            "{protocol:?}"
        );

        // What is refused for good is lost at once.
        let before = receiver.requests();
        receiver.answer_next(REFUSED.try_into().unwrap());
        work(&telemetry, "third");
        assert_eq!(receiver.requests(), before + 1, "{protocol:?}");
        assert_eq!(value_of(&telemetry.render_metrics(), "spans_lost_total"), 1, "{protocol:?}");
    }
}

#[tokio::test]
async fn what_finds_no_room_in_the_queue_is_counted_as_lost() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting(service::GATEWAY_BFF, &receiver);
    const SPANS: u64 = 100_000;
    as_role(&telemetry, || (0..SPANS).for_each(|_| tracing::info_span!("many").in_scope(|| ())));
    telemetry.flush();
    // One more export, so that what was refused during the last one is told too.
    work(&telemetry, "last");
    let page = telemetry.render_metrics();
    let (exported, lost) = (value_of(&page, "spans_exported_total"), value_of(&page, "spans_lost_total"));
    assert_eq!(exported + lost, SPANS + 1, "{exported} exported, {lost} lost");
    assert_eq!(receiver.spans().len() as u64, exported);
}

#[tokio::test]
async fn the_resource_is_what_the_deployment_says() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let resource = async |change: fn(&mut TelemetryConfig)| {
        let (mut config, _) = config(service::PLANNING_ENGINE);
        config.otlp_endpoint = Some(receiver.endpoint());
        change(&mut config);
        let seen = receiver.spans().len();
        work(&Telemetry::new(config).unwrap(), "work");
        let more = |spans: &[TraceSpan]| spans.len() > seen;
        receiver.wait_for(more, DEADLINE).await.unwrap().pop().unwrap().resource
    };
    let plain = resource(|_| ()).await;
    assert_eq!(
        (plain[attr::SERVICE_NAME].as_str(), plain[attr::ROLE].as_str()),
        ("planning-engine", "planning-engine")
    );
    let said = resource(|config| {
        let said = [("service.name", "ally"), ("deployment.environment.name", "staging"), ("team", "plans")];
        config.resource_attributes = said.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    })
    .await;
    for (key, value) in [
        (attr::SERVICE_NAME, "ally"),
        (attr::ROLE, "planning-engine"),
        (attr::DEPLOYMENT_ENVIRONMENT_NAME, "staging"),
        ("team", "plans"),
    ] {
        assert_eq!(said[key], value);
    }
    let named = resource(|config| {
        config.resource_attributes = [("service.name".to_owned(), "ally".to_owned())].into();
        config.traced_as = Some("plans".to_owned());
    })
    .await;
    assert_eq!(named[attr::SERVICE_NAME], "plans");
}

#[tokio::test]
async fn who_is_not_trusted_cannot_have_a_trace_recorded() {
    use ally_telemetry::propagation::{is_sampled, of, set_parent, set_untrusted_parent, trace_id};
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let caller = format!("00-{TRACE}-b7ad6b7169203331-01");
    let receiver = OtlpReceiver::start().await.unwrap();
    let (config, _) = config(service::GATEWAY_BFF);
    let otlp_endpoint = Some(receiver.endpoint());
    let telemetry = Telemetry::new(TelemetryConfig { otlp_endpoint, sample_ratio: 0.0, ..config }).unwrap();
    as_role(&telemetry, || {
        let stranger = tracing::info_span!("stranger");
        set_untrusted_parent(&stranger, Some(&caller), None);
        stranger.in_scope(|| {
            assert_eq!(trace_id().as_deref(), Some(TRACE), "the trace goes on");
            let below = tracing::info_span!("below");
            assert!(!is_sampled(of(&below).0.as_deref()), "and nobody after us records it either");
        });
        let known = tracing::info_span!("known");
        set_parent(&known, Some(&caller), None);
        known.in_scope(|| ());
    });
    telemetry.flush();
    let spans = receiver.wait_for(has(&["known"]), DEADLINE).await.unwrap();
    assert_eq!(spans.len(), 1, "{spans:?}");
}
