//! Parameters that only the catalogue of exercises takes.

use ally_domain::engine::catalogue::ExerciseId;
use poem_openapi::registry::MetaSchema;

use super::Parameter;

/// The most characters of a search.
const MAX_WORDS_CHARS: usize = 80;
/// The most characters of an exercise's id.
const MAX_ID_CHARS: usize = 80;

/// Words of a name.
pub(crate) struct NameWords;

impl Parameter for NameWords {
    type Value = Vec<String>;
    const NAME: &'static str = "q";

    fn schema() -> MetaSchema {
        MetaSchema { max_length: Some(MAX_WORDS_CHARS), ..MetaSchema::new("string") }
    }

    fn read(text: &str) -> Result<Vec<String>, String> {
        if text.chars().count() > MAX_WORDS_CHARS {
            return Err(format!("words of a name, at most {MAX_WORDS_CHARS} characters"));
        }
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }
}

/// Yes or no.
pub(crate) struct YesOrNo;

impl Parameter for YesOrNo {
    type Value = bool;
    const NAME: &'static str = "flag";

    fn schema() -> MetaSchema {
        MetaSchema::new("boolean")
    }

    fn read(text: &str) -> Result<bool, String> {
        text.parse().map_err(|_| "true or false".to_owned())
    }
}

/// Where the next page of exercises begins. To callers it is opaque; inside it is the last id of the page before, so that
/// a page stays where it is when the catalogue grows.
pub(crate) struct ExerciseCursor;

impl Parameter for ExerciseCursor {
    type Value = ExerciseId;
    const NAME: &'static str = "cursor";

    fn schema() -> MetaSchema {
        MetaSchema { max_length: Some(MAX_ID_CHARS), ..MetaSchema::new("string") }
    }

    fn read(text: &str) -> Result<ExerciseId, String> {
        let formed = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if formed && !text.is_empty() && text.len() <= MAX_ID_CHARS {
            Ok(text.into())
        } else {
            Err("the `next` of an earlier page, unchanged".to_owned())
        }
    }
}
