//! Channels and locks as the document shows them: what clients send, and what a channel holds.

use poem_openapi::Object;
use poem_openapi::registry::MetaSchema;
use poem_openapi::types::Type;
use serde_json::{Map, Value};

use super::documented::shape;
use crate::wire::Moment;

/// Items to be written.
#[derive(Object)]
#[oai(rename = "MetadataWrite", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct WriteSchema {
    /// The items. A key is named once.
    #[oai(validator(max_items = 100))]
    data: Vec<NewItemSchema>,
    /// What else is asked for.
    options: Option<OptionsSchema>,
}

/// Items that are to hold other values.
#[derive(Object)]
#[oai(rename = "MetadataUpdate", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UpdateSchema {
    /// The items. A key is named once.
    #[oai(validator(min_items = 1, max_items = 100))]
    data: Vec<NewItemSchema>,
    /// What else is asked for.
    options: Option<OptionsSchema>,
}

/// Items to be removed.
#[derive(Object)]
#[oai(rename = "MetadataRemove", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct RemoveSchema {
    /// The items; all of them where none is named.
    #[oai(validator(max_items = 100))]
    data: Option<Vec<KnownItemSchema>>,
    /// What else is asked for.
    options: Option<OptionsSchema>,
}

/// An item to be written.
#[derive(Object)]
#[oai(rename = "NewMetadataItem", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct NewItemSchema {
    /// Under which key: at most 256 bytes.
    #[oai(validator(min_length = 1, max_length = 256))]
    key: String,
    /// What it shall hold: any JSON of at most 32 KiB.
    value: ValueShape,
    /// The revision that the item must have now; 0 where it must not be there.
    #[oai(validator(minimum(value = "0")))]
    revision: Option<u64>,
}

/// An item to be removed.
#[derive(Object)]
#[oai(rename = "KnownMetadataItem", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct KnownItemSchema {
    /// Its key.
    #[oai(validator(min_length = 1, max_length = 256))]
    key: String,
    /// The revision that the item must have now.
    #[oai(validator(minimum(value = "0")))]
    revision: Option<u64>,
}

/// On what condition, and what is kept with the items.
#[derive(Object)]
#[oai(rename = "MetadataOptions", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct OptionsSchema {
    /// The major revision that the channel must have now; 0 before its first change.
    #[oai(validator(minimum(value = "0")))]
    major_revision: Option<u64>,
    /// A lock that the caller must hold. Its fencing token is kept with the change.
    #[oai(validator(min_length = 1, max_length = 64))]
    lock_name: Option<String>,
    /// Whether the items that are written keep when that was, as `updated`.
    add_timestamp: Option<bool>,
    /// Whether the items that are written keep who wrote them, as `authorUid`.
    add_user_id: Option<bool>,
}

/// What a channel holds.
#[derive(Object)]
#[oai(rename = "ChannelMetadata", rename_all = "camelCase")]
pub(crate) struct ChannelSchema {
    /// When it was so.
    timestamp: Moment,
    /// The channel's name.
    channel_name: String,
    /// The channel's type.
    channel_type: String,
    /// How many items there are.
    total_count: u64,
    /// How often the channel was changed.
    major_revision: u64,
    /// The items by their keys.
    metadata: ItemsShape,
}

/// An item of a channel.
#[derive(Object)]
#[oai(rename = "MetadataItem", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct ItemSchema {
    /// What it holds.
    value: ValueShape,
    /// The major revision by which it was written; it rises with each write, and no item of this key ever has it again.
    revision: u64,
    /// When it was written, where its writer wanted that kept.
    updated: Option<Moment>,
    /// Who wrote it, where they wanted that kept.
    author_uid: Option<String>,
}

/// How long a lock is wanted for.
#[derive(Object)]
#[oai(rename = "LockWish", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct LockSchema {
    /// How long it lasts without being renewed, in milliseconds: up to an hour, 30,000 where nothing is said. A fraction of a second
    /// counts as one more.
    #[oai(validator(minimum(value = "1"), maximum(value = "3600000")))]
    ttl_ms: Option<u64>,
    /// Renew the holding that has this token, and take the lock in no case. Without it a lock that is free is taken.
    #[oai(validator(minimum(value = "0")))]
    fencing_token: Option<u64>,
}

shape! {
    /// Any JSON.
    ValueShape(Value) as "any" = MetaSchema::ANY, |_| {};
    /// Items by their keys.
    ItemsShape(Map<String, Value>) as "object" = MetaSchema {
        additional_properties: Some(Box::new(<ItemSchema as Type>::schema_ref())),
        ..MetaSchema::new("object")
    }, |registry| <ItemSchema as Type>::register(registry);
}
