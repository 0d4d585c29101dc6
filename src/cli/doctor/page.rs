//! A role's page of metrics, read for what the doctor wants to know of it.

/// A page, as it was scraped.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.lines().count()
    }

    /// The values of a metric whose labels contain all of these, `state="open"`.
    pub fn values<'a>(&'a self, name: &'a str, labels: &'a [&'a str]) -> impl Iterator<Item = f64> + 'a {
        self.lines().filter_map(move |line| {
            let rest = line.strip_prefix(name)?;
            let (of, value) = match rest.strip_prefix('{') {
                Some(labelled) => labelled.rsplit_once('}')?,
                None => ("", rest.strip_prefix(' ')?),
            };
            labels.iter().all(|label| of.contains(label)).then(|| value.trim().parse().ok())?
        })
    }

    /// The sum of those; none where there are none.
    pub fn sum(&self, name: &str, labels: &[&str]) -> Option<f64> {
        self.values(name, labels).fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
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
        assert_eq!(page.sum("a", &["of=\"one\""]), Some(3.0));
        assert_eq!(page.sum("b", &[]), Some(1.0));
        assert_eq!(page.sum("c", &[]), None);
    }
}
