//! A finished trace as a tree of text, for people at a terminal. Pure: where the spans come from is the caller's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

pub use crate::trace_span::{AttributeValue, Attributes, SpanKind, SpanStatus, TraceSpan};

/// Renders spans, one a line: name, kind, service, duration and start in milliseconds since the trace began, what it is linked
/// to, children under their parent in the order they began. A span whose parent is not among them stands at the margin, so that a
/// broken trace shows; several traces are rendered one after the other, in the order they began.
#[must_use]
pub fn trace_tree(spans: &[TraceSpan]) -> String {
    render(spans, Shown::Times)
}

/// The same without what differs from run to run: no ids and no times.
#[must_use]
pub fn trace_shape(spans: &[TraceSpan]) -> String {
    render(spans, Shown::Shape)
}

#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Times,
    Shape,
}

fn render(spans: &[TraceSpan], shown: Shown) -> String {
    let mut traces: BTreeMap<&str, Vec<&TraceSpan>> = BTreeMap::new();
    for span in spans {
        traces.entry(&span.trace_id).or_default().push(span);
    }
    let mut traces: Vec<_> = traces.into_iter().collect();
    for (_, spans) in &mut traces {
        spans.sort_by(|a, b| (a.start_unix_ns, &a.span_id).cmp(&(b.start_unix_ns, &b.span_id)));
    }
    traces.sort_by_key(|(_, spans)| spans.first().map_or(0, |span| span.start_unix_ns));
    let names =
        spans.iter().map(|span| ((span.trace_id.as_str(), span.span_id.as_str()), span.name.as_str())).collect();
    let mut text = String::new();
    for (trace_id, spans) in traces {
        let known: BTreeSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
        let is_root = |span: &&&TraceSpan| span.parent_span_id.as_deref().is_none_or(|parent| !known.contains(parent));
        let began = spans.first().map_or(0, |span| span.start_unix_ns);
        let tree = Tree { spans: &spans, began, names: &names, shown };
        let _ = match shown {
            Shown::Times => writeln!(text, "trace {trace_id}"),
            Shown::Shape => writeln!(text, "trace"),
        };
        for root in spans.iter().filter(is_root) {
            tree.write(&mut text, root, "", "");
        }
    }
    text
}

struct Tree<'a> {
    spans: &'a [&'a TraceSpan],
    began: u64,
    /// Of all spans that are shown: what a link leads to.
    names: &'a BTreeMap<(&'a str, &'a str), &'a str>,
    shown: Shown,
}

impl Tree<'_> {
    fn write(&self, text: &mut String, span: &TraceSpan, branch: &str, margin: &str) {
        let _ = writeln!(text, "{branch}{}", self.line(span));
        let children: Vec<_> =
            self.spans.iter().filter(|child| child.parent_span_id.as_ref() == Some(&span.span_id)).collect();
        for (position, child) in children.iter().enumerate() {
            let (branch, below) =
                if position + 1 == children.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.write(text, child, &format!("{margin}{branch}"), &format!("{margin}{below}"));
        }
    }

    fn line(&self, span: &TraceSpan) -> String {
        let mut line = format!("{} [{}] {}", span.name, span.kind, span.service);
        if self.shown == Shown::Times {
            let at = milliseconds(span.start_unix_ns.saturating_sub(self.began));
            let _ = write!(line, " {} ms, at +{at} ms", milliseconds(span.took_ns()));
        }
        let links: BTreeSet<String> = span.links.iter().map(|(trace, id)| self.linked(trace, id)).collect();
        if !links.is_empty() {
            let _ = write!(line, ", links to {}", links.into_iter().collect::<Vec<_>>().join(" and "));
        }
        if let SpanStatus::Error(why) = &span.status {
            line.push_str(", ERROR");
            if self.shown == Shown::Times {
                let _ = write!(line, " {why}");
            }
        }
        line
    }

    fn linked(&self, trace: &str, id: &str) -> String {
        match (self.names.get(&(trace, id)), self.shown) {
            (Some(name), _) => (*name).to_owned(),
            (None, Shown::Times) => format!("trace {trace}"),
            (None, Shown::Shape) => "another trace".to_owned(),
        }
    }
}

/// With one digit behind the point, by whole numbers: a trace of nanoseconds since 1970 does not fit a float.
fn milliseconds(nanoseconds: u64) -> String {
    let tenths = (nanoseconds + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, name: &str, start_ms: u64, end_ms: u64) -> TraceSpan {
        TraceSpan {
            service: "gateway-bff".into(),
            trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
            span_id: id.into(),
            parent_span_id: parent.map(str::to_owned),
            name: name.into(),
            start_unix_ns: start_ms * 1_000_000,
            end_unix_ns: end_ms * 1_000_000,
            ..TraceSpan::default()
        }
    }

    #[test]
    fn children_stand_under_their_parent_in_the_order_they_began() {
        let mut server = span("a", None, "POST /api/v1/plans/generate", 1000, 1012);
        server.kind = SpanKind::Server;
        let mut process = span("d", Some("c"), "process ally.es.job.{id}.requested", 1010, 1060);
        (process.kind, process.service) = (SpanKind::Consumer, "planning-engine".into());
        process.status = SpanStatus::Error("infeasible".into());
        let mut send = span("c", Some("b"), "send ally.es.job.{id}.requested", 1004, 1009);
        send.kind = SpanKind::Producer;
        let spans = [
            process,
            span("e", Some("a"), "respond", 1010, 1012),
            send,
            span("b", Some("a"), "execute", 1003, 1009),
            server,
        ];
        assert_eq!(
            trace_tree(&spans),
            "trace 0af7651916cd43dd8448eb211c80319c\n\
             POST /api/v1/plans/generate [SERVER] gateway-bff 12.0 ms, at +0.0 ms\n\
             ├─ execute [INTERNAL] gateway-bff 6.0 ms, at +3.0 ms\n\
             │  └─ send ally.es.job.{id}.requested [PRODUCER] gateway-bff 5.0 ms, at +4.0 ms\n\
             │     └─ process ally.es.job.{id}.requested [CONSUMER] planning-engine 50.0 ms, at +10.0 ms, ERROR infeasible\n\
             └─ respond [INTERNAL] gateway-bff 2.0 ms, at +10.0 ms\n"
        );
    }

    #[test]
    fn a_link_says_where_it_leads() {
        let mut batch = span("b", None, "project PLANS", 9, 12);
        batch.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736".into();
        batch.links = vec![(span("a", None, "", 0, 0).trace_id, "a".into()), ("gone".into(), "x".into())];
        let spans = [batch, span("a", None, "send", 0, 3)];
        assert_eq!(
            trace_shape(&spans),
            "trace\nsend [INTERNAL] gateway-bff\n\
             trace\nproject PLANS [INTERNAL] gateway-bff, links to another trace and send\n"
        );
        assert!(trace_tree(&spans).contains("3.0 ms, at +0.0 ms, links to send and trace gone\n"));
    }

    #[test]
    fn a_span_without_its_parent_stands_at_the_margin() {
        let text = trace_tree(&[span("a", None, "root", 0, 9), span("x", Some("lost"), "orphan", 4, 5)]);
        assert!(text.contains("\nroot ") && text.contains("\norphan "), "{text}");
    }

    #[test]
    fn a_span_that_names_itself_as_parent_ends_the_rendering_nowhere() {
        assert_eq!(trace_tree(&[span("a", Some("a"), "loop", 0, 1)]).lines().count(), 1);
    }
}
