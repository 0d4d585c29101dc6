//! What answers look like: each answer in JSON with an example, its type's own or the one of `examples.json`. A test holds every example
//! against its schema.

use serde_json::{Map, Value};

use super::parts::{members, named, operations, referred};

const ANSWERS: &str = include_str!("examples.json");

pub(super) fn show(document: &mut Value) {
    let mut examples: Map<String, Value> = serde_json::from_str(ANSWERS).unwrap_or_default();
    for (name, schema) in named(document).into_iter().flatten() {
        if let Some(example) = schema.get("example") {
            examples.insert(name.clone(), example.clone());
        }
    }
    for operation in operations(document) {
        for (_, response) in members(operation.get_mut("responses")) {
            let media = response.pointer_mut("/content/application~1json").and_then(Value::as_object_mut);
            let Some(media) = media else { continue };
            let name = media.get("schema").and_then(referred);
            if let Some(example) = name.and_then(|name| examples.get(name)) {
                media.insert("example".to_owned(), example.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parts::reference;
    use super::*;

    #[test]
    fn an_answer_shows_the_example_of_its_type() {
        let answer = |name: &str| json!({"200": {"content": {"application/json": {"schema": reference(name)}}}});
        let mut document = json!({
            "paths": {"/a": {"get": {"responses": answer("Own")}, "post": {"responses": answer("PresenceLeft")}}},
            "components": {"schemas": {"Own": {"example": {"a": 1}}, "PresenceLeft": {}}}
        });
        show(&mut document);
        let example = |method: &str| {
            &document["paths"]["/a"][method]["responses"]["200"]["content"]["application/json"]["example"]
        };
        assert_eq!(*example("get"), json!({"a": 1}));
        assert_eq!(example("post")["members"], 3);
    }

    #[test]
    fn the_examples_are_json() {
        assert!(serde_json::from_str::<Map<String, Value>>(ANSWERS).unwrap().len() > 20);
    }
}
