//! What hurts now: the profile's injuries overtaken by what was reported since, and the locks that strong pain sets.

use std::collections::BTreeMap;

use crate::engine::profile::{BodyPart, Injury, Profile};
use crate::engine::safety::{MODIFY_PAIN, STOP_PAIN};
use crate::engine::workout::TrainingLog;

/// The state of one body part, by what was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Felt {
    newest: u8,
    /// Strong pain was reported and nothing of 3 or less since.
    locked: bool,
}

/// What hurts, as reports leave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health(BTreeMap<BodyPart, Felt>);

impl Health {
    /// Folds the reports of a log, oldest first.
    #[must_use]
    pub fn of(log: &TrainingLog) -> Self {
        let mut felt: BTreeMap<BodyPart, Felt> = BTreeMap::new();
        for (_, pain) in log.pain() {
            let before = felt.get(&pain.body_part).is_some_and(|felt| felt.locked);
            let locked = pain.level >= STOP_PAIN || (before && pain.level >= MODIFY_PAIN);
            felt.insert(pain.body_part, Felt { newest: pain.level, locked });
        }
        Self(felt)
    }

    /// The places that strong pain locks: no load rises before 3 or less is reported there.
    pub fn locked(&self) -> impl Iterator<Item = BodyPart> {
        self.0.iter().filter(|(_, felt)| felt.locked).map(|(part, _)| *part)
    }

    /// The places of which pain of 4 or more was reported last.
    pub fn sore(&self) -> impl Iterator<Item = (BodyPart, u8)> {
        self.0.iter().filter(|(_, felt)| felt.newest >= MODIFY_PAIN).map(|(part, felt)| (*part, felt.newest))
    }

    /// Whether any place is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.locked().next().is_some()
    }

    /// Whether pain of 4 or more stands anywhere.
    #[must_use]
    pub fn hurts(&self) -> bool {
        self.0.values().any(|felt| felt.newest >= MODIFY_PAIN || felt.locked)
    }

    /// The profile with its injuries as they are now. A locked place counts as strong pain, whatever came since.
    #[must_use]
    pub fn apply(&self, profile: &Profile) -> Profile {
        let kept = profile.injuries.iter().filter(|injury| !self.0.contains_key(&injury.body_part)).cloned();
        let told = self.0.iter().map(|(part, felt)| Injury {
            body_part: *part,
            pain: if felt.locked { felt.newest.max(STOP_PAIN) } else { felt.newest },
        });
        let injuries = kept.chain(told.filter(|injury| injury.pain > 0)).collect();
        Profile { injuries, ..profile.clone() }
    }
}
