//! What an athlete may say of the plan they ask for, as the document shows it. The fields are those of
//! `ally_handlers::PlanWish`.

use poem_openapi::Object;

use super::answers::DateText;

/// How the plan should be. Everything is optional; an empty body is a wish too.
#[derive(Object)]
#[oai(rename = "PlanWish", rename_all = "camelCase", example = true)]
pub(crate) struct WishSchema {
    /// The first day, moved to the Monday on or after it; the next Monday unless told.
    start_date: Option<DateText>,
    /// How many weeks; 4 unless told.
    #[oai(validator(minimum(value = "1"), maximum(value = "16")))]
    weeks: Option<i32>,
    /// The same profile, start, weeks and seed give the same plan; 0 unless told.
    #[oai(validator(minimum(value = "0"), maximum(value = "9007199254740991")))]
    seed: Option<i64>,
}

impl poem_openapi::types::Example for WishSchema {
    fn example() -> Self {
        Self { start_date: Some(DateText("2027-01-04".to_owned())), weeks: Some(8), seed: Some(7) }
    }
}
