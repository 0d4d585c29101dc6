use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::decider::Decider;
use crate::scenario::given as given_events;

fn given(events: &[ChannelEvent]) -> crate::scenario::Given<ChannelDecider> {
    given_events::<ChannelDecider>(events)
}

fn key(text: &str) -> ItemKey {
    text.parse().unwrap()
}

fn value(value: Value) -> ItemValue {
    ItemValue::new(&value).unwrap()
}

fn new(text: &str, holds: Value, revision: Option<u64>) -> NewItem {
    NewItem { key: key(text), value: value(holds), revision }
}

fn known(text: &str, revision: Option<u64>) -> KnownItem {
    KnownItem { key: key(text), revision }
}

fn command(change: ChannelChange) -> ChannelCommand {
    let at = datetime!(2026-11-27 08:00 UTC);
    let author = "amy".parse().unwrap();
    let (major_revision, lock) = (None, None);
    ChannelCommand { change, major_revision, lock, author, at, add_timestamp: false, add_user_id: false }
}

fn set(items: Vec<NewItem>) -> ChannelCommand {
    command(ChannelChange::Set(items))
}

fn update(items: Vec<NewItem>) -> ChannelCommand {
    command(ChannelChange::Update(items))
}

fn remove(items: Vec<KnownItem>) -> ChannelCommand {
    command(ChannelChange::Remove(items))
}

fn at(command: ChannelCommand, major_revision: u64) -> ChannelCommand {
    ChannelCommand { major_revision: Some(major_revision), ..command }
}

fn holding(command: ChannelCommand, lock: &str, fencing_token: u64) -> ChannelCommand {
    ChannelCommand { lock: Some(LockProof { name: lock.parse().unwrap(), fencing_token }), ..command }
}

fn after(commands: &[ChannelCommand]) -> Vec<ChannelEvent> {
    let mut events = Vec::new();
    for command in commands {
        events.extend(ChannelDecider::decide(&ChannelDecider::fold(&events), command).unwrap());
    }
    events
}

fn held(events: &[ChannelEvent]) -> (u64, BTreeMap<String, (String, u64)>) {
    let state = ChannelDecider::fold(events);
    let item = |(key, item): (ItemKey, Item)| (key.into(), (item.value.as_json().to_owned(), item.revision));
    (state.major_revision, state.items.into_iter().map(item).collect())
}

fn items(expected: &[(&str, &str, u64)]) -> BTreeMap<String, (String, u64)> {
    expected.iter().map(|(key, value, revision)| ((*key).to_owned(), ((*value).to_owned(), *revision))).collect()
}

#[test]
fn a_set_replaces_all_and_raises_the_major_revision() {
    let events = after(&[
        set(vec![new("a", json!(1), None), new("b", json!("x"), None)]),
        set(vec![new("b", json!("x"), None), new("c", json!(null), None)]),
    ]);
    assert_eq!(held(&events), (2, items(&[("b", "\"x\"", 2), ("c", "null", 2)])));
    assert_eq!(events[1].changed().keys, [key("b"), key("c")]);
    assert_eq!(held(&after(&[set(vec![])])), (1, items(&[])), "setting nothing is a change like any other");
}

#[test]
fn an_update_writes_what_is_there_and_raises_both_revisions() {
    let before = after(&[set(vec![new("a", json!(1), None), new("b", json!(2), None)])]);
    let events = [&before[..], &after_on(&before, &update(vec![new("b", json!(2), None)]))].concat();
    assert_eq!(held(&events), (2, items(&[("a", "1", 1), ("b", "2", 2)])));
    given(&before)
        .when(&update(vec![new("b", json!(3), None), new("c", json!(1), None)]))
        .then_refused(&ChannelRefusal::NoItem { key: key("c") });
    given(&before).when(&update(vec![])).then_refused(&ChannelRefusal::NoItems);
}

fn after_on(before: &[ChannelEvent], command: &ChannelCommand) -> Vec<ChannelEvent> {
    ChannelDecider::decide(&ChannelDecider::fold(before), command).unwrap()
}

#[test]
fn a_removal_of_nothing_changes_nothing() {
    let before = after(&[set(vec![new("a", json!(1), None), new("b", json!(2), None)])]);
    given(&before).when(&remove(vec![known("x", None)])).then_nothing();
    given(&[]).when(&remove(vec![])).then_nothing();
    let some = after_on(&before, &remove(vec![known("a", None), known("x", None)]));
    assert_eq!(some[0].changed().keys, [key("a")]);
    assert_eq!(held(&some), (2, items(&[("b", "2", 1)])));
    let all = after_on(&before, &remove(vec![]));
    assert_eq!(held(&all), (2, items(&[])));
}

#[test]
fn a_revision_is_never_given_twice() {
    // The item was removed and is there again: whoever knows the first one does not overwrite the second.
    let events = after(&[set(vec![new("a", json!(1), None)]), remove(vec![]), set(vec![new("a", json!(1), None)])]);
    let conflict = Conflict {
        major_revision: 3,
        expected: None,
        items: vec![ItemConflict { key: key("a"), expected: 1, current: 3 }],
    };
    given(&events).when(&update(vec![new("a", json!(2), Some(1))])).then_refused(&conflict.into());
}

#[test]
fn a_conflict_names_every_revision_that_differs() {
    let before =
        after(&[set(vec![new("a", json!(1), None), new("b", json!(2), None)]), update(vec![new("b", json!(3), None)])]);
    let stale = at(update(vec![new("a", json!(9), Some(1)), new("b", json!(9), Some(1))]), 1);
    let items = vec![ItemConflict { key: key("b"), expected: 1, current: 2 }];
    let conflict = Conflict { major_revision: 2, expected: Some(1), items };
    assert_eq!(
        conflict.to_string(),
        "the channel is at major revision 2 and not as the command expects it (major revision 1, \"b\" at 1 is at 2); \
         read it and decide anew"
    );
    given(&before).when(&stale).then_refused(&conflict.into());
    let fresh = at(update(vec![new("b", json!(9), Some(2))]), 2);
    assert_eq!(held(&after_on(&before, &fresh)).0, 3);
    // What is not there has the revision 0.
    let exists = set(vec![new("a", json!(1), Some(0))]);
    assert!(matches!(
        ChannelDecider::decide(&ChannelDecider::fold(&before), &exists),
        Err(ChannelRefusal::Conflict(_))
    ));
    assert_eq!(held(&after_on(&before, &set(vec![new("c", json!(1), Some(0))]))).0, 3);
    let gone = remove(vec![known("x", Some(4))]);
    assert!(matches!(ChannelDecider::decide(&ChannelDecider::fold(&before), &gone), Err(ChannelRefusal::Conflict(_))));
    given(&[]).when(&at(set(vec![]), 0)).then(&after(&[set(vec![])]));
}

#[test]
fn the_time_and_the_author_are_kept_where_it_is_asked_for() {
    let stamped = ChannelCommand { add_timestamp: true, add_user_id: true, ..set(vec![new("a", json!(1), None)]) };
    let state = ChannelDecider::fold(&after(&[stamped]));
    let item = &state.items[&key("a")];
    assert_eq!(item.updated, Some(datetime!(2026-11-27 08:00 UTC)));
    assert_eq!(item.author_uid.as_ref().map(ToString::to_string).as_deref(), Some("amy"));
}

#[test]
fn a_later_holder_of_a_lock_fences_an_earlier_one() {
    let before = after(&[
        holding(set(vec![new("a", json!(1), None)]), "editor", 7),
        holding(update(vec![new("a", json!(2), None)]), "editor", 9),
        holding(update(vec![new("a", json!(3), None)]), "other", 3),
    ]);
    let late = holding(update(vec![new("a", json!(4), None)]), "editor", 7);
    let name = "editor".parse().unwrap();
    given(&before).when(&late).then_refused(&ChannelRefusal::Fenced { name, token: 7, current: 9 });
    let again = after_on(&before, &holding(update(vec![new("a", json!(4), None)]), "editor", 9));
    assert_eq!(again[0].changed().lock.as_ref().map(|lock| lock.fencing_token), Some(9));
    assert_eq!(held(&again).0, 4);
}

#[test]
fn a_channel_has_limits() {
    let many = |n: usize| (0..n).map(|n| new(&format!("k{n:03}"), json!(n), None)).collect::<Vec<_>>();
    assert_eq!(held(&after(&[set(many(MAX_ITEMS))])).1.len(), MAX_ITEMS);
    given(&[]).when(&set(many(MAX_ITEMS + 1))).then_refused(&ChannelRefusal::TooManyItems { items: MAX_ITEMS + 1 });
    given(&[])
        .when(&set(vec![new("a", json!(1), None), new("a", json!(1), None)]))
        .then_refused(&ChannelRefusal::Repeated { key: key("a") });
    let text = |bytes: usize| json!("x".repeat(bytes - 2));
    assert!(ItemValue::new(&text(MAX_VALUE_BYTES)).is_ok());
    assert_eq!(ItemValue::new(&text(MAX_VALUE_BYTES + 1)), Err(InvalidItem::Value { bytes: MAX_VALUE_BYTES + 1 }));
    let large = |n: usize| (0..n).map(|n| new(&format!("k{n}"), text(MAX_VALUE_BYTES - 2), None)).collect::<Vec<_>>();
    assert_eq!(ChannelDecider::fold(&after(&[set(large(8))])).bytes(), MAX_TOTAL_BYTES);
    let bytes = 9 * MAX_VALUE_BYTES;
    given(&[]).when(&set(large(9))).then_refused(&ChannelRefusal::TooLarge { bytes });
    for wrong in [String::new(), "a\nb".to_owned(), "\u{0}".to_owned(), "x".repeat(MAX_KEY_BYTES + 1)] {
        assert_eq!(wrong.parse::<ItemKey>(), Err(InvalidItem::Key));
    }
}

#[test]
fn the_largest_event_fits_into_a_message_of_the_log() {
    // Keys and values of characters that JSON writes as two or six bytes.
    let long = |n: usize| format!("{n:03}{}", "\"".repeat(MAX_KEY_BYTES - 3));
    let items = (0..MAX_ITEMS).map(|n| NewItem {
        key: key(&long(n)),
        value: value(json!("\u{1}".repeat(390))),
        revision: None,
    });
    let stamped = ChannelCommand { add_timestamp: true, add_user_id: true, ..set(items.collect()) };
    let event = after(&[stamped]).remove(0);
    let bytes = crate::event_data::EventData::encode(&event).unwrap().data.get().len();
    assert!(bytes < 600 * 1024, "{bytes}");
    assert!(event.changed().channel.bytes() > 250 * 1024);
}

#[test]
fn a_value_shows_in_no_debug_output_and_keeps_its_bytes() {
    let shown = format!("{:?}", after(&[set(vec![new("a", json!("secret"), None)])]));
    assert!(shown.contains("ItemValue(8 bytes)") && !shown.contains("secret"), "{shown}");
    let odd: ItemValue = serde_json::from_str("{\"b\":  1.50, \"a\": \"\\u0000\"}").unwrap();
    assert_eq!(serde_json::to_string(&odd).unwrap(), "{\"b\":  1.50, \"a\": \"\\u0000\"}");
}

/// What a plain map and a counter make of it.
#[derive(Debug, Default)]
struct Model {
    major: u64,
    items: BTreeMap<String, (u32, u64)>,
}

#[derive(Debug, Clone)]
enum Step {
    Set(Vec<(u8, u32)>),
    Update(u8, u32, bool),
    Remove(Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let pair = (0u8..6, any::<u32>());
    prop_oneof![
        prop::collection::vec(pair.clone(), 0..4).prop_map(Step::Set),
        (pair, any::<bool>()).prop_map(|((key, value), is_fresh)| Step::Update(key, value, is_fresh)),
        prop::collection::vec(0u8..6, 0..3).prop_map(Step::Remove),
    ]
}

impl Model {
    /// What the step is as a command, and whether it must be refused; the model takes it where not.
    fn take(&mut self, step: &Step) -> (ChannelCommand, bool) {
        let name = |key: &u8| format!("k{key}");
        match step {
            Step::Set(pairs) => {
                let distinct: BTreeMap<_, _> = pairs.iter().map(|(key, value)| (name(key), *value)).collect();
                self.major += 1;
                self.items = distinct.iter().map(|(key, value)| (key.clone(), (*value, self.major))).collect();
                (set(distinct.iter().map(|(key, value)| new(key, json!(value), None)).collect()), false)
            }
            Step::Update(key, written, is_fresh) => {
                let held = self.items.get(&name(key)).map_or(0, |(_, revision)| *revision);
                let expected = if *is_fresh { held } else { held + 1 };
                let refused = !is_fresh || held == 0;
                if !refused {
                    self.major += 1;
                    self.items.insert(name(key), (*written, self.major));
                }
                (update(vec![new(&name(key), json!(written), Some(expected))]), refused)
            }
            Step::Remove(keys) => {
                let mut distinct: Vec<_> = keys.iter().map(name).collect();
                distinct.sort();
                distinct.dedup();
                let before = self.items.len();
                self.items.retain(|key, _| !distinct.is_empty() && !distinct.contains(key));
                self.major += u64::from(self.items.len() < before);
                (remove(distinct.iter().map(|key| known(key, None)).collect()), false)
            }
        }
    }
}

proptest! {
    #[test]
    fn a_channel_is_a_map_with_revisions(steps in prop::collection::vec(step(), 0..40)) {
        let (mut model, mut state) = (Model::default(), ChannelState::default());
        for step in &steps {
            let (command, refused) = model.take(step);
            match ChannelDecider::decide(&state, &command) {
                Ok(events) => {
                    prop_assert!(!refused, "{:?} was accepted", step);
                    state = events.iter().fold(state, ChannelDecider::evolve);
                }
                Err(refusal) => prop_assert!(refused, "{:?}: {}", step, refusal),
            }
            let expected: BTreeMap<_, _> =
                model.items.iter().map(|(key, (value, revision))| (key.clone(), (value.to_string(), *revision))).collect();
            let held = |(key, item): (&ItemKey, &Item)| (key.to_string(), (item.value.as_json().to_owned(), item.revision));
            let got: BTreeMap<_, _> = state.items.iter().map(held).collect();
            prop_assert_eq!((state.major_revision, got), (model.major, expected));
        }
    }
}
