//! `/about`, beside the metrics: what a process says of itself to whoever looks after it. Deliberately not on the public port:
//! it names inner hosts.

use std::sync::Arc;

use poem::http::{StatusCode, header};
use poem::web::Json;
use poem::{IntoResponse, Response, Route, endpoint::make_sync, get};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Which process this is, and what it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// The role, as traces and metrics name it.
    pub service: String,
    /// The program's version.
    pub version: String,
    /// The deployment's environment.
    pub environment: String,
    /// The first token of its subjects.
    pub prefix: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// Its clock at this moment.
    #[serde(with = "time::serde::rfc3339")]
    pub now: OffsetDateTime,
    /// The servers that it uses.
    pub uses: Vec<Used>,
    /// What tells its key of webhooks from another one; absent where it has none, and at a role that needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_key: Option<String>,
}

/// A server that a process uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// `nats`, `postgres`, `collector`, `llm`.
    pub name: String,
    /// Its address, without what logs in there.
    pub address: String,
}

/// What tells of a process at this moment.
pub type Describe = Arc<dyn Fn() -> About + Send + Sync>;

/// The route of what a process says of itself.
pub(crate) fn routes(route: Route, describe: Describe) -> Route {
    let answer = move |_| -> Response {
        let about = Json(describe()).with_header(header::CACHE_CONTROL, "no-store");
        about.with_status(StatusCode::OK).into_response()
    };
    route.at("/about", get(make_sync(answer)))
}
