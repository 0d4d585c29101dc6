//! A caller of the public API, as an app would be: a token, three requests, nothing else.

use std::time::Duration;

use ally_domain::engine::plan::Plan;
use anyhow::{Context, bail};
use reqwest::{Method, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cli::local;

/// One request may take this long.
const DEADLINE: Duration = Duration::from_secs(35);

/// What a 202 says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    pub job_id: String,
}

/// What the status says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub status: String,
    pub plan_id: Option<String>,
    pub trace_id: Option<String>,
    pub error: Option<Value>,
}

/// A plan as the API wraps it.
#[derive(Debug, Deserialize)]
struct Shown {
    plan: Plan,
}

pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    pub fn new(base: String, token: String) -> anyhow::Result<Self> {
        Ok(Self { http: local::client(DEADLINE)?, base, token })
    }

    pub async fn onboard(&self, answers: &Value) -> anyhow::Result<Accepted> {
        self.ask(Method::POST, "/api/v1/onboarding", Some(answers)).await
    }

    pub async fn status(&self, job: &str) -> anyhow::Result<Status> {
        self.ask(Method::GET, &format!("/api/v1/plans/status?jobId={job}"), None).await
    }

    pub async fn plan(&self, plan: &str) -> anyhow::Result<Plan> {
        let shown: Shown = self.ask(Method::GET, &format!("/api/v1/plans/{plan}"), None).await?;
        Ok(shown.plan)
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<T> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.with_context(|| format!("{method} {path} got no answer"))?;
        let response = accepted(response, &method, path).await?;
        response.json().await.with_context(|| format!("{method} {path} answered something else"))
    }
}

async fn accepted(response: Response, method: &Method, path: &str) -> anyhow::Result<Response> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let problem = response.text().await.unwrap_or_default();
    bail!("{method} {path} answered {status}: {problem}")
}
