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
    let of_path = |(template, methods): (&String, &Value)| {
        let methods = methods.as_object().cloned().unwrap_or_default();
        let template = template.clone();
        methods.into_iter().map(move |(method, operation)| Operation {
            method: method.to_uppercase(),
            template: template.clone(),
            responses: operation["responses"].as_object().cloned().unwrap_or_default().into_iter().collect(),
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
            && template.iter().zip(&path).all(|(wanted, segment)| match wanted.starts_with('{') {
                true => !segment.is_empty(),
                false => wanted == segment,
            })
    }

    pub(super) fn parameters(&self) -> usize {
        self.template.matches('{').count()
    }
}
