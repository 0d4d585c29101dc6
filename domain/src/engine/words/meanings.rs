//! What each mention asks: the question of onboarding that settles it, and whether effort stays moderate after a yes to it.

use crate::engine::screening::Question;

/// What an athlete is asked about a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One of the seven questions.
    Question(Question),
    /// Whether they are pregnant.
    Pregnant,
    /// How many weeks ago they gave birth.
    WeeksSinceBirth,
}

impl Asked {
    /// The field of onboarding that takes the answer.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Question(question) => question.as_str(),
            Self::Pregnant => "pregnant",
            Self::WeeksSinceBirth => "weeksSinceBirth",
        }
    }
}

use Asked::{Pregnant, Question as One, WeeksSinceBirth};
use Question::{
    BoneOrJoint, ChestPain, DizzinessOrFainting, HeartOrBloodPressure, Medication, OtherCondition, SupervisedOnly,
};

/// Every meaning, what it asks, and whether effort stays moderate.
const MEANINGS: [(&str, Asked, bool); 26] = [
    ("chest pain", One(ChestPain), true),
    ("a heart condition", One(HeartOrBloodPressure), true),
    ("high blood pressure", One(HeartOrBloodPressure), true),
    ("medication for the heart or the blood", One(Medication), true),
    ("fainting", One(DizzinessOrFainting), true),
    ("dizziness", One(DizzinessOrFainting), true),
    ("breathlessness", One(OtherCondition), true),
    ("breathlessness at rest", One(OtherCondition), true),
    ("coughing blood", One(OtherCondition), true),
    ("a stroke", One(OtherCondition), true),
    ("a blood clot", One(OtherCondition), true),
    ("seizures", One(OtherCondition), true),
    ("a doctor's advice against training", One(SupervisedOnly), true),
    ("pregnancy", Pregnant, true),
    ("a recent birth", WeeksSinceBirth, true),
    ("unexplained weight loss", One(OtherCondition), false),
    ("diabetes", One(OtherCondition), false),
    ("asthma", One(OtherCondition), false),
    ("cancer", One(OtherCondition), false),
    ("a chronic illness", One(OtherCondition), false),
    ("brittle bones", One(BoneOrJoint), false),
    ("a fracture", One(BoneOrJoint), false),
    ("an operation", One(BoneOrJoint), false),
    ("numbness", One(BoneOrJoint), false),
    ("a torn ligament", One(BoneOrJoint), false),
    ("a slipped disc", One(BoneOrJoint), false),
];

/// What a mention asks. A meaning that only another version of the words has is a condition like any other.
#[must_use]
pub fn asked(meaning: &str) -> Asked {
    let known = MEANINGS.iter().find(|(name, ..)| *name == meaning);
    known.map_or(Asked::Question(OtherCondition), |(_, asked, _)| *asked)
}

/// Whether effort stays moderate after a professional's yes to what is mentioned: heart, breath, head, pregnancy and birth.
#[must_use]
pub fn keeps_effort_moderate(meaning: &str) -> bool {
    MEANINGS.iter().any(|(name, _, moderate)| *name == meaning && *moderate)
}

#[cfg(test)]
mod tests {
    use super::super::{HIGH_PRESSURE, patterns};
    use super::MEANINGS;

    #[test]
    fn every_meaning_asks_something() {
        for meaning in patterns().map(|pattern| pattern.meaning).chain([HIGH_PRESSURE]) {
            assert!(MEANINGS.iter().any(|(name, ..)| *name == meaning), "{meaning} asks nothing");
        }
        for (name, ..) in MEANINGS {
            assert!(patterns().any(|pattern| pattern.meaning == name), "nothing means {name}");
        }
    }
}
