//! Exercises as callers read them.

use ally_domain::engine::Catalogue;
use ally_domain::engine::catalogue::{Exercise, ExerciseId, Muscle};
use poem_openapi::Object;

use super::answer::Paged;
use crate::schema::{
    EccentricChoice, EquipmentChoice, ForceChoice, ImpactChoice, MeasureChoice, MechanicChoice, MuscleChoice,
    PatternChoice, ProficiencyChoice, StressTagChoice,
};

/// A page of the catalogue.
#[derive(Object)]
#[oai(rename = "ExerciseList", rename_all = "camelCase")]
pub(crate) struct ExerciseListBody {
    /// The exercises, by id.
    pub exercises: Vec<ExerciseSummaryBody>,
    /// How many fit in all.
    pub total: u32,
    /// The SHA-256 of the catalogue, as plans name it in their provenance.
    pub catalogue: String,
    /// Send it as `cursor`, with the same filters, to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

impl Paged for ExerciseListBody {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// An exercise in a list.
#[derive(Object)]
#[oai(rename = "ExerciseSummary", rename_all = "camelCase")]
pub(crate) struct ExerciseSummaryBody {
    /// Its id, as plans name it.
    id: String,
    /// Its name, for people.
    name: String,
    /// How the body moves.
    pattern: PatternChoice,
    /// The lowest level that may do it.
    level: ProficiencyChoice,
    /// One joint or several.
    mechanic: MechanicChoice,
    /// The muscles that do the main work.
    primary: Vec<MuscleChoice>,
    /// What must be at hand.
    equipment: NeedsBody,
    /// How hard the ground hits back.
    impact: ImpactChoice,
    /// Whether it is done one side after the other.
    unilateral: bool,
    /// Where it is read whole.
    link: String,
}

/// What must be at hand: everything in `allOf`, and one of `anyOf` when it names any. A floor and a mat are always there.
#[derive(Object)]
#[oai(rename = "ExerciseNeeds", rename_all = "camelCase")]
pub(crate) struct NeedsBody {
    /// Each of these.
    all_of: Vec<EquipmentChoice>,
    /// One of these.
    any_of: Vec<EquipmentChoice>,
}

/// An exercise, whole.
#[derive(Object)]
#[oai(rename = "Exercise", rename_all = "camelCase")]
pub(crate) struct ExerciseBody {
    /// Its id, as plans name it.
    id: String,
    /// Its name, for people.
    name: String,
    /// How to do it well, in one sentence.
    cue: String,
    /// How the body moves.
    pattern: PatternChoice,
    /// What must be at hand.
    equipment: NeedsBody,
    /// The muscles that do the main work; a set counts in full for each.
    primary: Vec<MuscleChoice>,
    /// The muscles that assist; a set counts half.
    secondary: Vec<MuscleChoice>,
    /// The lowest level that may do it.
    level: ProficiencyChoice,
    /// One joint or several.
    mechanic: MechanicChoice,
    /// What the muscles do.
    force: ForceChoice,
    /// Whether it is done one side after the other.
    unilateral: bool,
    /// Whether load can be added in small steps.
    loadable: bool,
    /// Whether its load is known as a percentage of a one-repetition maximum.
    percent_based: bool,
    /// How hard the ground hits back.
    impact: ImpactChoice,
    /// How much a muscle brakes while it lengthens, which is what makes it sore.
    eccentric: EccentricChoice,
    /// Whether it is done at full speed, jumped, thrown or caught: a place with pain of 4 is spared it.
    ballistic: bool,
    /// What it asks of joints.
    stress_tags: Vec<StressTagChoice>,
    /// Ground contacts of a repetition.
    contacts_per_rep: u8,
    /// What a set counts.
    measure: MeasureChoice,
    /// Seconds down, pause, up, pause.
    tempo: Vec<u8>,
    /// What may stand in for it: the same movement, a main muscle in common, the nearest first.
    substitutions: Vec<ExerciseSummaryBody>,
    /// What to do when it is too easy.
    progressions: Vec<ExerciseSummaryBody>,
    /// What to do when it is too hard.
    regressions: Vec<ExerciseSummaryBody>,
    /// The SHA-256 of the catalogue, as plans name it in their provenance.
    catalogue: String,
}

impl From<&Exercise> for NeedsBody {
    fn from(exercise: &Exercise) -> Self {
        let needs = &exercise.equipment;
        Self {
            all_of: needs.all_of.iter().copied().map(EquipmentChoice).collect(),
            any_of: needs.any_of.iter().copied().map(EquipmentChoice).collect(),
        }
    }
}

impl From<&Exercise> for ExerciseSummaryBody {
    fn from(exercise: &Exercise) -> Self {
        Self {
            id: exercise.id.to_string(),
            name: exercise.name.clone(),
            pattern: PatternChoice(exercise.pattern),
            level: ProficiencyChoice(exercise.level),
            mechanic: MechanicChoice(exercise.mechanic),
            primary: muscles(exercise.primary.iter().copied()),
            equipment: exercise.into(),
            impact: ImpactChoice(exercise.impact),
            unilateral: exercise.unilateral,
            link: format!("/api/v1/exercises/{}", exercise.id),
        }
    }
}

impl ExerciseBody {
    /// An exercise with the exercises that it leads to.
    pub(crate) fn of(exercise: &Exercise, catalogue: &Catalogue) -> Self {
        let resolved = |ids: &[ExerciseId]| ids.iter().filter_map(|id| catalogue.get(id)).map(Into::into).collect();
        Self {
            id: exercise.id.to_string(),
            name: exercise.name.clone(),
            cue: exercise.cue.clone(),
            pattern: PatternChoice(exercise.pattern),
            equipment: exercise.into(),
            primary: muscles(exercise.primary.iter().copied()),
            secondary: muscles(exercise.secondary.iter().copied()),
            level: ProficiencyChoice(exercise.level),
            mechanic: MechanicChoice(exercise.mechanic),
            force: ForceChoice(exercise.force),
            unilateral: exercise.unilateral,
            loadable: exercise.loadable,
            percent_based: exercise.percent_based,
            impact: ImpactChoice(exercise.impact),
            eccentric: EccentricChoice(exercise.eccentric),
            ballistic: exercise.ballistic,
            stress_tags: exercise.stress_tags.iter().copied().map(StressTagChoice).collect(),
            contacts_per_rep: exercise.contacts_per_rep,
            measure: MeasureChoice(exercise.measure),
            tempo: exercise.tempo.to_vec(),
            substitutions: catalogue.substitutions(exercise).into_iter().map(Into::into).collect(),
            progressions: resolved(&exercise.progressions),
            regressions: resolved(&exercise.regressions),
            catalogue: catalogue.hash().to_owned(),
        }
    }
}

fn muscles(muscles: impl Iterator<Item = Muscle>) -> Vec<MuscleChoice> {
    muscles.map(MuscleChoice).collect()
}
