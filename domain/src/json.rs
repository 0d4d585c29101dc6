//! A reader of JSON that people and other programs send: no object in it says a key twice.
//!
//! RFC 8259 leaves open what a repeated key means; most readers let the last one win in silence, so that what one program
//! checked is not what the next one reads. Our own events are written by us and read with serde alone.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text was not read.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is no JSON, or does not fit what it should be.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    /// An object says a key twice.
    #[error("{path} is said twice; say it once")]
    Repeated {
        /// Which key, from the outermost object: `injuries[0].pain`.
        path: String,
    },
}

/// Reads JSON.
///
/// # Errors
/// Where it is no JSON, or which key it says twice.
pub fn read(bytes: &[u8]) -> Result<Value, JsonError> {
    let repeated = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Place { path: String::new(), repeated: &repeated }.deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    match repeated.into_inner() {
        Some(path) => Err(JsonError::Repeated { path }),
        None => Ok(read?),
    }
}

/// Reads JSON of a shape.
///
/// # Errors
/// As [`read`], and where it does not fit the shape.
pub fn read_as<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    Ok(serde_json::from_value(read(bytes)?)?)
}

/// A value at a place of the text; it leaves behind which key was repeated.
struct Place<'r> {
    path: String,
    repeated: &'r RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, read.len());
            let Some(item) = items.next_element_seed(Place { path, repeated: self.repeated })? else { break };
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let path = if self.path.is_empty() { key.clone() } else { format!("{}.{key}", self.path) };
            if read.contains_key(&key) {
                let error = A::Error::custom("a key is said twice");
                self.repeated.replace(Some(path));
                return Err(error);
            }
            let value = fields.next_value_seed(Place { path, repeated: self.repeated })?;
            read.insert(key, value);
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_that_is_said_twice_is_named_with_its_place() {
        for (text, path) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"a":{"b":1,"b":2}}"#, "a.b"),
            (r#"[{"a":1},{"x":[0,{"b":1,"c":2,"b":null}]}]"#, "[1].x[1].b"),
            (r#"{"a":1,"\u0061":2}"#, "a"),
            (r#"{"":1,"":2}"#, ""),
        ] {
            match read(text.as_bytes()) {
                Err(JsonError::Repeated { path: found }) => assert_eq!(found, path),
                other => unreachable!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_json_is_still_none() {
        for text in ["", "{", "{\"a\":1} x", "nul", "\u{feff}{}", "{\"a\":1e999}"] {
            assert!(matches!(read(text.as_bytes()), Err(JsonError::Syntax(_))), "{text}");
        }
        assert!(read(&b"[".repeat(1_000)).is_err(), "it ends before the stack does");
        assert!(read(b"\"\xff\"").is_err());
    }

    proptest! {
        /// What serde writes, without repeated keys, is read as serde reads it.
        #[test]
        fn other_json_is_read_as_by_serde(text in r#"[\[\]{}":,0-9a-zA-Z .+\\-]{0,40}"#, number in any::<f64>(), key in ".{0,8}") {
            let whole = serde_json::json!({"n": number, "i": i64::MIN, "u": u64::MAX, key: [text.clone(), null_of(&text)]});
            prop_assert_eq!(read(whole.to_string().as_bytes()).unwrap(), serde_json::from_str::<Value>(&whole.to_string()).unwrap());
            match (read(text.as_bytes()), serde_json::from_str::<Value>(&text)) {
                (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
                (Err(JsonError::Repeated { .. }), Ok(_)) | (Err(_), Err(_)) => {}
                (ours, theirs) => prop_assert!(false, "{:?} and {:?}", ours, theirs),
            }
        }
    }

    fn null_of(text: &str) -> Value {
        if text.len().is_multiple_of(2) { Value::Null } else { Value::Bool(true) }
    }
}
