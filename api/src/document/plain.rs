//! Says plainly what the framework writes at length or in another spelling: no default is repeated, whole numbers are written as such,
//! unsigned ones begin at 0, and headers are spelled as their specifications do.

use serde_json::Value;

use super::parts::{Object, items, members, operations, schemas};

pub(super) fn plainly(document: &mut Value) {
    schemas(document, &mut numbers);
    for operation in operations(document) {
        for parameter in items(operation.get_mut("parameters")).filter_map(Value::as_object_mut) {
            parameter.remove("explode");
            without_default(parameter, "deprecated");
            without_default(parameter, "required");
        }
        for (_, response) in members(operation.get_mut("responses")) {
            headers(response.get_mut("headers"));
        }
    }
}

fn without_default(object: &mut Object, flag: &str) {
    if object.get(flag) == Some(&Value::Bool(false)) {
        object.remove(flag);
    }
}

fn numbers(schema: &mut Object) {
    if schema.get("type").is_none_or(|kind| kind != "integer") {
        return;
    }
    for bound in ["minimum", "maximum"] {
        if let Some(whole) = schema.get(bound).and_then(Value::as_f64).and_then(whole) {
            schema.insert(bound.to_owned(), whole.into());
        }
    }
    if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
        schema.entry("minimum").or_insert_with(|| 0.into());
    }
}

/// The bounds of the document are far within what a float holds exactly.
#[allow(clippy::cast_possible_truncation, reason = "a number without a fraction, and within the range")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

fn headers(headers: Option<&mut Value>) {
    let Some(headers) = headers.and_then(Value::as_object_mut) else { return };
    let spelled_headers = std::mem::take(headers).into_iter().map(|(name, mut header)| {
        if let Some(header) = header.as_object_mut() {
            without_default(header, "deprecated");
        }
        (spelled(&name), header)
    });
    headers.extend(spelled_headers);
}

/// The framework writes names in capitals only.
fn spelled(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "etag" => "ETag".to_owned(),
        "www-authenticate" => "WWW-Authenticate".to_owned(),
        "ratelimit" => "RateLimit".to_owned(),
        "ratelimit-policy" => "RateLimit-Policy".to_owned(),
        // Those that no specification names are in small letters, as they are sent.
        own if own.starts_with("x-") => own.to_owned(),
        other => other.split('-').map(capitalized).collect::<Vec<_>>().join("-"),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_left_out_and_names_are_spelled() {
        let mut document = json!({"paths": {"/a": {"get": {
            "parameters": [{"name": "n", "required": false, "deprecated": false, "explode": true,
                "schema": {"type": "integer", "format": "int32", "minimum": 1.0, "maximum": 30.0}}],
            "responses": {"200": {"headers": {
                "ETAG": {"required": true, "deprecated": false, "schema": {"type": "string"}},
                "RETRY-AFTER": {"deprecated": false, "schema": {"type": "integer", "format": "uint64"}},
                "X-TRACE-ID": {"schema": {"type": "number", "minimum": 0.5}},
                "WWW-Authenticate": {}
            }}}
        }}}});
        plainly(&mut document);
        let expected = json!({"paths": {"/a": {"get": {
            "parameters": [{"name": "n", "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 30}}],
            "responses": {"200": {"headers": {
                "ETag": {"required": true, "schema": {"type": "string"}},
                "Retry-After": {"schema": {"type": "integer", "format": "uint64", "minimum": 0}},
                "x-trace-id": {"schema": {"type": "number", "minimum": 0.5}},
                "WWW-Authenticate": {}
            }}}
        }}}});
        assert_eq!(document, expected);
    }
}
