//! The pages as files of the documentation, each with its name.

use std::fmt::Write as _;

use super::Kind;
use super::content::Page;

/// The files of `docs/errors/`: a page a kind, and a list of all.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let pages = Kind::ALL.iter().map(|kind| (format!("{}.md", kind.slug()), page(&Page::of(*kind))));
    std::iter::once(("README.md".to_owned(), index())).chain(pages).collect()
}

fn index() -> String {
    let mut text = "\
# Problems

Every error answer is a problem document (RFC 9457, `application/problem+json`). Its `type` is a path of the server that answered, which leads to a page that says the same as the file
here. `ally problems` writes these files from the table that the answers are made of ([`kind.rs`](../../api/src/problem/kind.rs)); a test compares them.

| status | type | title |
| --- | --- | --- |
"
    .to_owned();
    for kind in Kind::ALL {
        let _ = writeln!(
            text,
            "| {} | [`{}`]({}.md) | {} |",
            kind.status().as_u16(),
            kind.path(),
            kind.slug(),
            kind.title()
        );
    }
    text
}

fn page(page: &Page) -> String {
    let kind = page.kind;
    let operations: String = page.operations.iter().map(|line| format!("- {line}\n")).collect();
    format!(
        "\
# {title}

`{path}`, status {status}. [All problems](README.md)

## What happened

{happened}

## What to do

{remedy}

## Example

```json
{example}
```

## Operations

{operations}",
        title = kind.title(),
        path = kind.path(),
        status = page.status(),
        happened = kind.happened(),
        remedy = kind.remedy(),
        example = page.example,
    )
}
