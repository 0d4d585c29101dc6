//! Why the model made no plan: by cause, each with what it means for the attempt.

use std::time::Duration;

use ally_domain::engine::rule::Rule;
use ally_domain::job::FailureCode;
use ally_domain::ports::ProviderError;
use ally_telemetry::names::llm_outcome;

/// Why the model made no plan. The texts reach athletes: they hold nothing that the endpoint wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmFailure {
    /// No whole answer in time.
    #[error("the model did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// No connection, or one that broke.
    #[error("the model's endpoint cannot be reached")]
    Unreachable,
    /// The endpoint's own fault: 5xx, and 408.
    #[error("the model's endpoint failed with status {status}")]
    Failed {
        /// The HTTP status.
        status: u16,
        /// When to come back, where it said so.
        after: Option<Duration>,
    },
    /// Too many requests: 429.
    #[error("the model's endpoint asks for fewer requests")]
    RateLimited {
        /// When to come back, where it said so.
        after: Option<Duration>,
    },
    /// Our fault, or the configuration's: any other status.
    #[error(
        "the model's endpoint refused the request with status {status}; check LLM_API_KEY, LLM_BASE_URL and LLM_MODEL"
    )]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// More bytes than any draft needs.
    #[error("the model's answer is larger than {0} bytes")]
    TooLarge(usize),
    /// What came is no draft, also after repairs.
    #[error("the model's answer is no draft of a plan: {0}")]
    Unusable(&'static str),
    /// The model would not.
    #[error("the model declined to draft a plan")]
    Declined,
    /// The draft broke hard rules, also after repairs.
    #[error("the model's draft breaks {}", codes(.0))]
    BrokenRules(Vec<Rule>),
    /// Too many failures lately: nothing was asked.
    #[error("the model's endpoint failed repeatedly and is left alone for {} s", .after.as_secs().max(1))]
    CircuitOpen {
        /// When it is asked again.
        after: Duration,
    },
    /// Every slot stayed taken.
    #[error("too many plans wait for the model")]
    Busy,
}

fn codes(rules: &[Rule]) -> String {
    rules.iter().map(|rule| rule.code()).collect::<Vec<_>>().join(", ")
}

impl LlmFailure {
    /// The cause for programs: in metrics, spans and a plan's provenance.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimedOut(_) => llm_outcome::TIMEOUT,
            Self::Unreachable => llm_outcome::UNREACHABLE,
            Self::Failed { .. } => llm_outcome::SERVER_ERROR,
            Self::RateLimited { .. } => llm_outcome::RATE_LIMITED,
            Self::Refused { .. } => llm_outcome::REFUSED,
            Self::TooLarge(_) => llm_outcome::TOO_LARGE,
            Self::Unusable(_) => llm_outcome::UNUSABLE,
            Self::Declined => llm_outcome::DECLINED,
            Self::BrokenRules(_) => llm_outcome::BROKEN_RULES,
            Self::CircuitOpen { .. } => llm_outcome::CIRCUIT_OPEN,
            Self::Busy => llm_outcome::BUSY,
        }
    }

    /// Whether the endpoint is in trouble, which counts for the circuit and may be over at the next request.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Unreachable | Self::Failed { .. } | Self::RateLimited { .. })
    }

    /// When to come back, where that is known.
    #[must_use]
    pub const fn after(&self) -> Option<Duration> {
        match self {
            Self::Failed { after, .. } | Self::RateLimited { after } => *after,
            Self::CircuitOpen { after } => Some(*after),
            _ => None,
        }
    }
}

impl From<LlmFailure> for ProviderError {
    fn from(failure: LlmFailure) -> Self {
        let reason = failure.to_string();
        if failure.is_outage() || matches!(failure, LlmFailure::CircuitOpen { .. } | LlmFailure::Busy) {
            Self::Transient { reason, after: failure.after() }
        } else {
            Self::Permanent { code: FailureCode::Rejected, reason }
        }
    }
}
