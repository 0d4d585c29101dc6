//! The model's endpoint, where a model makes the plans: whether it answers, takes the key and offers the model.

use std::time::Duration;

use ally_telemetry::mask;
use reqwest::StatusCode;
use serde_json::Value;

use super::Finding;
use crate::config::{Config, Provider};

/// What there is to say; nothing where the built-in engine makes the plans.
pub async fn look(config: &Config, timeout: Duration) -> reqwest::Result<Option<Finding>> {
    let (Provider::Llm, Some(base), Some(model)) = (config.plans.provider, &config.llm.base_url, &config.llm.model)
    else {
        return Ok(None);
    };
    // As the planner reaches it: through a proxy where the environment names one.
    let client = ally_handlers::providers::http_client(base.expose()).timeout(timeout).build()?;
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
    Ok(Some(Finding { what: "model endpoint".to_owned(), well: remedy.is_none(), found, remedy }))
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
