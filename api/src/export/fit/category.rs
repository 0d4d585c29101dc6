//! Which of the profile's exercises an exercise of the catalogue is: its category by movement and name, and the exercise
//! itself where both lists have it under one name.

use std::collections::HashMap;
use std::sync::LazyLock;

use ally_domain::engine::catalogue::{Exercise, ExerciseId, Muscle, Pattern};
use rustyfit::profile::typedef::{self, ExerciseCategory as Category};

/// The most exercises that a category is searched for; the profile's longest has fewer.
const MOST_NAMES: u16 = 512;

/// The category of an exercise.
pub(super) fn of(exercise: &Exercise) -> Category {
    let by_muscle = match exercise.primary.first() {
        Some(Muscle::Calves) if exercise.pattern == Pattern::Squat => Some(Category::CALF_RAISE),
        Some(Muscle::Biceps) => Some(Category::CURL),
        Some(Muscle::Triceps) if exercise.primary.len() == 1 => Some(Category::TRICEPS_EXTENSION),
        _ => None,
    };
    let (words, otherwise) = of_pattern(exercise.pattern);
    let id = exercise.id.as_str();
    let by_word = words.iter().find(|(word, _)| id.contains(word)).map(|(_, category)| *category);
    by_muscle.or(by_word).unwrap_or(otherwise)
}

/// What words of an id say within a movement, and the category where none is found.
const fn of_pattern(pattern: Pattern) -> (&'static [(&'static str, Category)], Category) {
    match pattern {
        Pattern::Squat => (&[], Category::SQUAT),
        Pattern::Hinge => (
            &[
                ("curl", Category::LEG_CURL),
                ("walkout", Category::LEG_CURL),
                ("bridge", Category::HIP_RAISE),
                ("thrust", Category::HIP_RAISE),
                ("swing", Category::HIP_RAISE),
                ("kickback", Category::HIP_RAISE),
                ("glute-set", Category::HIP_RAISE),
                ("back-extension", Category::HYPEREXTENSION),
            ],
            Category::DEADLIFT,
        ),
        Pattern::Lunge => (
            &[
                ("raise", Category::HIP_STABILITY),
                ("clamshell", Category::HIP_STABILITY),
                ("kick", Category::HIP_STABILITY),
                ("squeeze", Category::HIP_STABILITY),
                ("walk", Category::LUNGE),
                ("duction", Category::HIP_STABILITY),
                ("step-up", Category::SQUAT),
                ("squat", Category::LUNGE),
            ],
            Category::LUNGE,
        ),
        Pattern::HorizontalPush => (
            &[("push-up", Category::PUSH_UP), ("fly", Category::FLYE), ("pec-deck", Category::FLYE)],
            Category::BENCH_PRESS,
        ),
        Pattern::VerticalPush => (
            &[
                ("push-up", Category::PUSH_UP),
                ("dip", Category::TRICEPS_EXTENSION),
                ("raise", Category::LATERAL_RAISE),
                ("scaption", Category::LATERAL_RAISE),
                ("slide", Category::SHOULDER_STABILITY),
            ],
            Category::SHOULDER_PRESS,
        ),
        Pattern::HorizontalPull => (&[], Category::ROW),
        Pattern::VerticalPull => (&[], Category::PULL_UP),
        Pattern::Core => (
            &[
                ("plank", Category::PLANK),
                ("crunch", Category::CRUNCH),
                ("chop", Category::CHOP),
                ("leg-raise", Category::LEG_RAISE),
                ("knee-raise", Category::LEG_RAISE),
            ],
            Category::CORE,
        ),
        Pattern::Carry => (&[], Category::CARRY),
        Pattern::JumpThrow => (
            &[
                ("snatch", Category::OLYMPIC_LIFT),
                ("clean", Category::OLYMPIC_LIFT),
                ("high-pull", Category::OLYMPIC_LIFT),
            ],
            Category::PLYO,
        ),
        Pattern::Conditioning => (
            &[
                ("bike", Category::INDOOR_BIKE),
                ("rowing", Category::INDOOR_ROW),
                ("elliptical", Category::ELLIPTICAL),
                ("sled", Category::SLED),
                ("running", Category::RUN),
                ("jog", Category::RUN),
            ],
            Category::CARDIO,
        ),
        Pattern::Mobility => (&[], Category::WARM_UP),
    }
}

/// The number of an exercise within its category, where the profile has it under the catalogue's name.
pub(super) fn name_in(category: Category, id: &ExerciseId) -> Option<u16> {
    NAMES.get(&(category.0, id.as_str().replace('-', "_"))).copied()
}

macro_rules! names {
    ($($category:ident: $names:ident),+ $(,)?) => {
        [$((Category::$category, (0..MOST_NAMES).map(|n| typedef::$names(n).to_string()).collect::<Vec<_>>())),+]
    };
}

/// The profile's names by category. What has no name is written as its number, which is no exercise's id.
static NAMES: LazyLock<HashMap<(u16, String), u16>> = LazyLock::new(|| {
    let all = names! {
        BENCH_PRESS: BenchPressExerciseName, CALF_RAISE: CalfRaiseExerciseName, CARDIO: CardioExerciseName,
        CARRY: CarryExerciseName, CHOP: ChopExerciseName, CORE: CoreExerciseName, CRUNCH: CrunchExerciseName,
        CURL: CurlExerciseName, DEADLIFT: DeadliftExerciseName, FLYE: FlyeExerciseName, HIP_RAISE: HipRaiseExerciseName,
        HIP_STABILITY: HipStabilityExerciseName, HYPEREXTENSION: HyperextensionExerciseName,
        LATERAL_RAISE: LateralRaiseExerciseName, LEG_CURL: LegCurlExerciseName, LEG_RAISE: LegRaiseExerciseName,
        LUNGE: LungeExerciseName, OLYMPIC_LIFT: OlympicLiftExerciseName, PLANK: PlankExerciseName,
        PLYO: PlyoExerciseName, PULL_UP: PullUpExerciseName, PUSH_UP: PushUpExerciseName, ROW: RowExerciseName,
        SHOULDER_PRESS: ShoulderPressExerciseName, SHOULDER_STABILITY: ShoulderStabilityExerciseName,
        SQUAT: SquatExerciseName, TRICEPS_EXTENSION: TricepsExtensionExerciseName, WARM_UP: WarmUpExerciseName,
    };
    let names = all.into_iter().flat_map(|(category, names)| {
        (0..).zip(names).map(move |(n, name)| ((category.0, name), n)).collect::<Vec<_>>()
    });
    names.collect()
});
