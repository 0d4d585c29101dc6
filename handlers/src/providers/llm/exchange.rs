//! One request and its answer: bounded in time and bytes, and whatever comes, an answer or a named failure.

use std::time::Duration;

use ally_domain::json;
use ally_domain::ports::Clock;
use ally_telemetry::mask;
use ally_telemetry::names::attr;
use reqwest::{Response, StatusCode, Url, header};

use super::config::LlmConfig;
use super::failure::LlmFailure;
use super::wire::{ChatRequest, ChatResponse, Usage};
use crate::retry_after;

/// The largest answer that is read. A draft of sixteen weeks takes a tenth of it.
pub const MAX_ANSWER_BYTES: usize = 512 * 1024;
/// How much of an error's body is read, for the log.
const MAX_ERROR_BYTES: usize = 2 * 1024;

/// The model's endpoint is waited for no longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// What the model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// All it had to say.
    Text(String),
    /// The limit of tokens cut it off.
    CutOff(String),
    /// It would not.
    Declined,
    /// The endpoint answered with something else than the chat API does.
    Garbled(String),
}

/// Sends a request and reads its answer within a time.
pub async fn exchange(
    http: &reqwest::Client,
    url: &Url,
    config: &LlmConfig,
    clock: &dyn Clock,
    body: &ChatRequest<'_>,
    within: Duration,
) -> Result<(Said, Usage), LlmFailure> {
    let mut request = http.post(url.clone()).json(body);
    if let Some(key) = &config.api_key {
        request = request.bearer_auth(key.expose());
    }
    let answer = async {
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        tracing::Span::current().record(attr::HTTP_RESPONSE_STATUS_CODE, status.as_u16());
        if !status.is_success() {
            return Err(refused(response, config, clock).await);
        }
        let bytes = read(response, MAX_ANSWER_BYTES).await?.ok_or(LlmFailure::TooLarge(MAX_ANSWER_BYTES))?;
        Ok(understand(&bytes))
    };
    tokio::time::timeout(within, answer).await.unwrap_or(Err(LlmFailure::TimedOut(within)))
}

/// Reads a body to its end; `None` when it is larger than allowed.
async fn read(mut response: Response, most: usize) -> Result<Option<Vec<u8>>, LlmFailure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn understand(bytes: &[u8]) -> (Said, Usage) {
    let garbled = |why: String| (Said::Garbled(why), Usage::default());
    let response: ChatResponse = match json::read_as(bytes) {
        Ok(response) => response,
        Err(error) => return garbled(format!("the endpoint's answer is none of the chat API: {error}")),
    };
    let usage = response.usage.unwrap_or_default();
    let Some(choice) = response.choices.into_iter().next() else {
        return garbled("the endpoint's answer holds no choice".to_owned());
    };
    let said = match (choice.message.content, choice.message.refusal, choice.finish_reason.as_deref()) {
        (_, Some(_), _) | (_, _, Some("content_filter")) => Said::Declined,
        (Some(text), None, Some("length")) => Said::CutOff(text),
        (Some(text), None, _) => Said::Text(text),
        (None, None, _) => Said::Garbled("the endpoint's answer holds no text".to_owned()),
    };
    (said, usage)
}

/// Any answer but a good one. What the endpoint wrote goes to the log, without the key, and nowhere else.
async fn refused(response: Response, config: &LlmConfig, clock: &dyn Clock) -> LlmFailure {
    let status = response.status();
    let after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let after = after.and_then(|text| retry_after::parse(text, clock.now(), LONGEST_WAIT));
    let said = start_of(response, config).await;
    tracing::warn!(status = status.as_u16(), model = config.model, said, "the model's endpoint refused a request");
    match status {
        StatusCode::TOO_MANY_REQUESTS => LlmFailure::RateLimited { after },
        StatusCode::REQUEST_TIMEOUT => LlmFailure::Failed { status: status.as_u16(), after },
        _ if status.is_server_error() => LlmFailure::Failed { status: status.as_u16(), after },
        _ => LlmFailure::Refused { status: status.as_u16() },
    }
}

async fn start_of(mut response: Response, config: &LlmConfig) -> String {
    let mut bytes = Vec::new();
    while let (true, Ok(Some(chunk))) = (bytes.len() < MAX_ERROR_BYTES, response.chunk().await) {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(MAX_ERROR_BYTES);
    let text = String::from_utf8_lossy(&bytes);
    match config.api_key.as_ref().map(super::config::ApiKey::expose).filter(|key| !key.is_empty()) {
        Some(key) => text.replace(key, mask::MASK),
        None => text.into_owned(),
    }
}

/// The client's errors repeat the address, which may carry a key, and never the headers.
fn unreachable(error: reqwest::Error) -> LlmFailure {
    let error = error.without_url();
    tracing::warn!(%error, "the model's endpoint cannot be reached");
    LlmFailure::Unreachable
}
