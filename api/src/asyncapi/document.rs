//! An AsyncAPI document as a whole, in the order in which people read it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::yaml;

/// The version of AsyncAPI that documents are written in.
const ASYNCAPI: &str = "3.0.0";

/// A document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    asyncapi: &'static str,
    info: Value,
    default_content_type: &'static str,
    servers: Value,
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    components: Value,
}

impl Document {
    pub(crate) fn new(
        info: Value,
        servers: Value,
        channels: Map<String, Value>,
        operations: Map<String, Value>,
        components: Value,
    ) -> Self {
        let default_content_type = "application/json";
        Self { asyncapi: ASYNCAPI, info, default_content_type, servers, channels, operations, components }
    }

    /// As pretty JSON.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// As YAML.
    pub(crate) fn yaml(&self) -> String {
        yaml::text(self)
    }

    /// As a value, to be looked into.
    #[cfg(test)]
    pub(crate) fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
