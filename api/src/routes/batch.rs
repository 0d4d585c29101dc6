//! POST /jobs/batch: many requests in one body, each answered by itself.

use ally_domain::problem::FieldError;
use ally_handlers::{KeyedWish, SubmittedJob};
use futures::future::join_all;
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::onboarding::accepted;
use super::refused::{Refusals, Refused};
use super::submit::{WishBody, replay_mark};
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::params::{IdempotencyKey, expected_key, is_key};
use crate::problem::{Kind, Problem, whole_seconds};
use crate::schema::BatchSchema;
use crate::wire::{Answer, BatchBody, BatchItemBody, job_path};

const PATH: &str = "/api/v1/jobs/batch";

pub(crate) struct Batch(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Answered {
    /// Each request by itself, in the order of the batch: its job, or why there is none.
    #[oai(status = 200)]
    Each(Answer<BatchBody>),
}

pub(crate) struct Submitting;

impl Refusals for Submitting {
    const STATUSES: &'static [u16] = &[400, 408, 415, 422];
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requests {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Item {
    #[serde(default)]
    idempotency_key: Option<String>,
    #[serde(default)]
    request: Option<WishBody>,
}

impl Readable for Requests {
    type Shape = BatchSchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Batch {
    /// Request plans
    ///
    /// Up to 100 requests for plans in one body, each with a key that names its job for ever: its own, or the header `Idempotency-Key`
    /// with its place in the batch. Each is accepted or refused by itself, and counts by itself in the limits; the same batch again gives
    /// the same jobs. A body that is not valid is refused whole, before anything is stored.
    #[oai(path = "/jobs/batch", method = "post", operation_id = "generatePlans")]
    async fn generate(
        &self,
        Authenticated(caller): Authenticated,
        /// 1 to 128 visible ASCII characters, chosen by the client. With its place in the batch it names the job of a request that has no
        /// key of its own.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(batch): Body<Requests>,
        request: &Request,
    ) -> Result<Answered, Refused<Submitting>> {
        let items = batch.items;
        let keys = keys(&items, key.as_deref())?;
        let named: Vec<Option<String>> = items.iter().map(|item| item.idempotency_key.clone()).collect();
        let mut answers: Vec<Option<Result<SubmittedJob, Problem>>> = Vec::with_capacity(items.len());
        let (mut wishes, mut admitted) = (Vec::new(), 0);
        for (place, (item, key)) in items.into_iter().zip(keys).enumerate() {
            // The request itself has counted as its first one.
            let counted = if place == 0 { Ok(()) } else { self.0.shares.take_more(&caller.athlete, request) };
            // The whole batch comes again, so those before this one take from the share first.
            let counted = counted.map_err(|refused| refused.later(self.0.shares.time_for(place)));
            let wish = counted.and_then(|()| item.request.unwrap_or_default().of(&caller));
            let wish = match wish {
                Ok(wish) => self.admit(&caller, &key, &mut admitted).await.map(|()| wish),
                refused => refused,
            };
            answers.push(match wish {
                Ok(wish) => {
                    wishes.push(KeyedWish { key, wish });
                    None
                }
                Err(refused) => Some(Err(refused)),
            });
        }
        let (from, athlete) = (origin(&caller), caller.athlete.clone());
        let (submissions, by) = (self.0.submissions.clone(), from.clone());
        let submit = async move { submissions.request_plans(&athlete, &wishes, &by).await };
        let mut submitted = self.0.gate.run(submit).await?.into_iter().map(|job| job.map_err(Problem::from));
        let answers = answers.into_iter().map(|refused| match refused {
            Some(refused) => refused,
            // There is an answer for every wish.
            None => submitted.next().unwrap_or_else(|| Err(Problem::internal("a request of a batch has no answer"))),
        });
        let answers: Vec<_> = answers.collect();
        answers.iter().flatten().for_each(|job| self.0.remember(&caller, &from, job));
        let each = answers.into_iter().zip(named).enumerate();
        let items = join_all(each.map(|(index, (answer, key))| self.item(&caller, index, key, answer))).await;
        Ok(Answered::Each(Answer(BatchBody::of(items))))
    }
}

impl Batch {
    /// Room in the queue, behind what this batch brings already. To repeat a request asks for no more room.
    async fn admit(&self, caller: &Caller, key: &str, admitted: &mut u64) -> Result<(), Problem> {
        if let Err(full) = self.0.gate.admit_behind(*admitted).await {
            return self.0.repeated(caller, Some(key)).await?.then_some(()).ok_or(full);
        }
        *admitted += 1;
        Ok(())
    }

    async fn item(
        &self,
        caller: &Caller,
        index: usize,
        key: Option<String>,
        answer: Result<SubmittedJob, Problem>,
    ) -> BatchItemBody {
        let answer = match answer {
            Ok(job) => {
                let (location, replayed) = (job_path(&job.job_id), replay_mark(job.new));
                accepted(&self.0, caller, job).await.map(|job| (job, location, replayed))
            }
            Err(problem) => Err(problem),
        };
        answer.map_or_else(
            |problem| {
                problem.log("POST", PATH);
                BatchItemBody::refused(index, key.clone(), problem.retry_after.map(whole_seconds), &problem, PATH)
            },
            |(job, location, replayed)| BatchItemBody::accepted(index, key.clone(), job, location, replayed),
        )
    }
}

/// The key of each request. One that is no key has another shape than the document says; one that is missing is only missing together
/// with the header.
fn keys(items: &[Item], of_batch: Option<&str>) -> Result<Vec<String>, Problem> {
    let (mut keys, mut unfit, mut missing) = (Vec::with_capacity(items.len()), Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let field = format!("items[{index}].idempotencyKey");
        match (item.idempotency_key.as_deref(), of_batch) {
            (Some(key), _) if is_key(key) => keys.push(key.to_owned()),
            (Some(_), _) => unfit.push(FieldError::new(field, "is no key", expected_key())),
            (None, Some(key)) => keys.push(batch_key(key, index)),
            (None, None) => {
                missing.push(FieldError::new(field, "is missing", "a key here, or the header Idempotency-Key for all"));
            }
        }
    }
    match (unfit.is_empty(), missing.is_empty()) {
        (true, true) => Ok(keys),
        (true, false) => Err(Problem::fields(missing).with_kind(Kind::Contradiction)),
        (false, _) => Err(Problem::fields(unfit.into_iter().chain(missing).collect())),
    }
}

/// The key of a request by the key of its batch. No client's key has a space, so none names the same job.
fn batch_key(of_batch: &str, index: usize) -> String {
    format!("batch {of_batch} {index}")
}
