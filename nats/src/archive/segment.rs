//! The format of a segment: zstd frames of JSON lines, readable with `zstd -d`, and in parts without reading it whole.
//!
//! ```text
//! frame   {"schema":"ally.archive.v1","stream":"PLANS",…}      the header
//! frame   {"seq":1,…}\n{"seq":2,…}\n…                           messages by sequence, about a mebibyte a frame
//! …
//! frame   {"frames":[…],"sha256":"…"}                           where each frame is; the checksum of all before this one
//! skippable frame: the offset of the frame before, 8 bytes      so that a reader finds it from the end
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::line;
use crate::codec::Raw;

const SCHEMA: &str = "ally.archive.v1";
/// Higher levels gain little on lines that repeat each other, and cost a multiple.
const LEVEL: i32 = 6;
/// How much of the lines a frame holds: what a reader has in memory of each segment that it reads.
const FRAME_BYTES: usize = 1024 * 1024;
/// No frame of ours is larger: a message has at most a mebibyte, and a byte of it at most six characters.
const MAX_FRAME_BYTES: u64 = 16 * 1024 * 1024;
/// The magic number of a frame that decoders skip, and the length of ours, as zstd writes them.
const SKIPPABLE: [u8; 8] = [0x50, 0x2A, 0x4D, 0x18, 8, 0, 0, 0];
/// The skippable frame at the end.
pub(super) const TAIL_BYTES: u64 = 16;
const DIGEST_CHARS: usize = 16;

/// A segment's name: the first and the last sequence, how many events, how many histories, and the beginning of its
/// checksum. A list of names is all that a reader needs to know which segments to open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// The sequence of its first event.
    pub first: u64,
    /// The sequence of its last event.
    pub last: u64,
    /// How many events it holds.
    pub events: u64,
    /// How many histories it holds.
    pub histories: u64,
    digest: String,
}

/// A text that names no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the name of a segment of the archive; `ally archive list` shows them")]
pub struct InvalidSegmentName {
    text: String,
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, events, histories, digest } = self;
        write!(f, "{first:020}-{last:020}-{events}-{histories}-{digest}")
    }
}

impl FromStr for SegmentName {
    type Err = InvalidSegmentName;

    fn from_str(text: &str) -> Result<Self, InvalidSegmentName> {
        let wrong = || InvalidSegmentName { text: text.to_owned() };
        let parts: Vec<_> = text.split('-').collect();
        let [first, last, events, histories, digest] = parts[..] else { return Err(wrong()) };
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let name = Self {
            first: number(first)?,
            last: number(last)?,
            events: number(events)?,
            histories: number(histories)?,
            digest: digest.to_owned(),
        };
        // Only what reads back as written is a name: a path cannot be smuggled in.
        let hex = digest.len() == DIGEST_CHARS && digest.bytes().all(|b| b.is_ascii_hexdigit());
        if hex && name.to_string() == text { Ok(name) } else { Err(wrong()) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    schema: String,
    stream: String,
    first: u64,
    last: u64,
    events: u64,
    histories: u64,
}

/// Where a frame is, and what it holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Frame {
    /// Its first byte in the segment.
    pub(super) at: u64,
    /// Its bytes in the segment.
    pub(super) bytes: u64,
    /// Its bytes as lines.
    pub(super) raw_bytes: u64,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) events: u64,
}

/// What a reader must know before it reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Footer {
    pub(super) frames: Vec<Frame>,
    pub(super) sha256: String,
}

/// A segment, ready to be stored.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) name: SegmentName,
    pub(super) bytes: Vec<u8>,
}

/// Writes messages, which must be sorted by sequence; at least one.
pub(super) fn encode(stream: &str, raws: &[Raw], histories: u64) -> Result<Encoded, std::io::Error> {
    let (first, last) = (raws.first().map_or(0, |raw| raw.sequence), raws.last().map_or(0, |raw| raw.sequence));
    let events = raws.len() as u64;
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    // Each frame tells by itself whether it is whole.
    compressor.include_checksum(true)?;
    let header = Header { schema: SCHEMA.to_owned(), stream: stream.to_owned(), first, last, events, histories };
    let mut bytes = compressor.compress(&json_line(&header)?)?;
    let mut frames = Vec::new();
    let mut lines = Vec::with_capacity(FRAME_BYTES + FRAME_BYTES / 4);
    let mut begun = 0;
    for (n, raw) in raws.iter().enumerate() {
        line::write(raw, &mut lines)?;
        let held = &raws[begun..=n];
        if lines.len() < FRAME_BYTES && n + 1 < raws.len() {
            continue;
        }
        let frame = compressor.compress(&lines)?;
        frames.push(Frame {
            at: bytes.len() as u64,
            bytes: frame.len() as u64,
            raw_bytes: lines.len() as u64,
            first: held.first().map_or(0, |raw| raw.sequence),
            last: raw.sequence,
            events: held.len() as u64,
        });
        bytes.extend_from_slice(&frame);
        lines.clear();
        begun = n + 1;
    }
    let sha256 = hex(&Sha256::digest(&bytes));
    let digest = sha256.chars().take(DIGEST_CHARS).collect();
    let footer_at = bytes.len() as u64;
    bytes.extend_from_slice(&compressor.compress(&json_line(&Footer { frames, sha256 })?)?);
    bytes.extend_from_slice(&SKIPPABLE);
    bytes.extend_from_slice(&footer_at.to_le_bytes());
    Ok(Encoded { name: SegmentName { first, last, events, histories, digest }, bytes })
}

/// The offset of the footer, from the last bytes of a segment.
pub(super) fn footer_at(tail: &[u8], size: u64) -> Result<u64, String> {
    let offset = tail.strip_prefix(&SKIPPABLE).and_then(|rest| <[u8; 8]>::try_from(rest).ok()).map(u64::from_le_bytes);
    let inside = offset.filter(|at| *at < size.saturating_sub(TAIL_BYTES));
    inside.ok_or_else(|| "it does not end as a segment ends: it was cut off or is none".to_owned())
}

/// Reads the footer's frame.
pub(super) fn footer(frame: &[u8]) -> Result<Footer, String> {
    let lines = decompress(frame, MAX_FRAME_BYTES)?;
    serde_json::from_slice(&lines).map_err(|error| format!("its footer: {error}"))
}

/// Reads the messages of a frame.
pub(super) fn messages(frame: &Frame, bytes: &[u8]) -> Result<Vec<Raw>, String> {
    if frame.raw_bytes > MAX_FRAME_BYTES {
        return Err(format!("a frame of it claims {} bytes", frame.raw_bytes));
    }
    let lines = decompress(bytes, frame.raw_bytes)?;
    let raws: Vec<Raw> =
        lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(line::read).collect::<Result<_, _>>()?;
    let sorted = raws.windows(2).all(|pair| pair[0].sequence < pair[1].sequence);
    let ends = (raws.first().map(|raw| raw.sequence), raws.last().map(|raw| raw.sequence));
    if sorted && ends == (Some(frame.first), Some(frame.last)) && raws.len() as u64 == frame.events {
        return Ok(raws);
    }
    Err(format!("a frame of it does not hold {} events from {} to {}", frame.events, frame.first, frame.last))
}

/// Reads a whole segment and judges it: its checksum, its name, each frame.
pub(super) fn decode(name: &SegmentName, bytes: &[u8]) -> Result<(Footer, Vec<Raw>), String> {
    let size = bytes.len() as u64;
    let part = |from: u64, to: u64| {
        let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
        range.and_then(|(from, to)| bytes.get(from..to)).ok_or_else(|| "a part of it is missing".to_owned())
    };
    let end = size.saturating_sub(TAIL_BYTES);
    let at = footer_at(part(end, size)?, size)?;
    let footer = footer(part(at, end)?)?;
    let found = hex(&Sha256::digest(part(0, at)?));
    if found != footer.sha256 || !found.starts_with(&name.digest) {
        return Err("its checksum is not that of its content".to_owned());
    }
    let mut raws = Vec::new();
    for frame in &footer.frames {
        raws.extend(messages(frame, part(frame.at, frame.at.saturating_add(frame.bytes))?)?);
    }
    let told = (raws.first().map(|raw| raw.sequence), raws.last().map(|raw| raw.sequence), raws.len() as u64);
    if told != (Some(name.first), Some(name.last), name.events) {
        return Err("it does not hold what its name says".to_owned());
    }
    Ok((footer, raws))
}

fn decompress(bytes: &[u8], capacity: u64) -> Result<Vec<u8>, String> {
    let capacity = usize::try_from(capacity).map_err(|error| error.to_string())?;
    zstd::bulk::decompress(bytes, capacity).map_err(|error| format!("a frame of it cannot be unpacked: {error}"))
}

fn json_line(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use async_nats::HeaderMap;
    use bytes::Bytes;
    use time::macros::datetime;

    use super::*;

    fn raws(count: u64, payload_bytes: usize) -> Vec<Raw> {
        let raw = |n: u64| Raw {
            subject: format!("a.{n}"),
            sequence: n * 3,
            headers: HeaderMap::new(),
            payload: Bytes::from("x".repeat(payload_bytes)),
            stored_at: datetime!(2026-01-02 03:04:05 UTC),
        };
        (1..=count).map(raw).collect()
    }

    #[test]
    fn a_segment_reads_back_whole_and_by_frame() {
        let written = raws(3_000, 1_000);
        let Encoded { name, bytes } = encode("PLANS", &written, 7).unwrap();
        assert_eq!(name.to_string().parse(), Ok(name.clone()));
        assert_eq!((name.first, name.last, name.events, name.histories), (3, 9_000, 3_000, 7));
        let (footer, read) = decode(&name, &bytes).unwrap();
        assert!(footer.frames.len() > 2, "{}", footer.frames.len());
        assert!(read.iter().zip(&written).all(|(one, other)| one.payload == other.payload), "the payloads");
        let frame = &footer.frames[1];
        let (from, to) = (usize::try_from(frame.at).unwrap(), usize::try_from(frame.at + frame.bytes).unwrap());
        assert_eq!(messages(frame, &bytes[from..to]).unwrap()[0].sequence, frame.first);
        // Any zstd reads it, the frame that is to be skipped included.
        let text = zstd::stream::decode_all(&bytes[..]).unwrap();
        assert_eq!(text.iter().filter(|b| **b == b'\n').count(), 3_002, "header, messages, footer");
    }

    #[test]
    fn any_flipped_byte_and_any_cut_is_found() {
        let Encoded { name, bytes } = encode("PLANS", &raws(20, 50), 1).unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(decode(&name, &flipped).is_err(), "byte {at}");
            assert!(decode(&name, &bytes[..at]).is_err(), "cut at {at}");
        }
        let Encoded { name: other, .. } = encode("PLANS", &raws(21, 50), 1).unwrap();
        assert!(decode(&other, &bytes).is_err(), "under another name");
    }

    #[test]
    fn only_a_name_is_a_name() {
        let name = encode("PLANS", &raws(1, 1), 1).unwrap().name.to_string();
        for wrong in ["", "1-2-3-4-5", "../x", &name[1..], &format!("{name}x"), &name.to_uppercase().replace('0', "1")]
        {
            let read = wrong.parse::<SegmentName>();
            assert!(read.is_err() || read.as_ref().map(ToString::to_string) == Ok(wrong.to_owned()), "{wrong:?}");
            assert!(!wrong.contains('.') || read.is_err());
        }
    }
}
