//! Ends jobs whose deadline has passed while they wait: behind a long queue, a paused consumer, or workers that are away. A worker ends
//! those that it is given; this ends those that nobody is given in time.
//!
//! Deliberately not here: which jobs these may be, which a view says. It may be behind: the job's own events decide.

use std::sync::Arc;

use ally_domain::envelope::{Actor, CommandContext};
use ally_domain::ids::{AggregateKind, AggregateRef, CommandId, JobId};
use ally_domain::job::{JobCommand, JobDecider};
use ally_domain::ports::{Clock, StoreError};
use uuid::Uuid;

use crate::execute::{ExecuteError, Executor};

/// Ends jobs behind their deadlines. Cheap to clone.
#[derive(Clone)]
pub struct Deadlines {
    executor: Executor,
    clock: Arc<dyn Clock>,
}

impl Deadlines {
    /// On a log.
    pub fn new(executor: Executor, clock: Arc<dyn Clock>) -> Self {
        Self { executor, clock }
    }

    /// Ends those of some jobs whose deadline has passed; how many there were. Doing it twice, or beside a worker, does it once.
    ///
    /// # Errors
    /// When the log does not answer. A job that cannot be judged here is left to a version that can, and keeps no other from its end.
    pub async fn end(&self, jobs: &[JobId], actor: &Actor) -> Result<u64, StoreError> {
        let mut ended = 0;
        for job in jobs {
            match self.end_one(job, actor).await {
                Ok(is_ended) => ended += u64::from(is_ended),
                Err(error @ (StoreError::Unavailable { .. } | StoreError::Full { .. })) => return Err(error),
                Err(error) => tracing::warn!(job_id = %job, %error, "a job cannot be ended behind its deadline"),
            }
        }
        Ok(ended)
    }

    async fn end_one(&self, job: &JobId, actor: &Actor) -> Result<bool, StoreError> {
        let aggregate = AggregateRef { kind: AggregateKind::Job, id: job.into() };
        let history = self.executor.store().load(&aggregate).await?;
        let Some(requested) = history.events.first() else { return Ok(false) };
        let context = CommandContext {
            command_id: CommandId::from(Uuid::now_v7()),
            correlation: requested.correlation.clone(),
            causation: None,
            actor: actor.clone(),
            at: self.clock.now(),
            trace: requested.trace.clone(),
        };
        let expire = JobCommand::Expire { at: context.at };
        match self.executor.execute::<JobDecider>(&job.into(), &expire, &context).await {
            Ok(executed) => Ok(!executed.events.is_empty()),
            // It has come to another end, or is about to stop.
            Err(ExecuteError::Refused(_)) => Ok(false),
            Err(ExecuteError::Store(error)) => Err(error),
            // Others are at it: the next look sees what became of it.
            Err(ExecuteError::Contended { .. }) => Ok(false),
            Err(error @ ExecuteError::Encoding(_)) => Err(StoreError::Unavailable { reason: error.to_string() }),
        }
    }
}
