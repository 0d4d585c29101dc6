//! Old versions of events, read as new ones. Every read path goes through here, so that nothing above this crate ever
//! sees an old shape. The log itself is never rewritten.
//!
//! Deliberately not here: events that are newer than this program. They pass through untouched, and the reader counts them.

use std::collections::HashMap;

use ally_domain::event_data::EventType;
use serde_json::Value;

/// Turns the data of one version into that of the next.
pub type Upcast = fn(Value) -> Result<Value, String>;

/// All transformations, by the type and version that they start from. The default ones are those of every version that
/// Ally has ever written.
#[derive(Debug, Clone)]
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

impl Default for Upcasters {
    fn default() -> Self {
        Self::none()
            .with("plan_job", "attempt_failed", 1, attempts_left_unknown)
            // v2 has one code more.
            .with("plan_job", "failed", 1, Ok)
    }
}

/// v2 tells how many attempts are left. Nobody wrote it down before.
fn attempts_left_unknown(mut old: Value) -> Result<Value, String> {
    old.as_object_mut().ok_or("it is no object")?.insert("attemptsLeft".to_owned(), Value::Null);
    Ok(old)
}

impl Upcasters {
    /// No transformation at all.
    #[must_use]
    pub fn none() -> Self {
        Self { steps: HashMap::new() }
    }

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
    use ally_domain::athlete::AthleteEvent;
    use ally_domain::channel::ChannelEvent;
    use ally_domain::dead_letter::DeadLetterEvent;
    use ally_domain::event_data::EventData;
    use ally_domain::job::JobEvent;
    use ally_domain::plan::PlanEvent;
    use ally_domain::room::RoomEvent;
    use ally_domain::webhook::{DeliveryEvent, EndpointEvent};

    use super::*;

    fn steps() -> Upcasters {
        Upcasters::none()
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

    /// The golden files hold every version that was ever written; each must be readable as the newest one.
    #[test]
    fn every_version_ever_written_is_readable() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/tests/golden");
        let mut old = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let event_type = EventType::parse(path.file_stem().unwrap().to_str().unwrap()).unwrap();
            let golden = std::fs::read_to_string(&path).unwrap();
            let (newest, data) = Upcasters::default().apply(event_type.clone(), golden.trim_end().to_owned()).unwrap();
            old += usize::from(newest != event_type);
            let read = match newest.noun.as_str() {
                "athlete" => AthleteEvent::decode(&newest, &data).map(|_| ()),
                "plan_job" => JobEvent::decode(&newest, &data).map(|_| ()),
                "dead_letter" => DeadLetterEvent::decode(&newest, &data).map(|_| ()),
                "plan" => PlanEvent::decode(&newest, &data).map(|_| ()),
                "presence" => RoomEvent::decode(&newest, &data).map(|_| ()),
                "channel" => ChannelEvent::decode(&newest, &data).map(|_| ()),
                "webhook" => EndpointEvent::decode(&newest, &data).map(|_| ()),
                "webhook_delivery" => DeliveryEvent::decode(&newest, &data).map(|_| ()),
                noun => panic!("{noun} is no noun of ours"),
            };
            read.unwrap_or_else(|error| panic!("{event_type}: {error}"));
        }
        assert!(old > 0, "at least one old version is among them");
    }
}
