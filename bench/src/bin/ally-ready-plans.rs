//! Ally with a provider that answers a ready plan at once: what the walk of a job costs without the engine.
//!
//! The composition, the command line and every other part are the product's own. A plan is made once for each kind of
//! request and handed out under the id that was ordered, so it is right only while all athletes answer alike, as those
//! of the bench do.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::ports::{PlanOrder, PlanProvider, ProviderError};
use ally_handlers::providers::BuiltinProvider;
use async_trait::async_trait;

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Kinds of requests that are kept: the bench asks for two.
const KEPT: usize = 8;

fn main() -> ExitCode {
    match Catalogue::embedded() {
        Ok(catalogue) => ally::run_with(Arc::new(ReadyPlans::new(Arc::new(catalogue)))),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Hands out plans that were made before.
struct ReadyPlans {
    engine: BuiltinProvider,
    made: Mutex<Vec<(PlanOrder, Arc<Plan>)>>,
}

impl ReadyPlans {
    fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { engine: BuiltinProvider::new(catalogue), made: Mutex::default() }
    }

    /// A plan for the same answers, the same weeks and the same start.
    fn ready(&self, order: &PlanOrder) -> Option<Arc<Plan>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = |kept: &PlanOrder| {
            kept.request.weeks == order.request.weeks
                && kept.request.start == order.request.start
                && kept.profile_revision == order.profile_revision
                && kept.profile == order.profile
        };
        made.iter().find(|(kept, _)| alike(kept)).map(|(_, plan)| plan.clone())
    }
}

#[async_trait]
impl PlanProvider for ReadyPlans {
    fn name(&self) -> &'static str {
        "ready"
    }

    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError> {
        if let Some(plan) = self.ready(order) {
            return Ok(Plan { plan_id: order.plan_id.clone(), ..(*plan).clone() });
        }
        let plan = self.engine.make(order).await?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() < KEPT {
            made.push((order.clone(), Arc::new(plan.clone())));
        }
        Ok(plan)
    }
}
