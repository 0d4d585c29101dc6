//! From an order to a sound plan: ask, complete, judge, and send back what is broken, twice at most.

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::rules::Finding;
use ally_domain::engine::{Author, ComposeInput, Draft, Frame, complete, validate};
use ally_domain::json;
use ally_domain::ports::{PlanOrder, Progress};
use tokio::time::Instant;

use super::client::Client;
use super::exchange::Said;
use super::failure::LlmFailure;
use super::observe::{self, PROVIDER};
use super::prompt;
use super::wire::Message;

/// How often a draft goes back.
pub const MAX_REPAIRS: u8 = 2;
/// Findings that go back at once: more of them would only be more of the same.
const MAX_FINDINGS: usize = 24;
/// A longer answer is not repeated to the model.
const MAX_REPEATED_BYTES: usize = 48 * 1024;

/// What is wrong with an answer.
enum Fault {
    /// What kind of, for people, and what exactly, for the model.
    Unusable(&'static str, String),
    Broken(Vec<Finding>),
}

/// Drafts a plan for an order. What comes out has passed the validator.
pub async fn converse(
    client: &Client,
    catalogue: &Catalogue,
    order: &PlanOrder,
    progress: &dyn Progress,
) -> Result<Plan, LlmFailure> {
    let deadline = Instant::now() + client.config.deadline;
    let input = input(order);
    let frame = Frame::of(&input, catalogue);
    let format = prompt::format(&frame, Draft::schema());
    let opening = prompt::opening(&frame, &order.profile, &order.request);
    let mut messages = opening.clone();
    let mut repairs = 0;
    loop {
        let (phase, percent) = phase(repairs);
        progress.say(phase, percent);
        let (text, fault) = match client.ask(&messages, &format, &order.athlete, deadline).await? {
            Said::Declined => return Err(LlmFailure::Declined),
            Said::Garbled(why) => (None, Fault::Unusable("it is none of the chat API", why)),
            Said::CutOff(text) => {
                (Some(text), Fault::Unusable("it was cut off", "it was cut off; keep it shorter".to_owned()))
            }
            Said::Text(text) => match judge(&text, &input, catalogue, client, repairs) {
                Ok(plan) => return Ok(plan),
                Err(fault) => (Some(text), fault),
            },
        };
        if repairs == MAX_REPAIRS {
            return Err(fault.into());
        }
        repairs += 1;
        observe::repaired(&client.config.model);
        messages.clone_from(&opening);
        messages.extend(text.filter(|text| text.len() <= MAX_REPEATED_BYTES).map(Message::assistant));
        messages.push(Message::user(match &fault {
            Fault::Unusable(_, why) => prompt::unusable(why),
            Fault::Broken(found) => prompt::findings(found, MAX_FINDINGS),
        }));
    }
}

/// What each request to the model is for, and how far the conversation is then: every answer may be the last.
const fn phase(repairs: u8) -> (&'static str, u8) {
    match repairs {
        0 => ("drafting", 10),
        1 => ("repairing", 50),
        _ => ("repairing again", 75),
    }
}

fn input(order: &PlanOrder) -> ComposeInput<'_> {
    ComposeInput {
        plan_id: &order.plan_id,
        profile_revision: order.profile_revision,
        profile: &order.profile,
        request: &order.request,
    }
}

fn judge(
    text: &str,
    input: &ComposeInput<'_>,
    catalogue: &Catalogue,
    client: &Client,
    repairs: u8,
) -> Result<Plan, Fault> {
    let unusable = |kind, why: &dyn std::fmt::Display| Fault::Unusable(kind, why.to_string());
    let draft: Draft = json::read_as(text.as_bytes()).map_err(|error| unusable("it is not of the schema", &error))?;
    let author = Author { provider: PROVIDER.to_owned(), model: client.config.model.clone(), repairs };
    let plan = complete(input, &draft, &author, catalogue).map_err(|fault| unusable("it is out of bounds", &fault))?;
    let found = validate(&plan, input.profile, input.request, catalogue);
    let broken: Vec<Finding> = found.into_iter().filter(|finding| finding.hard).collect();
    if broken.is_empty() { Ok(plan) } else { Err(Fault::Broken(broken)) }
}

impl From<Fault> for LlmFailure {
    fn from(fault: Fault) -> Self {
        match fault {
            // What exactly may hold words of the answer, and this text reaches athletes.
            Fault::Unusable(kind, _) => Self::Unusable(kind),
            Fault::Broken(found) => {
                let mut rules: Vec<_> = found.into_iter().map(|finding| finding.rule).collect();
                rules.sort_unstable();
                rules.dedup();
                Self::BrokenRules(rules)
            }
        }
    }
}
