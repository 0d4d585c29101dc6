//! The model's endpoint, where a model makes the plans: whether it answers, takes the key and offers the model.

use std::time::Duration;

use ally_telemetry::mask;
use ally_telemetry::names::{self, circuit, label, llm_outcome};
use reqwest::StatusCode;
use serde_json::Value;

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::config::{Config, Provider, Role};

const WHAT: &str = "model endpoint";
/// So few requests without an answer say nothing yet.
const FEW: f64 = 3.0;

/// What there is to say; nothing where the built-in engine makes the plans.
pub async fn look(config: &Config, timeout: Duration) -> Option<Finding> {
    let (Provider::Llm, Some(base), Some(model)) = (config.plans.provider, &config.llm.base_url, &config.llm.model)
    else {
        return None;
    };
    // As the planner reaches it: through a proxy where the environment names one.
    let client = match ally_handlers::providers::http_client(base.expose()).timeout(timeout).build() {
        Ok(client) => client,
        Err(error) => return Some(Finding::unwell(Subject::Model, WHAT, error.to_string(), "correct LLM_BASE_URL")),
    };
    let url = format!("{}/models", base.expose().trim_end_matches('/'));
    let shown = mask::address(&url);
    let mut request = client.get(&url);
    if let Some(key) = &config.llm.api_key {
        request = request.bearer_auth(key.expose());
    }
    let (found, remedy) = match request.send().await {
        Err(_) => {
            let remedy = "check LLM_BASE_URL, and that this machine reaches it";
            (format!("nothing answers at {shown}"), Some(remedy.to_owned()))
        }
        Ok(answer) => finding_of(answer.status(), &answer.json().await.unwrap_or_default(), model),
    };
    Some(match remedy {
        None => Finding::well(Subject::Model, WHAT, found),
        Some(remedy) => Finding::unwell(Subject::Model, WHAT, found, remedy),
    })
}

/// What the planner has met: an endpoint may list its models and make no plan.
pub fn met(seen: &[Seen]) -> Option<Finding> {
    let page = &seen.iter().find(|seen| seen.role == Role::Planner)?.page;
    let is_closed = page.sum(names::LLM_CIRCUIT, &[(label::STATE, circuit::CLOSED)])? > 0.0;
    let all = page.sum(names::LLM_REQUESTS_TOTAL, &[]).unwrap_or_default();
    let answered = page.sum(names::LLM_REQUESTS_TOTAL, &[(label::OUTCOME, llm_outcome::OK)]).unwrap_or_default();
    let (what, found) = ("model as the planner meets it", format!("{answered} of {all} requests were answered"));
    let remedy = "the planner's log has the reason at WARN; LLM_FALLBACK says what becomes of plans meanwhile";
    Some(if !is_closed {
        let found = format!("it is left alone for a while after failures in a row; {found}");
        Finding::unwell(Subject::Model, what, found, remedy)
    } else if all >= FEW && answered == 0.0 {
        Finding::unwell(Subject::Model, what, found, remedy)
    } else {
        Finding::well(Subject::Model, what, found)
    })
}

/// What an answer to the question for models means, and what to do about it.
fn finding_of(status: StatusCode, body: &Value, model: &str) -> (String, Option<String>) {
    let offered: Option<Vec<&str>> =
        body["data"].as_array().map(|models| models.iter().filter_map(|offer| offer["id"].as_str()).collect());
    match (status, offered) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => (
            format!("the key is refused ({})", status.as_u16()),
            Some("set LLM_API_KEY to a key that is valid there".to_owned()),
        ),
        (status, Some(offered)) if status.is_success() => match offered.contains(&model) {
            true => (format!("offers {model}"), None),
            false => {
                let remedy = format!("set LLM_MODEL to one of: {}", offered[..offered.len().min(8)].join(", "));
                (format!("offers {} models and not {model}", offered.len()), Some(remedy))
            }
        },
        // Not every endpoint lists its models.
        (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, _) => {
            ("answers, and lists no models".to_owned(), None)
        }
        (status, _) => {
            let remedy = "look at the endpoint's own status; plans fall back or wait meanwhile, as LLM_FALLBACK says";
            (format!("answers with status {}", status.as_u16()), Some(remedy.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_answer_has_a_meaning_and_what_is_wrong_a_remedy() {
        let models = json!({"data": [{"id": "a"}, {"id": "b"}]});
        assert_eq!(finding_of(StatusCode::OK, &models, "b"), ("offers b".to_owned(), None));
        let (found, remedy) = finding_of(StatusCode::OK, &models, "c");
        assert!(found.contains("2 models and not c") && remedy.unwrap().contains("LLM_MODEL"));
        assert!(finding_of(StatusCode::UNAUTHORIZED, &Value::Null, "c").1.unwrap().contains("LLM_API_KEY"));
        assert_eq!(finding_of(StatusCode::NOT_FOUND, &Value::Null, "c").1, None);
        assert!(finding_of(StatusCode::BAD_GATEWAY, &Value::Null, "c").1.is_some());
        assert!(finding_of(StatusCode::OK, &Value::Null, "c").1.is_some(), "a page is no list");
    }
}
