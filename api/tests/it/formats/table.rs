//! Tables, read by the same library's reader, which knows nothing of plans.

use std::collections::HashMap;

use ally_api::{Export, Form};

use super::{each_plan, sessions};

type Row = HashMap<String, String>;

fn rows(bytes: &[u8]) -> Vec<Row> {
    csv::Reader::from_reader(bytes).deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_rows_add_up_to_the_plan() {
    each_plan(|export, _| {
        let bytes = export.plan(Form::Table).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        let rows = rows(&bytes);
        let items = || sessions(export.plan).flat_map(|session| &session.blocks).flat_map(|block| &block.items);
        assert_eq!(rows.len(), items().map(|item| item.sets.len()).sum::<usize>());
        let sets = |row: &Row| row["sets"].parse::<u32>().unwrap();
        let expected: u32 = items().flat_map(|item| &item.sets).map(|sets| u32::from(sets.n)).sum();
        assert_eq!(rows.iter().map(sets).sum::<u32>(), expected);
        for row in &rows {
            let measures = ["reps_high", "seconds", "metres"].iter().filter(|column| !row[**column].is_empty());
            assert_eq!(measures.count(), 1, "{row:?}");
        }
    });
}

#[test]
fn what_a_foreign_provider_writes_is_no_formula() {
    each_plan(|export, _| {
        let mut plan = export.plan.clone();
        let session = plan.weeks.iter_mut().flat_map(|week| &mut week.sessions).next().unwrap();
        session.blocks[0].items[0].ex = "=HYPERLINK(\"http://x\",\"y\")".into();
        session.id = "@SUM(A1)".to_owned();
        let bytes = Export { plan: &plan, ..export.clone() }.plan(Form::Table).unwrap();
        let row = rows(&bytes).remove(0);
        assert_eq!(row["exercise"], "'=HYPERLINK(\"http://x\",\"y\")");
        assert_eq!(row["session"], "'@SUM(A1)");
    });
}
