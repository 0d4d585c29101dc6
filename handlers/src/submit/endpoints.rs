//! Endpoints of webhooks, as operators register and change them.

use std::collections::BTreeSet;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::{AggregateKind, AggregateRef, CommandId, EndpointId};
use ally_domain::ports::{History, StoreError};
use ally_domain::webhook::{
    DisableCause, Endpoint, EndpointCommand, EndpointDecider, EndpointEvent, EndpointRefusal, EndpointUrl, MessageType,
    Registration,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Origin, Submissions};
use crate::execute::ExecuteError;

/// The stream whose events endpoints get news of.
const JOBS: &str = "PLANS";

/// An endpoint, and where its last event stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRecord {
    /// Its id.
    pub endpoint_id: EndpointId,
    /// What is known of it.
    pub endpoint: Endpoint,
    /// When it was registered.
    pub registered_at: OffsetDateTime,
    /// Its last event.
    pub position: Position,
}

/// What is to be changed of an endpoint; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// Where it is.
    pub url: Option<EndpointUrl>,
    /// Which messages it gets.
    pub types: Option<BTreeSet<MessageType>>,
    /// What it is, for people; an inner `None` takes it away.
    pub description: Option<Option<String>>,
    /// Whether it is sent anything.
    pub enabled: Option<bool>,
}

type EndpointResult<T> = Result<T, ExecuteError<EndpointRefusal>>;

impl Submissions {
    /// Registers an endpoint: it gets what happens from now on. A key names its endpoint for ever; without one every call is an
    /// endpoint of its own. The second value is false when the same request had been made before.
    ///
    /// # Errors
    /// The key used for another endpoint or one that is removed, or why the log could not be asked.
    pub async fn register_endpoint(
        &self,
        registration: &Registration,
        key: Option<&str>,
        origin: &Origin,
    ) -> EndpointResult<(EndpointRecord, bool)> {
        let app = registration.app.as_str();
        let endpoint_id = key.map_or_else(|| Uuid::now_v7().into(), |key| EndpointId::for_key(app, key));
        let mut context = self.context(origin);
        if key.is_some() {
            // Another body under the same key is another command, so that the log never takes one for the other.
            context.command_id = CommandId::caused_by(endpoint_id.as_str(), &purpose(registration));
        }
        let since = self.end_of_jobs().await?;
        let command = EndpointCommand::Register { registration: registration.clone(), since };
        let executed = self.executor.execute::<EndpointDecider>(&(&endpoint_id).into(), &command, &context).await;
        let is_new = match executed {
            Ok(executed) => !executed.events.is_empty(),
            Err(error) => {
                let is_used = matches!(error, ExecuteError::Refused(EndpointRefusal::KeyReused));
                if !is_used || !self.was_registered_as(&endpoint_id, registration).await? {
                    return Err(error);
                }
                false
            }
        };
        let record = self.endpoint(&endpoint_id).await?;
        Ok((record.ok_or(ExecuteError::Refused(EndpointRefusal::KeyReused))?, is_new))
    }

    /// An endpoint as the log holds it; `None` when there is none (any more).
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn endpoint(&self, id: &EndpointId) -> Result<Option<EndpointRecord>, StoreError> {
        let (known, position) = self.executor.load_known::<EndpointDecider>(&id.into()).await?;
        let (endpoint_id, since) = (id.clone(), known.since);
        let found = known.state.endpoint().cloned().zip(since).zip(position);
        Ok(found.map(|((endpoint, registered_at), position)| EndpointRecord {
            endpoint_id,
            endpoint,
            registered_at,
            position,
        }))
    }

    /// Changes an endpoint. One that is enabled again gets what happens from then on.
    ///
    /// # Errors
    /// No such endpoint, or why the log could not be asked; what was changed before then stays, and the same request again does the rest.
    pub async fn update_endpoint(
        &self,
        id: &EndpointId,
        change: EndpointChange,
        origin: &Origin,
    ) -> EndpointResult<EndpointRecord> {
        let EndpointChange { url, types, description, enabled } = change;
        let mut commands = vec![EndpointCommand::Update { url, types, description }];
        match enabled {
            Some(true) => commands.push(EndpointCommand::Enable { since: self.end_of_jobs().await? }),
            Some(false) => commands.push(EndpointCommand::Disable { cause: DisableCause::Operator }),
            None => {}
        }
        for command in commands {
            let context = self.context(origin);
            self.executor.execute::<EndpointDecider>(&id.into(), &command, &context).await?;
        }
        self.known_endpoint(id).await
    }

    /// Gives an endpoint another secret; the one before signs too for so long. With a key the same request again changes nothing: a
    /// second rotation would end the secret that receivers still use. The second value is false then.
    ///
    /// # Errors
    /// No such endpoint, the key used with another overlap, or why the log could not be asked.
    pub async fn rotate_secret(
        &self,
        id: &EndpointId,
        overlap: Duration,
        key: Option<&str>,
        origin: &Origin,
    ) -> EndpointResult<(EndpointRecord, bool)> {
        let mut context = self.context(origin);
        if let Some(key) = key {
            context.command_id = CommandId::caused_by(id.as_str(), &format!("rotate {key}"));
            match overlap_of(&self.history_of(id).await?, &context.command_id) {
                Some(known) if known == overlap.as_secs() => return Ok((self.known_endpoint(id).await?, false)),
                Some(_) => return Err(ExecuteError::Refused(EndpointRefusal::KeyReused)),
                None => {}
            }
        }
        let command = EndpointCommand::RotateSecret { previous_until: context.at + overlap };
        self.executor.execute::<EndpointDecider>(&id.into(), &command, &context).await?;
        Ok((self.known_endpoint(id).await?, true))
    }

    /// Removes an endpoint for good. Twice is once.
    ///
    /// # Errors
    /// No such endpoint, or why the log could not be asked.
    pub async fn remove_endpoint(&self, id: &EndpointId, origin: &Origin) -> EndpointResult<()> {
        let context = self.context(origin);
        self.executor.execute::<EndpointDecider>(&id.into(), &EndpointCommand::Remove, &context).await?;
        Ok(())
    }

    async fn known_endpoint(&self, id: &EndpointId) -> EndpointResult<EndpointRecord> {
        self.endpoint(id).await?.ok_or(ExecuteError::Refused(EndpointRefusal::Unknown))
    }

    /// Whether an endpoint was registered so, whatever was changed of it since: the request that did it is the same for ever.
    async fn was_registered_as(&self, id: &EndpointId, registration: &Registration) -> Result<bool, StoreError> {
        let history = self.history_of(id).await?;
        let first = history.events.first().and_then(|event| event.decode::<EndpointEvent>().ok());
        let Some(EndpointEvent::EndpointRegistered(first)) = first else { return Ok(false) };
        let known = Registration { app: first.app, url: first.url, types: first.types, description: first.description };
        Ok(known == *registration)
    }

    async fn history_of(&self, id: &EndpointId) -> Result<History, StoreError> {
        self.executor.store().load(&AggregateRef { kind: AggregateKind::Webhook, id: id.into() }).await
    }

    /// The sequence of the newest event of jobs.
    async fn end_of_jobs(&self) -> Result<u64, StoreError> {
        let end = self.executor.store().end_of(JOBS).await?;
        end.ok_or_else(|| StoreError::Rejected {
            what: "a question for the newest event of jobs".to_owned(),
            reason: format!("there is no stream {JOBS}; `ally streams apply` makes it"),
        })
    }
}

/// What a registration is for, as its command is named by.
fn purpose(registration: &Registration) -> String {
    let types: Vec<_> = registration.types.iter().map(|one| one.as_str()).collect();
    let description = registration.description.as_deref().unwrap_or_default();
    format!("register {} {} {description}", registration.url, types.join(","))
}

/// For how many seconds a command has let the secret before sign too, where it was executed.
fn overlap_of(history: &History, command: &CommandId) -> Option<u64> {
    let is_of = |event_id: &str| event_id.split(':').next() == Some(command.as_str());
    let rotated = history.events.iter().find(|event| is_of(&event.event_id))?;
    let Ok(EndpointEvent::SecretRotated(secret)) = rotated.decode() else { return None };
    // The log may keep moments less finely than they were.
    let overlap = secret.previous_until - rotated.at + Duration::from_millis(500);
    u64::try_from(overlap.whole_seconds()).ok()
}
