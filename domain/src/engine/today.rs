//! The athlete as they are today, in the frame of a plan that was made earlier.

use super::flags::Flag;
use super::profile::Profile;

/// What a plan was made for (purpose, days, minutes, season, level), with the body and the equipment of the newest answers.
#[must_use]
pub fn of_today(planned: &Profile, newest: &Profile) -> Profile {
    let Profile {
        purpose_details,
        equipment,
        injuries,
        age,
        pregnant,
        weeks_since_birth,
        screening,
        mentioned,
        cleared_by_professional,
        ..
    } = newest.clone();
    Profile {
        purpose_details,
        equipment,
        injuries,
        age,
        pregnant,
        weeks_since_birth,
        screening,
        mentioned,
        cleared_by_professional,
        ..planned.clone()
    }
}

/// What a refusal says when a professional's yes is needed first, wherever it is needed.
#[must_use]
pub fn clearance_wanted(flags: &[String]) -> String {
    format!(
        "Before any plan, please let a doctor or physiotherapist say yes to training, because of: {}. \
         Then answer clearedByProfessional with true.",
        flags.join("; ")
    )
}

/// What calls for a yes in a body that is not covered by the yes to what a profile says.
pub(super) fn uncovered(body: &Profile, profile: &Profile) -> Vec<String> {
    let covered = if profile.cleared_by_professional { Flag::all_of(profile) } else { Vec::new() };
    let open = Flag::all_of(body).into_iter().filter(|flag| !covered.iter().any(|yes| yes.covers(flag)));
    open.map(|flag| flag.to_string()).collect()
}
