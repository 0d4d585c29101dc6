//! Given some history, when a command comes, then these events (or this refusal): the language of a decider's tests.

use std::fmt::Debug;

use crate::decider::Decider;

/// The state that a history leads to.
pub struct Given<D: Decider> {
    state: D::State,
}

/// What a decider answered.
pub struct Then<D: Decider> {
    answer: Result<Vec<D::Event>, D::Refusal>,
    state: D::State,
}

/// Starts from these events; none is the beginning of everything.
pub fn given<D: Decider>(events: &[D::Event]) -> Given<D> {
    Given { state: D::fold(events) }
}

impl<D: Decider> Given<D>
where
    D::Refusal: PartialEq + Debug,
{
    pub fn when(self, command: &D::Command) -> Then<D> {
        Then { answer: D::decide(&self.state, command), state: self.state }
    }

    /// Whatever first part of a command's events is stored (the store became full, the machine lost its power), the same command
    /// adds the others.
    #[track_caller]
    pub fn the_rest_follows(self, command: &D::Command)
    where
        D::Event: PartialEq + Debug,
    {
        let whole = D::decide(&self.state, command).expect("the command is accepted");
        assert!(whole.len() > 1, "{whole:?} cannot be stored in part");
        for stored in 1..whole.len() {
            let (first, rest) = whole.split_at(stored);
            let state = first.iter().fold(self.state.clone(), D::evolve);
            assert_eq!(D::decide(&state, command).as_deref(), Ok(rest), "behind {stored} of {}", whole.len());
        }
    }
}

impl<D: Decider> Then<D>
where
    D::Refusal: PartialEq + Debug,
{
    /// These events happen, in this order.
    #[track_caller]
    pub fn then(self, events: &[D::Event]) -> Given<D> {
        assert_eq!(self.answer.as_deref(), Ok(events));
        Given { state: events.iter().fold(self.state, D::evolve) }
    }

    /// There is nothing left to do.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then(&[]);
    }

    /// The command is refused, for this reason.
    #[track_caller]
    pub fn then_refused(self, refusal: &D::Refusal) {
        assert_eq!(self.answer.as_ref().err(), Some(refusal), "answered {:?}", self.answer);
    }
}
