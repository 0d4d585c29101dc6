//! When a requested job may begin and when it must be finished, checked against the time of the request.

use ally_domain::dates::{deadline_fault, not_before_fault, start_fault};
use ally_domain::problem::FieldError;
use time::OffsetDateTime;

use super::PlanWish;

/// The moments of a request.
pub(super) struct Moments {
    /// The moment before which the job must not begin; none where it may begin at once.
    pub not_before: Option<OffsetDateTime>,
    /// When it may begin.
    pub begin: OffsetDateTime,
}

impl Moments {
    /// The moments of a request that is made now. One that has passed is nothing to wait for.
    pub(super) fn of(wish: &PlanWish, now: OffsetDateTime) -> Self {
        let not_before = wish.not_before.filter(|not_before| *not_before > now);
        Self { not_before, begin: not_before.unwrap_or(now) }
    }

    /// Every field that cannot be as it was sent. A plan begins on a day behind the one on which it is made.
    pub(super) fn faults(&self, wish: &PlanWish, now: OffsetDateTime) -> Vec<FieldError> {
        let not_before = self.not_before.and_then(|not_before| not_before_fault("notBefore", not_before, now));
        let deadline = wish.deadline.and_then(|deadline| deadline_fault("deadline", deadline, self.begin));
        let start = wish.start.and_then(|start| start_fault("startDate", start, self.begin.date()));
        [not_before, deadline, start].into_iter().flatten().collect()
    }
}
