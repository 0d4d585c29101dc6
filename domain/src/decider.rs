//! What every aggregate is: a state folded from events, and a rule that turns a command into new events.

use crate::event_data::EventData;
use crate::ids::AggregateKind;

/// An aggregate. Both functions are pure: the same input gives the same answer, on any machine, at any time.
pub trait Decider: Send + Sync + 'static {
    /// A wish, imperative. It carries the time and every id that the events will need.
    type Command: Send + Sync;
    /// A fact, past tense.
    type Event: EventData;
    /// What the events add up to. `Default` is the state before the first event.
    type State: Default + Clone + Send + Sync;
    /// Why a command was refused, named by cause.
    type Refusal: std::error::Error + Send + Sync + 'static;

    /// Which kind of aggregate this is; part of every subject.
    const KIND: AggregateKind;

    /// The command as metrics and spans name it: `request_plan`.
    fn name(command: &Self::Command) -> &'static str;

    /// Says yes with events (none when there is nothing left to do) or why not.
    ///
    /// # Errors
    /// The refusal, when a rule forbids the command in this state.
    fn decide(state: &Self::State, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Folds one fact into the state. It never fails: rules live in `decide`, and what happened has happened.
    #[must_use]
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// Folds a history from the beginning.
    #[must_use]
    fn fold<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::State::default(), Self::evolve)
    }
}
