//! A stored message as a line of JSON, and back: subject, sequence, time, headers and payload, as the stream had them.

use std::str::FromStr;

use async_nats::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::codec::Raw;
use crate::names::header;

/// What the server adds to a message when it hands it out.
const ADDED: [&str; 6] =
    [header::STREAM, header::SUBJECT, header::SEQUENCE, header::TIME_STAMP, header::NUM_PENDING, header::LAST_SEQUENCE];

/// A line of a segment.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    seq: u64,
    #[serde(with = "time::serde::rfc3339")]
    time: OffsetDateTime,
    subject: String,
    headers: Vec<(String, String)>,
    /// The payload where it is text, as an event's always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    /// The payload where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// Writes a message behind what is there, with the end of the line.
pub(super) fn write(raw: &Raw, to: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let mut headers: Vec<(String, String)> = Vec::with_capacity(raw.headers.len());
    for (name, values) in raw.headers.iter() {
        let name: &str = name.as_ref();
        if !ADDED.contains(&name) {
            headers.extend(values.iter().map(|value| (name.to_owned(), value.as_str().to_owned())));
        }
    }
    // The client keeps them in a map without an order; equal messages shall be equal lines.
    headers.sort();
    let text = std::str::from_utf8(&raw.payload).ok().map(str::to_owned);
    let line = Line {
        seq: raw.sequence,
        time: raw.stored_at,
        subject: raw.subject.clone(),
        headers,
        base64: text.is_none().then(|| STANDARD.encode(&raw.payload)),
        data: text,
    };
    serde_json::to_writer(&mut *to, &line)?;
    to.push(b'\n');
    Ok(())
}

/// Reads a line; the error is a sentence that says what is wrong with it.
pub(super) fn read(line: &[u8]) -> Result<Raw, String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    for (name, value) in &line.headers {
        let name = HeaderName::from_str(name).map_err(|error| format!("header {name:?}: {error}"))?;
        headers.append(name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
    }
    let payload = match (line.data, line.base64) {
        (Some(text), None) => Bytes::from(text),
        (None, Some(coded)) => Bytes::from(STANDARD.decode(coded).map_err(|error| error.to_string())?),
        _ => return Err("it has no payload, or two".to_owned()),
    };
    Ok(Raw { subject: line.subject, sequence: line.seq, headers, payload, stored_at: line.time })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn raw(payload: &'static [u8]) -> Raw {
        let mut headers = HeaderMap::new();
        headers.append("ce-id", "c1:1");
        headers.append("ally-odd", "one");
        headers.append("ally-odd", "two");
        let stored_at = datetime!(2026-01-02 03:04:05.678901234 UTC);
        Raw { subject: "a.b".to_owned(), sequence: 42, headers, payload: Bytes::from_static(payload), stored_at }
    }

    #[test]
    fn a_message_reads_back_byte_for_byte() {
        for payload in [&br#"{"a": "\u00e9 \"quoted\""}"#[..], b"", b"\xff\x00 no text"] {
            let mut line = Vec::new();
            write(&raw(payload), &mut line).unwrap();
            assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
            let (read, was) = (read(&line).unwrap(), raw(payload));
            assert_eq!((&read.subject, read.sequence, read.stored_at), (&was.subject, 42, was.stored_at));
            assert_eq!((read.payload, read.headers), (was.payload, was.headers));
        }
    }

    #[test]
    fn what_the_server_added_is_left_out() {
        let (mut plain, mut handed_out) = (Vec::new(), Vec::new());
        write(&raw(b"{}"), &mut plain).unwrap();
        let mut more = raw(b"{}");
        for added in ADDED {
            more.headers.append(added, "7");
        }
        write(&more, &mut handed_out).unwrap();
        assert_eq!(plain, handed_out);
    }

    #[test]
    fn a_broken_line_is_told_and_no_crash() {
        let line = |rest: &str| format!(r#"{{"seq":1,"time":"2026-01-02T03:04:05Z","subject":"a","headers":[{rest}"#);
        for wrong in [
            String::new(),
            line("]}"),
            line(r#"],"data":"x","base64":"eA=="}"#),
            line(r#"],"base64":"?"}"#),
            line(r#"["a:b","c"]],"data":""}"#),
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
