//! Content codings: which one a caller accepts (RFC 9110, section 12.5.3), and the bytes in it and out of it.

use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use poem::http::{HeaderMap, HeaderValue, header};

use crate::list;

/// A plan in JSON is a thirtieth of itself at this level; a higher one takes longer and saves little.
const ZSTD_LEVEL: i32 = 3;
/// 8 MiB: the most that a reader of the coding has to look back for (RFC 9659), and so the most that one body may ask of this one.
const ZSTD_WINDOW_LOG: u32 = 23;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// `zstd` (RFC 8878)
    Zstd,
    /// `gzip` (RFC 1952)
    Gzip,
}

/// What `Accept-Encoding` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acceptable {
    /// The coding that is liked best; `None` where the plain bytes are liked as much.
    pub coding: Option<Coding>,
    /// Whether the plain bytes are acceptable.
    pub plain: bool,
}

impl Coding {
    /// The one that takes less time for the same size first.
    pub(crate) const ALL: [Self; 2] = [Self::Zstd, Self::Gzip];

    /// As headers spell it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// As headers hold it.
    pub(crate) const fn value(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// The coding of a name, whatever its case.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| coding.is_named(name))
    }

    fn is_named(self, name: &str) -> bool {
        name.eq_ignore_ascii_case(self.name()) || (self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip"))
    }

    /// The bytes in this coding.
    pub(crate) fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
            Self::Gzip => {
                let mut writer = GzEncoder::new(Vec::new(), Compression::default());
                writer.write_all(bytes)?;
                writer.finish()
            }
        }
    }

    /// The bytes out of this coding, and never more than one beyond a limit: whoever gets as many knows that there are more.
    pub(crate) fn decode(self, bytes: &[u8], limit: usize) -> io::Result<Vec<u8>> {
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut decoded = Vec::new();
        match self {
            Self::Zstd => {
                let mut reader = zstd::Decoder::with_buffer(bytes)?;
                reader.window_log_max(ZSTD_WINDOW_LOG)?;
                reader.take(most).read_to_end(&mut decoded)?;
            }
            Self::Gzip => {
                MultiGzDecoder::new(bytes).take(most).read_to_end(&mut decoded)?;
            }
        }
        Ok(decoded)
    }
}

impl Acceptable {
    /// Reads `Accept-Encoding`. Without one the plain bytes are sent: whoever cannot read a coding says nothing of codings.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let named: Vec<_> = list::elements(headers, header::ACCEPT_ENCODING).filter_map(list::split_weight).collect();
        let weight = |is_meant: &dyn Fn(&str) -> bool| {
            let found = named.iter().find(|(name, _)| is_meant(name));
            found.or_else(|| named.iter().find(|(name, _)| *name == "*")).map(|(_, weight)| *weight)
        };
        let plain = weight(&|name: &str| name.eq_ignore_ascii_case("identity"));
        let of = |coding: Coding| weight(&|name: &str| coding.is_named(name)).unwrap_or(0);
        // Of equals the last wins in `max_by_key`, and the first should.
        let best = Coding::ALL.into_iter().rev().max_by_key(|coding| of(*coding));
        // Where nothing is said of the plain bytes they are acceptable, and a coding is liked more.
        let coding = best.filter(|coding| of(*coding) > 0 && of(*coding) >= plain.unwrap_or(0));
        Self { coding, plain: plain != Some(0) }
    }

    /// Whether nothing that there is would be acceptable.
    pub(crate) const fn is_nothing(self) -> bool {
        self.coding.is_none() && !self.plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acceptable(lines: &[&str]) -> Acceptable {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap());
        }
        Acceptable::of(&headers)
    }

    #[test]
    fn the_best_liked_coding_is_chosen() {
        let (zstd, gzip) = (Some(Coding::Zstd), Some(Coding::Gzip));
        for (lines, coding, plain) in [
            (&[][..], None, true),
            (&[""], None, true),
            (&["gzip, deflate, br, zstd"], zstd, true),
            (&["gzip"], gzip, true),
            (&["X-GZIP"], gzip, true),
            (&["br, deflate"], None, true),
            (&["gzip", "zstd;q=0.9"], gzip, true),
            (&["gzip;q=0"], None, true),
            (&["gzip;q=0, *"], zstd, true),
            (&["zstd;q=0, *;q=0.1"], gzip, true),
            (&["*;q=0"], None, false),
            (&["gzip;q=0.001, *;q=0"], gzip, false),
            (&["identity"], None, true),
            (&["identity;q=0"], None, false),
            (&["identity;q=0, gzip"], gzip, false),
            (&["identity;q=0.5, gzip;q=0.4"], None, true),
            (&["identity;q=0.5, gzip;q=0.5"], gzip, true),
            (&["identity, *;q=0"], None, true),
            (&["gzip;q=2"], None, true),
        ] {
            assert_eq!(acceptable(lines), Acceptable { coding, plain }, "{lines:?}");
        }
        assert!(acceptable(&["identity;q=0, br"]).is_nothing() && !acceptable(&["br"]).is_nothing());
    }

    #[test]
    fn bytes_come_back_and_never_more_than_asked_for() {
        let text = "a plan of sixteen weeks; ".repeat(2_000).into_bytes();
        for coding in Coding::ALL {
            let coded = coding.encode(&text).unwrap();
            assert!(coded.len() < text.len() / 20, "{coding:?}: {}", coded.len());
            assert_eq!(coding.decode(&coded, text.len()).unwrap(), text);
            assert_eq!(coding.decode(&coded, 10).unwrap().len(), 11);
            let twice = [coded.as_slice(), coded.as_slice()].concat();
            assert_eq!(coding.decode(&twice, 1 << 20).unwrap().len(), 2 * text.len(), "members follow one another");
            for broken in [&coded[..coded.len() - 3], &b"nonsense"[..], [&coded[..], b"x"].concat().as_slice()] {
                assert!(coding.decode(broken, 1 << 20).is_err(), "{coding:?}");
            }
        }
    }

    #[test]
    fn a_window_that_is_too_wide_is_refused() {
        // A frame's head that asks for a window of 2 GiB: descriptor 0, window log 31.
        let head = [0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00];
        assert!(Coding::Zstd.decode(&head, 1_000).is_err());
    }
}
