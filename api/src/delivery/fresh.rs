//! Whether the caller has an answer already, and how long it may be kept (RFC 9110, section 13; RFC 9111).

use bytes::Bytes;
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{Asked, Kept};
use crate::{etag, vary};

/// Below it answers are an athlete's own.
const OWN: &str = "/api/";
/// Kept by whoever asked, and asked for again each time: then the tag spares the body.
const CHANGING: HeaderValue = HeaderValue::from_static("private, no-cache");
/// The same for what everybody may read.
const CHANGING_PAGE: HeaderValue = HeaderValue::from_static("no-cache");
/// Never asked for again within a year.
pub(crate) const IMMUTABLE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// What a 304 says nothing of: the caller has it.
const OF_BODIES: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_DISPOSITION, header::CONTENT_ENCODING];

/// Names the answer of a read and says how long it may be kept, where its route has not. Whether the caller has it already: then its
/// headers are those of a 304.
pub(super) fn conclude(
    asked: &Asked,
    status: StatusCode,
    headers: &mut HeaderMap,
    body: &Bytes,
    kept: Option<&Kept>,
) -> bool {
    let is_known_already = status == StatusCode::NOT_MODIFIED;
    if (status != StatusCode::OK && !is_known_already) || has_directive(headers, "no-store") {
        return false;
    }
    let changing = if asked.uri.path().starts_with(OWN) { CHANGING } else { CHANGING_PAGE };
    headers.entry(header::CACHE_CONTROL).or_insert(changing);
    if is_known_already {
        vary::add(headers, "Accept-Encoding");
        return true;
    }
    if !headers.contains_key(header::ETAG) {
        let tag = kept.map_or_else(|| etag::of_bytes(body), |kept| kept.tag(body));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
    }
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if !tag.is_some_and(|tag| asked.known.names(tag)) {
        return false;
    }
    vary::add(headers, "Accept-Encoding");
    for name in OF_BODIES {
        headers.remove(name);
    }
    true
}

/// Whether `Cache-Control` says something.
pub(super) fn has_directive(headers: &HeaderMap, directive: &str) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|said| said.trim().eq_ignore_ascii_case(directive))
}

/// Makes a tag weak: the bytes behind it are others, and say the same.
pub(super) fn weaken(headers: &mut HeaderMap) {
    let strong = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).filter(|tag| !tag.starts_with("W/"));
    if let Some(Ok(weak)) = strong.map(|tag| HeaderValue::from_str(&format!("W/{tag}"))) {
        headers.insert(header::ETAG, weak);
    }
}
