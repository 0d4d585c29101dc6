//! What the catalogue knows about an exercise.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::engine::choices::choices;
use crate::engine::profile::{Equipment, Proficiency};

/// The id of an exercise: lower-case words joined by `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExerciseId(String);

impl ExerciseId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ExerciseId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for ExerciseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

choices! {
    /// How the body moves.
    Pattern {
        /// Bending knees and hips together.
        Squat = "squat",
        /// Bending at the hips.
        Hinge = "hinge",
        /// One leg leads.
        Lunge = "lunge",
        /// Away from the chest.
        HorizontalPush = "horizontal_push",
        /// Overhead, or down past the hips.
        VerticalPush = "vertical_push",
        /// Towards the chest.
        HorizontalPull = "horizontal_pull",
        /// From overhead down.
        VerticalPull = "vertical_pull",
        /// Keeping or moving the trunk.
        Core = "core",
        /// Walking with a load or on all fours.
        Carry = "carry",
        /// Leaving the ground, or letting go.
        JumpThrow = "jump_throw",
        /// Heart and lungs.
        Conditioning = "conditioning",
        /// Range of movement.
        Mobility = "mobility",
    }
}
choices! {
    /// A muscle, or a group that always works together.
    Muscle {
        /// Front of the thigh.
        Quads = "quads",
        /// Back of the thigh.
        Hamstrings = "hamstrings",
        /// Seat.
        Glutes = "glutes",
        /// Lower leg.
        Calves = "calves",
        /// Inner thigh.
        Adductors = "adductors",
        /// Chest.
        Chest = "chest",
        /// Lats and what lies between the shoulder blades.
        Back = "back",
        /// Front and side of the shoulder.
        Shoulders = "shoulders",
        /// Back of the shoulder.
        RearDelts = "rear_delts",
        /// Front of the upper arm.
        Biceps = "biceps",
        /// Back of the upper arm.
        Triceps = "triceps",
        /// Forearm and grip.
        Forearms = "forearms",
        /// Belly and flanks.
        Core = "core",
        /// Along the spine.
        LowerBack = "lower_back",
        /// Front of the hip.
        HipFlexors = "hip_flexors",
    }
}
choices! {
    /// How many joints work.
    Mechanic {
        /// Several.
        Compound = "compound",
        /// One.
        Isolation = "isolation",
    }
}
choices! {
    /// What the muscles do.
    Force {
        /// Push away.
        Push = "push",
        /// Pull near.
        Pull = "pull",
        /// Hold.
        Hold = "hold",
        /// Move from place to place.
        Travel = "travel",
        /// Move a joint through its range, unloaded.
        Move = "move",
    }
}
choices! {
    /// How hard the ground hits back.
    Impact {
        /// A foot always stays down.
        None = "none",
        /// Quick steps and light contacts; a foot or a hand is almost always down.
        Low = "low",
        /// Running, small jumps.
        Moderate = "moderate",
        /// Landings from a jump.
        High = "high",
    }
}
choices! {
    /// How much a muscle brakes while it lengthens, which is what makes it sore.
    Eccentric {
        /// Hardly: holds, pedalling, short ranges, light loads.
        None = "none",
        /// A load is lowered into a long range.
        Moderate = "moderate",
        /// The lowering is the exercise, with more than the muscle could lift.
        High = "high",
    }
}
choices! {
    /// What a set counts.
    Measure {
        /// Repetitions.
        Reps = "reps",
        /// Time.
        Seconds = "seconds",
        /// Way.
        Metres = "metres",
    }
}
choices! {
    /// What an exercise asks of joints, for injuries to veto.
    StressTag {
        /// The knee bends beyond about a right angle.
        KneeFlexionDeep = "knee_flexion_deep",
        /// The knee bends and carries.
        KneeLoad = "knee_load",
        /// The hip bends deep.
        HipFlexionDeep = "hip_flexion_deep",
        /// The hip moves and carries.
        HipLoad = "hip_load",
        /// The ankle carries through its range.
        AnkleLoad = "ankle_load",
        /// Landings.
        Impact = "impact",
        /// Weight presses along the spine.
        SpinalLoad = "spinal_load",
        /// The spine bends forward or turns.
        SpinalFlexion = "spinal_flexion",
        /// The trunk leans or levers.
        SpinalShear = "spinal_shear",
        /// The arm goes above the shoulder.
        Overhead = "overhead",
        /// The upper arm goes far behind the body.
        ShoulderExtension = "shoulder_extension",
        /// The shoulder carries or moves a load.
        ShoulderLoad = "shoulder_load",
        /// The arm is turned far outward and held there: a bar on the back.
        ShoulderRotation = "shoulder_rotation",
        /// The elbow's tendons carry most.
        ElbowStrain = "elbow_strain",
        /// The elbow bends or is pulled at under load.
        ElbowLoad = "elbow_load",
        /// The hand is bent back under load.
        WristExt = "wrist_ext",
        /// The hand holds a load, or presses with a straight wrist.
        Grip = "grip",
        /// The neck carries or is held up.
        NeckLoad = "neck_load",
        /// The pressure in the belly rises and the pelvic floor carries it.
        AbdominalPressure = "abdominal_pressure",
        /// Lying on the back.
        Supine = "supine",
        /// Lying on the belly.
        Prone = "prone",
    }
}

/// What must be at hand: everything in `all_of`, and one of `any_of` when it names any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Needs {
    /// Each of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub all_of: BTreeSet<Equipment>,
    /// One of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub any_of: BTreeSet<Equipment>,
}

impl Needs {
    /// Whether it can be done with what is owned. A full gym holds everything, and a floor is everywhere.
    #[must_use]
    pub fn met_by(&self, owned: &BTreeSet<Equipment>) -> bool {
        let has = |item: &Equipment| {
            *item == Equipment::Bodyweight || owned.contains(&Equipment::FullGym) || owned.contains(item)
        };
        self.all_of.iter().all(has) && (self.any_of.is_empty() || self.any_of.iter().any(has))
    }

    /// Whether a floor is enough.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.all_of.is_empty() && self.any_of.is_empty()
    }
}

/// One exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exercise {
    /// Its id.
    pub id: ExerciseId,
    /// Its name, for people.
    pub name: String,
    /// How to do it well, in one sentence.
    pub cue: String,
    /// How the body moves.
    pub pattern: Pattern,
    /// What must be at hand.
    pub equipment: Needs,
    /// The muscles that do the main work; a set counts in full for each.
    pub primary: Vec<Muscle>,
    /// The muscles that assist; a set counts half.
    pub secondary: Vec<Muscle>,
    /// The lowest level that may do it.
    pub level: Proficiency,
    /// One joint or several.
    pub mechanic: Mechanic,
    /// What the muscles do.
    pub force: Force,
    /// Whether it is done one side after the other.
    pub unilateral: bool,
    /// Whether load can be added in small steps.
    pub loadable: bool,
    /// Whether its load is known as a percentage of a one-repetition maximum.
    pub percent_based: bool,
    /// How hard the ground hits back.
    pub impact: Impact,
    /// How much a muscle brakes while it lengthens.
    pub eccentric: Eccentric,
    /// Whether it is done at full speed, jumped, thrown or caught: its force cannot be dosed, and a place with pain of 4
    /// is spared it as one with strong pain is.
    pub ballistic: bool,
    /// Whether it suits hard intervals as well as an easy pace; only conditioning does.
    pub intervals: bool,
    /// The longest sensible bout in minutes; 0 for what is not conditioning.
    pub longest_min: u8,
    /// What it asks of joints.
    pub stress_tags: BTreeSet<StressTag>,
    /// Ground contacts of a repetition.
    pub contacts_per_rep: u8,
    /// What a set counts.
    pub measure: Measure,
    /// Seconds down, pause, up, pause.
    pub tempo: [u8; 4],
    /// What to do when it is too easy.
    pub progressions: Vec<ExerciseId>,
    /// What to do when it is too hard.
    pub regressions: Vec<ExerciseId>,
}

/// Minutes from which on conditioning that lands travels, and does not jump in place.
const RUN_MIN: u8 = 20;

impl Exercise {
    /// Whether it is a run: conditioning that lands and lasts.
    #[must_use]
    pub fn is_run(&self) -> bool {
        self.pattern == Pattern::Conditioning && self.impact >= Impact::Moderate && self.longest_min >= RUN_MIN
    }
}
