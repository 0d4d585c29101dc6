//! What an athlete may say of the plan they ask for, as the document shows it. The fields are those of
//! `ally_handlers::PlanWish`.

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::answers::DateText;
use super::choice::PriorityChoice;
use super::documented::shape;
use super::workout::MomentText;
use crate::params::key_schema;

/// How the plan should be. Everything is optional; an empty body is a wish too.
#[derive(Object)]
#[oai(rename = "PlanWish", rename_all = "camelCase", example = true, skip_serializing_if_is_none)]
pub(crate) struct WishSchema {
    /// The first day, moved to the Monday on or after it; the next Monday unless told, counted from `notBefore` where that is given.
    start_date: Option<DateText>,
    /// How many weeks; 4 unless told.
    #[oai(validator(minimum(value = "1"), maximum(value = "16")))]
    weeks: Option<i32>,
    /// The same profile, start, weeks and seed give the same plan; 0 unless told.
    #[oai(validator(minimum(value = "0"), maximum(value = "9007199254740991")))]
    seed: Option<i64>,
    /// The plan is not made before this moment, at most 90 days ahead; until then its job is `scheduled`, and it is made for the athlete
    /// of that day. A moment that has passed is now.
    not_before: Option<MomentText>,
    /// The job fails with `deadline_passed` if it is not finished by this moment, which lies behind now and behind `notBefore`, by at most
    /// 90 days.
    deadline: Option<MomentText>,
    /// Which queue the job waits in; `normal` unless told. Another one needs a token whose claim `priorities` names it.
    priority: Option<PriorityChoice>,
}

impl Example for WishSchema {
    fn example() -> Self {
        Self {
            start_date: Some(DateText("2027-01-04".to_owned())),
            weeks: Some(8),
            seed: Some(7),
            not_before: None,
            deadline: None,
            priority: None,
        }
    }
}

/// Requests for plans, each a job of its own.
#[derive(Object)]
#[oai(rename = "PlanBatch", example = true)]
pub(crate) struct BatchSchema {
    /// The requests, 1 to 100 of them.
    #[oai(validator(min_items = 1, max_items = 100))]
    items: Vec<BatchItemSchema>,
}

/// A request of a batch.
#[derive(Object)]
#[oai(rename = "PlanBatchItem", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct BatchItemSchema {
    /// Names the job of this request for ever, as the header `Idempotency-Key` does for a single one. Where the batch has that header
    /// itself, the header and the place in the batch name the jobs of requests without a key.
    idempotency_key: Option<KeyText>,
    /// The plan that is asked for; nothing said of it is a request, too.
    request: Option<WishSchema>,
}

shape! {
    /// A key that a client gives a request.
    KeyText(String) as "idempotency-key" = key_schema(), |_| {};
}

impl Example for BatchSchema {
    fn example() -> Self {
        let item = |key: &str, request| BatchItemSchema {
            idempotency_key: Some(KeyText(key.to_owned())),
            request: Some(request),
        };
        let later =
            WishSchema { not_before: Some(MomentText("2027-01-02T06:00:00Z".to_owned())), ..WishSchema::example() };
        Self { items: vec![item("january", WishSchema::example()), item("january-later", later)] }
    }
}
