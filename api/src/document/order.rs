//! In which order a document is written: that in which the types declare paths and fields, which is how people read them. A
//! `serde_json::Value` has no order of its own. Its feature `preserve_order` would give it one in every crate: the keys of members' states, which are
//! written to the log and compared, would then stand as clients send them and no more by name.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// The order of the members of an object, and of those inside them. A list has its places as names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Order(Vec<(String, Order)>);

/// A value that is written in an order. Members that the order does not know stand last, by name.
pub(super) struct Ordered<'a> {
    pub value: &'a Value,
    pub order: &'a Order,
}

static NONE: Order = Order(Vec::new());

impl Order {
    /// The order below a name.
    fn below(&self, name: &str) -> &Self {
        self.0.iter().find(|(known, _)| known == name).map_or(&NONE, |(_, order)| order)
    }

    fn place(&self, name: &str) -> usize {
        self.0.iter().position(|(known, _)| known == name).unwrap_or(usize::MAX)
    }

    /// Puts a new member of an object directly behind one that is there, ordered as that one is inside.
    pub(super) fn insert_behind(&mut self, parent: &str, known: &str, new: String) {
        let Some((_, parent)) = self.0.iter_mut().find(|(name, _)| name == parent) else { return };
        if let Some(place) = parent.0.iter().position(|(name, _)| name == known) {
            let order = parent.below(known).clone();
            parent.0.insert(place + 1, (new, order));
        }
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Order;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Order, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Order(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Order, A::Error> {
        let mut places = Vec::new();
        while let Some(order) = seq.next_element()? {
            places.push((places.len().to_string(), order));
        }
        Ok(Order(places))
    }

    fn visit_unit<E>(self) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Order, E> {
        Ok(Order::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Order, E> {
        Ok(Order::default())
    }
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| self.order.place(name));
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &Ordered { value, order: self.order.below(name) })?;
                }
                map.end()
            }
            Value::Array(items) => {
                let item = |(n, value): (usize, _)| Ordered { value, order: self.order.below(&n.to_string()) };
                serializer.collect_seq(items.iter().enumerate().map(item))
            }
            value => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_read_is_written_in_its_order_and_what_is_new_stands_last() {
        let text = r#"{"b":{"z":1,"a":[{"y":true,"x":null}]},"a":0.5}"#;
        let mut order: Order = serde_json::from_str(text).unwrap();
        let mut value: Value = serde_json::from_str(text).unwrap();
        let write = |value: &Value, order: &Order| serde_json::to_string(&Ordered { value, order }).unwrap();
        assert_eq!(write(&value, &order), text);
        value["b"]["m"] = json!("new");
        value["b"]["like-z"] = json!(2);
        order.insert_behind("b", "z", "like-z".to_owned());
        assert_eq!(write(&value, &order), r#"{"b":{"z":1,"like-z":2,"a":[{"y":true,"x":null}],"m":"new"},"a":0.5}"#);
    }
}
