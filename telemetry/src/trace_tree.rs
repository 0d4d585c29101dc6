//! A finished trace as a tree of text, for people at a terminal. Pure: where the spans come from is the caller's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

/// A span as it was received, with what a reader of traces looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraceSpan {
    /// `service.name` of its resource.
    pub service: String,
    /// The whole resource, values as text.
    pub resource: BTreeMap<String, String>,
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// 16 hex digits; none for a root.
    pub parent_span_id: Option<String>,
    /// What it shows.
    pub name: String,
    /// What it is.
    pub kind: SpanKind,
    /// When it began, in nanoseconds since 1970.
    pub start_unix_ns: u64,
    /// When it ended, in nanoseconds since 1970.
    pub end_unix_ns: u64,
    /// Values as text.
    pub attributes: BTreeMap<String, String>,
    /// Spans it also works for: trace id and span id.
    pub links: Vec<(String, String)>,
    /// Events: name and attributes.
    pub events: Vec<(String, BTreeMap<String, String>)>,
    /// How it ended.
    pub status: SpanStatus,
}

/// What a span is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SpanKind {
    /// Work inside a process.
    #[default]
    Internal,
    /// Answers a remote caller.
    Server,
    /// Calls something remote.
    Client,
    /// Sends a message.
    Producer,
    /// Works on a message.
    Consumer,
}

/// How a span ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SpanStatus {
    /// It does not say.
    #[default]
    Unset,
    /// Well.
    Ok,
    /// Badly, and why.
    Error(String),
}

impl fmt::Display for SpanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Internal => "INTERNAL",
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::Producer => "PRODUCER",
            Self::Consumer => "CONSUMER",
        })
    }
}

/// Renders spans, one a line: name, kind, service, duration and start in milliseconds since the trace began, children under
/// their parent in the order they began. A span whose parent is not among them stands at the margin, so that a broken trace
/// shows; several traces are rendered one after the other.
#[must_use]
pub fn trace_tree(spans: &[TraceSpan]) -> String {
    let mut text = String::new();
    for trace_id in spans.iter().map(|span| span.trace_id.as_str()).collect::<BTreeSet<_>>() {
        let mut spans: Vec<&TraceSpan> = spans.iter().filter(|span| span.trace_id == trace_id).collect();
        spans.sort_by(|a, b| (a.start_unix_ns, &a.span_id).cmp(&(b.start_unix_ns, &b.span_id)));
        let known: BTreeSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
        let is_root = |span: &&&TraceSpan| span.parent_span_id.as_deref().is_none_or(|parent| !known.contains(parent));
        let tree = Tree { spans: &spans, began: spans.first().map_or(0, |span| span.start_unix_ns) };
        let _ = writeln!(text, "trace {trace_id}");
        for root in spans.iter().filter(is_root) {
            tree.write(&mut text, root, "", "");
        }
    }
    text
}

struct Tree<'a> {
    spans: &'a [&'a TraceSpan],
    began: u64,
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
        let mut line = format!(
            "{} [{}] {} {} ms, at +{} ms",
            span.name,
            span.kind,
            span.service,
            milliseconds(span.end_unix_ns.saturating_sub(span.start_unix_ns)),
            milliseconds(span.start_unix_ns.saturating_sub(self.began)),
        );
        if !span.links.is_empty() {
            let _ = write!(line, ", links: {}", span.links.len());
        }
        if let SpanStatus::Error(why) = &span.status {
            let _ = write!(line, ", ERROR {why}");
        }
        line
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
    fn a_span_without_its_parent_stands_at_the_margin() {
        let text = trace_tree(&[span("a", None, "root", 0, 9), span("x", Some("lost"), "orphan", 4, 5)]);
        assert!(text.contains("\nroot ") && text.contains("\norphan "), "{text}");
    }

    #[test]
    fn a_span_that_names_itself_as_parent_ends_the_rendering_nowhere() {
        assert_eq!(trace_tree(&[span("a", Some("a"), "loop", 0, 1)]).lines().count(), 1);
    }
}
