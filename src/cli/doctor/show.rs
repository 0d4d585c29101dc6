//! What the doctor says: the first cause in the first line, what to do, what follows from it; then everything in a table.

use std::time::Duration;

use serde_json::{Value, json};

use super::finding::{Finding, State};
use super::rank::{Cause, Diagnosis};
use crate::cli::terminal::{self, line, paint};

/// The file of the sections that findings lead to.
const RUNBOOK: &str = "docs/runbook.md";

/// As text, for people.
pub fn text(diagnosis: &Diagnosis, took: Duration) {
    let looked = diagnosis.causes.iter().map(|cause| 1 + cause.symptoms.len()).sum::<usize>() + diagnosis.others.len();
    for it in &diagnosis.causes {
        cause(it);
    }
    if diagnosis.causes.is_empty() {
        let mark = paint("✔", "32");
        line(&format!("{mark} all is well: {looked} things looked at in {:.1} s", took.as_secs_f64()));
    }
    let mut table = terminal::table(["", "what", "found", "what to do"]);
    for (mark, finding) in rows(diagnosis) {
        table.add_row([&mark, &finding.what, &finding.found, finding.remedy.as_deref().unwrap_or_default()]);
    }
    line(&table.to_string());
}

fn cause(cause: &Cause) {
    let finding = &cause.finding;
    line(&format!("{} {}: {}", paint("✘", "31"), paint(&finding.what, "1"), finding.found));
    if let Some(remedy) = &finding.remedy {
        line(&format!("  what to do: {remedy}"));
    }
    if let Some(heading) = finding.subject.runbook() {
        line(&format!("  runbook: {RUNBOOK}#{heading}"));
    }
    if !cause.symptoms.is_empty() {
        let what: Vec<_> = cause.symptoms.iter().map(|symptom| symptom.what.as_str()).collect();
        line(&format!("  because of it: {}", what.join(", ")));
    }
    line("");
}

fn rows(diagnosis: &Diagnosis) -> impl Iterator<Item = (String, &Finding)> {
    let unwell = diagnosis.causes.iter().flat_map(|cause| {
        let symptoms = cause.symptoms.iter().map(|symptom| (paint("  ↳", "31"), symptom));
        std::iter::once((paint("✘", "31"), &cause.finding)).chain(symptoms)
    });
    let others = diagnosis.others.iter().map(|finding| match finding.state {
        State::Note => (paint("!", "33"), finding),
        _ => (paint("✔", "32"), finding),
    });
    unwell.chain(others)
}

/// One JSON object a finding, causes first, each symptom with what it is because of.
pub fn objects(diagnosis: &Diagnosis) -> anyhow::Result<()> {
    for cause in &diagnosis.causes {
        terminal::object(&object(&cause.finding, None)?)?;
        for symptom in &cause.symptoms {
            terminal::object(&object(symptom, Some(&cause.finding.what))?)?;
        }
    }
    diagnosis.others.iter().try_for_each(|finding| terminal::object(&object(finding, None)?))
}

fn object(finding: &Finding, because: Option<&str>) -> serde_json::Result<Value> {
    let mut object = serde_json::to_value(finding)?;
    if finding.is_unwell() {
        object["runbook"] = json!(finding.subject.runbook().map(|heading| format!("{RUNBOOK}#{heading}")));
        object["because"] = json!(because);
    }
    Ok(object)
}
