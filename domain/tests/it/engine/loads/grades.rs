//! How hard the ground hits back, how much a muscle brakes, and what is done at full speed.

use ally_domain::engine::catalogue::{Eccentric, Force, Impact, Measure, Muscle, Pattern, StressTag::*};
use ally_domain::engine::profile::Equipment;

use super::Look;
use super::facts::{compound, has, is, named, needs, quiet, says, trains, weights};

/// Words for what is done at full speed: the force at a joint cannot be dosed.
const FAST: [&str; 17] = [
    "jump",
    "jumps",
    "hop",
    "hops",
    "bound",
    "leap",
    "throw",
    "slam",
    "swing",
    "snatch",
    "clean",
    "explosive",
    "plyo",
    "burpee",
    "jack",
    "landing",
    "complex",
];

pub const LOOKS: &[Look] = &[
    Look {
        asks: "what leaves the ground or lets go is ballistic",
        of: |e| {
            e.pattern == Pattern::JumpThrow
                || e.id.as_str().ends_with("push-press")
                || named(e, &FAST)
                || says(e, &["explosive"])
        },
        holds: |e| e.ballistic,
        except: &[("one foot stays down", &["step-jack"]), ("a leg that swings freely", &["leg-swing"])],
    },
    Look {
        asks: "nothing held, walked or mobilised is ballistic",
        of: |e| quiet(e) || e.pattern == Pattern::Carry || is(e, &[Pattern::Squat, Pattern::Lunge]),
        holds: |e| !e.ballistic,
        except: &[],
    },
    Look {
        asks: "a jump lands",
        of: |e| {
            (e.pattern == Pattern::JumpThrow && named(e, &["jump", "hop", "bound", "leap", "landing"]))
                || e.contacts_per_rep > 0
        },
        holds: |e| e.impact >= Impact::Moderate && has(e, Impact) && e.contacts_per_rep > 0,
        except: &[],
    },
    Look {
        asks: "a run or a jump in place lands",
        of: |e| {
            e.pattern == Pattern::Conditioning
                && (named(e, &["jog", "running", "jumping", "burpee", "skipping", "rope"])
                    || e.id.as_str() == "high-knees")
        },
        holds: |e| e.impact >= Impact::Moderate && has(e, Impact),
        except: &[],
    },
    Look {
        asks: "hands that land, or a weight that is caught, are a low impact at the least",
        of: |e| named(e, &["plyo", "snatch", "clean"]) || e.id.as_str().ends_with("push-press"),
        holds: |e| e.impact >= Impact::Low,
        except: &[],
    },
    Look {
        asks: "what lands brakes",
        of: |e| e.impact >= Impact::Moderate,
        holds: |e| e.eccentric >= Eccentric::Moderate,
        except: &[],
    },
    Look {
        asks: "lowering more than the muscle could lift is a hard eccentric, and nothing else is",
        of: |_| true,
        holds: |e| {
            let lowers = says(e, &["nordic", "lowering", "negative"]) || e.id.as_str().starts_with("drop-");
            lowers == (e.eccentric == Eccentric::High)
        },
        except: &[],
    },
    Look {
        asks: "a weight that is lowered through a long range brakes",
        of: |e| {
            let iron = weights(e) || needs(e, &[Equipment::FullGym]);
            let short = named(e, &["half", "short", "floor", "bridge", "thrust", "squeeze"]);
            iron && e.loadable && compound(e) && e.measure == Measure::Reps && !e.ballistic && !short
        },
        holds: |e| e.eccentric >= Eccentric::Moderate,
        except: &[],
    },
    Look {
        asks: "a hinge, a fly, a pullover, a curl and a leg machine lower a load in length",
        of: |e| {
            let length = named(e, &["deadlift", "morning", "fly", "pullover", "deck", "bulgarian"])
                || (named(e, &["curl"]) && e.loadable);
            let long = length || (named(e, &["extension"]) && trains(e, Muscle::Quads));
            long && e.measure == Measure::Reps
                && (weights(e) || needs(e, &[Equipment::FullGym]))
                && !named(e, &["rear", "reverse"])
        },
        holds: |e| e.eccentric >= Eccentric::Moderate,
        except: &[],
    },
    Look {
        asks: "pull-ups, full push-ups and rows under a bar lower the body",
        of: |e| {
            let id = e.id.as_str();
            let light = named(e, &["knee", "wall", "scapular", "assisted"]);
            let body = ["push-up", "pull-up", "chin-up", "inverted-row", "raised-row", "dip"]
                .iter()
                .any(|stem| id.ends_with(stem));
            body && !light
        },
        holds: |e| e.eccentric >= Eccentric::Moderate,
        except: &[],
    },
    Look {
        asks: "a hold or a walk brakes nothing",
        of: |e| quiet(e) || (e.force == Force::Travel && e.measure == Measure::Metres),
        holds: |e| e.eccentric == Eccentric::None,
        except: &[("the inner thigh carries its own length", &["inner-thigh-plank"])],
    },
];
