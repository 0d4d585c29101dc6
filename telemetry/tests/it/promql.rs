//! As much of PromQL as it takes to find the metrics and labels that a query names.

/// What a query names.
#[derive(Debug, Default, PartialEq)]
pub struct Named {
    /// Series, as the query spells them.
    pub series: Vec<String>,
    /// Labels it selects or groups by.
    pub labels: Vec<String>,
}

const OPERATORS: &[&str] = &["and", "or", "unless", "bool", "offset"];
const GROUPINGS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

pub fn named(query: &str) -> Named {
    let mut found = Named::default();
    let mut rest = query;
    while let Some(next) = rest.chars().next() {
        if next == '"' || next == '[' {
            let close = if next == '"' { '"' } else { ']' };
            rest = after(&rest[1..], close);
        } else if next == '{' {
            let (inside, behind) = split_at_close(&rest[1..], '}');
            found.labels.extend(selected(inside));
            rest = behind;
        } else if next.is_ascii_alphabetic() || next == '_' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            rest = behind;
            if GROUPINGS.contains(&word) && rest.trim_start().starts_with('(') {
                let (inside, behind) = split_at_close(&rest.trim_start()[1..], ')');
                found
                    .labels
                    .extend(inside.split(',').map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()));
                rest = behind;
            } else if !OPERATORS.contains(&word) && !rest.trim_start().starts_with('(') && !GROUPINGS.contains(&word) {
                // An aggregation whose grouping stands before its brackets is a function all the same.
                if !GROUPINGS.iter().any(|grouping| rest.trim_start().starts_with(&format!("{grouping} "))) {
                    found.series.push(word.to_owned());
                }
            }
        } else if next.is_ascii_digit() {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
            rest = &rest[end..];
        } else {
            rest = &rest[next.len_utf8()..];
        }
    }
    found
}

/// Label names of a selector: what stands before `=`, `!=`, `=~` and `!~`.
fn selected(inside: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut rest = inside;
    while let Some((label, behind)) = rest.split_once(['=', '!']) {
        labels.push(label.trim_matches([',', ' ']).to_owned());
        rest = after(after(behind, '"'), '"');
    }
    labels
}

fn after(text: &str, close: char) -> &str {
    split_at_close(text, close).1
}

fn split_at_close(text: &str, close: char) -> (&str, &str) {
    text.split_once(close).unwrap_or((text, ""))
}

#[test]
fn metrics_and_labels_are_told_from_everything_else() {
    let query = r#"histogram_quantile(0.95, sum by (le, route) (rate(api_seconds_bucket{job="gateway, x", method!~"GET|by"}[5m]))) or vector(0) / max(up offset 1h)"#;
    assert_eq!(
        named(query),
        Named {
            series: ["api_seconds_bucket", "up"].map(str::to_owned).to_vec(),
            labels: ["le", "route", "job", "method"].map(str::to_owned).to_vec(),
        }
    );
    assert_eq!(named("sum(a) by (b) > 1e3").series, ["a"]);
}
