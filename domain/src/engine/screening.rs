//! Seven questions about health, answered with yes or no before anybody trains, and the weeks since a birth.
//!
//! They ask for what the widely used readiness questionnaires ask for, in words of our own. A question without an answer was
//! not asked: it says nothing, and whoever shows the form learns that it is open.

use serde::{Deserialize, Serialize};

use super::choices::choices;

choices! {
    /// A question of the screening. A yes to any of them calls for a professional's yes to training.
    Question {
        /// Heart or blood pressure.
        HeartOrBloodPressure = "heartOrBloodPressure",
        /// Pain in the chest.
        ChestPain = "chestPain",
        /// Dizziness, fainting.
        DizzinessOrFainting = "dizzinessOrFainting",
        /// Another chronic condition.
        OtherCondition = "otherCondition",
        /// Prescribed medication.
        Medication = "medication",
        /// Bones, joints, soft tissue.
        BoneOrJoint = "boneOrJoint",
        /// Activity only under supervision.
        SupervisedOnly = "supervisedOnly",
    }
}

impl Question {
    /// The question as an athlete reads it.
    #[must_use]
    pub const fn asks(self) -> &'static str {
        match self {
            Self::HeartOrBloodPressure => "Has a doctor ever found a heart condition or high blood pressure?",
            Self::ChestPain => "Does your chest hurt or feel tight, at rest, in daily life or when you are active?",
            Self::DizzinessOrFainting => {
                "Have you fainted in the last year, or do you lose your balance because you are dizzy?"
            }
            Self::OtherCondition => {
                "Do you have any other lasting condition that a doctor found, such as diabetes, asthma or epilepsy?"
            }
            Self::Medication => "Do you take prescribed medication for a lasting condition?",
            Self::BoneOrJoint => {
                "Do you have, or have you had within a year, a problem of bone, joint, muscle or ligament that more \
                 activity could make worse?"
            }
            Self::SupervisedOnly => "Has a doctor told you to be active only under medical supervision?",
        }
    }

    /// What a yes says, for the list of what calls for a professional.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::HeartOrBloodPressure => "a heart condition or high blood pressure",
            Self::ChestPain => "chest pain at rest or in activity",
            Self::DizzinessOrFainting => "dizziness or loss of consciousness",
            Self::OtherCondition => "another chronic condition",
            Self::Medication => "prescribed medication for a chronic condition",
            Self::BoneOrJoint => "a problem of bone, joint or soft tissue that activity can make worse",
            Self::SupervisedOnly => "the advice to be active only under supervision",
        }
    }
}

/// The answers to the seven questions; what was not answered is absent. Field names are those of the HTTP body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Screening {
    /// Heart or blood pressure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heart_or_blood_pressure: Option<bool>,
    /// Pain in the chest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chest_pain: Option<bool>,
    /// Dizziness, fainting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dizziness_or_fainting: Option<bool>,
    /// Another chronic condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_condition: Option<bool>,
    /// Prescribed medication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medication: Option<bool>,
    /// Bones, joints, soft tissue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bone_or_joint: Option<bool>,
    /// Activity only under supervision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervised_only: Option<bool>,
}

impl Screening {
    /// The answer to a question; `None` when there is none.
    #[must_use]
    pub const fn answer(&self, question: Question) -> Option<bool> {
        match question {
            Question::HeartOrBloodPressure => self.heart_or_blood_pressure,
            Question::ChestPain => self.chest_pain,
            Question::DizzinessOrFainting => self.dizziness_or_fainting,
            Question::OtherCondition => self.other_condition,
            Question::Medication => self.medication,
            Question::BoneOrJoint => self.bone_or_joint,
            Question::SupervisedOnly => self.supervised_only,
        }
    }

    /// The questions that were answered with yes, in order.
    pub fn affirmed(&self) -> impl Iterator<Item = Question> {
        Question::ALL.iter().copied().filter(|question| self.answer(*question) == Some(true))
    }

    /// The questions without an answer, in order.
    #[must_use]
    pub fn open(&self) -> Vec<Question> {
        Question::ALL.iter().copied().filter(|question| self.answer(*question).is_none()).collect()
    }

    /// These answers with newer ones on top.
    #[must_use]
    pub fn with(self, newer: Self) -> Self {
        Self {
            heart_or_blood_pressure: newer.heart_or_blood_pressure.or(self.heart_or_blood_pressure),
            chest_pain: newer.chest_pain.or(self.chest_pain),
            dizziness_or_fainting: newer.dizziness_or_fainting.or(self.dizziness_or_fainting),
            other_condition: newer.other_condition.or(self.other_condition),
            medication: newer.medication.or(self.medication),
            bone_or_joint: newer.bone_or_joint.or(self.bone_or_joint),
            supervised_only: newer.supervised_only.or(self.supervised_only),
        }
    }

    /// Whether no question has an answer: profiles from before the questions have none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
