//! The OpenAPI and AsyncAPI documents of a port, and the page that reads the first. The page carries all it needs: it works without
//! any other host.

use bytes::Bytes;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{EndpointExt, Response, Route, RouteMethod, endpoint::make_sync, get};

use crate::asyncapi;
use crate::delivery::Kept;
use crate::document::Document;

/// Allows the page its own inline script and style and calls to this host, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                           img-src 'self' data:; font-src data:; connect-src 'self'; frame-ancestors 'none'";

/// `/openapi.json`, `/openapi.yaml`, `/openapi-3.0.json` and `/docs`, to which `/` leads.
pub(crate) fn routes(route: Route, document: &'static Document) -> Route {
    let page =
        text("text/html; charset=utf-8", document.page.as_str()).map_to_response().after(|response| async move {
            response.map(|mut response: Response| {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
                response
            })
        });
    let to_page = |_| Response::builder().status(StatusCode::FOUND).header(header::LOCATION, "/docs").finish();
    route
        .at("/", get(make_sync(to_page)))
        .at("/openapi.json", text("application/json", document.json.as_str()))
        .at("/openapi.yaml", text("application/yaml", document.yaml.as_str()))
        .at("/openapi-3.0.json", text("application/json", document.older.as_str()))
        .at("/docs", page)
}

/// `/asyncapi.json` and `/asyncapi.yaml`.
pub(crate) fn asyncapi(route: Route, document: &asyncapi::Document) -> Route {
    route
        .at("/asyncapi.json", text("application/json", document.json()))
        .at("/asyncapi.yaml", text("application/yaml", document.yaml()))
}

fn text(media_type: &'static str, body: impl Into<Bytes>) -> RouteMethod {
    let (body, kept) = (body.into(), Kept::default());
    get(make_sync(move |_| {
        Response::builder().header(header::CONTENT_TYPE, media_type).extension(kept.clone()).body(body.clone())
    }))
}
