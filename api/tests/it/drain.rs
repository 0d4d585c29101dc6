//! How a listener ends.

use std::time::Duration;

use ally_api::ServeConfig;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Ally, Setup, body, token};

#[tokio::test]
async fn open_requests_are_answered_and_new_ones_are_not_taken() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let tag = ally.get(&format!("/api/v1/jobs/{job}"), "amy").await.headers()["etag"].clone();
    let poll = ally
        .request(reqwest::Method::GET, &format!("/api/v1/jobs/{job}?wait=15"), "amy")
        .header("if-none-match", tag)
        .send();
    let drain = async {
        ally.views.asked_again().await;
        ally.server.stop.cancel();
    };
    let (answer, ()) = tokio::join!(poll, drain);
    assert_eq!(answer.unwrap().status(), StatusCode::NOT_MODIFIED, "a wait ends early and is answered");
    ally.server.served.await.unwrap();
    let refused = ally.server.client.get(format!("http://{}/health", ally.server.address)).send().await;
    assert!(refused.unwrap_err().is_connect());
}

#[tokio::test]
async fn readiness_goes_before_the_door_closes() {
    let serve = ServeConfig { lame_duck: Duration::from_secs(30), ..ServeConfig::default() };
    let ally = Ally::with(Setup { serve, ..Setup::default() }).await;
    ally.server.stop.cancel();
    let response = ally.server.get("/health/ready").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body(response).await["status"], "draining");
    assert_eq!(ally.server.get("/health/live").await.status(), StatusCode::OK);
    assert_eq!(ally.get("/api/v1/profile", "amy").await.status(), StatusCode::OK, "still served meanwhile");
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let serve = ServeConfig { drain_deadline: Duration::from_millis(50), ..ServeConfig::default() };
    let ally = Ally::with(Setup { serve, ..Setup::default() }).await;
    let head = format!(
        "POST /api/v1/onboarding HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\nexpect: 100-continue\r\n\r\n",
        token(&ally.clock, "amy")
    );
    let mut stream = TcpStream::connect(ally.server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut begun = [0; 12];
    stream.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100", "the server waits for the body");
    ally.server.stop.cancel();
    ally.server.served.await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}
