//! The OpenAPI document: pinned, complete, and true.

use serde_json::Value;

use crate::harness::Ally;

fn document() -> Value {
    serde_json::from_str(&ally_api::openapi_json()).unwrap()
}

/// A part of the document, or what a reference in its place refers to.
fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    let reference = part["$ref"].as_str().and_then(|reference| document.pointer(&reference[1..]));
    reference.unwrap_or(part)
}

#[test]
fn the_committed_documents_are_the_served_ones() {
    for (committed, served) in [
        (include_str!("../../openapi.json"), ally_api::openapi_json()),
        (include_str!("../../openapi-3.0.json"), ally_api::openapi_3_0_json()),
    ] {
        assert!(committed == served, "api/openapi.json or api/openapi-3.0.json is out of date: run `make openapi`");
    }
}

#[tokio::test]
async fn the_document_is_served_in_each_form() {
    let ally = Ally::start().await;
    let json = ally.server.get("/openapi.json").await;
    assert_eq!(json.headers()["content-type"], "application/json");
    assert_eq!(json.text().await.unwrap(), ally_api::openapi_json());
    let yaml = ally.server.get("/openapi.yaml").await.text().await.unwrap();
    assert!(yaml.starts_with("openapi: \"3.1"), "{}", &yaml[..200]);
    let read: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert!(read == document(), "what is written in YAML is read as what is written in JSON");
    let older = ally.server.get("/openapi-3.0.json").await;
    assert_eq!(older.headers()["content-type"], "application/json");
    assert_eq!(older.text().await.unwrap(), ally_api::openapi_3_0_json());
}

#[tokio::test]
async fn the_page_needs_no_other_host() {
    let ally = Ally::start().await;
    let response = ally.server.get("/docs").await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "the browser loads nothing from elsewhere");
    assert!(!policy.contains("http"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(page.contains("/api/v1/onboarding"));
    assert!(page.contains("\"openapi\": \"3.1."), "the page reads the document that is served");
    for tag in ["<script src", "<link"] {
        assert!(!page.contains(tag), "{tag}");
    }
}

#[test]
fn everything_is_described() {
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = format!("{method} {path}");
            for text in ["summary", "description", "operationId"] {
                assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{text} of {name}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{parameter} of {name}");
            }
            let responses = operation["responses"].as_object().unwrap();
            for status in ["401", "429", "500", "503", "504"] {
                assert!(responses.contains_key(status), "{status} of {name}");
            }
            for (status, response) in responses {
                let response = resolved(&document, response);
                assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{status} of {name}");
                if status.starts_with(['4', '5']) {
                    assert!(
                        response["content"]["application/problem+json"]["schema"].is_object(),
                        "{status} of {name}"
                    );
                }
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let referred = property["$ref"].is_string();
            assert!(referred || property["description"].is_string(), "{name}.{field}: {property}");
        }
    }
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[test]
fn what_must_be_there_is_marked() {
    let document = document();
    let status = &document["paths"]["/api/v1/plans/status"]["get"]["parameters"];
    let required: Vec<_> = status.as_array().unwrap().iter().filter(|one| one["required"] == true).collect();
    assert_eq!(required.iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["jobId"]);
    assert_eq!(document["paths"]["/api/v1/onboarding"]["post"]["requestBody"]["required"], true);
    assert_eq!(document["paths"]["/api/v1/plans/generate"]["post"]["requestBody"]["required"], false);
}

#[test]
fn examples_are_what_their_schemas_describe() {
    assert_eq!(ally_api::testing::Conformance::new().differing_examples(), Vec::<String>::new());
}

#[test]
fn bodies_show_an_example() {
    for name in ["OnboardingAnswers", "OnboardingAnswer", "PlanWish", "AcceptedJob", "Job", "Problem"] {
        assert!(document()["components"]["schemas"][name]["examples"][0].is_object(), "{name}");
    }
}
