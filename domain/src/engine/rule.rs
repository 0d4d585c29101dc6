//! The names of the rules, R1 to R31: which are hard, and what each asks in one sentence. The checks are in `rules/`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($($name:ident = $code:literal, $hard:literal, $asks:literal;)+) => {
        /// A rule of a sound training plan.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule {
            $(#[doc = $asks] #[serde(rename = $code)] $name,)+
        }

        impl Rule {
            /// Every rule, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The rule's code: `R1`, `R7b`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Whether a plan that breaks it is never delivered. A soft rule's shortfall is stated as a tradeoff.
            #[must_use]
            pub const fn is_hard(self) -> bool {
                match self { $(Self::$name => $hard),+ }
            }

            /// What it asks, in one sentence.
            #[must_use]
            pub const fn asks(self) -> &'static str {
                match self { $(Self::$name => $asks),+ }
            }
        }
    };
}

rules! {
    R1 = "R1", true, "Every exercise exists, and every set counts exactly one of repetitions, seconds and metres.";
    R2 = "R2", true, "Sessions fall on free days, no more of them than wished, with one day a week that is not hard.";
    R3 = "R3", true, "Every exercise can be done with the equipment there is.";
    R4 = "R4", true, "No exercise is above the athlete's level.";
    R5 = "R5", true, "No exercise strains what hurts.";
    R6 = "R6", true, "A muscle that worked hard rests 48 hours, 72 after heavy compounds near failure.";
    R7 = "R7", false, "Every muscle gets the weekly sets that the purpose and the level ask for, at least 4.";
    R7b = "R7b", true, "No muscle gets more than 22 sets a week.";
    R8 = "R8", true, "No muscle gets more than 10 direct sets a session.";
    R9 = "R9", true, "Load, repetitions and rest lie within a band of the purpose.";
    R10 = "R10", true, "No load is heavier than its repetitions and reserve allow.";
    R11 = "R11", true, "Sets stop short of failure: 2 in reserve for beginners, 1 for others.";
    R12 = "R12", false, "Every muscle is trained twice a week.";
    R13 = "R13", true, "Power comes before compounds, compounds before isolation, conditioning last.";
    R14 = "R14", false, "Legs, pushes and pulls are trained every week, pulls 0.8 to 1.5 times the pushes.";
    R15 = "R15", true, "From week to week a muscle's sets grow by 20 % or 2 sets at most, the longest bout by 10 %.";
    R16 = "R16", true, "A lighter week comes after 6 loading weeks at the latest, after 8 for beginners.";
    R17 = "R17", true, "In season: strength every week, half the volume, no hard legs within 48 hours of competition.";
    R18 = "R18", true, "The last two weeks before a competition taper, with no new exercise.";
    R19 = "R19", true, "At most 2 hard conditioning sessions a week (3 advanced), three quarters of the time easy.";
    R20 = "R20", true, "Jumps stay within the contacts of the level, 48 hours apart, and never on a sore leg.";
    R21 = "R21", false, "The week holds the aerobic minutes that health and the purpose ask for.";
    R22 = "R22", true, "Every session fits the minutes there are.";
    R23 = "R23", true, "Every session warms up, and heavy sets are ramped up to.";
    R24 = "R24", true, "Red flags ask for a professional's yes before any plan.";
    R25 = "R25", true, "The same profile, seed, engine and catalogue give the same plan.";
    R26 = "R26", true, "More equipment or minutes never make a plan impossible; who asks never changes it.";
    R27 = "R27", true, "Every exercise says why it is there.";
    R28 = "R28", true, "Past sessions never change, versions count up by one, nothing rises while a bad sign stands, and a return is gentle.";
    R29 = "R29", true, "From one loading week to the next neither the longest bout nor the aerobic minutes fall by more than 5 %.";
    R29b = "R29b", false, "Who trains for an endurance event gets a longest bout that prepares for it.";
    R30 = "R30", true, "Hard eccentrics begin with 2 sets of 5 in their first week and stay within 3 sets of 8 a session.";
    R31 = "R31", true, "Who should walk first runs and jumps not at all for four weeks, and then in bouts of 10 minutes at most.";
}

impl Rule {
    /// Rules that came after the first plans were made: an older plan is judged by the rules of its time.
    pub const ADDED: [Self; 4] = [Self::R29, Self::R29b, Self::R30, Self::R31];

    /// The rule with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code() == code)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
