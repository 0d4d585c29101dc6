//! The pages as browsers show them.

use std::fmt::Write as _;

use super::Kind;
use super::content::Page;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}\
                     pre{overflow-x:auto;background:#f5f5f5;padding:1rem}";

/// The list of all kinds.
pub(super) fn index() -> String {
    let list = Kind::ALL.iter().fold(String::new(), |mut list, kind| {
        let _ = write!(list, "<li>{} <a href=\"{}\">{}</a>", kind.status().as_u16(), kind.path(), inline(kind.title()));
        list
    });
    whole("Problems", &format!("<h1>Problems</h1><ul>{list}</ul>"))
}

/// The page of a kind.
pub(super) fn page(page: &Page) -> String {
    let kind = page.kind;
    let operations: String = page.operations.iter().map(|line| format!("<li>{}", inline(line))).collect();
    let body = format!(
        "<h1>{}</h1><p>{}</p><h2>What happened</h2><p>{}</p><h2>What to do</h2><p>{}</p>\
         <h2>Example</h2><pre>{}</pre><h2>Operations</h2><ul>{operations}</ul>",
        inline(kind.title()),
        page.status(),
        inline(kind.happened()),
        inline(kind.remedy()),
        escaped(&page.example),
    );
    whole(kind.title(), &body)
}

fn whole(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>{body}"
    )
}

/// Text in which backticks enclose code.
fn inline(text: &str) -> String {
    let parts = escaped(text).split('`').map(str::to_owned).collect::<Vec<_>>();
    let part = |(place, part): (usize, String)| if place % 2 == 1 { format!("<code>{part}</code>") } else { part };
    parts.into_iter().enumerate().map(part).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_it_is_and_code_as_code() {
        assert_eq!(inline("Send `A: <token>` & wait."), "Send <code>A: &lt;token&gt;</code> &amp; wait.");
    }

    #[test]
    fn every_text_closes_its_code() {
        for kind in Kind::ALL {
            for text in [kind.title(), kind.happened(), kind.remedy()] {
                assert!(text.matches('`').count().is_multiple_of(2), "{text}");
            }
        }
    }
}
