//! A caller of the public API.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::answer::Request;
use super::eventually;

/// An athlete's app.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// What a status answer says.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub status: String,
    #[serde(default)]
    pub attempts: u32,
    pub plan_id: Option<String>,
    pub trace_id: Option<String>,
}

impl Client {
    pub fn new(base: String, token: String) -> Self {
        Self::through(super::http().build().unwrap(), base, token)
    }

    /// With limits of the caller's own.
    pub fn through(http: reqwest::Client, base: String, token: String) -> Self {
        Self { http, base, token }
    }

    /// A request whose answer is checked against the document.
    pub fn request(&self, method: Method, path: &str) -> Request {
        Request::new(self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token))
    }

    /// Completes onboarding; the promised job's id.
    pub async fn onboard(&self, answers: &Value) -> String {
        let answer = self.request(Method::POST, "/api/v1/onboarding").json(answers).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", answer.text().await.unwrap());
        let body: Value = answer.json().await.unwrap();
        body["jobId"].as_str().unwrap().to_owned()
    }

    /// Requests a plan under a key; the job's id.
    pub async fn generate(&self, key: &str) -> String {
        let request = self.request(Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", key);
        let answer = request.json(&serde_json::json!({"weeks": 1})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", answer.text().await.unwrap());
        let body: Value = answer.json().await.unwrap();
        body["jobId"].as_str().unwrap().to_owned()
    }

    pub async fn job(&self, job: &str) -> Job {
        let answer = self.request(Method::GET, &format!("/api/v1/jobs/{job}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Waits until a job has come to an end.
    pub async fn ended(&self, job: &str) -> Job {
        eventually(&format!("job {job} ended"), async || {
            let job = self.job(job).await;
            ["completed", "failed", "dead_lettered", "cancelled"].contains(&job.status.as_str()).then_some(job)
        })
        .await
    }
}
