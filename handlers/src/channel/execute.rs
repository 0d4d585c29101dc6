//! A command on a channel: read its last event, decide, append behind it; whoever is slower decides again.

use std::time::Duration;

use ally_domain::channel::{
    ChannelCommand, ChannelDecider, ChannelEvent, ChannelId, ChannelState, LockName, LockProof,
};
use ally_domain::decider::Decider;
use ally_domain::envelope::{CommandContext, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId};
use ally_domain::ports::{LockError, StoreError};
use uuid::Uuid;

use super::channels::{ChannelRequest, ChannelView, Channels};
use super::error::ChannelError;
use super::observe::{self, GET};
use crate::execute::encode;
use crate::metrics;
use crate::presence::observe::trace_or;
use crate::submit::Origin;

/// How often a command is decided because somebody else changed the channel first.
const MAX_TRIES: u32 = 16;
/// How long a command may take with all its tries.
const DEADLINE: Duration = Duration::from_secs(10);

/// A channel and where its last event stands; 0 while it has none.
type Known = (ChannelState, u64);

impl Channels {
    /// Changes a channel's metadata. The answer is the channel behind the change; where there was nothing to change, as it is.
    ///
    /// # Errors
    /// Why not: [`ChannelError::Refused`] with every revision that differs, where revisions were expected; the lock; or what does not
    /// answer.
    pub async fn execute(
        &self,
        channel: &ChannelId,
        request: ChannelRequest,
        origin: &Origin,
    ) -> Result<ChannelView, ChannelError> {
        let name = observe::name_of(&request.change);
        let span = observe::span_of(name, channel, Some(&request.author), request.lock.as_ref());
        let work = async {
            let view = tokio::time::timeout(DEADLINE, self.decide_and_append(channel, request, origin)).await;
            let view = view.unwrap_or_else(|_| {
                Err(ChannelError::Unavailable {
                    reason: format!("the log of channels did not answer within {DEADLINE:?}"),
                })
            });
            match &view {
                Ok(view) => {
                    observe::came_to(view);
                    self.followers.note(channel, view.state.major_revision);
                }
                Err(error) => observe::count_refusal(error),
            }
            view
        };
        observe::operation(name, span, work).await
    }

    /// A channel as it is now; one to which nothing has happened holds nothing.
    ///
    /// # Errors
    /// When the log does not answer or holds what cannot be read.
    pub async fn get(&self, channel: &ChannelId) -> Result<ChannelView, ChannelError> {
        let work = async {
            let (state, _) = self.load(channel).await?;
            let view = self.view(channel, state);
            observe::came_to(&view);
            self.followers.note(channel, view.state.major_revision);
            Ok(view)
        };
        observe::operation(GET, observe::span_of(GET, channel, None, None), work).await
    }

    async fn decide_and_append(
        &self,
        channel: &ChannelId,
        request: ChannelRequest,
        origin: &Origin,
    ) -> Result<ChannelView, ChannelError> {
        let context = self.context(origin);
        let ChannelRequest { change, major_revision, lock, author, add_timestamp, add_user_id } = request;
        let at = context.at;
        let mut command = ChannelCommand { change, major_revision, lock: None, author, at, add_timestamp, add_user_id };
        for attempt in 1..=MAX_TRIES {
            // Each time anew: it may have ended while others were faster.
            if let Some(lock) = &lock {
                command.lock = Some(self.proof_of(lock, &command.author).await?);
            }
            let (state, sequence) = self.load(channel).await?;
            let events = ChannelDecider::decide(&state, &command)?;
            if events.is_empty() {
                return Ok(self.view(channel, state));
            }
            let append = encode(&aggregate_of(channel), sequence, &events, &context);
            let append = append.map_err(|error| ChannelError::Unavailable { reason: error.to_string() })?;
            match self.parts.store.append(append).await {
                // It was there before: others may have written since.
                Ok(appended) if appended.duplicate => return Ok(self.view(channel, self.load(channel).await?.0)),
                Ok(_) => return Ok(self.view(channel, events.iter().fold(state, ChannelDecider::evolve))),
                Err(StoreError::Conflict { .. }) if attempt < MAX_TRIES => {
                    metrics::conflict(ChannelDecider::name(&command));
                    observe::retried(attempt);
                    tokio::time::sleep(self.parts.retry.delay_after(attempt)).await;
                }
                Err(StoreError::Conflict { .. }) => metrics::conflict(ChannelDecider::name(&command)),
                Err(error) => return Err(error.into()),
            }
        }
        Err(ChannelError::Contended { channel: channel.clone(), tries: MAX_TRIES })
    }

    /// That somebody holds a lock at this moment.
    async fn proof_of(&self, name: &LockName, owner: &AthleteId) -> Result<LockProof, ChannelError> {
        match self.parts.locks.get(name).await? {
            Some(held) if held.owner == *owner => {
                Ok(LockProof { name: name.clone(), fencing_token: held.fencing_token })
            }
            _ => Err(LockError::NotHeld { name: name.clone() }.into()),
        }
    }

    async fn load(&self, channel: &ChannelId) -> Result<Known, StoreError> {
        match self.parts.store.last_event(&aggregate_of(channel)).await? {
            None => Ok(Known::default()),
            Some(last) => {
                let event = decode(&last)?;
                Ok((ChannelDecider::evolve(ChannelState::default(), &event), last.position.sequence))
            }
        }
    }

    fn view(&self, channel: &ChannelId, state: ChannelState) -> ChannelView {
        ChannelView { channel: channel.clone(), state, at: self.parts.clock.now() }
    }

    fn context(&self, origin: &Origin) -> CommandContext {
        CommandContext {
            command_id: Uuid::now_v7().into(),
            correlation: origin.correlation.clone(),
            causation: None,
            actor: origin.actor.clone(),
            at: self.parts.clock.now(),
            trace: trace_or(&origin.trace),
        }
    }
}

fn aggregate_of(channel: &ChannelId) -> AggregateRef {
    AggregateRef { kind: AggregateKind::Channel, id: channel.aggregate().clone() }
}

/// Reads an event of a channel.
///
/// # Errors
/// When a newer version wrote it, or its data does not fit.
pub(super) fn decode(recorded: &Recorded) -> Result<ChannelEvent, StoreError> {
    recorded.decode().map_err(|error| match error {
        EncodingError::Unknown { event_type } => {
            metrics::newer_event(&event_type);
            StoreError::newer(recorded)
        }
        EncodingError::Json { source, .. } => StoreError::Corrupt {
            aggregate: recorded.aggregate.clone(),
            position: recorded.position.clone(),
            reason: source.to_string(),
        },
    })
}
