//! What a channel holds under one key.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::ids::AthleteId;

/// The most items of a channel.
pub const MAX_ITEMS: usize = 100;
/// The most bytes of a key.
pub const MAX_KEY_BYTES: usize = 256;
/// The most bytes of a value, as JSON.
pub const MAX_VALUE_BYTES: usize = 32 * 1024;
/// The most bytes of all keys and values of a channel together. Each event holds them all, and a message of the log has at most 1 MiB.
pub const MAX_TOTAL_BYTES: usize = 256 * 1024;

/// What cannot be a key or a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidItem {
    /// A key that is empty, too long, or has control characters.
    #[error("a key has 1 to {MAX_KEY_BYTES} bytes and no control characters")]
    Key,
    /// A value that is too long.
    #[error("the value has {bytes} bytes of JSON and may have {MAX_VALUE_BYTES}; send less of it")]
    Value {
        /// How many it has.
        bytes: usize,
    },
}

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemKey(Arc<str>);

impl ItemKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ItemKey {
    type Err = InvalidItem;

    fn from_str(text: &str) -> Result<Self, InvalidItem> {
        let fits = (1..=MAX_KEY_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.into())) } else { Err(InvalidItem::Key) }
    }
}

impl TryFrom<String> for ItemKey {
    type Error = InvalidItem;

    fn try_from(text: String) -> Result<Self, InvalidItem> {
        text.parse()
    }
}

impl From<ItemKey> for String {
    fn from(key: ItemKey) -> Self {
        key.as_str().to_owned()
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of an item: any JSON of at most [`MAX_VALUE_BYTES`], kept as the text that goes out.
#[derive(Clone, PartialEq, Eq)]
pub struct ItemValue(Arc<str>);

impl ItemValue {
    /// A value.
    ///
    /// # Errors
    /// When it is too long.
    pub fn new(value: &Value) -> Result<Self, InvalidItem> {
        let text = value.to_string();
        let bytes = text.len();
        if bytes > MAX_VALUE_BYTES { Err(InvalidItem::Value { bytes }) } else { Ok(Self(text.into())) }
    }

    /// The JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ItemValue {
    /// The length: what people keep belongs into no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ItemValue({} bytes)", self.0.len())
    }
}

impl Serialize for ItemValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ItemValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(String::from(Box::<str>::from(raw)).into()))
    }
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// What it holds.
    pub value: ItemValue,
    /// The major revision by which it was written. It rises with each write of the item, and no other item that ever has the
    /// same key has it, so that whoever knows it knows the value.
    pub revision: u64,
    /// When it was written, where its writer wanted that kept.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub updated: Option<OffsetDateTime>,
    /// Who wrote it, where they wanted that kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_uid: Option<AthleteId>,
}
