//! An endpoint: where an app takes its webhooks, which ones, and whether it does.

mod command;
mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use command::{
    EndpointCommand, LONGEST_OVERLAP, MAX_DESCRIPTION_CHARS, MAX_ENDPOINTS_PER_APP, Registration, USUAL_OVERLAP,
};
pub use decide::{EndpointDecider, EndpointRefusal};
pub use event::{
    DisableCause, EndpointDisabled, EndpointEnabled, EndpointEvent, EndpointEventKind, EndpointFailing,
    EndpointRecovered, EndpointRegistered, EndpointRemoved, EndpointUpdated, SecretRotated,
};
pub use state::{AppName, Endpoint, EndpointState, InvalidApp};
