//! Bodies in a content coding.

use std::io::Write as _;

use ally_api::Limits;
use reqwest::{Method, Response};

use crate::harness::{Ally, Setup, all_answers, generous, header, problem};

const PATH: &str = "/api/v1/onboarding";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 19).unwrap()
}

async fn send(ally: &Ally, coding: &str, body: Vec<u8>) -> Response {
    let request = ally.request(Method::POST, PATH, "amy").header("content-type", "application/json");
    request.header("content-encoding", coding).body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_body_is_inflated() {
    let ally = Ally::start().await;
    let answers = all_answers().to_string().into_bytes();
    for (coding, body) in [
        ("gzip", gzip(&answers)),
        ("X-Gzip", gzip(&answers)),
        ("zstd", zstd(&answers)),
        ("identity", answers.clone()),
        ("identity, ZSTD", zstd(&answers)),
    ] {
        assert_eq!(send(&ally, coding, body).await.status(), 202, "{coding}");
    }
    let empty = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("content-encoding", "gzip");
    assert_eq!(empty.send().await.unwrap().status(), 202, "no body is none in any coding");
}

#[tokio::test]
async fn the_limit_counts_inflated_bytes() {
    let limits = Limits { max_body_bytes: 10_000, ..generous() };
    let ally = Ally::with(Setup { limits, ..Setup::default() }).await;
    // Blanks: 5 MiB are 5 KiB in one coding, and 32 MiB are 3 KiB in the other.
    let bomb = vec![b' '; 32 << 20];
    for (coding, body) in [("gzip", gzip(&bomb[..5 << 20])), ("zstd", zstd(&bomb))] {
        assert!(body.len() < 10_000, "{coding}: {}", body.len());
        let refused = problem(send(&ally, coding, body).await, 413, "payload-too-large").await;
        assert_eq!(refused["detail"], "the inflated body is over the limit of 10000 bytes");
    }
    let fits = format!("{{\"purposeDetails\":\"x\"{}}}", " ".repeat(10_000 - 22));
    assert_eq!(fits.len(), 10_000);
    assert_eq!(send(&ally, "gzip", gzip(fits.as_bytes())).await.status(), 200);
    let over = format!("{fits} ");
    problem(send(&ally, "zstd", zstd(over.as_bytes())).await, 413, "payload-too-large").await;
}

#[tokio::test]
async fn any_other_coding_is_refused_with_those_that_there_are() {
    let ally = Ally::start().await;
    let answers = all_answers().to_string().into_bytes();
    for coding in ["br", "deflate", "compress", "gzip, gzip", "gzip, zstd", "nonsense"] {
        let refused = send(&ally, coding, answers.clone()).await;
        assert_eq!(header(&refused, "accept-encoding"), Some("zstd, gzip"), "{coding}");
        problem(refused, 415, "unsupported-content-encoding").await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_inflate_is_wrong() {
    let ally = Ally::start().await;
    let answers = all_answers().to_string().into_bytes();
    for (coding, body) in [
        ("gzip", answers.clone()),
        ("zstd", answers.clone()),
        ("gzip", gzip(&answers)[..60].to_vec()),
        ("zstd", zstd(&answers)[..60].to_vec()),
        ("zstd", gzip(&answers)),
    ] {
        let refused = problem(send(&ally, coding, body).await, 400, "validation").await;
        assert!(refused["errors"][0]["problem"].as_str().unwrap().starts_with("does not inflate"), "{refused}");
    }
}
