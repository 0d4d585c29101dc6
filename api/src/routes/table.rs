//! Which path is which route, before any route is asked: for the names of spans and figures, and for `Allow`.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::HeaderValue;

/// The routes of a listener. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Table(Arc<Vec<Entry>>);

struct Entry {
    template: String,
    methods: Vec<String>,
}

impl Table {
    /// From templates as the document writes them (`/api/v1/jobs/{id}`) and their methods, together or apart.
    pub(crate) fn new(entries: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let mut merged: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (template, methods) in entries {
            merged.entry(template).or_default().extend(methods);
        }
        let mut entries: Vec<_> = merged.into_iter().map(|(template, methods)| Entry { template, methods }).collect();
        // A literal path wins over a parameter, as it does in the router.
        entries.sort_by_key(|entry| entry.template.matches('{').count());
        Self(Arc::new(entries))
    }

    /// The template of a path; `None` when there is no route.
    pub(crate) fn template(&self, path: &str) -> Option<&str> {
        self.entry(path).map(|entry| entry.template.as_str())
    }

    /// What the `Allow` header says of a path.
    pub(crate) fn allowed(&self, path: &str) -> Option<HeaderValue> {
        let methods = &self.entry(path)?.methods;
        let head = methods.iter().any(|method| method == "GET").then_some("HEAD");
        let all: Vec<_> = methods.iter().map(String::as_str).chain(head).chain(["OPTIONS"]).collect();
        HeaderValue::from_str(&all.join(", ")).ok()
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| matches(&entry.template, path))
    }
}

fn matches(template: &str, path: &str) -> bool {
    let (mut templates, mut parts) = (template.split('/'), path.split('/'));
    loop {
        match (templates.next(), parts.next()) {
            (None, None) => return true,
            (Some(template), Some(part)) if template == part => {}
            (Some(template), Some(part)) if template.starts_with('{') && !part.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_template() {
        let get = || vec!["GET".to_owned()];
        let table = Table::new([("/a/{id}".to_owned(), get()), ("/a/b".to_owned(), vec!["POST".to_owned()])]);
        assert_eq!(table.template("/a/b"), Some("/a/b"));
        assert_eq!(table.template("/a/c"), Some("/a/{id}"));
        for none in ["/a", "/a/", "/a/b/c", "/", "", "a/b"] {
            assert_eq!(table.template(none), None, "{none:?}");
        }
        assert_eq!(table.allowed("/a/c"), Some(HeaderValue::from_static("GET, HEAD, OPTIONS")));
        assert_eq!(table.allowed("/a/b"), Some(HeaderValue::from_static("POST, OPTIONS")));
        let apart = Table::new([("/a".to_owned(), vec!["POST".to_owned()]), ("/a".to_owned(), get())]);
        assert_eq!(apart.allowed("/a"), Some(HeaderValue::from_static("POST, GET, HEAD, OPTIONS")));
    }
}
