//! The pages that a problem's `type` leads to.

use std::fmt::Write as _;

use poem::http::header;
use poem::web::{Html, Path};
use poem::{IntoResponse, Response, Result, Route, get, handler};

use super::{Kind, Problem};

/// Allows a page its own style, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// `/problems/` and one page a kind.
pub fn routes() -> Route {
    Route::new().at("/", get(index)).at("/:slug", get(page))
}

fn html(title: &str, body: &str) -> Response {
    let style = "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}";
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>{style}</style>{body}"
    );
    Html(text).with_header(header::CONTENT_SECURITY_POLICY, POLICY).into_response()
}

#[handler]
fn index() -> Response {
    let list = Kind::ALL.iter().fold(String::new(), |mut list, kind| {
        let _ = write!(list, "<li>{} <a href=\"{}\">{}</a>", kind.status().as_u16(), kind.path(), kind.title());
        list
    });
    html("Problems", &format!("<h1>Problems</h1><ul>{list}</ul>"))
}

#[handler]
fn page(Path(slug): Path<String>) -> Result<Response> {
    let unknown = || Problem::new(Kind::NotFound, "there is no such problem; /problems/ lists them all");
    let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug).ok_or_else(unknown)?;
    let (title, status) = (kind.title(), kind.status());
    Ok(html(title, &format!("<h1>{title}</h1><p>{status}</p><p>{}</p>", kind.meaning())))
}
