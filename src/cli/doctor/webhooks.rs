//! Webhooks: whether endpoints take what they are sent, whether the roles have one key, and whether what happens is queued for endpoints.
//!
//! An endpoint that fails is its app's matter and no fault of Ally: it is a note.

use ally_domain::webhook::DisableCause;
use ally_nats::JetStream;
use ally_nats::names::{StreamName, durable};
use ally_projections::webhook::{self, EndpointView};
use ally_projections::{Database, DatabaseError};

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::cli::events::moment;
use crate::config::Role;

/// Rows that one question to the views brings.
const PAGE: u32 = 1_000;
/// Endpoints that a line names.
const NAMED: usize = 3;
/// The roles that need the key: one shows secrets, the other signs.
const WITH_KEY: [Role; 2] = [Role::Gateway, Role::Projector];

pub async fn look(jetstream: &JetStream, views: &Database, seen: &[Seen]) -> Vec<Finding> {
    let endpoints = match endpoints(views).await {
        Ok(endpoints) => endpoints,
        Err(error) => {
            let remedy = "`ally migrate` makes the tables of the views";
            return vec![Finding::unwell(Subject::Webhooks, "webhook endpoints", error.to_string(), remedy)];
        }
    };
    let mut findings = vec![standing(&endpoints)];
    findings.extend(keys(&known_keys(seen), !endpoints.is_empty()));
    let is_wanted = endpoints.iter().any(|view| view.endpoint.is_enabled());
    findings.extend(match jetstream.has_consumer(StreamName::Plans, durable::WEBHOOK_EVENTS).await {
        Ok(is_there) => events(is_there, is_wanted),
        Err(error) => {
            let remedy = "look again once NATS answers";
            Some(Finding::unwell(Subject::WebhookEvents, "events for webhooks", error.to_string(), remedy))
        }
    });
    findings
}

async fn endpoints(views: &Database) -> Result<Vec<EndpointView>, DatabaseError> {
    let mut found: Vec<EndpointView> = Vec::new();
    loop {
        let behind = found.last().map(|view| view.id.clone());
        let page = webhook::endpoints(views, None, behind.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}

/// How the endpoints stand, by the views. One that an operator disabled is as somebody wants it.
fn standing(endpoints: &[EndpointView]) -> Finding {
    let (subject, what) = (Subject::Webhooks, "webhook endpoints");
    let fault = |view: &EndpointView| {
        let (id, app) = (&view.id, &view.endpoint.app);
        match (view.endpoint.disabled, view.endpoint.failing_since) {
            (Some(DisableCause::Operator), _) | (None, None) => None,
            (Some(cause), _) => Some(format!("{id} of {app} is disabled ({})", cause.as_str())),
            (None, Some(since)) => Some(format!("{id} of {app} takes nothing since {}", moment(since))),
        }
    };
    let faults: Vec<_> = endpoints.iter().filter_map(fault).collect();
    if faults.is_empty() {
        let found = if endpoints.is_empty() { "none".to_owned() } else { format!("{}, none fails", endpoints.len()) };
        return Finding::well(subject, what, found);
    }
    let named = faults.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    let found = format!("{} of {} take nothing: {named}", faults.len(), endpoints.len());
    let remedy =
        "`ally webhooks deliveries ENDPOINT` says what it answered; where all fail, the projector has no way out";
    Finding::note(subject, what, found, remedy)
}

/// What each role that needs the key says of it. One of an older version says nothing.
fn known_keys(seen: &[Seen]) -> Vec<(Role, Option<String>)> {
    let needs_it = |seen: &&Seen| WITH_KEY.contains(&seen.role);
    let known = seen.iter().filter(needs_it).filter_map(|seen| Some((seen.role, seen.about.as_ref()?)));
    let known = known.filter(|(_, about)| about.version == env!("CARGO_PKG_VERSION"));
    known.map(|(role, about)| (role, about.webhook_key.clone())).collect()
}

fn keys(known: &[(Role, Option<String>)], is_needed: bool) -> Option<Finding> {
    let (subject, what) = (Subject::WebhookKey, "key of webhooks");
    let (_, first) = known.first()?;
    if known.iter().all(|(_, key)| key == first) && (first.is_some() || !is_needed) {
        return first.as_ref().map(|_| Finding::well(subject, what, "the same wherever it is needed"));
    }
    let each = known.iter().map(|(role, key)| match key {
        Some(key) => format!("{} has {key}…", role.service()),
        None => format!("{} has none", role.service()),
    });
    let found = each.collect::<Vec<_>>().join(", ");
    let remedy = "set ALLY_WEBHOOK_KEY to the same for the gateway and the projector: without it nothing is sent, and with another one \
                  receivers refuse what is";
    Some(match is_needed {
        true => Finding::unwell(subject, what, found, remedy),
        false => Finding::note(subject, what, found, remedy),
    })
}

/// Whether the consumer that queues for endpoints is there exactly while somebody is to be sent anything.
fn events(is_there: bool, is_wanted: bool) -> Option<Finding> {
    let (subject, what, consumer) = (Subject::WebhookEvents, "events for webhooks", durable::WEBHOOK_EVENTS);
    match (is_there, is_wanted) {
        (false, false) => None,
        (true, true) => Some(Finding::well(subject, what, "are queued for the endpoints")),
        (false, true) => {
            let found =
                format!("the consumer {consumer} is not there although an endpoint is enabled: nothing is queued");
            let remedy = "start a projector, which makes it; where one runs, its log says why it does not";
            Some(Finding::unwell(subject, what, found, remedy))
        }
        (true, false) => {
            let found = format!("the consumer {consumer} is there although no endpoint is enabled");
            let remedy = "a projector deletes it within seconds; where none runs it is kept for the next one";
            Some(Finding::note(subject, what, found, remedy))
        }
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::webhook::Endpoint;
    use time::macros::datetime;

    use super::super::finding::State;
    use super::*;

    fn endpoint(id: &str, disabled: Option<DisableCause>, is_failing: bool) -> EndpointView {
        EndpointView {
            id: id.parse().unwrap(),
            endpoint: Endpoint {
                app: "coach".parse().unwrap(),
                url: "https://a.example/".parse().unwrap(),
                types: std::collections::BTreeSet::new(),
                description: None,
                since: 0,
                secret: 1,
                previous_until: None,
                failing_since: is_failing.then_some(datetime!(2026-11-20 08:30 UTC)),
                disabled,
            },
            registered_at: datetime!(2026-11-20 08:00 UTC),
            removed_at: None,
            last_sequence: 1,
        }
    }

    #[test]
    fn an_endpoint_that_fails_is_a_note_and_one_that_an_operator_disabled_is_well() {
        let well = standing(&[endpoint("a", None, false), endpoint("b", Some(DisableCause::Operator), true)]);
        assert_eq!((well.state, well.found.as_str()), (State::Well, "2, none fails"));
        assert_eq!(standing(&[]).found, "none");
        let noted = standing(&[endpoint("a", None, true), endpoint("b", Some(DisableCause::Gone), false)]);
        assert_eq!(noted.state, State::Note);
        assert!(noted.found.starts_with("2 of 2 take nothing: a of coach takes nothing since 2026-11-20 08:30:00Z"));
        assert!(noted.found.ends_with("b of coach is disabled (gone)"), "{noted:?}");
    }

    #[test]
    fn a_key_that_is_missing_or_another_one_is_unwell_once_there_is_an_endpoint() {
        let known = |gateway: Option<&str>, projector: Option<&str>| {
            [(Role::Gateway, gateway.map(str::to_owned)), (Role::Projector, projector.map(str::to_owned))]
        };
        assert_eq!(keys(&known(Some("k"), Some("k")), true).unwrap().state, State::Well);
        assert!(keys(&known(None, None), false).is_none() && keys(&[], true).is_none());
        for (gateway, projector) in [(Some("k"), None), (None, Some("k")), (Some("k"), Some("l"))] {
            assert_eq!(keys(&known(gateway, projector), true).unwrap().state, State::Unwell);
            assert_eq!(keys(&known(gateway, projector), false).unwrap().state, State::Note);
        }
        let none = keys(&known(None, None), true).unwrap();
        assert!(none.is_unwell() && none.found.contains("projector has none"), "{none:?}");
    }

    #[test]
    fn the_consumer_of_events_is_there_exactly_while_an_endpoint_is_enabled() {
        assert!(events(false, false).is_none());
        assert_eq!(events(true, true).unwrap().state, State::Well);
        assert_eq!(events(false, true).unwrap().state, State::Unwell);
        assert_eq!(events(true, false).unwrap().state, State::Note);
    }
}
