//! A role's page of metrics, read for what the doctor wants to know of it.

use ally_telemetry::exposition::{Sample, samples};

/// A page, as it was scraped.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        samples(&self.0).count()
    }

    /// The values of a metric whose labels contain all of these.
    pub fn values<'a>(&'a self, name: &'a str, labels: &'a [(&str, &str)]) -> impl Iterator<Item = f64> + 'a {
        let wanted = move |sample: &Sample<'_>| {
            sample.name == name && labels.iter().all(|(label, value)| sample.label(label) == *value)
        };
        samples(&self.0).filter(wanted).map(|sample| sample.value)
    }

    /// The sum of those; none where there are none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.values(name, labels).fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_by_its_whole_name_and_its_labels() {
        let page = "# TYPE a counter\na_x 7\na{of=\"one\",by=\"}\"} 3\na{of=\"two\"} 4\nb 1\n";
        let page = Page::new(page.to_owned());
        assert_eq!(page.series(), 4);
        assert_eq!(page.sum("a", &[]), Some(7.0));
        assert_eq!(page.sum("a", &[("of", "one"), ("by", "}")]), Some(3.0));
        assert_eq!(page.sum("b", &[]), Some(1.0));
        assert_eq!(page.sum("c", &[]), None);
    }
}
