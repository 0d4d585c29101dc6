//! Plans drafted by a model behind any OpenAI-compatible chat endpoint, judged like every other plan.
//!
//! The built-in engine looks at each order first: what it refuses never reaches the model, and what it makes stands in,
//! labelled, where the model cannot serve and the configuration says so. Deliberately not here: rules and reasons,
//! which are the engine's, and repeating a whole attempt, which is the job's.

mod client;
mod config;
mod conversation;
mod exchange;
mod failure;
mod observe;
mod prompt;
mod wire;

use std::sync::Arc;

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::{self, Plan, Tradeoff};
use ally_domain::engine::rule::Rule;
use ally_domain::ports::{Clock, PlanOrder, PlanProvider, Progress, ProviderError, RetryClock};
use async_trait::async_trait;

use self::client::Client;
pub use self::client::{LlmSetupError, http_client};
pub use self::config::{ApiKey, Fallback, LlmConfig};
pub use self::failure::LlmFailure;
use self::observe::PROVIDER;
use super::BuiltinProvider;

/// Makes plans with a model.
pub struct LlmProvider {
    client: Client,
    builtin: BuiltinProvider,
    catalogue: Arc<Catalogue>,
}

impl LlmProvider {
    /// A provider on an endpoint. `retry` paces the requests of one attempt.
    ///
    /// # Errors
    /// When the address is none or the HTTP client cannot be built.
    pub fn new(
        config: LlmConfig,
        catalogue: Arc<Catalogue>,
        retry: Arc<dyn RetryClock>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LlmSetupError> {
        observe::begin_series(&config.model);
        let client = Client::new(config, retry, clock)?;
        Ok(Self { client, builtin: BuiltinProvider::new(catalogue.clone()), catalogue })
    }
}

/// Progress of a plan that is made for a caller who does not ask for it.
struct Unreported;

impl Progress for Unreported {
    fn say(&self, _phase: &'static str, _percent: u8) {}
}

#[async_trait]
impl PlanProvider for LlmProvider {
    fn name(&self) -> &'static str {
        PROVIDER
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        self.make_with_progress(order, &Unreported).await
    }

    async fn make_with_progress(&self, order: &PlanOrder, progress: &dyn Progress) -> Result<Plan, ProviderError> {
        let stand_in = self.builtin.make(order).await?;
        let failure = match conversation::converse(&self.client, &self.catalogue, order, progress).await {
            Ok(plan) => return Ok(plan),
            Err(failure) => failure,
        };
        match self.client.config.fallback {
            Fallback::Builtin => {
                tracing::warn!(plan_id = %order.plan_id, cause = failure.code(), %failure,
                    "the model made no plan; the built-in engine's is used and says so");
                observe::fell_back(failure.code());
                Ok(labelled(stand_in, &self.client.config.model, &failure))
            }
            Fallback::Fail => Err(failure.into()),
        }
    }

    async fn look(&self) {
        self.client.look().await;
    }
}

/// The built-in engine's plan, saying that a model was asked first and why it is not the model's.
fn labelled(mut plan: Plan, model: &str, failure: &LlmFailure) -> Plan {
    let (code, reason) = (failure.code().to_owned(), failure.to_string());
    plan.tradeoffs.push(Tradeoff {
        rule: Rule::R25,
        want: format!("a plan drafted by the model {model}"),
        got: "a plan of the built-in engine".to_owned(),
        why: reason.clone(),
    });
    plan.provenance.fallback = Some(plan::Fallback { from: PROVIDER.to_owned(), code, reason });
    plan
}
