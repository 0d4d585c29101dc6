//! The schemas of what clients send and are sent, in the dialect that AsyncAPI 3.0 has by itself (JSON Schema draft 7).

use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::SCHEMAS;
use crate::presence::ack::Done;
use crate::presence::shape::{MessageId, TraceParent};
use crate::presence::spelled::constant;

/// Schemas by their names. Those of what is read close their objects where serde refuses unknown fields; those of what is written are
/// open, since a client must bear fields that it does not know.
pub(in crate::presence) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        Self { read: generator(Contract::Deserialize), written: generator(Contract::Serialize) }
    }

    /// The name of the schema of something that a client sends.
    pub(in crate::presence) fn read<T: JsonSchema>(&mut self) -> String {
        name_of(&self.read.subschema_for::<T>())
    }

    /// The name of the schema of something that a client is sent.
    pub(in crate::presence) fn written<T: JsonSchema>(&mut self) -> String {
        name_of(&self.written.subschema_for::<T>())
    }

    /// The name of the schema of an answer to a request that did what it asked for. It says what the answer says.
    pub(in crate::presence) fn done<T: JsonSchema>(&mut self) -> String {
        let name = self.written::<Done<'_, T>>();
        let description = T::json_schema(&mut self.written).remove("description");
        if let Some(schema) = self.written.definitions_mut().get_mut(&name) {
            schema["description"] = description.unwrap_or_default();
        }
        name
    }

    /// Adds what a message has beside its own fields: its trace, and on a plain WebSocket its type and its id.
    pub(super) fn add_envelope(&mut self, schema: &str, kind: Option<&str>) {
        let mut added = Map::new();
        added.insert("traceparent".to_owned(), TraceParent::json_schema(&mut self.read).into());
        if let Some(kind) = kind {
            added.insert("type".to_owned(), constant(kind.into()).into());
            added.insert("id".to_owned(), MessageId::json_schema(&mut self.read).into());
        }
        let Some(schema) = self.read.definitions_mut().get_mut(schema) else { return };
        if kind.is_some() {
            let own = schema["required"].as_array().cloned().unwrap_or_default();
            schema["required"] = std::iter::once(json!("type")).chain(own).collect();
        }
        if schema["properties"].is_null() {
            schema["properties"] = json!({});
        }
        if let Value::Object(properties) = &mut schema["properties"] {
            properties.extend(added);
        }
    }

    /// All of them, by name.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        all.extend(self.written.take_definitions(true));
        all
    }
}

fn generator(contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.definitions_path = SCHEMAS.into();
        settings.meta_schema = None;
        settings.contract = contract;
    });
    let settings = settings.with_transform(RecursiveTransform(drop_number_formats));
    settings.with_transform(RecursiveTransform(join_lines)).into_generator()
}

/// Comments are broken into lines for those who read the source.
fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

/// Sizes of numbers are Rust's, not JSON's.
fn drop_number_formats(schema: &mut Schema) {
    let is_number = |format: &Value| format.as_str().is_some_and(|format| format.contains("int"));
    if schema.get("format").is_some_and(is_number) {
        schema.remove("format");
    }
}

fn name_of(schema: &Schema) -> String {
    let reference = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::channels;
    use super::*;

    #[test]
    fn a_name_is_of_one_schema() {
        let mut schemas = Schemas::new();
        channels(&mut schemas);
        let (read, written) = (schemas.read.take_definitions(true), schemas.written.take_definitions(true));
        for (name, schema) in &read {
            assert!(written.get(name).is_none_or(|other| other == schema), "{name}");
        }
        for name in read.keys().chain(written.keys()) {
            assert!(!name.ends_with(|last: char| last.is_ascii_digit()), "{name}: another type has its name");
        }
    }
}
