//! Live, ready, why not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ally_api::{About, Drain, Health, Probe, ServeConfig, Used, metrics, worker};
use async_trait::async_trait;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::{Ally, Part, body, generous, header, problem, served};

#[tokio::test]
async fn ready_says_what_it_stands_on() {
    let ally = Ally::start().await;
    for path in ["/health", "/health/ready", "/api/health"] {
        let response = ally.server.get(path).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "cache-control"), Some("no-store"));
        assert_eq!(
            body(response).await,
            json!({
                "status": "ready", "role": "gateway-bff", "version": "1.2.3",
                "components": [{"name": "nats", "status": "up"}, {"name": "postgres", "status": "up"}]
            })
        );
    }
}

#[tokio::test]
async fn not_ready_says_why_and_recovers() {
    let ally = Ally::start().await;
    ally.nats.fail(Some("no connection to nats://127.0.0.1:4222"));
    let response = ally.server.get("/health").await;
    assert_eq!(response.status(), 503);
    let report = body(response).await;
    assert_eq!(report["status"], "not_ready");
    assert_eq!(
        report["components"][0],
        json!({"name": "nats", "status": "down", "reason": "no connection to nats://127.0.0.1:4222"})
    );
    assert_eq!(ally.server.get("/health/live").await.status(), 200, "the process itself is well");
    ally.nats.fail(None);
    assert_eq!(ally.server.get("/health").await.status(), 200);
}

#[tokio::test]
async fn a_part_that_answers_and_warns_leaves_the_role_ready() {
    let ally = Ally::start().await;
    ally.nats.warn("the store is 85 % full");
    let response = ally.server.get("/health/ready").await;
    assert_eq!(response.status(), 200);
    let report = body(response).await;
    assert_eq!(report["status"], "ready");
    assert_eq!(
        report["components"][0],
        json!({"name": "nats", "status": "degraded", "reason": "the store is 85 % full"})
    );
}

#[tokio::test]
async fn a_worker_has_a_health_and_nothing_else() {
    let drain = Drain::on(CancellationToken::new());
    let probes: Vec<Arc<dyn Probe>> = vec![Arc::new(Part::new("nats"))];
    let health = Health::new("profile-onboarding", "1.2.3", probes, drain.started().clone());
    let server = served(worker(&health, generous()).unwrap(), ServeConfig::default(), drain).await;
    assert_eq!(body(server.get("/health").await).await["role"], "profile-onboarding");
    problem(server.get("/api/v1/profile").await, 404, "not-found").await;
    problem(server.get("/metrics").await, 404, "not-found").await;
}

#[tokio::test]
async fn figures_have_a_port_of_their_own() {
    let endpoint = metrics(Arc::new(|| "up 1\n".to_owned()), Some(Arc::new(about)), generous()).unwrap();
    let server = served(endpoint, ServeConfig::default(), Drain::default()).await;
    let response = server.get("/metrics").await;
    assert!(header(&response, "content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert_eq!(response.text().await.unwrap(), "up 1\n");
    let said: About = server.get("/about").await.json().await.unwrap();
    assert_eq!(said, about());
    problem(server.get("/health").await, 404, "not-found").await;
}

fn about() -> About {
    let moment = time::macros::datetime!(2026-11-27 12:00 UTC);
    About {
        service: "projector".to_owned(),
        version: "1.2.3".to_owned(),
        environment: "test".to_owned(),
        prefix: "ally".to_owned(),
        started_at: moment,
        now: moment,
        uses: vec![Used { name: "nats".to_owned(), address: "nats://127.0.0.1:4222".to_owned() }],
        webhook_key: Some("aGFzaGVk".to_owned()),
    }
}

#[tokio::test]
async fn many_probes_at_once_ask_once_or_twice() {
    struct Counted(AtomicUsize);
    #[async_trait]
    impl Probe for Counted {
        fn name(&self) -> &'static str {
            "nats"
        }

        async fn check(&self) -> Result<(), String> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(())
        }
    }
    let counted = Arc::new(Counted(AtomicUsize::new(0)));
    let health = Health::new("gateway-bff", "1.2.3", vec![counted.clone()], CancellationToken::new());
    let reports = futures::future::join_all((0..100).map(|_| health.report())).await;
    assert!(reports.iter().all(|report| report.status == "ready"));
    let asked = counted.0.load(Ordering::Relaxed);
    assert!(asked <= 2, "{asked}");
}
