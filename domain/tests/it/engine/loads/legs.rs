//! Knee, hip and ankle.

use ally_domain::engine::catalogue::{Measure, Muscle, Pattern, StressTag::*};

use super::Look;
use super::facts::{compound, has, is, leg_lift, named, of_the_legs, says, trains, walks_loaded};

pub const LOOKS: &[Look] = &[
    Look {
        asks: "squats and lunges load the knee",
        of: |e| compound(e) && is(e, &[Pattern::Squat, Pattern::Lunge]),
        holds: |e| has(e, KneeLoad),
        except: &[],
    },
    Look {
        asks: "where the front of the thigh helps, the knee works",
        of: |e| trains(e, Muscle::Quads) && !is(e, &[Pattern::Mobility]),
        holds: |e| has(e, KneeLoad),
        except: &[("the knee is straight", &["quad-set", "straight-leg-raise"])],
    },
    Look {
        asks: "who kneels rests on the knee",
        of: |e| {
            let kneels = says(e, &["kneel", "kneeling"])
                || e.id.as_str().starts_with("knee-")
                || named(e, &["bird", "cat", "donkey"]);
            kneels || says(e, &["hands and knees"])
        },
        holds: |e| has(e, KneeLoad),
        except: &[("seated", &["knee-squeeze"])],
    },
    Look {
        asks: "a leg curl loads the knee",
        of: |e| trains(e, Muscle::Hamstrings) && !compound(e) && e.pattern == Pattern::Hinge,
        holds: |e| has(e, KneeLoad),
        except: &[],
    },
    Look {
        asks: "squats and lunges to full depth bend the knee deep",
        of: |e| {
            let short = named(e, &["half", "short", "sit", "spanish", "box", "step", "reach"]);
            compound(e) && is(e, &[Pattern::Squat, Pattern::Lunge]) && !short
        },
        holds: |e| has(e, KneeFlexionDeep),
        except: &[],
    },
    Look {
        asks: "squats to full depth bend the hip deep",
        of: |e| compound(e) && e.pattern == Pattern::Squat && !named(e, &["half", "sit", "spanish"]),
        holds: |e| has(e, HipFlexionDeep),
        except: &[("the trunk stays over the foot", &["shrimp-squat"])],
    },
    Look { asks: "squats, lunges and hinges load the hip", of: leg_lift, holds: |e| has(e, HipLoad), except: &[] },
    Look {
        asks: "where the muscles round the hip work against something, the hip is loaded",
        of: |e| {
            let muscles = [Muscle::Glutes, Muscle::HipFlexors, Muscle::Adductors];
            let works = e.primary.iter().any(|muscle| muscles.contains(muscle)) || trains(e, Muscle::HipFlexors);
            works && !is(e, &[Pattern::Mobility])
        },
        holds: |e| has(e, HipLoad),
        except: &[("held, with as much force as is comfortable", &["glute-set", "knee-squeeze"])],
    },
    Look {
        asks: "walking, with or without a load, is carried by hip, knee and ankle",
        of: |e| {
            walks_loaded(e) || (e.pattern == Pattern::Conditioning && says(e, &["walk", "step", "steps", "jog", "run"]))
        },
        holds: |e| has(e, HipLoad) && has(e, KneeLoad) && has(e, AnkleLoad),
        except: &[("it is the band that runs", &["band-boxing"])],
    },
    Look {
        asks: "machines that train heart and legs move knee and hip",
        of: |e| e.pattern == Pattern::Conditioning && (trains(e, Muscle::Quads) || trains(e, Muscle::Glutes)),
        holds: |e| has(e, HipLoad) && has(e, KneeLoad),
        except: &[("the hips alone", &["swing-intervals"])],
    },
    Look {
        asks: "calves work at the ankle",
        of: |e| e.primary.contains(&Muscle::Calves),
        holds: |e| has(e, AnkleLoad),
        except: &[("seated and unloaded", &["seated-heel-tap"])],
    },
    Look {
        asks: "who squats or lunges deep on the feet bends the ankle",
        of: |e| has(e, KneeFlexionDeep) && of_the_legs(e) && e.measure == Measure::Reps,
        holds: |e| has(e, AnkleLoad),
        except: &[],
    },
    Look {
        asks: "who jumps, or throws a bar with the legs, loads hip, knee and ankle",
        of: |e| {
            let driven = named(e, &["clean", "snatch"])
                || e.id.as_str().ends_with("push-press")
                || e.id.as_str() == "hang-high-pull";
            e.contacts_per_rep > 0 || driven
        },
        holds: |e| has(e, KneeLoad) && has(e, AnkleLoad) && has(e, HipLoad),
        except: &[("the ankles alone", &["pogo-hop", "line-hop"]), ("the hips alone", &["kettlebell-snatch"])],
    },
    Look {
        asks: "knees that come to the chest bend the hip deep",
        of: |e| {
            named(e, &["tuck", "hanging", "climber", "rowing", "burpee", "reverse-crunch", "v"])
                && !named(e, &["row", "hang"])
        },
        holds: |e| has(e, HipFlexionDeep),
        except: &[],
    },
];
