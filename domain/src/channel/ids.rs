//! Which channel.

use std::fmt;

use crate::ids::{AggregateId, MAX_ID_CHARS};
use crate::token;

/// Stands between the tokens of type and name. No token has it: `=` stands before two hex digits there.
const BETWEEN: &str = "==";
/// The most characters that the tokens of type and name may have together.
pub const MAX_CHANNEL_CHARS: usize = MAX_ID_CHARS - BETWEEN.len();

/// A channel, by the type and the name that people gave it. Two channels of one name and different types are two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId {
    channel_type: String,
    name: String,
    aggregate: AggregateId,
}

/// Texts that are no type and name of a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the type and the name of a channel have at least one letter, digit, '-' or '_' each and {MAX_CHANNEL_CHARS} together, and no control characters; each byte of another character counts as three"
)]
pub struct InvalidChannel;

impl ChannelId {
    /// A channel.
    ///
    /// # Errors
    /// When the type or the name is empty, has control characters, or both together are too long.
    pub fn new(channel_type: &str, name: &str) -> Result<Self, InvalidChannel> {
        let tokens = (token::escape(channel_type), token::escape(name));
        let (Ok(of_type), Ok(of_name)) = tokens else { return Err(InvalidChannel) };
        if of_type.len() + of_name.len() > MAX_CHANNEL_CHARS {
            return Err(InvalidChannel);
        }
        let aggregate = AggregateId::of_token([&of_type, BETWEEN, &of_name].concat());
        Ok(Self { channel_type: channel_type.to_owned(), name: name.to_owned(), aggregate })
    }

    /// The channel whose events are an aggregate's; `None` for an id that no channel gives.
    #[must_use]
    pub fn of(aggregate: &AggregateId) -> Option<Self> {
        let (of_type, of_name) = aggregate.as_str().split_once(BETWEEN)?;
        Self::new(&token::unescape(of_type)?, &token::unescape(of_name)?).ok()
    }

    /// Its type.
    #[must_use]
    pub fn channel_type(&self) -> &str {
        &self.channel_type
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The aggregate that its events are about.
    #[must_use]
    pub const fn aggregate(&self) -> &AggregateId {
        &self.aggregate
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.channel_type, self.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_readable_and_says_where_the_type_ends() {
        let id = |channel_type, name| ChannelId::new(channel_type, name).map(|id| String::from(id.aggregate));
        assert_eq!(id("room", "lobby").as_deref(), Ok("room==lobby"));
        assert_eq!(id("a=", "=b").as_deref(), Ok("a=3D===3Db"));
        assert_ne!(id("a", "=b"), id("a=", "b"));
    }

    #[test]
    fn what_is_no_channel_is_refused() {
        for (channel_type, name) in
            [("", "a"), ("a", ""), ("a\n", "a"), ("a", &"x".repeat(62)), (&"é".repeat(10), "abc")]
        {
            assert_eq!(ChannelId::new(channel_type, name), Err(InvalidChannel), "{channel_type:?} {name:?}");
        }
        assert!(ChannelId::new("a", &"x".repeat(61)).is_ok());
        for token in ["lobby", "=41==lobby", "a==", "==a", "a====b", "a==b==c"] {
            assert_eq!(token.parse().ok().and_then(|id| ChannelId::of(&id)), None, "{token}");
        }
    }

    proptest! {
        #[test]
        fn a_channel_reads_back_as_written(channel_type in "[a-b=\\-é ]{1,6}", name in "[a-b=\\-é ]{1,12}") {
            if let Ok(id) = ChannelId::new(&channel_type, &name) {
                prop_assert!(id.aggregate().as_str().parse::<AggregateId>().is_ok());
                let read = ChannelId::of(id.aggregate());
                prop_assert_eq!(read.as_ref().map(|id| (id.channel_type(), id.name())), Some((&*channel_type, &*name)));
            }
        }
    }
}
