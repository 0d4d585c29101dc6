//! The pages that a problem's `type` leads to: served as HTML, and written as Markdown to `docs/errors/`. Both say what one [`Page`] says.

mod content;
mod html;
mod markdown;

use poem::http::header;
use poem::web::{Html, Path};
use poem::{IntoResponse, Response, Result, Route, get, handler};

use self::content::Page;
use super::{Kind, Problem};

pub use self::markdown::files;

/// Allows a page its own style, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// `/problems/` and one page a kind.
pub fn routes() -> Route {
    Route::new().at("/", get(index)).at("/:slug", get(page))
}

fn answer(text: String) -> Response {
    Html(text).with_header(header::CONTENT_SECURITY_POLICY, POLICY).into_response()
}

#[handler]
fn index() -> Response {
    answer(html::index())
}

#[handler]
fn page(Path(slug): Path<String>) -> Result<Response> {
    let unknown = || Problem::new(Kind::NotFound, "there is no such problem; /problems/ lists them all");
    let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug).ok_or_else(unknown)?;
    Ok(answer(html::page(&Page::of(*kind))))
}
