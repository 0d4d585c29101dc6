//! The rules of an endpoint.

use super::command::{EndpointCommand, Registration};
use super::event::{
    DisableCause, EndpointDisabled, EndpointEnabled, EndpointEvent, EndpointFailing, EndpointRecovered,
    EndpointRegistered, EndpointRemoved, EndpointUpdated, SecretRotated,
};
use super::state::{Endpoint, EndpointState};
use crate::decider::Decider;
use crate::ids::AggregateKind;

/// The decider of endpoints.
#[derive(Debug, Clone, Copy)]
pub struct EndpointDecider;

/// Why an endpoint refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointRefusal {
    /// The key names an endpoint that was registered with another body.
    #[error("this idempotency key was used for another endpoint; send a new key")]
    KeyReused,
    /// There is none.
    #[error("there is no such endpoint")]
    Unknown,
}

impl Decider for EndpointDecider {
    type Command = EndpointCommand;
    type Event = EndpointEvent;
    type State = EndpointState;
    type Refusal = EndpointRefusal;

    const KIND: AggregateKind = AggregateKind::Webhook;

    fn name(command: &EndpointCommand) -> &'static str {
        match command {
            EndpointCommand::Register { .. } => "register_endpoint",
            EndpointCommand::Update { .. } => "update_endpoint",
            EndpointCommand::RotateSecret { .. } => "rotate_secret",
            EndpointCommand::NoteFailure { .. } => "note_failure",
            EndpointCommand::NoteSuccess => "note_success",
            EndpointCommand::Disable { .. } => "disable_endpoint",
            EndpointCommand::Enable { .. } => "enable_endpoint",
            EndpointCommand::Remove => "remove_endpoint",
        }
    }

    fn decide(state: &EndpointState, command: &EndpointCommand) -> Result<Vec<EndpointEvent>, EndpointRefusal> {
        let endpoint = match (state, command) {
            (EndpointState::Unknown, EndpointCommand::Register { registration, since }) => {
                return Ok(vec![registered(registration, *since)]);
            }
            (EndpointState::There(known), EndpointCommand::Register { registration, .. }) => {
                return if is_repeat(known, registration) { Ok(Vec::new()) } else { Err(EndpointRefusal::KeyReused) };
            }
            (EndpointState::Removed, EndpointCommand::Register { .. }) => return Err(EndpointRefusal::KeyReused),
            (EndpointState::Removed, EndpointCommand::Remove) => return Ok(Vec::new()),
            (EndpointState::Unknown | EndpointState::Removed, _) => return Err(EndpointRefusal::Unknown),
            (EndpointState::There(endpoint), _) => endpoint,
        };
        Ok(on(endpoint, command).into_iter().collect())
    }

    fn evolve(state: EndpointState, event: &EndpointEvent) -> EndpointState {
        state.evolve(event)
    }
}

fn registered(registration: &Registration, since: u64) -> EndpointEvent {
    let Registration { app, url, types, description } = registration.clone();
    EndpointRegistered { app, url, types, description, since }.into()
}

/// Whether a registration says what is known. One that was changed since is told from a new one by its app alone.
fn is_repeat(known: &Endpoint, registration: &Registration) -> bool {
    known.app == registration.app
        && known.url == registration.url
        && known.types == registration.types
        && known.description == registration.description
}

fn on(endpoint: &Endpoint, command: &EndpointCommand) -> Option<EndpointEvent> {
    match command {
        EndpointCommand::Register { .. } => None,
        EndpointCommand::Update { url, types, description } => {
            let updated = EndpointUpdated {
                url: url.clone().unwrap_or_else(|| endpoint.url.clone()),
                types: types.clone().unwrap_or_else(|| endpoint.types.clone()),
                description: description.clone().unwrap_or_else(|| endpoint.description.clone()),
            };
            let same = updated.url == endpoint.url
                && updated.types == endpoint.types
                && updated.description == endpoint.description;
            (!same).then(|| updated.into())
        }
        EndpointCommand::RotateSecret { previous_until } => {
            Some(SecretRotated { number: endpoint.secret + 1, previous_until: *previous_until }.into())
        }
        EndpointCommand::NoteFailure { at, allowed } if endpoint.is_enabled() => match endpoint.failing_since {
            None => Some(EndpointFailing { since: *at }.into()),
            Some(since) if *at - since >= *allowed => Some(EndpointDisabled { cause: DisableCause::Failing }.into()),
            Some(_) => None,
        },
        EndpointCommand::NoteSuccess if endpoint.failing_since.is_some() => Some(EndpointRecovered {}.into()),
        EndpointCommand::NoteFailure { .. } | EndpointCommand::NoteSuccess => None,
        EndpointCommand::Disable { cause } => endpoint.is_enabled().then(|| EndpointDisabled { cause: *cause }.into()),
        EndpointCommand::Enable { since } => (!endpoint.is_enabled()).then(|| EndpointEnabled { since: *since }.into()),
        EndpointCommand::Remove => Some(EndpointRemoved {}.into()),
    }
}
