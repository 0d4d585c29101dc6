//! The document is true of what is read: a message that it allows is read, and one that it forbids is refused.

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::examples;
use crate::presence::message;
use crate::presence::socket_io::reads;

fn document() -> Value {
    super::document().value()
}

/// What may stand in the place of a field's value; none of it is refused later than where fields are read.
fn other_values() -> [Value; 8] {
    [Value::Null, json!(true), json!(7), json!(-1), json!(1.5), json!("x"), json!([]), json!({})]
}

fn validator(document: &Value, schema: &str) -> Validator {
    let whole = json!({"$ref": schema, "components": document["components"]});
    jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(false).build(&whole).unwrap()
}

/// An example, and the same with each of its fields missing, of another type, and with one more.
fn variants(example: &Value) -> Vec<Value> {
    let mut variants = vec![example.clone()];
    let fields = example.as_object().unwrap();
    for name in fields.keys().filter(|name| *name != "type") {
        let mut without = fields.clone();
        without.remove(name);
        variants.push(without.into());
        for value in other_values() {
            let mut changed = fields.clone();
            changed.insert(name.clone(), value);
            variants.push(changed.into());
        }
    }
    let mut more = fields.clone();
    more.insert("surplus".to_owned(), json!(1));
    variants.push(more.into());
    variants
}

/// Whether the document allows a payload of each operation that receives one, beside whether it is read.
fn compare(channel: &str, is_read: impl Fn(&str, &Value) -> bool) -> usize {
    let document = document();
    let mut compared = 0;
    for (name, operation) in document["operations"].as_object().unwrap() {
        let of_channel = operation["channel"]["$ref"] == format!("#/channels/{channel}");
        if !of_channel || operation["action"] != "receive" {
            continue;
        }
        let message = &document["components"]["messages"][name];
        let validator = validator(&document, message["payload"]["$ref"].as_str().unwrap());
        for variant in variants(&examples()[name]) {
            // An id or a trace of another type is passed over.
            let lenient = ["id", "traceparent"].iter().any(|field| variant[field] != examples()[name][field]);
            let (allowed, read) = (validator.is_valid(&variant), is_read(message["name"].as_str().unwrap(), &variant));
            assert!(allowed == read || lenient, "the document allows: {allowed}, it is read: {read}: {variant}");
            compared += 1;
        }
    }
    compared
}

#[test]
fn a_message_is_read_where_the_document_allows_it() {
    let compared =
        compare("websocket", |_, variant| message::read(variant.to_string().as_bytes()).unwrap().request.is_ok());
    assert!(compared > 100, "{compared}");
}

#[test]
fn an_event_is_read_where_the_document_allows_it() {
    let compared = compare("socketIo", |name, variant| reads(&json!([name, variant]).to_string()));
    assert!(compared > 100, "{compared}");
}

#[test]
fn every_message_has_an_example_and_no_example_is_left_over() {
    let document = document();
    let messages: Vec<&String> = document["components"]["messages"].as_object().unwrap().keys().collect();
    let examples: Vec<&String> = examples().as_object().unwrap().keys().collect();
    assert_eq!(messages, examples);
}
