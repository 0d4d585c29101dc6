//! What became of a batch, request by request.

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::job::Accepted;
use crate::problem::{Problem, ProblemDocument};

/// What became of a batch.
#[derive(Object)]
#[oai(rename = "PlanBatchAnswer", example = true)]
pub(crate) struct BatchBody {
    /// How many requests have a job.
    accepted: usize,
    /// How many have none.
    refused: usize,
    /// Each request, in the order of the batch.
    items: Vec<BatchItemBody>,
}

/// What became of one request: `job`, or `problem` where there is none.
#[derive(Object)]
#[oai(rename = "PlanBatchItemAnswer", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct BatchItemBody {
    /// Its place in the batch, from 0.
    index: usize,
    /// The key that it came with.
    idempotency_key: Option<String>,
    /// The HTTP status that it would have had by itself: 202 where it is accepted.
    #[oai(validator(minimum(value = "202"), maximum(value = "599")))]
    status: u16,
    /// Its job.
    job: Option<Accepted>,
    /// Where the job is read.
    location: Option<String>,
    /// `true` where the same request had been made before, and nothing was stored now.
    replayed: Option<bool>,
    /// Why there is no job.
    problem: Option<ProblemDocument>,
    /// Seconds to wait before it is sent again, where that would help.
    retry_after: Option<u64>,
}

impl BatchBody {
    pub(crate) fn of(items: Vec<BatchItemBody>) -> Self {
        let accepted = items.iter().filter(|item| item.job.is_some()).count();
        Self { accepted, refused: items.len() - accepted, items }
    }
}

impl BatchItemBody {
    pub(crate) fn accepted(
        index: usize,
        idempotency_key: Option<String>,
        job: Accepted,
        location: String,
        replayed: Option<bool>,
    ) -> Self {
        let (job, location) = (Some(job), Some(location));
        Self { index, idempotency_key, status: 202, job, location, replayed, problem: None, retry_after: None }
    }

    pub(crate) fn refused(
        index: usize,
        idempotency_key: Option<String>,
        retry_after: Option<u64>,
        problem: &Problem,
        path: &str,
    ) -> Self {
        let status = problem.status_code().as_u16();
        let problem = Some(problem.document(path, None));
        Self { index, idempotency_key, status, job: None, location: None, replayed: None, problem, retry_after }
    }
}

impl Example for BatchBody {
    fn example() -> Self {
        let job = Accepted::example();
        let location = job.links.own.clone();
        let wrong = Problem::field(
            "deadline",
            "2026-11-20 8:00:00.0 +00:00:00 is not behind the moment at which the job may begin",
            "a moment behind now and behind `notBefore`, by at most 90 days",
        )
        .with_kind(crate::problem::Kind::Contradiction);
        Self::of(vec![
            BatchItemBody::accepted(0, Some("january".to_owned()), job, location, None),
            BatchItemBody::refused(1, Some("january-late".to_owned()), None, &wrong, "/api/v1/jobs/batch"),
        ])
    }
}
