//! The kinds of problems as an enum that takes newer ones too.

use std::fmt::Write as _;

use serde_json::Value;

const LIST: &str = "/components/schemas/Problem/properties/type/x-extensible-enum";
const PREFIX: &str = "/problems/";

/// The Rust source of the kinds that a document lists.
pub fn source(document: &Value) -> Result<String, String> {
    let listed =
        document.pointer(LIST).and_then(Value::as_array).ok_or_else(|| format!("the document has no {LIST}"))?;
    let types: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
    let mut lines = [String::new(), String::new(), String::new(), String::new()];
    let [constants, variants, names, kinds] = &mut lines;
    for path in types {
        let slug = path.strip_prefix(PREFIX).ok_or_else(|| format!("{path} does not begin with {PREFIX}"))?;
        let variant = pascal(slug);
        let _ = writeln!(constants, "    {path:?},");
        let _ = writeln!(variants, "    /// `{path}`\n    {variant},");
        let _ = writeln!(names, "            Self::{variant} => {path:?},");
        let _ = writeln!(kinds, "            {path:?} => Self::{variant},");
    }
    Ok(format!(
        "/// Every type of problem of this version of the API. A newer one may have more.\n\
         pub const PROBLEM_TYPES: &[&str] = &[\n{constants}];\n\n\
         /// What a problem is, by name.\n\
         #[derive(Debug, Clone, PartialEq, Eq, Hash)]\n#[non_exhaustive]\n\
         pub enum ProblemKind {{\n{variants}    /// One that is newer than this version: go by the status.\n    Other(String),\n}}\n\n\
         impl ProblemKind {{\n    /// The type of a problem, which is the path of its page.\n    pub fn as_str(&self) -> &str {{\n        \
         match self {{\n{names}            Self::Other(other) => other,\n        }}\n    }}\n}}\n\n\
         impl From<&str> for ProblemKind {{\n    fn from(path: &str) -> Self {{\n        \
         match path {{\n{kinds}            other => Self::Other(other.to_owned()),\n        }}\n    }}\n}}\n"
    ))
}

/// `not-found` as `NotFound`.
fn pascal(slug: &str) -> String {
    let words = slug.split('-').filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_ascii_uppercase() + rest).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_has_its_name_and_its_path() {
        let list = json!(["/problems/not-found"]);
        let property = json!({"properties": {"type": {"x-extensible-enum": list}}});
        let document = json!({"components": {"schemas": {"Problem": property}}});
        let source = source(&document).unwrap();
        for line in ["    \"/problems/not-found\",", "    NotFound,", "\"/problems/not-found\" => Self::NotFound,"] {
            assert!(source.contains(line), "{line} is not in:\n{source}");
        }
    }

    #[test]
    fn a_document_without_the_list_is_refused() {
        assert!(source(&json!({})).is_err());
    }
}
