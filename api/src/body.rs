//! Bodies in: read and inflated within bounds, checked against the documented shape, every wrong field named, then decoded.

use std::sync::Arc;

use ally_domain::json::{self, JsonError};
use poem::error::ReadBodyError;
use poem::http::{HeaderMap, HeaderValue, header};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::delivery::Coding;
use crate::limits::Limits;
use crate::list;
use crate::problem::{Kind, Problem};
use crate::schema::Schema;

const JSON: &str = "application/json";

/// What a body may be.
pub(crate) trait Readable: DeserializeOwned + Send {
    /// How the document shows it.
    type Shape: Type + 'static;
    /// What no body at all means; `None` where there must be one.
    fn absent() -> Option<Self> {
        None
    }

    /// Spells what may be spelled in more than one way as the shape has it.
    fn unify(_: &mut Value) {}
}

/// A JSON body.
pub(crate) struct Body<T>(pub T);

impl<'a, T: Readable> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::Shape::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: JSON, schema: T::Shape::schema_ref() }];
        Some(MetaRequest { description: None, content, required: T::absent().is_none() })
    }

    async fn from_request(request: &'a Request, body: &mut RequestBody, _: ExtractParamOptions<()>) -> Result<Self> {
        let bytes = read(request, body).await?;
        if let (true, Some(absent)) = (bytes.is_empty(), T::absent()) {
            return Ok(Self(absent));
        }
        json_only(request)?;
        Ok(Self(decode(&bytes)?))
    }
}

async fn read(request: &Request, body: &mut RequestBody) -> Result<Vec<u8>, Problem> {
    let limits = request.data::<Arc<Limits>>().cloned().unwrap_or_default();
    let coding = content_coding(request.headers())?;
    let bytes = receive(body, &limits).await?;
    match coding {
        Some(coding) if !bytes.is_empty() => inflate(coding, &bytes, limits.max_body_bytes),
        _ => Ok(bytes),
    }
}

/// The bytes of a body as they came, within the bounds.
pub(crate) async fn receive(body: &mut RequestBody, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let body = body.take().map_err(Problem::internal)?;
    match tokio::time::timeout(limits.body_deadline, body.into_bytes_limit(limits.max_body_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(too_large("the body", limits.max_body_bytes)),
        Ok(Err(error)) => Err(Problem::field("", "broke off", "the whole body").because(error)),
        Err(_) => {
            let detail = format!("the body took more than {} s to arrive", limits.body_deadline.as_secs_f64());
            Err(Problem::new(Kind::BodyTimeout, detail)
                .header(header::CONNECTION, "close".parse().map_err(Problem::internal)?))
        }
    }
}

/// The coding of a body, where it has one.
fn content_coding(headers: &HeaderMap) -> Result<Option<Coding>, Problem> {
    let mut codings = list::elements(headers, header::CONTENT_ENCODING).filter(|name| !is_plain(name));
    let Some(name) = codings.next() else { return Ok(None) };
    match (Coding::of_name(name), codings.next()) {
        (Some(coding), None) => Ok(Some(coding)),
        (Some(_), Some(_)) => Err(unknown_coding("several codings, one upon the other")),
        (None, _) => Err(unknown_coding(&format!("Content-Encoding: {}", name.chars().take(40).collect::<String>()))),
    }
}

fn is_plain(coding: &str) -> bool {
    coding.eq_ignore_ascii_case("identity")
}

fn unknown_coding(sent: &str) -> Problem {
    let known = Coding::ALL.map(Coding::name).join(", ");
    let problem =
        Problem::new(Kind::UnsupportedCoding, format!("the body came with {sent}; send it in one of: {known}"));
    match HeaderValue::from_str(&known) {
        Ok(known) => problem.header(header::ACCEPT_ENCODING, known),
        Err(_) => problem,
    }
}

/// The limit counts inflated bytes, and inflating ends there: a bomb costs no more than a body that is too large.
fn inflate(coding: Coding, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Problem> {
    let decoded = coding.decode(bytes, limit).map_err(|error| {
        Problem::field("", format!("does not inflate: {error}"), format!("a whole body in {}", coding.name()))
    })?;
    if decoded.len() > limit { Err(too_large("the inflated body", limit)) } else { Ok(decoded) }
}

fn too_large(what: &str, limit: usize) -> Problem {
    Problem::new(Kind::PayloadTooLarge, format!("{what} is over the limit of {limit} bytes"))
}

fn json_only(request: &Request) -> Result<(), Problem> {
    let sent = request.content_type().unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == JSON || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let sent = if essence.is_empty() { "no Content-Type".to_owned() } else { format!("Content-Type: {essence}") };
    Err(Problem::new(Kind::UnsupportedMediaType, format!("the body came with {sent}; send Content-Type: {JSON}")))
}

fn decode<T: Readable>(bytes: &[u8]) -> Result<T, Problem> {
    let mut value = json::read(bytes).map_err(|error| match error {
        JsonError::Syntax(error) => Problem::field("", format!("is not JSON: {error}"), "a JSON object"),
        JsonError::Repeated { path } => Problem::field(&path, "is said twice", "each key of an object once"),
    })?;
    T::unify(&mut value);
    let shape = Schema::shared::<T::Shape>();
    shape.with_whole_numbers(&mut value);
    let faults = shape.faults(&value);
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    // What the shape lets through the type takes; if not, the shape is wrong and this still is the caller's 400.
    serde_json::from_value(value).map_err(|error| Problem::field("", error.to_string(), "what the document describes"))
}
