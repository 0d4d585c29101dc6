//! Words of answers that are not the domain's own lists: closed lists that the document shows, each under a name.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON};
use serde_json::Value;

use super::documented::documented;

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident as $text:literal = $words:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(pub &'static str);

        impl $name {
            /// The word, if it is one of the list.
            pub(crate) fn of(text: &str) -> Option<Self> {
                let words: &[&'static str] = &$words;
                words.iter().copied().find(|word| *word == text).map(Self)
            }
        }

        documented! {
            [] $name as $text.into(), MetaSchemaRef::Reference($text.to_owned()), |registry| {
                registry.create_schema::<Self, _>($text.to_owned(), |_| MetaSchema {
                    description: Some(concat!($($doc),+).trim_ascii()),
                    enum_items: $words.iter().map(|word| (*word).into()).collect(),
                    ..MetaSchema::new("string")
                });
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(self.0.into())
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let value = value.unwrap_or_default();
                value.as_str().and_then(Self::of).ok_or_else(|| ParseError::expected_type(value))
            }
        }
    )+};
}

words! {
    /// Why a job has no plan, for programs: the last attempt failed, all were used up, no plan meets the rules, a professional should say
    /// yes first, a provider refused for good, or the job was not finished by its deadline.
    JobErrorCode as "JobErrorCode" =
        ["attempt_failed", "attempts_exhausted", "infeasible", "clearance_required", "rejected", "deadline_passed"];
    /// What is being done for a job: a model writes a draft, or mends it.
    JobPhase as "JobPhase" = ["drafting", "repairing", "repairing again"];
    /// Whether all six steps are answered.
    OnboardingStatus as "OnboardingStatus" = ["complete", "incomplete"];
    /// `incomplete` while steps are open; else where the job stands that the answers made.
    OnboardingAnswerStatus as "OnboardingAnswerStatus" = [
        "incomplete", "scheduled", "queued", "running", "retrying", "completed", "failed", "dead_lettered", "cancelling", "cancelled"
    ];
    /// What became of a dead letter: it was put back, the same was done before, its job had ended otherwise, or it was removed for good. Of
    /// many at once also: its job is not parked yet, it is not there any more, or nothing was to be done.
    DeadLetterTreatment as "DeadLetterTreatment" =
        ["redriven", "already", "obsolete", "discarded", "too_early", "gone", "dry_run"];
    /// What a session gave up.
    GivenUpWhat as "GivenUpWhat" = ["straight sets", "rest", "minutes", "sets", "exercise", "effort"];
    /// How deliveries stand that are to be sent again.
    ReplayedStatus as "WebhookReplayedStatus" = ["given_up", "delivered"];
    /// What a member did.
    PresenceChange as "PresenceChange" = ["join", "update", "leave"];
    /// Why a feed ends: the server ends, the client read too slowly, or the token has ended or the connection is a day old.
    FeedEndReason as "FeedEndReason" = ["draining", "slow_consumer", "too_old"];
}

#[cfg(test)]
mod tests {
    use ally_domain::job::JobStatus;

    use super::*;
    use crate::operations::Treated;

    #[test]
    fn no_word_is_missing() {
        for status in JobStatus::ALL {
            assert!(OnboardingAnswerStatus::of(status.as_str()).is_some(), "{status:?}");
        }
        for treated in [Treated::Redriven, Treated::Already, Treated::Obsolete, Treated::TooEarly, Treated::Discarded] {
            assert!(DeadLetterTreatment::of(treated.as_str()).is_some(), "{treated:?}");
        }
    }
}
