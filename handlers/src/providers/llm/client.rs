//! Requests to the endpoint under their limits: slots, circuit, retries, deadline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_domain::ids::AthleteId;
use ally_domain::ports::{Clock, RetryClock};
use ally_telemetry::endpoint;
use reqwest::Url;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument;

use super::config::LlmConfig;
use super::exchange::{Said, exchange};
use super::failure::LlmFailure;
use super::observe;
use super::wire::{ChatRequest, Message, Usage};
use crate::circuit::Circuit;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum LlmSetupError {
    /// The address is none.
    #[error("LLM_BASE_URL is no address: {0}; write https://host/v1")]
    Address(String),
    /// The HTTP client could not be built.
    #[error("the client for the model's endpoint cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// A client for a model's endpoint. A proxy that the environment names is used, as deployments want it that let nothing out
/// otherwise; an endpoint on this machine needs none, and a proxy would look for it on its own.
pub fn http_client(base_url: &str) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        // The key goes to the address that was configured and to no other.
        .redirect(reqwest::redirect::Policy::none());
    if endpoint::is_on_this_machine(base_url) { builder.no_proxy() } else { builder }
}

/// How long a look at the endpoint may take.
const LOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the endpoint.
pub struct Client {
    http: reqwest::Client,
    url: Url,
    pub config: LlmConfig,
    circuit: Mutex<Circuit>,
    slots: Semaphore,
    retry: Arc<dyn RetryClock>,
    clock: Arc<dyn Clock>,
}

impl Client {
    pub fn new(config: LlmConfig, retry: Arc<dyn RetryClock>, clock: Arc<dyn Clock>) -> Result<Self, LlmSetupError> {
        let url = format!("{}/chat/completions", config.base_url.trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| LlmSetupError::Address(error.to_string()))?;
        let http = http_client(&config.base_url).build()?;
        let circuit = Mutex::new(Circuit::new(config.circuit_failures, config.circuit_rest));
        let slots = Semaphore::new(config.max_concurrent.max(1));
        let client = Self { http, url, config, circuit, slots, retry, clock };
        observe::circuit_is(client.circuit().state());
        Ok(client)
    }

    /// Asks, and asks again what failed in passing, as long as the deadline and the number of retries allow.
    pub async fn ask(
        &self,
        messages: &[Message],
        format: &Value,
        athlete: &AthleteId,
        deadline: Instant,
    ) -> Result<Said, LlmFailure> {
        let mut retries = 0;
        loop {
            let failure = match self.ask_once(messages, format, athlete, deadline).await {
                Ok(said) => return Ok(said),
                Err(failure) => failure,
            };
            retries += 1;
            if !failure.is_outage() || retries > self.config.max_retries {
                return Err(failure);
            }
            let pause = self.retry.delay_after(retries).max(failure.after().unwrap_or_default());
            // A pause that outlasts the deadline is the job's to wait for, not a slot's.
            if Instant::now() + pause >= deadline {
                return Err(failure);
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn ask_once(
        &self,
        messages: &[Message],
        format: &Value,
        athlete: &AthleteId,
        deadline: Instant,
    ) -> Result<Said, LlmFailure> {
        let slot = tokio::time::timeout_at(deadline, self.slots.acquire()).await;
        let Ok(Ok(_slot)) = slot else { return Err(LlmFailure::Busy) };
        let permit = Permit::of(self)?;
        let body = ChatRequest {
            model: &self.config.model,
            messages,
            response_format: format,
            max_completion_tokens: self.config.max_tokens,
            temperature: self.config.temperature,
        };
        let chars = messages.iter().map(|message| message.content.len()).sum();
        let request = observe::Request::begin(&self.config.model, &self.url, chars, athlete);
        let within = self.config.timeout.min(deadline.saturating_duration_since(Instant::now()));
        let exchange = exchange(&self.http, &self.url, &self.config, &*self.clock, &body, within);
        let answer = exchange.instrument(request.span().clone()).await;
        request.end(answer.as_ref().map(|(_, usage): &(Said, Usage)| *usage));
        permit.end(answer.as_ref().err());
        answer.map(|(said, _)| said)
    }

    /// Looks at the endpoint once an open circuit has rested: after an outage nobody may ask for hours, and it would be shown as down.
    /// Whatever answers and is no failure of the server's counts; the next plan tells more.
    pub async fn look(&self) {
        if !self.circuit().has_rested(Instant::now()) {
            return;
        }
        let models = format!("{}/models", self.config.base_url.trim_end_matches('/'));
        let request = self.http.get(models).timeout(self.config.timeout.min(LOOK_TIMEOUT));
        let request = match &self.config.api_key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        };
        let answers = request.send().await.is_ok_and(|answer| !answer.status().is_server_error());
        // It stays as it is: the next plan tries the endpoint alone, whatever else it answers.
        if self.circuit().has_rested(Instant::now()) {
            observe::looked(answers);
        }
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that the circuit let through; dropped without an end, it told nothing of the endpoint.
struct Permit<'a> {
    client: &'a Client,
    ended: bool,
}

impl<'a> Permit<'a> {
    fn of(client: &'a Client) -> Result<Self, LlmFailure> {
        let admitted = client.circuit().admit(Instant::now());
        observe::circuit_is(client.circuit().state());
        admitted.map_err(|after| LlmFailure::CircuitOpen { after })?;
        Ok(Self { client, ended: false })
    }

    fn end(mut self, failure: Option<&LlmFailure>) {
        self.ended = true;
        let mut circuit = self.client.circuit();
        match failure {
            // Asking for fewer requests is an answer; how to heed it stands in the answer.
            Some(failure) if failure.is_outage() && !matches!(failure, LlmFailure::RateLimited { .. }) => {
                circuit.failed(Instant::now());
            }
            _ => circuit.succeeded(),
        }
        observe::circuit_is(circuit.state());
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.client.circuit().abandoned(Instant::now());
        }
    }
}
