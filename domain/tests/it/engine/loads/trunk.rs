//! Lower back, neck and belly.

use ally_domain::engine::catalogue::{Force, Measure, Muscle, Pattern, StressTag::*};
use ally_domain::engine::profile::Equipment;

use super::Look;
use super::facts::{any, compound, front_plank, has, is, named, needs, says, trains, walks_loaded, weights};

pub const LOOKS: &[Look] = &[
    Look {
        asks: "weights that are lifted standing are carried by the lower back",
        of: |e| {
            let stands = [
                Pattern::Squat,
                Pattern::Hinge,
                Pattern::Lunge,
                Pattern::VerticalPush,
                Pattern::Carry,
                Pattern::JumpThrow,
            ];
            weights(e)
                && !has(e, Supine)
                && (is(e, &stands) && compound(e) || walks_loaded(e) || e.pattern == Pattern::Conditioning)
        },
        holds: |e| any(e, &[SpinalLoad, SpinalShear]),
        except: &[("no weight", &["bench-step-up"])],
    },
    Look {
        asks: "a bar on the shoulders or overhead presses along the spine",
        of: |e| {
            needs(e, &[Equipment::BarbellRack])
                && (has(e, NeckLoad)
                    || named(e, &["front", "overhead", "clean"])
                    || e.id.as_str() == "barbell-push-press")
        },
        holds: |e| has(e, SpinalLoad),
        except: &[],
    },
    Look {
        asks: "who folds at the hips holds the trunk against a lever",
        of: |e| e.pattern == Pattern::Hinge && compound(e) && !has(e, Supine),
        holds: |e| has(e, SpinalShear),
        except: &[],
    },
    Look {
        asks: "who extends the back lifts the trunk by its lever",
        of: |e| named(e, &["extension"]) && named(e, &["back"]),
        holds: |e| has(e, SpinalShear),
        except: &[],
    },
    Look {
        asks: "a row without support holds the trunk against a lever",
        of: |e| {
            (named(e, &["row"]) && says(e, &["hinge", "bent", "low", "floor"]) || named(e, &["rowing"]))
                && needs(e, &[Equipment::Dumbbells, Equipment::Kettlebell, Equipment::BarbellRack, Equipment::FullGym])
                && !has(e, Prone)
        },
        holds: |e| has(e, SpinalShear),
        except: &[],
    },
    Look {
        asks: "a front plank from the feet holds the lower back against a lever",
        of: front_plank,
        holds: |e| has(e, SpinalShear),
        except: &[],
    },
    Look {
        asks: "who curls, twists or folds the trunk bends the spine",
        of: |e| {
            let core = e.primary.contains(&Muscle::Core) && is(e, &[Pattern::Core, Pattern::JumpThrow]);
            core && (says(e, &["curl", "twist", "bend", "fold", "turn", "roll", "windmill", "rotation"])
                || named(e, &["crunch", "hollow", "hanging", "slam"]))
        },
        holds: |e| has(e, SpinalFlexion),
        except: &[
            ("it keeps the trunk from turning", &["band-anti-rotation-press", "cable-anti-rotation-press"]),
            ("it bends the knees", &["knee-side-plank"]),
            ("the back stays flat", &["barbell-rollout"]),
        ],
    },
    Look {
        asks: "who lifts the head or the chest off the floor works with the neck",
        of: |e| {
            let up = has(e, Supine) && (has(e, SpinalFlexion) || named(e, &["hollow"]));
            let prone = has(e, Prone) && e.force == Force::Pull && e.measure == Measure::Reps && e.equipment.nothing();
            up || prone
        },
        holds: |e| has(e, NeckLoad),
        except: &[("the head stays down", &["reverse-crunch", "sliding-floor-pull"])],
    },
    Look {
        asks: "who stands on the hands holds the head against the fall",
        of: |e| named(e, &["handstand", "pike"]) && e.measure == Measure::Reps || named(e, &["handstand"]),
        holds: |e| has(e, NeckLoad),
        except: &[],
    },
    Look {
        asks: "whoever lies on the back says so",
        of: |e| {
            says(e, &["supine"])
                || e.cue.contains("Lie on the back")
                || e.cue.contains("Lie down")
                || named(e, &["bug", "bridge"])
                || (named(e, &["floor", "bench"]) && named(e, &["press"]) && !named(e, &["incline"]))
        },
        holds: |e| has(e, Supine),
        except: &[],
    },
    Look {
        asks: "whoever lies on the belly says so",
        of: |e| {
            says(e, &["prone"])
                || e.cue.contains("face down")
                || e.cue.contains("Lie on the raised bench")
                || e.cue.contains("Lie on a towel")
        },
        holds: |e| has(e, Prone),
        except: &[],
    },
    Look {
        asks: "what lands presses on the pelvic floor",
        of: |e| has(e, Impact),
        holds: |e| has(e, AbdominalPressure),
        except: &[],
    },
    Look {
        asks: "a weight along the spine is braced against with the belly",
        of: |e| has(e, SpinalLoad),
        holds: |e| has(e, AbdominalPressure),
        except: &[],
    },
    Look {
        asks: "a bar that is pulled from the floor or rowed is braced against with the belly",
        of: |e| needs(e, &[Equipment::BarbellRack]) && has(e, SpinalShear) && e.loadable && compound(e),
        holds: |e| has(e, AbdominalPressure),
        except: &[(
            "dumbbells, or one arm at a time",
            &["bulgarian-split-squat", "dumbbell-step-up", "landmine-press"],
        )],
    },
    Look {
        asks: "a front plank from the feet presses on the belly",
        of: front_plank,
        holds: |e| has(e, AbdominalPressure),
        except: &[],
    },
    Look {
        asks: "who curls up, lifts the legs or hangs by the arms presses on the belly",
        of: |e| {
            let lifts = e.pattern != Pattern::Mobility
                && has(e, Supine)
                && (has(e, SpinalFlexion) || trains(e, Muscle::HipFlexors));
            let hangs = needs(e, &[Equipment::PullUpBar]) && (compound(e) || e.pattern == Pattern::Core);
            let rolls = named(e, &["rollout", "crunch", "twist", "windmill", "handstand"]);
            lifts || hangs || rolls
        },
        holds: |e| has(e, AbdominalPressure),
        except: &[
            ("one leg at a time, the back down", &["dead-bug", "band-dead-bug"]),
            ("a band carries part", &["band-assisted-pull-up"]),
        ],
    },
    Look {
        asks: "a weight that is thrown with the hips is braced against with the belly",
        of: |e| e.ballistic && (weights(e) || needs(e, &[Equipment::FullGym])),
        holds: |e| has(e, AbdominalPressure),
        except: &[("a ball from the chest", &["chest-pass"])],
    },
    Look {
        asks: "heavy leg machines and sleds are braced against with the belly",
        of: |e| {
            needs(e, &[Equipment::FullGym])
                && (compound(e) && is(e, &[Pattern::Squat, Pattern::Lunge]) || named(e, &["thrust", "sled"]))
        },
        holds: |e| has(e, AbdominalPressure),
        except: &[],
    },
];
