//! Reading a `/metrics` page (Prometheus' text format 0.0.4) back into its samples.

use std::collections::BTreeMap;

/// One line of a page that holds a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'a> {
    /// The series: `messages_published_total`, `…_bucket`.
    pub name: &'a str,
    /// Its labels, values without their escapes.
    pub labels: BTreeMap<&'a str, String>,
    /// Its value.
    pub value: f64,
}

impl Sample<'_> {
    /// A label's value; empty when it has none of that name.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// The samples of a page in their order. A line that cannot be read is left out.
pub fn samples(page: &str) -> impl Iterator<Item = Sample<'_>> {
    page.lines().filter(|line| !line.starts_with('#')).filter_map(sample)
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let name_end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(name_end);
    let mut labels = BTreeMap::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        while let Some((label, value)) = inside.split_once("=\"") {
            let end = end_of_value(value)?;
            labels.insert(label.trim_start_matches(','), unescape(value.get(..end)?));
            inside = value.get(end + 1..)?;
        }
        rest = inside.strip_prefix('}')?;
    }
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample { name, labels, value })
}

/// Where a value's closing quote stands; a quote behind a backslash belongs to the value.
fn end_of_value(value: &str) -> Option<usize> {
    let mut escaped = false;
    value.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(match chars.next() {
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            }),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_back_line_by_line() {
        let page = "# HELP jobs Jobs by status.\n\
            jobs{status=\"a \\\"quoted\\\" , user=\\\\\",lane=\"x\"} 1.5\n\
            broken{status=\"\n\
            build_info 1\n";
        let read: Vec<_> = samples(page).collect();
        assert_eq!(read.len(), 2, "{read:?}");
        assert_eq!((read[0].name, read[0].value), ("jobs", 1.5));
        assert_eq!((read[0].label("status"), read[0].label("lane")), ("a \"quoted\" , user=\\", "x"));
        assert_eq!((read[1].name, read[1].labels.len()), ("build_info", 0));
    }
}
