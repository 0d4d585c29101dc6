//! The key that a client gives a request, so that the request sent again is the same one.

use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::problem::Problem;

const NAME: &str = "Idempotency-Key";
/// The most characters of a key.
const MAX_CHARS: usize = 128;

/// What the header holds; `None` where there is none. It is read whole: a key that is taken for none would make each
/// repetition another request.
pub(crate) struct IdempotencyKey(pub Option<String>);

/// The shape of a key, wherever it stands.
pub(crate) fn key_schema() -> MetaSchema {
    MetaSchema {
        min_length: Some(1),
        max_length: Some(MAX_CHARS),
        pattern: Some("^[!-~]+$".to_owned()),
        ..MetaSchema::new("string")
    }
}

/// Whether a text is a key.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=MAX_CHARS).contains(&text.len()) && text.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// What would be right in place of a text that is none.
pub(crate) fn expected() -> String {
    format!("once, with 1 to {MAX_CHARS} visible ASCII characters")
}

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = Option<String>;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let schema = key_schema();
        Some(MetaSchemaRef::Inline(Box::new(schema)))
    }

    fn param_raw_type(&self) -> Option<&String> {
        self.0.as_ref()
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> Result<Self> {
        let mut keys = request.headers().get_all(NAME).iter();
        let Some(key) = keys.next() else { return Ok(Self(None)) };
        let expected = expected();
        if keys.next().is_some() {
            return Err(Problem::field(NAME, "is there more than once", expected).into());
        }
        match key.to_str() {
            Ok("") => Err(Problem::field(NAME, "is empty", expected).into()),
            Ok(key) if is_key(key) => Ok(Self(Some(key.to_owned()))),
            _ => {
                let problem = format!("has {} bytes or an unfit character", key.len());
                Err(Problem::field(NAME, problem, expected).into())
            }
        }
    }
}
