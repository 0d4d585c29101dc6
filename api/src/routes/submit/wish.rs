//! A request for a plan as a body spells it.

use ally_domain::job::Priority;
use ally_handlers::PlanWish;
use serde::Deserialize;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::auth::Caller;
use crate::body::Readable;
use crate::problem::{Kind, Problem};
use crate::schema::WishSchema;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct WishBody {
    #[serde(with = "iso_date::option")]
    start_date: Option<Date>,
    weeks: Option<u8>,
    seed: Option<u64>,
    #[serde(with = "time::serde::rfc3339::option")]
    not_before: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    deadline: Option<OffsetDateTime>,
    priority: Option<Priority>,
}

impl Readable for WishBody {
    type Shape = WishSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl WishBody {
    /// What this caller asks for by it. A moment is the same one however its offset is written.
    ///
    /// # Errors
    /// A priority that the token does not allow.
    pub(crate) fn of(self, caller: &Caller) -> Result<PlanWish, Problem> {
        let in_utc = |moment: OffsetDateTime| moment.to_offset(UtcOffset::UTC);
        let priority = self.priority.unwrap_or_default();
        if priority == Priority::High && !caller.high_priority {
            return Err(not_allowed(priority));
        }
        Ok(PlanWish {
            start: self.start_date,
            weeks: self.weeks,
            seed: self.seed,
            not_before: self.not_before.map(in_utc),
            deadline: self.deadline.map(in_utc),
            priority,
        })
    }
}

fn not_allowed(priority: Priority) -> Problem {
    let priority = priority.as_str();
    let detail = format!(
        "priority {priority:?} needs a token whose claim `priorities` holds it (\"priorities\": [{priority:?}]); \
         `ally token --sub NAME --priority {priority}` makes one"
    );
    Problem::new(Kind::Forbidden, detail)
}
