//! OpenAPI 3.1 from 3.0: its schemas are JSON Schema (draft 2020-12), so that null is a type, a reference may have neighbours and examples
//! are a list; and a license is named by its identifier.

use serde_json::{Value, json};

use super::bodies::only_null;
use super::parts::{Object, described_reference, schemas};

const VERSION: &str = "3.1.1";

pub(super) fn newer(mut document: Value) -> Value {
    if let Some(document) = document.as_object_mut() {
        document.insert("openapi".to_owned(), VERSION.into());
    }
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        // Of the two only one may be there.
        if license.remove("url").is_some() {
            let name = license.get("name").cloned().unwrap_or_default();
            license.insert("identifier".to_owned(), name);
        }
    }
    schemas(&mut document, &mut schema);
    document
}

fn schema(schema: &mut Object) {
    if only_null().as_object() == Some(schema) {
        schema.clear();
        schema.insert("type".to_owned(), "null".into());
    }
    if let Some(example) = schema.remove("example") {
        schema.insert("examples".to_owned(), json!([example]));
    }
    let nullable = schema.remove("nullable") == Some(Value::Bool(true));
    if let Some(reference) = described_reference(schema).cloned() {
        schema.remove("allOf");
        if nullable {
            schema.remove("type");
            schema.insert("anyOf".to_owned(), json!([reference, {"type": "null"}]));
        } else {
            schema.extend(reference.as_object().cloned().unwrap_or_default());
        }
    } else if let (true, Some(kind)) = (nullable, schema.get("type").cloned()) {
        schema.insert("type".to_owned(), json!([kind, "null"]));
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::reference;
    use super::*;

    fn of(given: Value) -> Value {
        let document = json!({"components": {"schemas": {"A": {"type": "object", "properties": {"a": given}}}}});
        newer(document)["components"]["schemas"]["A"]["properties"]["a"].clone()
    }

    #[test]
    fn schemas_are_json_schema() {
        assert_eq!(
            of(json!({"type": "string", "nullable": true, "example": "x"})),
            json!({"type": ["string", "null"], "examples": ["x"]})
        );
        assert_eq!(
            of(json!({"description": "a", "type": "object", "nullable": true, "allOf": [reference("B")]})),
            json!({"description": "a", "anyOf": [reference("B"), {"type": "null"}]})
        );
        let described = of(json!({"description": "a", "allOf": [reference("B")]}));
        assert_eq!(described, json!({"description": "a", "$ref": "#/components/schemas/B"}));
        assert_eq!(of(reference("B")), reference("B"));
        let either = |no: Value| json!({"anyOf": [reference("B"), no]});
        assert_eq!(of(either(only_null())), either(json!({"type": "null"})));
        let nested = of(json!({"type": "array", "items": {"type": "integer", "nullable": true}}));
        assert_eq!(nested, json!({"type": "array", "items": {"type": ["integer", "null"]}}));
    }

    #[test]
    fn a_license_is_named() {
        let given = json!({"openapi": "3.0.3", "info": {"license": {"name": "Apache-2.0", "url": "https://x"}}});
        let license = json!({"name": "Apache-2.0", "identifier": "Apache-2.0"});
        assert_eq!(newer(given), json!({"openapi": VERSION, "info": {"license": license}}));
    }
}
