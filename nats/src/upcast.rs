//! Old versions of events, read as new ones. Every read path goes through here, so that nothing above this crate ever
//! sees an old shape. The log itself is never rewritten.
//!
//! Deliberately not here: events that are newer than this program. They pass through untouched, and the reader counts them.

use std::collections::HashMap;

use ally_domain::event_data::EventType;
use serde_json::Value;

/// Turns the data of one version into that of the next.
pub type Upcast = fn(Value) -> Result<Value, String>;

/// All transformations, by the type and version that they start from.
#[derive(Debug, Clone, Default)]
pub struct Upcasters {
    steps: HashMap<EventType, Upcast>,
}

/// Old data that its transformation cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the data of a {event_type} cannot be read as its next version: {reason}")]
pub struct UpcastError {
    event_type: EventType,
    reason: String,
}

impl Upcasters {
    /// Adds the step from one version to the next: `("plan_job", "requested", 1, f)` makes a v2 of each v1.
    #[must_use]
    pub fn with(mut self, noun: &str, name: &str, from_version: u32, step: Upcast) -> Self {
        self.steps.insert(EventType::new(noun, name, from_version), step);
        self
    }

    /// The newest version that the known steps lead to. Data without a step is returned byte for byte.
    ///
    /// # Errors
    /// When a step refuses the data or the data is no JSON.
    pub fn apply(&self, event_type: EventType, data: String) -> Result<(EventType, String), UpcastError> {
        if !self.steps.contains_key(&event_type) {
            return Ok((event_type, data));
        }
        let failed = |event_type: &EventType, reason: String| UpcastError { event_type: event_type.clone(), reason };
        let mut value: Value = serde_json::from_str(&data).map_err(|error| failed(&event_type, error.to_string()))?;
        let mut newest = event_type;
        while let Some(step) = self.steps.get(&newest) {
            value = step(value).map_err(|reason| failed(&newest, reason))?;
            newest.version += 1;
        }
        Ok((newest, value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Upcasters {
        Upcasters::default()
            .with("plan_job", "failed", 1, |mut old| {
                old["code"] = Value::from("rejected");
                Ok(old)
            })
            .with("plan_job", "failed", 2, |old| match old.get("reason") {
                Some(_) => Ok(old),
                None => Err("it has no reason".to_owned()),
            })
    }

    #[test]
    fn old_versions_climb_every_step() {
        let (newest, data) =
            steps().apply(EventType::new("plan_job", "failed", 1), r#"{"reason":"no"}"#.to_owned()).unwrap();
        assert_eq!(newest.version, 3);
        assert_eq!(
            serde_json::from_str::<Value>(&data).unwrap(),
            serde_json::json!({"reason": "no", "code": "rejected"})
        );
    }

    #[test]
    fn what_has_no_step_is_returned_byte_for_byte() {
        for (name, version) in [("failed", 3), ("failed", 9), ("invented_later", 1)] {
            let odd = "{ \"kept\" :1}".to_owned();
            let event_type = EventType::new("plan_job", name, version);
            assert_eq!(steps().apply(event_type.clone(), odd.clone()), Ok((event_type, odd)));
        }
    }

    #[test]
    fn data_that_a_step_cannot_read_names_its_version() {
        let error = steps().apply(EventType::new("plan_job", "failed", 1), "{}".to_owned()).unwrap_err();
        assert!(error.to_string().starts_with("the data of a plan_job.failed.v2 cannot be read"), "{error}");
    }
}
