//! FIT workout files, read by another decoder and walked through as a watch would.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use ally_api::Form;
use ally_domain::engine::Catalogue;
use ally_domain::engine::plan::{Block, BlockKind, Item, Session, Sets};
use ally_domain::engine::render::name;
use fitparser::FitDataRecord;
use fitparser::profile::MesgNum;

use super::{each_plan, sessions};

/// A set or a rest: what it is called, what it counts, and how much.
type Done = (String, String, String);

/// A decoder that checks the checksums.
fn read(bytes: &[u8]) -> Vec<FitDataRecord> {
    fitparser::from_bytes(bytes).unwrap()
}

fn field(record: &FitDataRecord, name: &str) -> Option<String> {
    record.fields().iter().find(|field| field.name() == name).map(|field| field.value().to_string())
}

/// What is done when the steps are followed, repeats and all.
fn walked(steps: &[&FitDataRecord]) -> Vec<Done> {
    let mut done: Vec<(usize, Done)> = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        assert_eq!(field(step, "message_index").unwrap(), n.to_string());
        let text = |name: &str| field(step, name).unwrap_or_default();
        let kind = text("duration_type");
        if kind == "repeat_until_steps_cmplt" {
            let first: usize = text("duration_step").parse().unwrap();
            let times: usize = text("repeat_steps").parse().unwrap();
            assert!(first < n && times > 1);
            let once: Vec<_> = done.iter().filter(|(of, _)| *of >= first).cloned().collect();
            (1..times).for_each(|_| done.extend(once.clone()));
            continue;
        }
        let amount = match kind.as_str() {
            "reps" => text("duration_reps"),
            "time" => text("duration_time"),
            "distance" => text("duration_distance"),
            other => panic!("a step of {other}"),
        };
        done.push((n, (text("wkt_step_name"), kind, amount)));
    }
    done.into_iter().map(|(_, done)| done).collect()
}

/// The same from the plan, set by set.
fn planned(session: &Session, catalogue: &Catalogue) -> Vec<Done> {
    let rest = |seconds: u16| (seconds > 0).then(|| ("Rest".to_owned(), "time".to_owned(), seconds.to_string()));
    let set = |item: &Item, sets: &Sets| {
        let (kind, amount) = match (sets.reps, sets.seconds, sets.metres) {
            (Some([_, high]), ..) => ("reps", high.to_string()),
            (_, Some(seconds), _) => ("time", seconds.to_string()),
            (_, _, metres) => ("distance", metres.unwrap().to_string()),
        };
        (name(&item.ex, catalogue), kind.to_owned(), amount)
    };
    let single = |item: &Item| -> Vec<Sets> {
        item.sets.iter().flat_map(|sets| std::iter::repeat_n(sets.clone(), sets.n.into())).collect()
    };
    let block = |block: &Block| -> Vec<Done> {
        if !matches!(block.kind, BlockKind::Superset | BlockKind::AccessorySuperset) {
            let sets = block.items.iter().flat_map(|item| single(item).into_iter().map(move |sets| (item, sets)));
            return sets.flat_map(|(item, sets)| [Some(set(item, &sets)), rest(sets.rest_s)]).flatten().collect();
        }
        let runs: Vec<_> = block.items.iter().map(|item| (item, single(item))).collect();
        let rounds = runs.iter().map(|(_, sets)| sets.len()).max().unwrap_or(0);
        (0..rounds)
            .flat_map(|round| {
                let now = || runs.iter().filter_map(|(item, sets)| Some((*item, sets.get(round)?)));
                let last = rest(now().map(|(_, sets)| sets.rest_s).max().unwrap_or(0));
                now().map(|(item, sets)| set(item, sets)).chain(last).collect::<Vec<_>>()
            })
            .collect()
    };
    session.blocks.iter().flat_map(block).collect()
}

/// Amounts as numbers, whatever the decoder calls a number.
fn alike(done: &[Done]) -> Vec<(String, String, u32)> {
    let number = |text: &str| text.parse::<f64>().unwrap() as u32;
    done.iter().map(|(name, kind, amount)| (name.clone(), kind.clone(), number(amount))).collect()
}

#[test]
fn a_watch_walks_through_exactly_what_is_planned() {
    let mut repeats = 0;
    each_plan(|export, _| {
        for session in sessions(export.plan) {
            let records = read(&export.session(session, Form::Fit).unwrap());
            let kinds: Vec<_> = records.iter().map(FitDataRecord::kind).collect();
            assert_eq!(kinds[..2], [MesgNum::FileId, MesgNum::Workout]);
            assert_eq!(field(&records[0], "type").unwrap(), "workout");
            let steps: Vec<_> = records[2..].iter().collect();
            assert!(steps.iter().all(|step| step.kind() == MesgNum::WorkoutStep));
            assert_eq!(field(&records[1], "num_valid_steps").unwrap(), steps.len().to_string());
            assert_eq!(alike(&walked(&steps)), alike(&planned(session, export.catalogue)), "{}", session.id);
            repeats += steps.iter().filter(|step| field(step, "repeat_steps").is_some()).count();
        }
    });
    assert!(repeats > 0, "equal sets are repeats");
}

#[test]
fn a_damaged_file_is_noticed_so_that_the_checksum_means_something() {
    each_plan(|export, _| {
        let mut bytes = export.session(sessions(export.plan).next().unwrap(), Form::Fit).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        assert!(fitparser::from_bytes(&bytes).is_err());
    });
}

#[test]
fn the_archive_holds_every_session_once() {
    each_plan(|export, _| {
        let mut archive = zip::ZipArchive::new(Cursor::new(export.plan(Form::Archive).unwrap())).unwrap();
        let names: BTreeSet<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        let expected: BTreeSet<_> =
            sessions(export.plan).map(|session| format!("{}-{}.fit", session.date, session.id)).collect();
        assert_eq!(names, expected);
        for session in sessions(export.plan) {
            let mut bytes = Vec::new();
            let name = format!("{}-{}.fit", session.date, session.id);
            archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, export.session(session, Form::Fit).unwrap());
        }
    });
}
