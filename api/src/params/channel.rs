//! Parameters of channels and locks.

use ally_domain::channel::LockName;
use ally_domain::ids::MAX_ID_CHARS;
use ally_domain::token::{self, InvalidName};
use poem_openapi::registry::MetaSchema;

use super::Parameter;

fn named(example: &str) -> MetaSchema {
    MetaSchema {
        min_length: Some(1),
        max_length: Some(MAX_ID_CHARS),
        example: Some(example.into()),
        ..MetaSchema::new("string")
    }
}

fn name(text: &str) -> Result<String, String> {
    token::escape(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// The type of a channel.
pub(crate) struct ChannelType;

impl Parameter for ChannelType {
    type Value = String;
    const NAME: &'static str = "channelType";

    fn schema() -> MetaSchema {
        named("room")
    }

    fn read(text: &str) -> Result<String, String> {
        name(text)
    }
}

/// The name of a channel.
pub(crate) struct ChannelName;

impl Parameter for ChannelName {
    type Value = String;
    const NAME: &'static str = "channelName";

    fn schema() -> MetaSchema {
        named("lobby")
    }

    fn read(text: &str) -> Result<String, String> {
        name(text)
    }
}

/// A lock, by the name that people gave it.
pub(crate) struct LockNameText;

impl Parameter for LockNameText {
    type Value = LockName;
    const NAME: &'static str = "lockName";

    fn schema() -> MetaSchema {
        named("lobby-editor")
    }

    fn read(text: &str) -> Result<LockName, String> {
        text.parse().map_err(|error: InvalidName| error.to_string())
    }
}
