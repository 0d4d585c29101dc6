//! What calls for a professional's yes, each by its kind, its place and its severity: a yes covers what it was given for, and
//! nothing that is new or worse.

use std::collections::BTreeMap;
use std::fmt;

use super::profile::{BodyPart, Profile, Purpose};
use super::safety::{FLAG_PAIN, STOP_PAIN, part_name, recent_birth};
use super::screening::Question;
use super::words::{Asked, asked, mentions};

/// Strong pain in so many places calls for a yes, whatever the purpose.
const MANY_PLACES: usize = 3;

/// Something that calls for a professional's yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag {
    /// A yes to a question of the screening.
    Affirmed(Question),
    /// Pregnancy.
    Pregnancy,
    /// A birth in the last weeks.
    Birth {
        /// How many weeks ago.
        weeks: u16,
    },
    /// Pain at the top of the scale.
    Pain {
        /// Where.
        part: BodyPart,
        /// How much.
        level: u8,
    },
    /// Strong pain in several places, or in any when it is what the plan is for.
    StrongPain {
        /// Where and how much.
        places: BTreeMap<BodyPart, u8>,
    },
    /// A hint in the athlete's own words.
    Mentioned {
        /// What is mentioned.
        meaning: String,
        /// Whether a note to a workout, a report or a request says so, and not the answers.
        noted: bool,
    },
}

impl Flag {
    /// Everything that calls for a yes in a profile, whether it was given or not.
    #[must_use]
    pub fn all_of(profile: &Profile) -> Vec<Self> {
        let mut flags: Vec<Self> = profile.screening.affirmed().map(Self::Affirmed).collect();
        flags.extend(profile.pregnant.then_some(Self::Pregnancy));
        flags.extend(recent_birth(profile).map(|weeks| Self::Birth { weeks }));
        let mut places: BTreeMap<BodyPart, u8> = BTreeMap::new();
        for injury in profile.injuries.iter().filter(|injury| injury.pain >= STOP_PAIN) {
            let level = places.entry(injury.body_part).or_default();
            *level = injury.pain.max(*level);
        }
        let strongest = places.iter().filter(|(_, level)| **level >= FLAG_PAIN);
        flags.extend(strongest.map(|(part, level)| Self::Pain { part: *part, level: *level }));
        let is_aim = profile.purpose == Purpose::Rehabilitation && !places.is_empty();
        if places.len() >= MANY_PLACES || is_aim {
            flags.push(Self::StrongPain { places });
        }
        let details = profile.purpose_details.as_deref().unwrap_or_default();
        let said = mentions(details).into_iter().map(|meaning| (meaning.to_owned(), false));
        let noted = profile.mentioned.iter().map(|meaning| (meaning.clone(), true));
        for (meaning, noted) in said.chain(noted) {
            if !flags.iter().any(|flag| matches!(flag, Self::Mentioned { meaning: known, .. } if *known == meaning)) {
                flags.push(Self::Mentioned { meaning, noted });
            }
        }
        flags
    }

    /// Whether a yes to this flag is a yes to another: of the same kind, at the same place, and no worse.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            // The younger the birth, the more there is to look at.
            (Self::Birth { weeks }, Self::Birth { weeks: other }) => other >= weeks,
            (Self::Pain { part, level }, Self::Pain { part: other, level: now }) => part == other && now <= level,
            (Self::StrongPain { places }, Self::StrongPain { places: now }) => {
                now.iter().all(|(part, level)| places.get(part).is_some_and(|known| level <= known))
            }
            (Self::Mentioned { meaning, .. }, Self::Mentioned { meaning: other, .. }) => meaning == other,
            // Who said yes to the answer said yes to the words about it. The words alone leave the answer open.
            (Self::Affirmed(question), Self::Mentioned { meaning, .. }) => asked(meaning) == Asked::Question(*question),
            (Self::Pregnancy, Self::Mentioned { meaning, .. }) => asked(meaning) == Asked::Pregnant,
            (Self::Birth { .. }, Self::Mentioned { meaning, .. }) => asked(meaning) == Asked::WeeksSinceBirth,
            (one, other) => one == other,
        }
    }

    /// Whether another flag is about the same matter, as bad or not: while there is one, a yes to this one is remembered.
    #[must_use]
    pub fn is_matter_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pain { part, .. }, Self::Pain { part: other, .. }) => part == other,
            (Self::Mentioned { meaning, .. }, Self::Mentioned { meaning: other, .. }) => meaning == other,
            (Self::Affirmed(question), Self::Affirmed(other)) => question == other,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Affirmed(question) => write!(f, "you answer yes to {}", question.flag()),
            Self::Pregnancy => f.write_str("pregnancy: training helps, and a professional should look first"),
            Self::Birth { weeks } => write!(f, "a birth {weeks} weeks ago: the check-up after it should come first"),
            Self::Pain { part, level } => write!(f, "pain {level} of 10 in the {}", part_name(*part)),
            Self::StrongPain { places } if places.len() >= MANY_PLACES => {
                write!(f, "strong pain in {} places", places.len())
            }
            Self::StrongPain { .. } => {
                f.write_str("rehabilitation with strong pain: the plan should follow a diagnosis")
            }
            Self::Mentioned { meaning, noted: false } => write!(f, "you mention {meaning}"),
            Self::Mentioned { meaning, noted: true } => {
                write!(f, "a note of yours mentions {meaning}, and {} was not answered since", asked(meaning).field())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BodyPart::{Hip, Knee, Shoulder};

    fn strong(places: &[(BodyPart, u8)]) -> Flag {
        Flag::StrongPain { places: places.iter().copied().collect() }
    }

    fn mentioned(meaning: &str) -> Flag {
        Flag::Mentioned { meaning: meaning.to_owned(), noted: false }
    }

    #[test]
    fn a_yes_covers_its_kind_its_place_and_its_severity() {
        let nine = Flag::Pain { part: Knee, level: 9 };
        let ten = Flag::Pain { part: Knee, level: 10 };
        assert!(ten.covers(&nine) && !nine.covers(&ten));
        assert!(!ten.covers(&Flag::Pain { part: Hip, level: 9 }));
        let (fresh, older) = (Flag::Birth { weeks: 3 }, Flag::Birth { weeks: 9 });
        assert!(fresh.covers(&older) && !older.covers(&fresh));
        let three = strong(&[(Knee, 7), (Hip, 7), (Shoulder, 6)]);
        assert!(three.covers(&strong(&[(Knee, 6), (Hip, 7)])));
        assert!(!strong(&[(Knee, 6), (Hip, 7)]).covers(&three));
        assert!(!three.covers(&strong(&[(Knee, 8)])));
        let yes = Flag::Affirmed(Question::ChestPain);
        assert!(yes.covers(&mentioned("chest pain")) && !mentioned("chest pain").covers(&yes));
        assert!(!yes.covers(&Flag::Affirmed(Question::Medication)) && !yes.covers(&mentioned("fainting")));
        assert!(Flag::Pregnancy.covers(&mentioned("pregnancy")) && !Flag::Pregnancy.covers(&fresh));
    }
}
