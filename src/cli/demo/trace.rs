//! The trace of one job as a tree: when each hop began, how long it took, in which role.

use std::collections::BTreeSet;
use std::fmt::Write;

use ally_nats::names::Names;
use ally_telemetry::names::{attr, span};
use ally_telemetry::trace_tree::{SpanKind, SpanStatus, TraceSpan};

use crate::config::Role;

/// Columns before the tree: two times and the role.
const HEAD: usize = 31;
/// The narrowest tree that still names a hop.
const NARROWEST: usize = 40;

/// Renders the hops of a trace in lines of at most `width` columns. Spans that only split a hop further are left out:
/// a collector shows them all.
pub fn render(spans: &[TraceSpan], width: u16) -> String {
    let mut spans: Vec<&TraceSpan> = spans.iter().collect();
    spans.sort_by(|a, b| (a.start_unix_ns, &a.span_id).cmp(&(b.start_unix_ns, &b.span_id)));
    let hops: BTreeSet<&str> = spans.iter().filter(|span| is_hop(span)).map(|span| span.span_id.as_str()).collect();
    let tree = Tree { began: spans.first().map_or(0, |span| span.start_unix_ns), spans, hops };
    let mut text = format!("{:>8} {:>8}  {:<11} hop\n", "at ms", "took ms", "role");
    tree.write_below(&mut text, None, "", usize::from(width).saturating_sub(HEAD).max(NARROWEST));
    text
}

/// What crosses a border: a request, a message sent or worked on, the plan made.
fn is_hop(span: &TraceSpan) -> bool {
    matches!(span.kind, SpanKind::Server | SpanKind::Producer | SpanKind::Consumer) || span.name == span::GENERATE_PLAN
}

struct Tree<'a> {
    spans: Vec<&'a TraceSpan>,
    hops: BTreeSet<&'a str>,
    began: u64,
}

impl<'a> Tree<'a> {
    fn write_below(&self, text: &mut String, parent: Option<&str>, margin: &str, width: usize) {
        let children: Vec<_> =
            self.spans.iter().filter(|span| self.is_shown(span) && self.hop_above(span) == parent).collect();
        for (position, child) in children.iter().enumerate() {
            let last = position + 1 == children.len();
            let (branch, below) = match (parent, last) {
                (None, _) => ("", ""),
                (_, true) => ("└─ ", "   "),
                (_, false) => ("├─ ", "│  "),
            };
            let name = cut(&format!("{margin}{branch}{}", hop_name(child)), width);
            let (at, took) = (child.start_unix_ns - self.began, child.end_unix_ns.saturating_sub(child.start_unix_ns));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:>8} {:>8}  {:<11} {name}", ms(at), ms(took), role(&child.service));
            self.write_below(text, Some(&child.span_id), &format!("{margin}{below}"), width);
        }
    }

    fn is_shown(&self, span: &TraceSpan) -> bool {
        self.hops.contains(span.span_id.as_str())
    }

    /// The nearest hop among the ancestors of a span.
    fn hop_above(&self, span: &TraceSpan) -> Option<&'a str> {
        let mut parent = span.parent_span_id.as_deref();
        // A trace has no more generations than spans, whatever its parents say.
        for _ in 0..self.spans.len() {
            let above = self.spans.iter().find(|other| Some(other.span_id.as_str()) == parent)?;
            if self.is_shown(above) {
                return Some(&above.span_id);
            }
            parent = above.parent_span_id.as_deref();
        }
        None
    }
}

/// `send job.requested`: the kind of hop and the event, without the prefix and the id that all subjects share.
fn hop_name(span: &TraceSpan) -> String {
    let template = span.text(attr::MESSAGING_DESTINATION_TEMPLATE);
    let event = template.and_then(Names::event_of_template);
    let name = match (span.kind, event) {
        (SpanKind::Producer, Some(event)) => format!("send {event}"),
        (SpanKind::Consumer, Some(event)) => format!("process {event}"),
        _ => span.name.clone(),
    };
    match &span.status {
        SpanStatus::Error(why) => format!("{name}, ERROR {why}"),
        SpanStatus::Unset | SpanStatus::Ok => name,
    }
}

fn role(service: &str) -> &str {
    Role::ALL.iter().find(|role| role.service() == service).map_or(service, |role| role.as_str())
}

/// With one digit behind the point.
fn ms(nanoseconds: u64) -> String {
    let tenths = (nanoseconds + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, kind: SpanKind, name: &str, start_ms: u64, end_ms: u64) -> TraceSpan {
        TraceSpan {
            service: "planning-engine".into(),
            span_id: id.into(),
            parent_span_id: parent.map(str::to_owned),
            kind,
            name: name.into(),
            start_unix_ns: start_ms * 1_000_000,
            end_unix_ns: end_ms * 1_000_000,
            ..TraceSpan::default()
        }
    }

    fn walk() -> Vec<TraceSpan> {
        let mut process = span("d", Some("c"), SpanKind::Consumer, "process ally.es.job.{id}.requested", 10, 60);
        process.attributes.insert(attr::MESSAGING_DESTINATION_TEMPLATE.into(), "ally.es.job.{id}.requested".into());
        process.status =
            SpanStatus::Error("infeasible, and for a reason that is told at such length that no line holds it".into());
        vec![
            process,
            span("c", Some("b"), SpanKind::Producer, "send something", 4, 9),
            span("b", Some("a"), SpanKind::Internal, "execute", 3, 9),
            span("a", Some("of the caller"), SpanKind::Server, "POST /api/v1/onboarding", 0, 12),
        ]
    }

    #[test]
    fn hops_stand_under_the_hop_that_caused_them_in_lines_that_fit() {
        for width in [80, 100, 160] {
            let text = render(&walk(), width);
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}:\n{text}");
            let lines: Vec<_> = text.lines().collect();
            assert!(lines[1].ends_with("POST /api/v1/onboarding"), "{text}");
            assert!(lines[2].ends_with("└─ send something"), "what only splits a hop is left out: {text}");
            assert!(lines[3].contains("planner        └─ process job.requested, ERROR infeasible"), "{text}");
            assert!(lines[3].trim_start().starts_with("10.0     50.0"), "{text}");
        }
    }

    #[test]
    fn spans_that_name_each_other_as_parents_end_the_rendering() {
        let ring = [
            span("a", Some("b"), SpanKind::Internal, "one", 0, 1),
            span("b", Some("a"), SpanKind::Internal, "two", 0, 1),
            span("c", Some("a"), SpanKind::Server, "hop", 0, 1),
        ];
        assert_eq!(render(&ring, 80).lines().count(), 2);
    }
}
