//! What a whole Ally leaves in traces, received as a collector would.

mod idle;
mod redriven;
mod walk;

use ally_telemetry::names::{attr, publish};
use ally_telemetry::trace_tree::{SpanKind, TraceSpan, trace_tree};

/// Spans of one trace, and of what is linked to it.
struct Walk {
    spans: Vec<TraceSpan>,
}

impl Walk {
    /// The first span of a role with this kind and a name that holds this.
    #[track_caller]
    fn one(&self, service: &str, kind: SpanKind, name: &str) -> &TraceSpan {
        let found = self.all(|span| span.service == service && span.kind == kind && span.name.contains(name));
        found.first().unwrap_or_else(|| panic!("{service} has no {kind:?} span {name:?}:\n{}", trace_tree(&self.spans)))
    }

    /// In the order in which they began.
    fn all(&self, fits: impl Fn(&TraceSpan) -> bool) -> Vec<&TraceSpan> {
        let mut found: Vec<_> = self.spans.iter().filter(|span| fits(span)).collect();
        found.sort_by_key(|span| span.start_unix_ns);
        found
    }

    #[track_caller]
    fn descends(&self, span: &TraceSpan, ancestor: &TraceSpan) {
        let mut at = span;
        while let Some(parent) = &at.parent_span_id {
            if *parent == ancestor.span_id {
                return;
            }
            let Some(next) = self.spans.iter().find(|span| span.span_id == *parent) else { break };
            at = next;
        }
        panic!("{} does not descend from {}:\n{}", span.name, ancestor.name, trace_tree(&self.spans));
    }

    /// What holds for every span: numbers are numbers, whoever works on a message names the one that was sent, and where it
    /// stands is where it stands.
    #[track_caller]
    fn check_attributes(&self) {
        for span in &self.spans {
            for key in attr::NUMBERS {
                if let Some(value) = span.attributes.get(*key) {
                    assert!(value.as_text().is_none(), "{key} of {} is the text {value}", span.name);
                }
            }
            assert!(
                !span.is_error() || span.attributes.contains_key(attr::ERROR_TYPE),
                "an error has a type: {span:?}"
            );
        }
        let sent = self.all(|span| span.text(attr::APPEND_OUTCOME) == Some(publish::STORED));
        let ids: std::collections::BTreeSet<_> =
            sent.iter().map(|span| span.text(attr::MESSAGING_MESSAGE_ID)).collect();
        let positions: std::collections::BTreeSet<_> = sent.iter().map(|span| span.text(attr::POSITION)).collect();
        assert_eq!((ids.len(), positions.len()), (sent.len(), sent.len()), "{}", trace_tree(&self.spans));
        for work in self.all(|span| span.name.starts_with("process ")) {
            let id = work.text(attr::MESSAGING_MESSAGE_ID);
            let send = sent.iter().find(|send| send.text(attr::MESSAGING_MESSAGE_ID) == id);
            let send = send.unwrap_or_else(|| panic!("nobody sent {id:?}:\n{}", trace_tree(&self.spans)));
            for key in [attr::POSITION, attr::MESSAGING_MESSAGE_CONVERSATION_ID, attr::MESSAGING_DESTINATION_TEMPLATE] {
                assert_eq!(work.text(key), send.text(key), "{key} of {}", work.name);
            }
            self.descends(work, send);
        }
    }
}
