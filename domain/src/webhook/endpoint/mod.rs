//! An endpoint: where an app takes its webhooks, which ones, and whether it does.

mod command;
mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use command::{EndpointCommand, MAX_DESCRIPTION_CHARS, Registration};
pub use decide::{EndpointDecider, EndpointRefusal};
pub use event::{
    DisableCause, EndpointDisabled, EndpointEnabled, EndpointEvent, EndpointEventKind, EndpointFailing,
    EndpointRecovered, EndpointRegistered, EndpointRemoved, EndpointUpdated, SecretRotated,
};
pub use state::{AppName, Endpoint, EndpointState, InvalidApp};
