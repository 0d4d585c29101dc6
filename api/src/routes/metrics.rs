//! `/metrics`, on a listener of its own: figures are for the operator and not for callers.

use std::sync::Arc;

use poem::http::header;
use poem::{Response, Route, endpoint::make_sync, get};

/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What renders the figures of a role at this moment.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// The route of a role's figures.
pub(crate) fn routes(route: Route, render: RenderMetrics) -> Route {
    let answer = move |_| Response::builder().header(header::CONTENT_TYPE, TEXT_FORMAT).body(render());
    route.at("/metrics", get(make_sync(answer)))
}
