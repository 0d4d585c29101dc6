//! What an athlete reported of their health beside onboarding, as long as no answer has settled it: pain by place, and what
//! notes mention.

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};

use super::event::HealthReported;
use crate::engine::answers::Answers;
use crate::engine::profile::{BodyPart, Injury, Profile};
use crate::engine::workout::{Pain, PainReport};
use crate::engine::{Asked, MODIFY_PAIN, STOP_PAIN, asked};

/// Days for which reported pain binds new plans when nothing newer is said. [P]
pub const PAIN_DAYS: i64 = 28;
/// The same for strong pain, and for what notes mention. [P]
pub const STRONG_PAIN_DAYS: i64 = 84;

/// The newest that was reported of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Felt {
    level: u8,
    at: OffsetDateTime,
    /// Strong pain was reported and nothing of 3 or less since.
    strong: bool,
    /// An answer of onboarding came after it and counts in its place.
    answered: bool,
}

/// When something was mentioned last, and whether its question was answered since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Noted {
    at: OffsetDateTime,
    answered: bool,
}

/// Everything that was reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    pain: BTreeMap<BodyPart, Felt>,
    notes: BTreeMap<String, Noted>,
}

impl Reported {
    /// Adds a report. What says nothing new changes nothing.
    pub(super) fn add(&mut self, report: &HealthReported, answers: &Answers) {
        for pain in &report.pain {
            self.feel(report.at, pain, answered_pain(answers, pain.body_part) > 0);
        }
        for meaning in &report.mentions {
            let noted = self.notes.get(meaning);
            if noted.is_none_or(|noted| noted.at < report.at) {
                self.notes.insert(meaning.clone(), Noted { at: report.at, answered: false });
            }
        }
    }

    fn feel(&mut self, at: OffsetDateTime, pain: &Pain, hurt_before: bool) {
        let level = pain.level;
        let Some(known) = self.pain.get_mut(&pain.body_part) else {
            if level > 0 || hurt_before {
                let strong = level >= STOP_PAIN;
                self.pain.insert(pain.body_part, Felt { level, at, strong, answered: false });
            }
            return;
        };
        if at <= known.at {
            // Strong pain that is reported late, of a place that still hurts: nothing says that it went away in between.
            known.strong |= !known.answered && level >= STOP_PAIN && known.level >= MODIFY_PAIN;
            if at < known.at || level <= known.level {
                return;
            }
        }
        if known.level == level && level < MODIFY_PAIN && !known.answered {
            return;
        }
        let still = known.strong && !known.answered && level >= MODIFY_PAIN;
        *known = Felt { level, at, strong: level >= STOP_PAIN || still, answered: false };
    }

    /// Settles what answers speak of. A list of injuries that is another than before is a new word on every place; the same
    /// list again is one on the places that it names. A question that is answered settles what notes mention of it.
    pub(super) fn answer(&mut self, before: &Answers, new: &Answers) {
        if let Some(injuries) = &new.injuries {
            let is_another = before.injuries.as_ref() != Some(injuries);
            for (part, felt) in &mut self.pain {
                felt.answered |= is_another || injuries.iter().any(|injury| injury.body_part == *part);
            }
        }
        for (meaning, noted) in &mut self.notes {
            noted.answered |= match asked(meaning) {
                Asked::Question(question) => new.screening.as_ref().is_some_and(|all| all.answer(question).is_some()),
                Asked::Pregnant => new.pregnant.is_some(),
                Asked::WeeksSinceBirth => new.weeks_since_birth.is_some(),
            };
        }
    }

    /// The profile with what was reported and stands: on a day, or whatever the day is.
    pub(super) fn apply(&self, profile: Profile, today: Option<Date>) -> Profile {
        let within = |at: OffsetDateTime, days: i64| today.is_none_or(|today| (today - at.date()).whole_days() <= days);
        let mut injuries = profile.injuries;
        for (part, felt) in self.pain.iter().filter(|(_, felt)| !felt.answered) {
            let level = if felt.strong { felt.level.max(STOP_PAIN) } else { felt.level };
            let answered = injuries.iter().filter(|injury| injury.body_part == *part).map(|injury| injury.pain).max();
            // Less pain than was answered is the newest word, however old.
            let is_less = answered.is_some_and(|answered| level < answered);
            if is_less || within(felt.at, if felt.strong { STRONG_PAIN_DAYS } else { PAIN_DAYS }) {
                injuries.retain(|injury| injury.body_part != *part);
                injuries.extend((level > 0).then_some(Injury { body_part: *part, pain: level }));
            }
        }
        let noted = self.notes.iter().filter(|(_, noted)| !noted.answered && within(noted.at, STRONG_PAIN_DAYS));
        Profile { injuries, mentioned: noted.map(|(meaning, _)| meaning.clone()).collect(), ..profile }
    }

    /// What answers have said since of places that were reported, as reports of that moment: a plan's own log goes on with them.
    pub(super) fn settled(&self, answers: &Answers) -> Vec<PainReport> {
        let settled = self.pain.iter().filter(|(_, felt)| felt.answered);
        settled
            .map(|(part, felt)| {
                let pain = vec![Pain { body_part: *part, level: answered_pain(answers, *part) }];
                PainReport { at: felt.at, pain, note: None }
            })
            .collect()
    }
}

fn answered_pain(answers: &Answers, part: BodyPart) -> u8 {
    let injuries = answers.injuries.iter().flatten().filter(|injury| injury.body_part == part);
    injuries.map(|injury| injury.pain).max().unwrap_or(0)
}
