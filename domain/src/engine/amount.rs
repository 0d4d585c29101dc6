//! A measured number with up to three decimals (62.5 kg, effort 8.5), kept as whole thousandths: the same bytes everywhere.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most that is read: nothing that an athlete measures is more.
const MOST_MILLI: f64 = 1_000_000_000.0;

/// A number of zero or more in whole thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u32);

impl Amount {
    /// From thousandths.
    #[must_use]
    pub const fn from_milli(milli: u32) -> Self {
        Self(milli)
    }

    /// In thousandths.
    #[must_use]
    pub const fn milli(self) -> u32 {
        self.0
    }

    /// The nearest amount to a number; `None` for what is negative, no number or far too large.
    #[must_use]
    pub fn nearest(number: f64) -> Option<Self> {
        let milli = (number * 1_000.0).round();
        let fits = milli.is_finite() && (0.0..=MOST_MILLI).contains(&milli);
        // The range was checked: the number is whole and fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        fits.then_some(Self(milli as u32))
    }

    /// As a floating number, for callers that show or send one.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_f64())
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1_000) { to.serialize_u32(self.0 / 1_000) } else { to.serialize_f64(self.as_f64()) }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(from)?;
        Self::nearest(number).ok_or_else(|| serde::de::Error::custom("a number from 0 to 1000000 is expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn an_amount_reads_back_as_written() {
        for (text, milli) in [("62.5", 62_500), ("60", 60_000), ("0.125", 125), ("0", 0)] {
            let amount: Amount = serde_json::from_str(text).unwrap();
            assert_eq!((amount.milli(), serde_json::to_string(&amount).unwrap().as_str()), (milli, text));
        }
        for wrong in ["-1", "1e9", "\"8\"", "null"] {
            assert!(serde_json::from_str::<Amount>(wrong).is_err(), "{wrong}");
        }
    }
}
