//! A message's body: the fact's JSON, packed with zstd where it is long. A plan says the same words in every session, so that a
//! tenth of its bytes is enough to store, to send to every reader and to keep on three replicas.
//!
//! The headers say how a body is written, as they do in HTTP. What is short stays as it is: it is read with any tool.

use std::cell::RefCell;

use bytes::Bytes;

use super::Unreadable;
use crate::topology::MAX_MESSAGE_BYTES;

/// The value of the header `content-encoding` of a packed body.
pub(super) const ZSTD: &str = "zstd";
/// A body is packed from here on: shorter ones are hardly smaller for it.
const PACKED_FROM: usize = 4 * 1024;
/// The fastest of zstd's ordinary levels; the next ones cost more time than they save bytes.
const LEVEL: i32 = 1;
/// The most that a packed body may become again, whatever it claims: sixteen times what a message may have.
const MAX_UNPACKED: usize = 16 * MAX_MESSAGE_BYTES as usize;

thread_local! {
    /// Making one takes longer than packing a plan with it.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// The body to send, and its encoding where it has one.
pub(super) fn pack(json: String) -> (Bytes, Option<&'static str>) {
    if json.len() < PACKED_FROM {
        return (Bytes::from(json), None);
    }
    let packed = COMPRESSOR.with_borrow_mut(|compressor| {
        if compressor.is_none() {
            *compressor = zstd::bulk::Compressor::new(LEVEL).ok();
        }
        compressor.as_mut()?.compress(json.as_bytes()).ok()
    });
    match packed {
        Some(packed) if packed.len() < json.len() => (Bytes::from(packed), Some(ZSTD)),
        // It is only longer.
        _ => (Bytes::from(json), None),
    }
}

/// The JSON of a body.
pub(super) fn unpack(body: &Bytes, encoding: Option<&str>) -> Result<String, Unreadable> {
    let malformed = |reason: String| Unreadable::Malformed(reason);
    let bytes = match encoding {
        None => body.to_vec(),
        Some(ZSTD) => {
            let size = zstd::zstd_safe::get_frame_content_size(body).ok().flatten();
            let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= MAX_UNPACKED);
            let size = size
                .ok_or_else(|| malformed(format!("its packed body is none, or of more than {MAX_UNPACKED} bytes")))?;
            zstd::bulk::decompress(body, size)
                .map_err(|error| malformed(format!("its body cannot be unpacked: {error}")))?
        }
        Some(other) => {
            return Err(malformed(format!("its body is encoded as {other:?}, which this version cannot read")));
        }
    };
    String::from_utf8(bytes).map_err(|error| malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long() -> String {
        format!("{{\"text\":\"{}\"}}", "a plan says the same words in every session, ".repeat(1_000))
    }

    #[test]
    fn what_is_long_is_packed_and_reads_back_byte_for_byte() {
        let (body, encoding) = pack(long());
        assert_eq!(encoding, Some(ZSTD));
        assert!(body.len() * 10 < long().len(), "{} of {} bytes", body.len(), long().len());
        assert_eq!(unpack(&body, encoding).unwrap(), long());
    }

    #[test]
    fn what_is_short_stays_readable() {
        let short = r#"{"attempt":1}"#.to_owned();
        let (body, encoding) = pack(short.clone());
        assert_eq!((body.as_ref(), encoding), (short.as_bytes(), None));
        assert_eq!(unpack(&body, None).unwrap(), short);
    }

    #[test]
    fn a_body_that_is_not_what_it_says_is_told_and_no_crash() {
        let (packed, _) = pack(long());
        for (body, encoding) in [
            (Bytes::from_static(b"no frame"), Some(ZSTD)),
            (packed.slice(..packed.len() / 2), Some(ZSTD)),
            (packed.clone(), None),
            (packed, Some("br")),
            // A frame that claims two gibibytes.
            (Bytes::from_static(&[0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0, 0, 0, 0x80, 1, 0, 0]), Some(ZSTD)),
        ] {
            assert!(matches!(unpack(&body, encoding), Err(Unreadable::Malformed(_))), "{body:?} as {encoding:?}");
        }
    }
}
