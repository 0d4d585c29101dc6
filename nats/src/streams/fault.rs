//! What can be wrong with a stream, and the sentence that says it with what to do.

use std::collections::BTreeSet;

use serde::Serialize;

/// How many faults a sentence names before it only counts them.
const NAMED: usize = 4;

/// A setting that is not as this version needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreamDifference {
    /// The stream as the server knows it.
    pub stream: String,
    /// The setting as the server spells it; `stream` for the stream itself.
    pub setting: String,
    /// What it is.
    pub found: String,
    /// What it must be.
    pub needed: String,
}

/// Why a stream cannot be worked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamFault {
    /// None of the streams is there.
    #[error("there are no streams under the prefix {prefix:?} yet")]
    NotApplied {
        /// The deployment's.
        prefix: String,
    },
    /// One is not there, though the others are or it was.
    #[error("the stream {stream} is gone")]
    Gone {
        /// As the server knows it.
        stream: String,
    },
    /// One has another setting.
    #[error("the stream {} has {} {} where {} is needed", .0.stream, .0.setting, .0.found, .0.needed)]
    Differs(StreamDifference),
    /// One has settings of a later version.
    #[error(
        "the stream {stream} was written by a newer version of Ally (its schema is {found}, this version knows {known})"
    )]
    Newer {
        /// As the server knows it.
        stream: String,
        /// The number in its metadata.
        found: u32,
        /// The number of this version.
        known: u32,
    },
}

impl StreamFault {
    /// What an operator does about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotApplied { .. } => "`ally streams apply` makes them",
            Self::Gone { .. } => "restore it from a backup, or let `ally streams apply` make an empty one",
            Self::Differs(_) => "`ally streams apply --dry-run` shows all that differs, `ally streams apply` mends it",
            Self::Newer { .. } => "run the newer version",
        }
    }
}

/// All that is wrong, in one sentence.
pub(super) fn sentence(faults: &[StreamFault]) -> String {
    let mut parts: Vec<String> = faults.iter().take(NAMED).map(ToString::to_string).collect();
    if faults.len() > NAMED {
        parts.push(format!("{} more things are not as they must be", faults.len() - NAMED));
    }
    let remedies: BTreeSet<&str> = faults.iter().map(StreamFault::remedy).collect();
    parts.extend(remedies.into_iter().map(str::to_owned));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_the_stream_the_setting_and_the_command() {
        let differs = |setting: &str| {
            let text = |text: &str| text.to_owned();
            let (stream, setting, found, needed) = (text("PLANS"), text(setting), text("1h"), text("none"));
            StreamFault::Differs(StreamDifference { stream, setting, found, needed })
        };
        assert_eq!(
            sentence(&[differs("max_age"), StreamFault::Gone { stream: "DLQ".to_owned() }]),
            "the stream PLANS has max_age 1h where none is needed; the stream DLQ is gone; `ally streams apply --dry-run` \
             shows all that differs, `ally streams apply` mends it; restore it from a backup, or let `ally streams apply` \
             make an empty one"
        );
        let many: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(differs).into();
        assert!(sentence(&many).contains("d 1h") && sentence(&many).contains("; 2 more things"), "{}", sentence(&many));
    }
}
