//! What became of an adaptation, in a sentence for people.

use std::collections::BTreeMap;

use super::input::{Action, Decision};

/// The most characters of a sentence; what does not fit is told by the version itself.
const MAX_CHARS: usize = 400;

/// Decisions in a sentence: `raise barbell-back-squat, leg-curl; substitute jump-squat`.
#[must_use]
pub fn in_words(decisions: &[Decision], changed: bool) -> String {
    let mut by_action: BTreeMap<Action, Vec<&str>> = BTreeMap::new();
    decisions.iter().for_each(|decision| by_action.entry(decision.action).or_default().push(&decision.about));
    let parts: Vec<String> = by_action
        .into_iter()
        .map(|(action, about)| format!("{} {}", action.as_str().replace('_', " "), about.join(", ")))
        .collect();
    let begins = match (changed, parts.is_empty()) {
        (true, _) => String::new(),
        (false, true) => return "nothing in the log asks for a change".to_owned(),
        (false, false) => "nothing changes; ".to_owned(),
    };
    let whole = format!("{begins}{}", parts.join("; "));
    match whole.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", whole.get(..end).unwrap_or_default()),
        None => whole,
    }
}
