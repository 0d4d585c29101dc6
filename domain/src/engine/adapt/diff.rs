//! What changed from one version of a plan to another, session by session and item by item, in words that a person reads.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::engine::answers::iso_date;
use crate::engine::choices::choices;
use crate::engine::plan::{Item, Plan, Session, Sets, Week};

choices! {
    /// What kind of change.
    ChangeKind {
        /// A week is for something else.
        Phase = "phase",
        /// A session that was not there.
        SessionAdded = "session_added",
        /// A session that is gone.
        SessionRemoved = "session_removed",
        /// A session works on something else.
        Focus = "focus",
        /// An exercise that was not there.
        ItemAdded = "item_added",
        /// An exercise that is gone.
        ItemRemoved = "item_removed",
        /// Other sets of the same exercise.
        Sets = "sets",
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// Which week, from 1.
    pub week: u8,
    /// Which session; absent where the week itself changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// When the session is.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso_date::option")]
    pub date: Option<Date>,
    /// Which exercise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// What was there; absent for what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is there; absent for what is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Every change from one version to another, in the order of the weeks.
#[must_use]
pub fn diff(from: &Plan, to: &Plan) -> Vec<Change> {
    let mut changes = Vec::new();
    for n in 0..from.weeks.len().max(to.weeks.len()) {
        let (old, new) = (from.weeks.get(n), to.weeks.get(n));
        let number = u8::try_from(n + 1).unwrap_or(u8::MAX);
        let phase = |week: Option<&Week>| week.map(|week| week.phase.as_str().to_owned());
        if phase(old) != phase(new) {
            changes.push(Change {
                kind: ChangeKind::Phase,
                week: number,
                session_id: None,
                date: None,
                exercise: None,
                from: phase(old),
                to: phase(new),
            });
        }
        let none = Vec::new();
        let (old, new) = (old.map_or(&none, |week| &week.sessions), new.map_or(&none, |week| &week.sessions));
        for before in old {
            match new.iter().find(|after| after.id == before.id) {
                Some(after) => between(number, before, after, &mut changes),
                None => changes.push(of(
                    number,
                    before,
                    ChangeKind::SessionRemoved,
                    None,
                    Some(before.focus.as_str()),
                    None,
                )),
            }
        }
        for after in new.iter().filter(|after| !old.iter().any(|before| before.id == after.id)) {
            changes.push(of(number, after, ChangeKind::SessionAdded, None, None, Some(after.focus.as_str())));
        }
    }
    changes
}

fn of(
    week: u8,
    session: &Session,
    kind: ChangeKind,
    item: Option<&Item>,
    from: Option<&str>,
    to: Option<&str>,
) -> Change {
    Change {
        kind,
        week,
        session_id: Some(session.id.clone()),
        date: Some(session.date),
        exercise: item.map(|item| item.ex.to_string()),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }
}

fn between(week: u8, before: &Session, after: &Session, changes: &mut Vec<Change>) {
    if before.focus != after.focus {
        changes.push(of(week, after, ChangeKind::Focus, None, Some(before.focus.as_str()), Some(after.focus.as_str())));
    }
    let items =
        |session: &Session| -> Vec<Item> { session.blocks.iter().flat_map(|block| block.items.clone()).collect() };
    let (old, mut new) = (items(before), items(after));
    for item in &old {
        let was = in_words(item);
        match new.iter().position(|other| other.ex == item.ex) {
            Some(at) => {
                let now = in_words(&new.remove(at));
                if now != was {
                    changes.push(of(week, after, ChangeKind::Sets, Some(item), Some(&was), Some(&now)));
                }
            }
            None => changes.push(of(week, after, ChangeKind::ItemRemoved, Some(item), Some(&was), None)),
        }
    }
    for item in &new {
        changes.push(of(week, after, ChangeKind::ItemAdded, Some(item), None, Some(&in_words(item))));
    }
}

/// An item's working sets: `3 × 8-12, 2 in reserve, 62.5 kg`.
fn in_words(item: &Item) -> String {
    item.sets.iter().filter(|sets| !sets.ramp).map(sets_in_words).collect::<Vec<_>>().join("; ")
}

fn sets_in_words(sets: &Sets) -> String {
    let measure = match (sets.reps, sets.seconds, sets.metres) {
        (Some([low, high]), ..) if low == high => low.to_string(),
        (Some([low, high]), ..) => format!("{low}-{high}"),
        (_, Some(seconds), _) => format!("{seconds} s"),
        (_, _, Some(metres)) => format!("{metres} m"),
        _ => "nothing".to_owned(),
    };
    let mut text = format!("{} × {measure}", sets.n);
    let more = [
        sets.rir.map(|rir| format!("{rir} in reserve")),
        sets.rpe.map(|rpe| format!("effort {rpe}")),
        sets.pct1rm.map(|pct| format!("{pct} %")),
        sets.load_kg.map(|load| format!("{load} kg")),
    ];
    for part in more.into_iter().flatten() {
        text.push_str(", ");
        text.push_str(&part);
    }
    text
}
