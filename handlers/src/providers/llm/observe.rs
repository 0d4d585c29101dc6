//! What is counted and traced of the model: names, figures and outcomes, never a prompt or an answer.

use std::time::Instant;

use ally_domain::ids::AthleteId;
use ally_telemetry::job;
use ally_telemetry::names::{self, attr, circuit, dependency, direction, label, llm_outcome, provider, span};
use ally_telemetry::series;
use metrics::{counter, gauge, histogram};
use tracing::Span;

use super::failure::LlmFailure;
use super::wire::Usage;

/// The provider's name in labels.
pub const PROVIDER: &str = provider::LLM;
/// The family of the API that the endpoint speaks.
const API: &str = "openai";

/// One request under observation. One that is dropped before its end was given up: its job was cancelled, or its
/// attempt was over.
pub struct Request {
    span: Span,
    model: String,
    begun: Instant,
    ended: bool,
}

impl Request {
    pub fn begin(model: &str, url: &reqwest::Url, prompt_chars: usize, athlete: &AthleteId) -> Self {
        let span = tracing::info_span!(
            span::CHAT,
            { attr::OTEL_NAME } = span::chat(model),
            { attr::OTEL_KIND } = span::kind::CLIENT,
            { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
            { attr::OTEL_STATUS_DESCRIPTION } = tracing::field::Empty,
            { attr::ERROR_TYPE } = tracing::field::Empty,
            { attr::GEN_AI_OPERATION_NAME } = "chat",
            { attr::GEN_AI_PROVIDER_NAME } = API,
            { attr::GEN_AI_REQUEST_MODEL } = model,
            { attr::GEN_AI_USAGE_INPUT_TOKENS } = tracing::field::Empty,
            { attr::GEN_AI_USAGE_OUTPUT_TOKENS } = tracing::field::Empty,
            { attr::LLM_PROMPT_LENGTH } = prompt_chars as i64,
            { attr::USER_ID } = athlete.as_str(),
            { attr::JOB_ID } = job::current(),
            { attr::SERVER_ADDRESS } = url.host_str().unwrap_or_default(),
            { attr::SERVER_PORT } = url.port_or_known_default(),
            { attr::HTTP_RESPONSE_STATUS_CODE } = tracing::field::Empty,
        );
        Self { span, model: model.to_owned(), begun: Instant::now(), ended: false }
    }

    pub const fn span(&self) -> &Span {
        &self.span
    }

    pub fn end(mut self, ended: Result<Usage, &LlmFailure>) {
        let outcome = match ended {
            Ok(usage) => {
                self.span.record(attr::GEN_AI_USAGE_INPUT_TOKENS, usage.prompt_tokens);
                self.span.record(attr::GEN_AI_USAGE_OUTPUT_TOKENS, usage.completion_tokens);
                self.tokens(direction::INPUT, usage.prompt_tokens);
                self.tokens(direction::OUTPUT, usage.completion_tokens);
                llm_outcome::OK
            }
            Err(failure) => {
                self.span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
                self.span.record(attr::OTEL_STATUS_DESCRIPTION, failure.to_string());
                self.span.record(attr::ERROR_TYPE, failure.code());
                failure.code()
            }
        };
        self.count(outcome);
    }

    fn count(&mut self, outcome: &'static str) {
        self.ended = true;
        let model = || self.model.clone();
        counter!(names::LLM_REQUESTS_TOTAL, label::PROVIDER => PROVIDER, label::MODEL => model(), label::OUTCOME => outcome)
            .increment(1);
        histogram!(names::LLM_RESPONSE_TIME_SECONDS, label::PROVIDER => PROVIDER, label::MODEL => model())
            .record(self.begun.elapsed().as_secs_f64());
    }

    fn tokens(&self, direction: &'static str, tokens: u64) {
        counter!(names::LLM_TOKENS_USED_TOTAL, label::PROVIDER => PROVIDER, label::MODEL => self.model.clone(),
            label::DIRECTION => direction)
        .increment(tokens);
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if !self.ended {
            self.span.record(attr::ERROR_TYPE, llm_outcome::CANCELLED);
            self.count(llm_outcome::CANCELLED);
        }
    }
}

/// Shows at zero what is counted of a model.
pub fn begin_series(model: &str) {
    let of_model = [(label::PROVIDER, &[PROVIDER][..]), (label::MODEL, &[model][..])];
    let with = |more| [of_model[0], of_model[1], more];
    series::begin(names::LLM_REQUESTS_TOTAL, &with((label::OUTCOME, &llm_outcome::ALL)));
    series::begin(names::LLM_TOKENS_USED_TOTAL, &with((label::DIRECTION, &direction::ALL)));
    series::begin(names::LLM_RESPONSE_TIME_SECONDS, &of_model);
    series::begin(names::LLM_REPAIRS_TOTAL, &of_model);
    series::begin(names::LLM_FALLBACKS_TOTAL, &[(label::REASON, &llm_outcome::ALL)]);
}

/// Shows whether the endpoint answered somebody who only looked.
pub fn looked(answers: bool) {
    gauge!(names::DEPENDENCY_UP, label::DEPENDENCY => dependency::LLM).set(if answers { 1.0 } else { 0.0 });
}

/// Shows in which state the circuit is.
pub fn circuit_is(state: &'static str) {
    for known in [circuit::CLOSED, circuit::HALF_OPEN, circuit::OPEN] {
        gauge!(names::LLM_CIRCUIT, label::STATE => known).set(if known == state { 1.0 } else { 0.0 });
    }
    let up = if state == circuit::CLOSED { 1.0 } else { 0.0 };
    gauge!(names::DEPENDENCY_UP, label::DEPENDENCY => dependency::LLM).set(up);
}

/// A draft went back with what it broke.
pub fn repaired(model: &str) {
    counter!(names::LLM_REPAIRS_TOTAL, label::PROVIDER => PROVIDER, label::MODEL => model.to_owned()).increment(1);
}

/// The built-in engine made the plan in the model's stead.
pub fn fell_back(reason: &'static str) {
    counter!(names::LLM_FALLBACKS_TOTAL, label::REASON => reason).increment(1);
}
