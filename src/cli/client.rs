//! A caller of the gateway's API, as an app would be: a token and its requests, nothing else.

use std::time::Duration;

use ally_domain::engine::plan::Plan;
use anyhow::{Context, bail};
use reqwest::{Method, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Usage, local, token};
use crate::config::{Config, Role};

/// One request may take this long.
const DEADLINE: Duration = Duration::from_secs(35);

/// How long a token of a command is good for.
const TOKEN_TTL: Duration = Duration::from_secs(600);

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

/// A caller of the gateway.
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    pub fn new(base: String, token: String) -> anyhow::Result<Self> {
        Ok(Self { http: local::client(DEADLINE)?, base, token })
    }

    /// An operator at the gateway of the configuration, or at another address.
    pub fn operator(config: &Config, gateway: Option<&str>) -> anyhow::Result<Self> {
        let roles = [ally_api::OPERATOR.to_owned()];
        Self::new(address(config, gateway), token::mint(config, "ally-cli", TOKEN_TTL, &roles)?)
    }

    /// An athlete there.
    pub fn athlete(config: &Config, gateway: Option<&str>, name: &str) -> anyhow::Result<Self> {
        Self::new(address(config, gateway), token::mint(config, name, TOKEN_TTL, &[])?)
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.ask(Method::GET, path, None).await
    }

    /// Reads something that may not be there.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<Option<T>> {
        let response = self.send(Method::GET, path, None).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let response = accepted(response, &Method::GET, path).await?;
        response.json().await.map(Some).with_context(|| format!("GET {path} answered something else"))
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
        let response = self.send(method.clone(), path, body).await?;
        let response = accepted(response, &method, path).await?;
        response.json().await.with_context(|| format!("{method} {path} answered something else"))
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Response> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.map_err(|_| {
            let text = "start `ally up`, or name the gateway with --gateway or GATEWAY_BFF_PORT";
            Usage(format!("{method} {path} got no answer at {}; {text}", self.base)).into()
        })
    }
}

fn address(config: &Config, gateway: Option<&str>) -> String {
    let own = || local::role(&config.ports, Role::Gateway).0;
    gateway.map_or_else(own, |named| named.trim_end_matches('/').to_owned())
}

async fn accepted(response: Response, method: &Method, path: &str) -> anyhow::Result<Response> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let problem = response.text().await.unwrap_or_default();
    bail!("{method} {path} answered {status}: {problem}")
}
