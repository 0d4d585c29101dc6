//! The document is complete: each stream, each message, an example of each.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{document, examples};
use crate::job_events::JobEventType;

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_stream_and_webhooks_are_a_channel_and_an_operation_of_its_name() {
    let document = document().value();
    assert_eq!(keys(&document["channels"]), BTreeSet::from(["events", "jobEvents", "webhooks"].map(str::to_owned)));
    assert_eq!(keys(&document["channels"]), keys(&document["operations"]));
    assert_eq!(document["channels"]["jobEvents"]["address"], "/api/v1/jobs/{id}/events");
    assert_eq!(keys(&document["channels"]["jobEvents"]["parameters"]), BTreeSet::from(["id".to_owned()]));
}

#[test]
fn every_message_has_an_example_and_no_example_is_left_over() {
    assert_eq!(keys(&document().value()["components"]["messages"]), keys(examples()));
}

#[test]
fn every_type_of_event_is_in_the_document() {
    let document = document().value();
    let described = document["components"]["schemas"]["JobEventType"]["enum"].as_array().unwrap().iter();
    let described: Vec<String> = described.map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(described, JobEventType::all().map(JobEventType::name).collect::<Vec<_>>());
}
