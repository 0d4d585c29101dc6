//! The pure engine behind the port: offline, deterministic, in milliseconds.

use std::sync::Arc;

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::{self, ComposeError, ComposeInput};
use ally_domain::job::FailureCode;
use ally_domain::ports::{PlanOrder, PlanProvider, ProviderError};
use ally_telemetry::names::provider;
use async_trait::async_trait;
use tracing::Instrument;

/// Makes plans with the engine in `ally_domain`.
pub struct BuiltinProvider {
    catalogue: Arc<Catalogue>,
}

impl BuiltinProvider {
    /// A provider with a catalogue of exercises.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue }
    }
}

#[async_trait]
impl PlanProvider for BuiltinProvider {
    fn name(&self) -> &'static str {
        provider::BUILTIN
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        let (catalogue, order) = (self.catalogue.clone(), order.clone());
        // Pure computation: on a thread that may block, so that it holds up no delivery.
        let work = tokio::task::spawn_blocking(move || compose(&order, &catalogue)).in_current_span();
        work.await.unwrap_or_else(|panicked| {
            let reason = format!("the plan engine broke down: {panicked}");
            Err(ProviderError::Transient { reason, after: None })
        })
    }
}

fn compose(order: &PlanOrder, catalogue: &Catalogue) -> Result<Plan, ProviderError> {
    let input = ComposeInput {
        plan_id: &order.plan_id,
        profile_revision: order.profile_revision,
        profile: &order.profile,
        request: &order.request,
    };
    let plan = engine::compose(&input, catalogue).map_err(|error| ProviderError::Permanent {
        code: match error {
            ComposeError::Infeasible { .. } => FailureCode::Infeasible,
            ComposeError::ClearanceRequired { .. } => FailureCode::ClearanceRequired,
        },
        reason: error.to_string(),
    })?;
    let broken: Vec<String> = engine::validate(&plan, &order.profile, &order.request, catalogue)
        .into_iter()
        .filter(|finding| finding.hard)
        .map(|finding| format!("{} at {}: {} instead of {}", finding.rule, finding.place, finding.got, finding.want))
        .collect();
    if broken.is_empty() {
        Ok(plan)
    } else {
        // A plan that breaks a hard rule is never delivered, whoever made it.
        let reason = format!("the plan breaks hard rules and was withheld: {}", broken.join("; "));
        Err(ProviderError::Permanent { code: FailureCode::Rejected, reason })
    }
}
