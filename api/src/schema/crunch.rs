//! Which session is to take fewer minutes, as the document shows it.

use poem_openapi::Object;

/// Which session, and the minutes that there are.
#[derive(Object)]
#[oai(rename = "TimeCrunchWish", rename_all = "camelCase", example = true)]
pub(crate) struct CrunchSchema {
    /// Which plan.
    #[oai(validator(min_length = 1, max_length = 64))]
    plan_id: String,
    /// Which of its sessions: `w2d4`.
    #[oai(validator(min_length = 1, max_length = 64))]
    session_id: String,
    /// The minutes that there are.
    #[oai(validator(minimum(value = "5"), maximum(value = "180")))]
    target_minutes: i32,
}

impl poem_openapi::types::Example for CrunchSchema {
    fn example() -> Self {
        Self {
            plan_id: "0192f0c1-2345-7abc-8def-0123456789ab".to_owned(),
            session_id: "w2d4".to_owned(),
            target_minutes: 30,
        }
    }
}
