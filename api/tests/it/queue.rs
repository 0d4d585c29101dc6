//! The planner's figures.

use std::sync::Arc;

use ally_api::{Drain, Health, Planner, QueueFigures, ServeConfig, SlotFigures, ViewError, Workload, planner};
use ally_domain::ports::Clock as _;
use async_trait::async_trait;
use serde_json::json;
use time::Duration;

use crate::harness::{FixedClock, Server, body, generous, header, problem, served};

struct Figures(Result<QueueFigures, String>);

/// What answers when the figures themselves are broken.
const BROKEN: &str = "break down";

#[async_trait]
impl Workload for Figures {
    async fn queue(&self) -> Result<QueueFigures, ViewError> {
        assert_ne!(self.0.as_ref().err().map(String::as_str), Some(BROKEN), "told to");
        self.0.clone().map_err(|reason| ViewError::Unavailable { reason })
    }

    fn slots(&self) -> SlotFigures {
        SlotFigures { current: 3, max: 8 }
    }
}

async fn port(figures: Figures, clock: Arc<FixedClock>) -> Server {
    let drain = Drain::default();
    let health = Health::new("planning-engine", "1.2.3", Vec::new(), drain.started().clone());
    let endpoint = planner(Planner { workload: Arc::new(figures), clock, health, limits: generous() }).unwrap();
    served(endpoint, ServeConfig::default(), drain).await
}

#[tokio::test]
async fn the_queue_at_a_glance() {
    let clock = Arc::new(FixedClock::default());
    let figures = QueueFigures {
        queued: 12,
        running: 3,
        retrying: 2,
        dead_lettered: 1,
        oldest_queued_at: Some(clock.now() - Duration::seconds(90)),
        busiest: vec![("amy".parse().unwrap(), 9), ("bea".parse().unwrap(), 6)],
    };
    let server = port(Figures(Ok(figures)), clock).await;
    assert_eq!(
        body(server.get("/queue/status").await).await,
        json!({
            "depth": 12, "oldestAgeSeconds": 90, "running": 3, "retrying": 2, "dead": 1,
            "perAthlete": [{"athleteId": "amy", "open": 9}, {"athleteId": "bea", "open": 6}]
        })
    );
    assert_eq!(body(server.get("/concurrency/status").await).await, json!({"current": 3, "max": 8, "available": 5}));
    assert_eq!(server.get("/health").await.status(), 200);
}

#[tokio::test]
async fn a_queue_that_cannot_be_asked_is_no_empty_queue() {
    let server = port(Figures(Err("connection refused".into())), Arc::default()).await;
    let response = server.get("/queue/status").await;
    assert!(header(&response, "retry-after").is_some());
    let document = problem(response, 503, "unavailable").await;
    assert!(!document.to_string().contains("connection refused"), "causes are for the log");
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_server_goes_on() {
    let server = port(Figures(Err(BROKEN.into())), Arc::default()).await;
    for _ in 0..3 {
        let document = problem(server.get("/queue/status").await, 500, "internal").await;
        assert!(!document.to_string().contains("told to"), "what went wrong is for the log");
    }
    assert_eq!(server.get("/concurrency/status").await.status(), 200);
}
