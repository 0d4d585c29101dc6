//! Spans as bytes: keys, names and values that come again and again stand once in a table, and what is left is small. A job's
//! trace takes three kilobytes that way, where the spans themselves take thirty.
//!
//! Deliberately not here: which spans are kept, and for how long.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::trace_span::{AttributeValue, Attributes, SpanKind, SpanStatus, TraceSpan};

/// Texts that the table holds at most; further ones are written out.
const MAX_TEXTS: usize = 4_096;
/// The longest text that goes into the table.
const MAX_TEXT_BYTES: usize = 96;

/// What all spans share: texts that come again, and the resources that they belong to.
#[derive(Debug, Default)]
pub(super) struct Table {
    numbers: HashMap<Arc<str>, usize>,
    texts: Vec<Arc<str>>,
    resources: Vec<BTreeMap<String, String>>,
}

impl Table {
    /// Bytes that it takes, counted generously.
    pub(super) fn bytes(&self) -> usize {
        self.texts.iter().map(|text| text.len() + 96).sum()
    }

    /// Ids and numbers differ from span to span: they would fill the table and be of no use in it.
    fn number_of(&mut self, text: &str) -> Option<usize> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        let comes_again = text.len() <= MAX_TEXT_BYTES && text.bytes().filter(u8::is_ascii_digit).count() < 4;
        if !comes_again || self.texts.len() >= MAX_TEXTS {
            return None;
        }
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, self.texts.len() - 1);
        Some(self.texts.len() - 1)
    }

    fn resource_of(&mut self, resource: &BTreeMap<String, String>) -> usize {
        self.resources.iter().position(|known| known == resource).unwrap_or_else(|| {
            self.resources.push(resource.clone());
            self.resources.len() - 1
        })
    }
}

/// Appends a span, without its trace's id.
pub(super) fn pack(span: &TraceSpan, table: &mut Table, to: &mut Vec<u8>) {
    let mut out = Writer { to, table };
    let resource = out.table.resource_of(&span.resource);
    out.number(resource as u64);
    out.id(&span.span_id);
    out.id(span.parent_span_id.as_deref().unwrap_or_default());
    out.text(&span.name);
    out.to.push(SpanKind::ALL.iter().position(|kind| *kind == span.kind).unwrap_or(0) as u8);
    out.number(span.start_unix_ns);
    out.number(span.took_ns());
    match &span.status {
        SpanStatus::Unset => out.to.push(0),
        SpanStatus::Ok => out.to.push(1),
        SpanStatus::Error(why) => {
            out.to.push(2);
            out.text(why);
        }
    }
    out.attributes(&span.attributes);
    out.number(span.links.len() as u64);
    for (trace, span) in &span.links {
        out.to.extend(u128::from_str_radix(trace, 16).unwrap_or(0).to_be_bytes());
        out.id(span);
    }
    out.number(span.events.len() as u64);
    for (name, attributes) in &span.events {
        out.text(name);
        out.attributes(attributes);
    }
}

/// Reads spans back. Bytes that [`pack`] did not write end it.
pub(super) fn unpack(bytes: &[u8], trace_id: &str, table: &Table) -> Vec<TraceSpan> {
    let mut from = Reader { bytes, table };
    std::iter::from_fn(|| from.span(trace_id)).collect()
}

struct Writer<'a> {
    to: &'a mut Vec<u8>,
    table: &'a mut Table,
}

impl Writer<'_> {
    /// Seven bits a byte, the last one without the eighth.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.to.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.to.push(number as u8);
    }

    /// The eight bytes of a span's id; zeros for none.
    fn id(&mut self, text: &str) {
        self.to.extend(u64::from_str_radix(text, 16).unwrap_or(0).to_be_bytes());
    }

    /// Odd: a number in the table. Even: a length, and the text itself.
    fn text(&mut self, text: &str) {
        if let Some(number) = self.table.number_of(text) {
            return self.number((number as u64) << 1 | 1);
        }
        self.number((text.len() as u64) << 1);
        self.to.extend(text.as_bytes());
    }

    fn attributes(&mut self, attributes: &Attributes) {
        self.number(attributes.len() as u64);
        for (key, value) in attributes {
            self.text(key);
            match value {
                AttributeValue::Text(text) => {
                    self.to.push(0);
                    self.text(text);
                }
                AttributeValue::Integer(number) => {
                    self.to.push(1);
                    self.number((*number as u64) << 1 ^ (number >> 63) as u64);
                }
                AttributeValue::Float(number) => {
                    self.to.push(2);
                    self.to.extend(number.to_be_bytes());
                }
                AttributeValue::Bool(answer) => self.to.push(3 + u8::from(*answer)),
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    table: &'a Table,
}

impl Reader<'_> {
    fn span(&mut self, trace_id: &str) -> Option<TraceSpan> {
        let resource = self.number()?;
        let resource = self.table.resources.get(usize::try_from(resource).ok()?)?.clone();
        let (span_id, parent) = (self.id()?, self.id()?);
        let name = self.text()?;
        let kind = *SpanKind::ALL.get(usize::from(self.byte()?))?;
        let start_unix_ns = self.number()?;
        let end_unix_ns = start_unix_ns.saturating_add(self.number()?);
        let status = match self.byte()? {
            0 => SpanStatus::Unset,
            1 => SpanStatus::Ok,
            _ => SpanStatus::Error(self.text()?),
        };
        let attributes = self.attributes()?;
        let links = (0..self.number()?).map(|_| Some((format!("{:032x}", self.wide()?), self.id()?)));
        let links = links.collect::<Option<_>>()?;
        let events = (0..self.number()?).map(|_| Some((self.text()?, self.attributes()?)));
        let events = events.collect::<Option<_>>()?;
        Some(TraceSpan {
            service: resource.get(crate::names::attr::SERVICE_NAME).cloned().unwrap_or_default(),
            resource,
            trace_id: trace_id.to_owned(),
            parent_span_id: Some(parent).filter(|parent| parent.bytes().any(|digit| digit != b'0')),
            span_id,
            name,
            kind,
            start_unix_ns,
            end_unix_ns,
            attributes,
            links,
            events,
            status,
        })
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn id(&mut self) -> Option<String> {
        let bytes = self.take(8)?.try_into().ok()?;
        Some(format!("{:016x}", u64::from_be_bytes(bytes)))
    }

    fn wide(&mut self) -> Option<u128> {
        Some(u128::from_be_bytes(self.take(16)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let head = usize::try_from(self.number()?).ok()?;
        if head & 1 == 1 {
            return self.table.texts.get(head >> 1).map(|text| text.to_string());
        }
        String::from_utf8(self.take(head >> 1)?.to_vec()).ok()
    }

    fn attributes(&mut self) -> Option<Attributes> {
        let count = self.number()?;
        (0..count).map(|_| Some((self.text()?, self.value()?))).collect()
    }

    fn value(&mut self) -> Option<AttributeValue> {
        Some(match self.byte()? {
            0 => AttributeValue::Text(self.text()?),
            1 => {
                let number = self.number()?;
                AttributeValue::Integer((number >> 1) as i64 ^ -((number & 1) as i64))
            }
            2 => AttributeValue::Float(f64::from_be_bytes(self.take(8)?.try_into().ok()?)),
            answer => AttributeValue::Bool(answer == 4),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(name: &str) -> TraceSpan {
        let attributes: [(&str, AttributeValue); 6] = [
            ("job_id", "0198c0de-7000-7000-8000-000000000001".into()),
            ("messaging.system", "nats".into()),
            ("messaging.nats.stream_sequence", 42.into()),
            ("offset", (-3).into()),
            ("ratio", AttributeValue::Float(0.5)),
            ("presence.state_changed", AttributeValue::Bool(true)),
        ];
        let attributes: Attributes = attributes.map(|(key, value)| (key.to_owned(), value)).into();
        TraceSpan {
            service: "gateway-bff".into(),
            resource: [("service.name".to_owned(), "gateway-bff".to_owned())].into(),
            trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
            span_id: "b7ad6b7169203331".into(),
            parent_span_id: Some("00f067aa0ba902b7".into()),
            name: name.into(),
            kind: SpanKind::Producer,
            start_unix_ns: 1_700_000_000_000_000_000,
            end_unix_ns: 1_700_000_000_004_000_000,
            events: vec![("exception".into(), attributes.clone())],
            attributes,
            links: vec![("4bf92f3577b34da6a3ce929d0e0e4736".into(), "00f067aa0ba902b7".into())],
            status: SpanStatus::Error("no answer".into()),
        }
    }

    #[test]
    fn what_was_packed_comes_back() {
        let mut table = Table::default();
        let mut bytes = Vec::new();
        let root = TraceSpan { parent_span_id: None, status: SpanStatus::Ok, ..span("root") };
        pack(&root, &mut table, &mut bytes);
        pack(&span("send"), &mut table, &mut bytes);
        assert_eq!(unpack(&bytes, &root.trace_id, &table), [root, span("send")]);
    }

    #[test]
    fn bytes_that_are_cut_off_end_the_reading() {
        let mut table = Table::default();
        let mut bytes = Vec::new();
        pack(&span("send"), &mut table, &mut bytes);
        for end in 0..bytes.len() {
            assert_eq!(unpack(&bytes[..end], "0", &table), [], "{end}");
        }
    }

    #[test]
    fn a_table_that_is_full_takes_nothing_more_and_loses_nothing() {
        let mut table = Table::default();
        let mut bytes = Vec::new();
        let letters =
            |number: usize| (0..4).map(|at| char::from(b'a' + (number >> (4 * at) & 15) as u8)).collect::<String>();
        let spans: Vec<_> = (0..MAX_TEXTS + 100).map(|number| span(&letters(number))).collect();
        for span in &spans {
            pack(span, &mut table, &mut bytes);
        }
        assert_eq!(table.texts.len(), MAX_TEXTS);
        assert_eq!(unpack(&bytes, &spans[0].trace_id, &table), spans);
    }
}
