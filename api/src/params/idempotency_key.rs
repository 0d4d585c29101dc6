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

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = Option<String>;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let schema = MetaSchema {
            min_length: Some(1),
            max_length: Some(MAX_CHARS),
            pattern: Some("^[!-~]+$".to_owned()),
            ..MetaSchema::new("string")
        };
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
        let expected = format!("once, with 1 to {MAX_CHARS} visible ASCII characters");
        if keys.next().is_some() {
            return Err(Problem::field(NAME, "is there more than once", expected).into());
        }
        let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
        match key.to_str() {
            Ok("") => Err(Problem::field(NAME, "is empty", expected).into()),
            Ok(key) if visible && key.len() <= MAX_CHARS => Ok(Self(Some(key.to_owned()))),
            _ => {
                let problem = format!("has {} bytes or an unfit character", key.len());
                Err(Problem::field(NAME, problem, expected).into())
            }
        }
    }
}
