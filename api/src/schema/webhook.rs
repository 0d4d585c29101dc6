//! Webhooks as the document shows them: what operators send, and the messages that receivers get.

use std::sync::LazyLock;

use ally_domain::webhook::MessageType;
use poem_openapi::Object;
use poem_openapi::registry::{MetaDiscriminatorObject, MetaSchema};
use poem_openapi::types::{Example, Type};
use serde_json::Value;

use super::choice::{
    ChosenTypeChoice, DisableCauseChoice, EndpointWebhookTypeChoice, JobStatusChoice, JobWebhookTypeChoice,
};
use super::documented::{named_shape, shape};
use super::words::{JobErrorCode, ReplayedStatus};
use super::workout::MomentText;
use crate::wire::Moment;

/// The types that an endpoint may choose.
pub(super) static CHOSEN_TYPES: LazyLock<Vec<MessageType>> =
    LazyLock::new(|| MessageType::ALL.iter().copied().filter(|one| one.is_chosen()).collect());

/// Those about jobs.
pub(super) static TYPES_OF_JOBS: LazyLock<Vec<MessageType>> =
    LazyLock::new(|| MessageType::ALL.iter().copied().filter(|one| one.is_about_a_job()).collect());

/// Those about endpoints.
pub(super) static TYPES_OF_ENDPOINTS: LazyLock<Vec<MessageType>> =
    LazyLock::new(|| MessageType::ALL.iter().copied().filter(|one| !one.is_about_a_job()).collect());

/// Visible ASCII without `#` and `\`; behind the scheme a host, in which `@` has no place.
const URL: &str = r#"^https?://[!-"$-.0-9;->A-\[\]-~][!-"$-.0->A-\[\]-~]*([/?][!-"$-\[\]-~]*)?$"#;

/// An endpoint to be registered.
#[derive(Object)]
#[oai(rename = "WebhookRegistration", rename_all = "camelCase", example = true, skip_serializing_if_is_none)]
pub(crate) struct RegistrationSchema {
    /// The app that it belongs to.
    app: AppShape,
    /// Where its messages go: an address of `https`, without user, password and fragment.
    url: UrlShape,
    /// Which messages it gets.
    #[oai(validator(min_items = 1, max_items = 50))]
    types: Vec<ChosenTypeChoice>,
    /// What it is, for people.
    #[oai(validator(min_length = 1, max_length = 200))]
    description: Option<String>,
}

/// What is to be changed of an endpoint; what is absent stays.
#[derive(Object)]
#[oai(rename = "WebhookChange", rename_all = "camelCase")]
pub(crate) struct ChangeSchema {
    /// Where its messages go: an address of `https`, without user, password and fragment.
    url: Option<UrlShape>,
    /// Which messages it gets.
    #[oai(validator(min_items = 1, max_items = 50))]
    types: Option<Vec<ChosenTypeChoice>>,
    /// What it is, for people. Null takes it away.
    #[oai(validator(min_length = 1, max_length = 200))]
    description: Option<String>,
    /// Whether it is sent anything. One that is enabled again gets what happens from then on.
    enabled: Option<bool>,
}

/// How a secret is to be followed by another one.
#[derive(Object)]
#[oai(rename = "WebhookRotation", rename_all = "camelCase")]
pub(crate) struct RotationSchema {
    /// For how many seconds the secret before signs too; a day where it is absent.
    #[oai(validator(minimum(value = "0"), maximum(value = "604800")))]
    overlap_seconds: Option<i32>,
}

/// Which deliveries are to be sent again.
#[derive(Object)]
#[oai(rename = "WebhookReplaySelection", rename_all = "camelCase")]
pub(crate) struct ReplaySchema {
    /// Those that were queued at or after a moment.
    since: MomentText,
    /// Those that stand so; those that were given up where it is absent.
    status: Option<ReplayedStatus>,
    /// The `next` of an earlier answer, to go on behind the deliveries that it was about.
    #[oai(validator(min_length = 1, max_length = 512))]
    cursor: Option<String>,
}

/// A message about a job.
#[derive(Object)]
#[oai(rename = "JobWebhook", rename_all = "camelCase")]
struct JobWebhookSchema {
    /// What happened.
    #[oai(rename = "type")]
    message_type: JobWebhookTypeChoice,
    /// When.
    timestamp: Moment,
    /// To which job, and where it stands since.
    data: JobWebhookDataSchema,
}

/// What a message says of a job.
#[derive(Object)]
#[oai(rename = "JobWebhookData", rename_all = "camelCase", skip_serializing_if_is_none)]
struct JobWebhookDataSchema {
    /// Which job.
    job_id: String,
    /// Whose it is.
    athlete_id: String,
    /// Where it stands since.
    status: JobStatusChoice,
    /// The plan, once it is there.
    plan_id: Option<String>,
    /// The plan's version.
    plan_version: Option<u32>,
    /// Why the job can never work.
    code: Option<JobErrorCode>,
    /// Which attempt of the job, from 1; of one that was dead-lettered how many there were.
    attempt: Option<u32>,
    /// Where the event stands in the log: of two messages about a job the one with the higher number is newer.
    position: String,
}

/// A message about an endpoint: a test of the one that gets it, or how another one of the app stands.
#[derive(Object)]
#[oai(rename = "EndpointWebhook", rename_all = "camelCase")]
struct EndpointWebhookSchema {
    /// What happened.
    #[oai(rename = "type")]
    message_type: EndpointWebhookTypeChoice,
    /// When.
    timestamp: Moment,
    /// To which endpoint.
    data: EndpointWebhookDataSchema,
}

/// What a message says of an endpoint.
#[derive(Object)]
#[oai(rename = "EndpointWebhookData", rename_all = "camelCase", skip_serializing_if_is_none)]
struct EndpointWebhookDataSchema {
    /// Which endpoint.
    endpoint_id: String,
    /// The app that it belongs to; absent in a test.
    app: Option<String>,
    /// Why it gets nothing more, where it does not.
    cause: Option<DisableCauseChoice>,
    /// Where the event stands in the log; absent in a test.
    position: Option<String>,
}

/// The schema of an app's name.
pub(crate) fn app_schema() -> MetaSchema {
    MetaSchema {
        min_length: Some(1),
        max_length: Some(64),
        pattern: Some("^[A-Za-z0-9_-]{1,64}$".to_owned()),
        example: Some("coach".into()),
        ..MetaSchema::new("string")
    }
}

shape! {
    /// The name of an app.
    AppShape(String) as "app" = app_schema(), |_| {};
    /// The address of an endpoint.
    UrlShape(String) as "url" = MetaSchema {
        max_length: Some(2_048),
        pattern: Some(URL.to_owned()),
        example: Some("https://app.example.org/hooks/ally".into()),
        ..MetaSchema::new("string")
    }, |_| {};
}

named_shape! {
    /// The body of a webhook: a message about a job, or about an endpoint.
    MessageShape(Value) as "WebhookMessage" = MetaSchema {
        one_of: vec![<JobWebhookSchema as Type>::schema_ref(), <EndpointWebhookSchema as Type>::schema_ref()],
        discriminator: Some(MetaDiscriminatorObject { property_name: "type", mapping: mapping() }),
        ..MetaSchema::ANY
    }, |registry| {
        <JobWebhookSchema as Type>::register(registry);
        <EndpointWebhookSchema as Type>::register(registry);
    };
}

fn mapping() -> Vec<(String, String)> {
    let schema = |message_type: &MessageType| {
        let of_job = message_type.is_about_a_job();
        let name = if of_job { JobWebhookSchema::name() } else { EndpointWebhookSchema::name() };
        format!("#/components/schemas/{name}")
    };
    MessageType::ALL.iter().map(|one| (one.as_str().to_owned(), schema(one))).collect()
}

impl Example for RegistrationSchema {
    fn example() -> Self {
        let types = [MessageType::JobCompleted, MessageType::JobFailed, MessageType::JobDeadLettered];
        Self {
            app: AppShape("coach".to_owned()),
            url: UrlShape("https://app.example.org/hooks/ally".to_owned()),
            types: types.map(ChosenTypeChoice).to_vec(),
            description: Some("The app's own receiver".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::webhook::EndpointUrl;
    use poem_openapi::registry::Registry;

    use super::super::Schema;
    use super::*;

    #[test]
    fn the_documented_types_are_those_that_may_be_chosen() {
        let mut registry = Registry::new();
        <ChosenTypeChoice as Type>::register(&mut registry);
        let listed = &registry.schemas["WebhookType"].enum_items;
        assert_eq!(listed.len(), MessageType::ALL.len() - 1);
        assert!(!listed.contains(&MessageType::Ping.as_str().into()));
    }

    #[test]
    fn a_registration_is_checked_field_by_field() {
        let schema = Schema::of::<RegistrationSchema>();
        let wrong = serde_json::json!({
            "app": "", "url": "x".repeat(2_049), "types": ["webhook.ping"], "description": "x".repeat(201), "secret": "y"
        });
        let mut fields: Vec<_> = schema.faults(&wrong).into_iter().map(|fault| fault.field).collect();
        fields.sort();
        assert_eq!(fields, ["app", "description", "secret", "types[0]", "url"]);
        let example = poem_openapi::types::ToJSON::to_json(&RegistrationSchema::example()).unwrap();
        assert_eq!(schema.faults(&example), []);
        assert!(example["url"].as_str().unwrap().parse::<EndpointUrl>().is_ok());
    }
}
