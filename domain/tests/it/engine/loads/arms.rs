//! Shoulder, elbow and wrist: what the hands hold, press against or hang from is carried by all three.

use ally_domain::engine::catalogue::{Pattern, StressTag::*};

use super::Look;
use super::facts::{any, compound, has, in_the_hands, is, named, on_the_hands, says};

/// The load does not pass through the hands.
const NOT_HELD: &[&str] = &[
    "band-knee-extension",
    "spanish-squat",
    "band-leg-curl",
    "band-kickback",
    "band-lateral-walk",
    "band-clamshell",
    "band-adduction",
    "band-resisted-march",
    "dumbbell-glute-bridge",
    "barbell-hip-thrust",
    "bench-step-up",
    "cable-kickback",
    "exercise-bike",
];
/// The athlete's own force or the arm's own weight, as little as is comfortable.
const SELF_DOSED: &[&str] = &[
    "palm-press",
    "scap-squeeze",
    "standing-t-hold",
    "lat-squeeze",
    "thigh-press",
    "scaption-raise",
    "shoulder-circle",
    "arm-sweep",
    "neck-turn",
    "chest-opener",
    "open-book",
    "wrist-circle",
    "childs-pose",
];

pub const LOOKS: &[Look] = &[
    Look {
        asks: "what the hands hold, press against or hang from loads the shoulder",
        of: in_the_hands,
        holds: |e| any(e, &[ShoulderLoad, ShoulderRotation]),
        except: &[
            ("the load does not pass through the hands", NOT_HELD),
            ("own force, or the arm's own weight", SELF_DOSED),
            ("own force at the elbow alone", &["towel-curl", "fist-curl-hold", "towel-triceps-hold"]),
            ("the arms' own weight; what is left is tagged overhead", &["wall-slide", "band-shoulder-pass"]),
        ],
    },
    Look {
        asks: "what the hands hold, press against or hang from loads the elbow",
        of: in_the_hands,
        holds: |e| has(e, ElbowLoad),
        except: &[
            ("the load does not pass through the hands", NOT_HELD),
            ("own force, or the arm's own weight", SELF_DOSED),
            (
                "the arm's own weight",
                &[
                    "wall-slide",
                    "prone-w-row",
                    "reverse-snow-angel",
                    "prone-t-raise",
                    "prone-pulldown",
                    "arm-drive",
                    "band-shoulder-pass",
                ],
            ),
        ],
    },
    Look {
        asks: "what the hands hold, press against or hang from loads the wrist",
        of: in_the_hands,
        holds: |e| any(e, &[WristExt, Grip]),
        except: &[
            ("the load does not pass through the hands", NOT_HELD),
            ("own force, or the arm's own weight", SELF_DOSED),
            ("own force, the wrist stays straight", &["towel-triceps-hold", "fist-curl-hold"]),
            (
                "the arm's own weight",
                &[
                    "wall-slide",
                    "prone-w-row",
                    "reverse-snow-angel",
                    "prone-t-raise",
                    "prone-pulldown",
                    "arm-drive",
                    "seated-boxing",
                    "shadow-boxing",
                    "band-shoulder-pass",
                ],
            ),
            (
                "elbows or forearms carry",
                &["floor-elbow-row", "sliding-floor-pull", "forearm-triceps-press", "barbell-front-carry"],
            ),
            ("a loop round the wrists", &["band-straight-arm-pulldown"]),
        ],
    },
    Look {
        asks: "body weight on flat hands bends them back",
        of: on_the_hands,
        holds: |e| has(e, WristExt),
        except: &[("on fists", &["fist-push-up", "fist-knee-push-up"])],
    },
    Look {
        asks: "body weight on hands or forearms is carried by the shoulder",
        of: |e| on_the_hands(e) || (e.pattern == Pattern::Core && says(e, &["plank", "elbows", "forearms"])),
        holds: |e| has(e, ShoulderLoad),
        except: &[("the elbows only point the way", &["bicycle-crunch"])],
    },
    Look {
        asks: "a bar that is pressed bends the hand back",
        of: |e| named(e, &["barbell", "bench"]) && named(e, &["press"]) && !named(e, &["dumbbell"]),
        holds: |e| has(e, WristExt),
        except: &[],
    },
    Look {
        asks: "arms above the shoulder are overhead",
        of: |e| {
            let stem = [
                "overhead",
                "snatch",
                "handstand",
                "hang",
                "hanging",
                "pullover",
                "windmill",
                "pulldown",
                "rollout",
                "slam",
                "slide",
            ];
            let pull_up = e.id.as_str().ends_with("pull-up") || e.id.as_str().ends_with("chin-up");
            let press = e.pattern == Pattern::VerticalPush && named(e, &["press"]);
            (named(e, &stem) || pull_up || press || says(e, &["overhead", "ears"])) && !named(e, &["high"])
        },
        holds: |e| has(e, Overhead),
        except: &[("no higher than the eyes", &["band-incline-press", "landmine-press", "band-low-pulldown"])],
    },
    Look {
        asks: "a deep press, fly or dip takes the arm behind the body",
        of: |e| {
            is(e, &[Pattern::HorizontalPush, Pattern::VerticalPush])
                && (named(e, &["bench", "incline", "fly", "dip", "deck"]))
        },
        holds: |e| has(e, ShoulderExtension),
        except: &[("it begins before the body", &["band-fly", "band-incline-press"])],
    },
    Look {
        asks: "a bar or band on the back turns the arms out and weighs on the neck",
        of: |e| {
            let low = named(e, &["back", "morning"]) && !named(e, &["extension", "bodyweight"]);
            let lunge = named(e, &["barbell"]) && is(e, &[Pattern::Lunge]);
            low || lunge || e.id.as_str() == "barbell-calf-raise" || named(e, &["box"]) && e.pattern == Pattern::Squat
        },
        holds: |e| has(e, ShoulderRotation) && has(e, NeckLoad),
        except: &[],
    },
    Look {
        asks: "one joint that works against a load at the elbow strains its tendons",
        of: |e| {
            !compound(e)
                && named(e, &["curl", "triceps", "pushdown", "kickback"])
                && !named(e, &["leg", "nordic", "band-kickback"])
        },
        holds: |e| has(e, ElbowStrain),
        except: &[
            ("own force, held", &["towel-triceps-hold", "fist-curl-hold"]),
            ("a kick of the leg", &["band-kickback", "cable-kickback"]),
        ],
    },
];
