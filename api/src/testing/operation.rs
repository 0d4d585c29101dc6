//! The operations of the document: which one a request meets, and what it may answer.

use std::collections::BTreeMap;

use serde_json::Value;

/// One operation.
pub(super) struct Operation {
    /// `GET`
    pub method: String,
    /// `/api/v1/plans/{id}`
    pub template: String,
    /// What the document says of each status.
    pub responses: BTreeMap<String, Value>,
}

/// Every operation of a document.
pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let whole = |response: &Value| {
        let pointer = response["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(response).clone()
    };
    let responses = |operation: &Value| {
        let responses = operation["responses"].as_object().into_iter().flatten();
        responses.map(|(status, response)| (status.clone(), whole(response))).collect()
    };
    let of_path = |(template, methods): (&String, &Value)| {
        let methods = methods.as_object().cloned().unwrap_or_default();
        let (template, responses) = (template.clone(), &responses);
        methods.into_iter().map(move |(method, operation)| Operation {
            method: method.to_uppercase(),
            template: template.clone(),
            responses: responses(&operation),
        })
    };
    paths.flat_map(of_path).collect()
}

/// The headers that an answer must carry.
pub(super) fn required_headers(response: &Value) -> impl Iterator<Item = &str> {
    let headers = response["headers"].as_object().into_iter().flatten();
    headers.filter(|(_, header)| header["required"] == true).map(|(name, _)| name.as_str())
}

impl Operation {
    /// `GET /api/v1/plans/{id}`
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    pub(super) fn fits(&self, path: &str) -> bool {
        let (template, path): (Vec<&str>, Vec<&str>) = (self.template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template.iter().zip(&path).all(|(wanted, segment)| match wanted.strip_prefix('{') {
                // What follows the parameter in its segment: `.ics`.
                Some(wanted) => {
                    let ending = wanted.split('}').nth(1).unwrap_or_default();
                    segment.strip_suffix(ending).is_some_and(|parameter| !parameter.is_empty())
                }
                None => wanted == segment,
            })
    }

    /// How little the template says of a path that fits: of two the one that says more is meant.
    pub(super) fn vagueness(&self) -> (usize, bool) {
        (self.template.matches('{').count(), self.template.ends_with('}'))
    }

    /// Whether it gives a form of what another one gives: `/plans/{id}.ics` of `/plans/{id}`.
    pub(super) fn is_form_of(&self, other: &Self) -> bool {
        self.method == other.method
            && self.template.strip_prefix(&other.template).is_some_and(|ending| ending.starts_with('.'))
    }
}
