//! What a session of each focus is made of, the most important first.

use crate::engine::catalogue::{Muscle, Pattern};
use crate::engine::plan::Focus;

/// A place in a session that an exercise fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Something fast, while fresh: jumps where legs allow.
    Power,
    /// Something fast without landings.
    Throw,
    /// A movement of several joints.
    Move(Pattern),
    /// One muscle.
    Muscle(Muscle),
    /// The trunk.
    Trunk,
    /// A loaded walk.
    Carry,
}

use Muscle::{Back, Biceps, Calves, Chest, Glutes, Hamstrings, Quads, RearDelts, Shoulders, Triceps};
use Pattern::{Hinge, HorizontalPull, HorizontalPush, Lunge, Squat, VerticalPull, VerticalPush};
use Slot::{Carry, Move, Trunk};

const FULL: [&[Slot]; 3] = [
    &[
        Move(Squat),
        Move(HorizontalPush),
        Move(HorizontalPull),
        Move(Hinge),
        Trunk,
        Slot::Muscle(Calves),
        Move(VerticalPull),
        Move(VerticalPush),
        Slot::Muscle(Biceps),
        Slot::Muscle(Triceps),
    ],
    &[
        Move(Hinge),
        Move(VerticalPull),
        Move(VerticalPush),
        Move(Lunge),
        Slot::Muscle(Calves),
        Trunk,
        Move(HorizontalPull),
        Move(HorizontalPush),
        Slot::Muscle(Biceps),
        Slot::Muscle(Triceps),
    ],
    &[
        Move(Lunge),
        Move(HorizontalPull),
        Move(HorizontalPush),
        Move(Hinge),
        Carry,
        Slot::Muscle(Calves),
        Move(VerticalPull),
        Move(VerticalPush),
        Trunk,
        Slot::Muscle(Biceps),
    ],
];
const UPPER: [&[Slot]; 2] = [
    &[
        Move(HorizontalPush),
        Move(HorizontalPull),
        Move(VerticalPush),
        Move(VerticalPull),
        Slot::Muscle(Biceps),
        Slot::Muscle(Triceps),
        Slot::Muscle(RearDelts),
        Slot::Muscle(Shoulders),
        Trunk,
    ],
    &[
        Move(VerticalPull),
        Move(VerticalPush),
        Move(HorizontalPull),
        Move(HorizontalPush),
        Slot::Muscle(Triceps),
        Slot::Muscle(Biceps),
        Slot::Muscle(Shoulders),
        Slot::Muscle(Chest),
        Trunk,
    ],
];
const LOWER: [&[Slot]; 2] = [
    &[
        Move(Squat),
        Move(Hinge),
        Move(Lunge),
        Slot::Muscle(Calves),
        Slot::Muscle(Hamstrings),
        Trunk,
        Slot::Muscle(Quads),
        Carry,
    ],
    &[
        Move(Hinge),
        Move(Squat),
        Slot::Muscle(Calves),
        Slot::Muscle(Quads),
        Slot::Muscle(Hamstrings),
        Trunk,
        Slot::Muscle(Glutes),
        Move(Lunge),
    ],
];
const PUSH: [&[Slot]; 1] = [&[
    Move(HorizontalPush),
    Move(VerticalPush),
    Move(HorizontalPush),
    Slot::Muscle(Triceps),
    Slot::Muscle(Shoulders),
    Slot::Muscle(Chest),
    Trunk,
]];
const PULL: [&[Slot]; 1] = [&[
    Move(VerticalPull),
    Move(HorizontalPull),
    Move(VerticalPull),
    Slot::Muscle(Biceps),
    Slot::Muscle(RearDelts),
    Slot::Muscle(Back),
    Trunk,
]];

/// The slots of a focus, the variant's turn of them; none for easy days.
pub fn slots(focus: Focus, variant: u8) -> &'static [Slot] {
    let turns: &[&'static [Slot]] = match focus {
        Focus::FullBody => &FULL,
        Focus::Upper => &UPPER,
        Focus::Lower => &LOWER,
        Focus::Push => &PUSH,
        Focus::Pull => &PULL,
        Focus::Conditioning | Focus::Recovery => return &[],
    };
    turns[usize::from(variant) % turns.len()]
}

/// Where to look when nothing of a pattern is left: what trains the same muscles in another way.
pub const fn substitutes(pattern: Pattern) -> &'static [Pattern] {
    match pattern {
        Squat => &[Lunge, Hinge],
        Lunge => &[Squat, Hinge],
        Hinge => &[Lunge],
        HorizontalPush => &[VerticalPush],
        VerticalPush => &[HorizontalPush],
        HorizontalPull => &[VerticalPull],
        VerticalPull => &[HorizontalPull],
        _ => &[],
    }
}
