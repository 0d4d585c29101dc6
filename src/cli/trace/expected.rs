//! The walk of a first plan as its trace must show it, and what a trace lacks of it. Pure.

use ally_telemetry::names::attr;
use ally_telemetry::trace_tree::{SpanKind, TraceSpan};

use crate::config::Role;

/// A step of the walk, and behind which one it must come.
struct Step {
    role: Role,
    kind: SpanKind,
    /// What its name holds.
    name: &'static str,
    /// The step that it descends from; for a batch of the projector, or that it links to.
    behind: Option<usize>,
}

const fn step(role: Role, kind: SpanKind, name: &'static str, behind: Option<usize>) -> Step {
    Step { role, kind, name, behind }
}

const WALK: [Step; 8] = [
    step(Role::Gateway, SpanKind::Server, "POST /api/v1/onboarding", None),
    step(Role::Gateway, SpanKind::Producer, ".onboarding_completed", Some(0)),
    step(Role::Onboarding, SpanKind::Consumer, ".onboarding_completed", Some(1)),
    step(Role::Onboarding, SpanKind::Producer, ".job.{id}.requested", Some(2)),
    step(Role::Planner, SpanKind::Consumer, ".job.{id}.", Some(2)),
    step(Role::Planner, SpanKind::Internal, "generate_plan", Some(4)),
    step(Role::Planner, SpanKind::Producer, ".job.{id}.completed", Some(4)),
    step(Role::Projector, SpanKind::Consumer, "project PLANS", Some(6)),
];

/// What spans lack of the walk, a sentence each, in its order; and what is wrong with those that are there.
pub fn lacks(spans: &[TraceSpan]) -> Vec<String> {
    let mut lacks = Vec::new();
    let mut found: Vec<Option<&TraceSpan>> = Vec::new();
    for step in &WALK {
        let before = step.behind.map(|at| found.get(at).copied().flatten());
        let candidates: Vec<_> = spans.iter().filter(|span| step.fits(span)).collect();
        // What should come before is told already where it is missing. Of several the one counts from which most follows.
        let fitting = candidates
            .iter()
            .copied()
            .filter(|span| before.flatten().is_none_or(|before| follows(spans, span, before)));
        let taken = fitting.max_by_key(|span| spans.iter().filter(|other| follows(spans, other, span)).count());
        if taken.is_none() {
            lacks.push(step.sentence(candidates.is_empty(), before.flatten()));
        }
        found.push(taken);
    }
    let rows = found.last().copied().flatten();
    if rows.is_some_and(|rows| rows.text(attr::DB_SYSTEM_NAME) != Some(attr::POSTGRESQL)) {
        lacks.push(format!("the span of the projector does not say {}={}", attr::DB_SYSTEM_NAME, attr::POSTGRESQL));
    }
    let errors = spans.iter().filter(|span| span.is_error());
    lacks.extend(errors.map(|span| format!("{} of {} ended with an error", span.name, span.service)));
    lacks
}

impl Step {
    fn fits(&self, span: &TraceSpan) -> bool {
        let role = span.resource.get(attr::ROLE).unwrap_or(&span.service);
        role == self.role.service() && span.kind == self.kind && span.name.contains(self.name)
    }

    fn sentence(&self, absent: bool, before: Option<&TraceSpan>) -> String {
        let Self { role, kind, name, .. } = self;
        let what = format!("{kind} span whose name holds {name:?}");
        match before {
            Some(before) if !absent => {
                format!("the {what} of {} is not below {:?} of {}", role.service(), before.name, before.service)
            }
            _ => format!("{} has no {what}", role.service()),
        }
    }
}

/// Whether a span descends from another one, or is linked to it: a batch of events of several traces is part of none.
fn follows(spans: &[TraceSpan], span: &TraceSpan, before: &TraceSpan) -> bool {
    if span.links.iter().any(|(trace, id)| *trace == before.trace_id && *id == before.span_id) {
        return true;
    }
    let mut parent = span.parent_span_id.as_deref();
    // A trace has no more generations than spans, whatever its parents say.
    for _ in 0..spans.len() {
        let Some(id) = parent else { return false };
        if id == before.span_id {
            return true;
        }
        parent = spans.iter().find(|span| span.span_id == id).and_then(|span| span.parent_span_id.as_deref());
    }
    false
}

#[cfg(test)]
mod tests {
    use ally_telemetry::trace_tree::SpanStatus;

    use super::*;

    fn walk() -> Vec<TraceSpan> {
        let parents = [None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(4), Some(6)];
        let spans = WALK.iter().zip(parents).enumerate().map(|(at, (step, parent))| TraceSpan {
            service: step.role.service().into(),
            span_id: at.to_string(),
            parent_span_id: parent.map(|parent: usize| parent.to_string()),
            name: format!("does {}", step.name),
            kind: step.kind,
            attributes: [(attr::DB_SYSTEM_NAME.to_owned(), attr::POSTGRESQL.into())].into(),
            ..TraceSpan::default()
        });
        spans.collect()
    }

    #[test]
    fn a_whole_walk_lacks_nothing() {
        assert_eq!(lacks(&walk()), [""; 0]);
        let mut batch = walk();
        batch[7].parent_span_id = None;
        batch[7].links = vec![(String::new(), "6".to_owned())];
        assert_eq!(lacks(&batch), [""; 0], "a batch of many traces links");
    }

    #[test]
    fn each_span_that_is_missing_or_elsewhere_or_failed_is_named() {
        let mut without = walk();
        without.remove(5);
        assert_eq!(lacks(&without), ["planning-engine has no INTERNAL span whose name holds \"generate_plan\""]);
        let mut elsewhere = walk();
        elsewhere[4].parent_span_id = None;
        let told = lacks(&elsewhere);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("is not below") && told[0].contains("onboarding_completed"), "{told:?}");
        let mut twice = walk();
        twice.insert(4, TraceSpan { span_id: "x".into(), ..twice[4].clone() });
        assert_eq!(lacks(&twice), [""; 0], "a worker that had nothing to do is no worker that is missing");
        let mut failed = walk();
        failed[5].status = SpanStatus::Error("no".into());
        assert_eq!(lacks(&failed), ["does generate_plan of planning-engine ended with an error"]);
        let nothing = lacks(&[]);
        assert_eq!(nothing.len(), WALK.len(), "{nothing:?}");
    }
}
