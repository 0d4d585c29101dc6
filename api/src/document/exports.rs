//! An address with several forms is one operation a form: the plain address answers JSON, and each ending gives a file. So every
//! operation has one schema of what goes well, which generators need.
//!
//! `Accept` chooses among the same forms at the plain address; what it gives is described with the ending.

use serde_json::{Map, Value, json};

use crate::export::Form;

const JSON: &str = "application/json";

/// The forms that are files, with what their operations are called.
const FILES: &[(Form, &str, &str)] = &[
    (Form::Calendar, "Calendar", "as a calendar"),
    (Form::Table, "Table", "as a table"),
    (Form::Archive, "Archive", "as FIT files"),
    (Form::Fit, "Fit", "as a FIT file"),
    (Form::Markdown, "Markdown", "as Markdown"),
];

/// Takes the forms apart; each new path with the one that it was taken from.
pub(super) fn take_apart(document: &mut Value) -> Vec<(String, String)> {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return Vec::new() };
    let mut taken = Map::new();
    let mut origins = Vec::new();
    for (path, methods) in paths.iter_mut() {
        let Some(operation) = methods.get_mut("get").filter(|operation| has_forms(operation)) else { continue };
        for (form, name, words) in FILES {
            if let Some(file) = of_form(operation, *form, name, words) {
                let address = format!("{path}.{}", form.extension());
                taken.insert(address.clone(), json!({"get": file}));
                origins.push((address, path.clone()));
            }
        }
        only_json(operation);
    }
    paths.extend(taken);
    origins
}

fn content(operation: &mut Value) -> Option<&mut Map<String, Value>> {
    operation.pointer_mut("/responses/200/content")?.as_object_mut()
}

fn has_forms(operation: &Value) -> bool {
    let content = operation.pointer("/responses/200/content").and_then(Value::as_object);
    content.is_some_and(|content| content.len() > 1 && content.contains_key(JSON))
}

fn of_form(operation: &Value, form: Form, name: &str, words: &str) -> Option<Value> {
    let mut file = operation.clone();
    content(&mut file)?.retain(|media_type, _| media_type == form.media_type());
    if content(&mut file)?.is_empty() {
        return None;
    }
    for (field, more) in [("operationId", name.to_owned()), ("summary", format!(", {words}"))] {
        let text = operation.get(field)?.as_str()?;
        file[field] = json!(format!("{text}{more}"));
    }
    // The address says which form.
    file.pointer_mut("/responses")?.as_object_mut()?.remove("406");
    file.pointer_mut("/responses/200/headers")?.as_object_mut()?.remove("Vary");
    if form != Form::Calendar {
        without_parameter(&mut file, "start");
    }
    Some(file)
}

fn only_json(operation: &mut Value) {
    if let Some(content) = content(operation) {
        content.retain(|media_type, _| media_type == JSON);
    }
    let headers = operation.pointer_mut("/responses/200/headers").and_then(Value::as_object_mut);
    headers.and_then(|headers| headers.remove("Content-Disposition"));
    without_parameter(operation, "start");
}

/// The hour of a calendar's sessions says nothing in other forms.
fn without_parameter(operation: &mut Value, name: &str) {
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        parameters.retain(|parameter| parameter.get("name").is_none_or(|known| known != name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_an_operation() {
        let content =
            json!({JSON: {"schema": {"$ref": "x"}}, "text/calendar": {"schema": {"type": "string"}}, "text/csv": {}});
        let mut document = json!({"paths": {
            "/plans/{id}": {"get": {
                "operationId": "plan", "summary": "Read a plan",
                "parameters": [{"name": "id"}, {"name": "start"}],
                "responses": {"200": {"content": content, "headers": {"Vary": {}, "Content-Disposition": {}}}, "406": {}}
            }},
            "/jobs": {"get": {"responses": {"200": {"content": {JSON: {}}}}}}
        }});
        let origins = take_apart(&mut document);
        assert_eq!(origins.len(), 2);
        let paths = &document["paths"];
        let plain = &paths["/plans/{id}"]["get"];
        assert_eq!(
            plain["responses"]["200"],
            json!({"content": {JSON: {"schema": {"$ref": "x"}}}, "headers": {"Vary": {}}})
        );
        assert_eq!(plain["parameters"], json!([{"name": "id"}]));
        let calendar = &paths["/plans/{id}.ics"]["get"];
        assert_eq!(calendar["operationId"], "planCalendar");
        assert_eq!(calendar["summary"], "Read a plan, as a calendar");
        assert_eq!(calendar["parameters"], plain_parameters());
        let response = json!({"content": {"text/calendar": {"schema": {"type": "string"}}}, "headers": {"Content-Disposition": {}}});
        assert_eq!(calendar["responses"], json!({"200": response}));
        assert_eq!(paths["/plans/{id}.csv"]["get"]["parameters"], json!([{"name": "id"}]));
        assert_eq!(paths.as_object().unwrap().len(), 4);
    }

    fn plain_parameters() -> Value {
        json!([{"name": "id"}, {"name": "start"}])
    }
}
