//! Queues a message for some endpoints, each once.

use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::ids::{CommandId, DeliveryId, EndpointId};
use ally_domain::outcome::Outcome;
use ally_domain::ports::Clock;
use ally_domain::webhook::{DeliveryCommand, DeliveryDecider, WebhookMessage};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::execute::{Executor, Known};

/// Appends on their way at once.
const AT_ONCE: usize = 64;

/// Queues a message. The ids are derived from the event, so doing it twice writes once.
pub(super) async fn queue(
    executor: &Executor,
    clock: &dyn Clock,
    event: &Recorded,
    message: &WebhookMessage,
    endpoints: Vec<EndpointId>,
) -> Outcome {
    let queued = stream::iter(endpoints)
        .map(|endpoint_id| async move {
            let id = DeliveryId::of(&endpoint_id, &message.id);
            let context = CommandContext {
                command_id: CommandId::caused_by(&event.event_id, id.as_str()),
                correlation: event.correlation.clone(),
                causation: Some(event.event_id.clone()),
                actor: Actor::System("webhooks"),
                at: clock.now(),
                trace: event.trace.clone(),
            };
            let command = DeliveryCommand::Queue { endpoint_id, message: message.clone() };
            let known = Some(Known::default());
            executor.execute_on::<DeliveryDecider>(&(&id).into(), known, &command, &context).await.map(|_| ())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await;
    match queued {
        Ok(()) => Outcome::Done,
        Err(error) => error.outcome(),
    }
}
