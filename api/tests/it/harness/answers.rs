//! Every answer of a served role, checked against the OpenAPI document as it leaves.

use std::sync::{Arc, LazyLock, Mutex};

use ally_api::RoleEndpoint;
use ally_api::testing::{Answered, Conformance};
use poem::{Endpoint, EndpointExt, Request, Response, Result};

use super::raw::inflate;

static DOCUMENT: LazyLock<Conformance> = LazyLock::new(Conformance::new);
static PRESENCE: LazyLock<Conformance> = LazyLock::new(Conformance::of_presence);
static BESIDE: LazyLock<Conformance> = LazyLock::new(Conformance::without_operations);

/// What the answers of a server differ in. The test that served them fails when it lets go of this.
pub struct Answers {
    document: &'static Conformance,
    differences: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    /// Answers of the gateway.
    pub fn of_the_document() -> Self {
        Self { document: &DOCUMENT, differences: Arc::default() }
    }

    /// Answers of the port of presence.
    pub fn of_presence() -> Self {
        Self { document: &PRESENCE, differences: Arc::default() }
    }

    /// Answers of the other ports.
    pub fn beside_the_document() -> Self {
        Self { document: &BESIDE, differences: Arc::default() }
    }

    /// The endpoint, with each of its answers checked.
    pub fn checked(&self, inner: RoleEndpoint) -> RoleEndpoint {
        Checked { inner, document: self.document, differences: Arc::clone(&self.differences) }.boxed()
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let differences = std::mem::take(&mut *self.differences.lock().unwrap()).join("\n");
        if std::thread::panicking() {
            #[allow(clippy::print_stderr, reason = "the test has failed already; this may be why")]
            {
                eprintln!("{differences}");
            }
        } else {
            assert!(differences.is_empty(), "answers differ from the document:\n{differences}");
        }
    }
}

struct Checked {
    inner: RoleEndpoint,
    document: &'static Conformance,
    differences: Arc<Mutex<Vec<String>>>,
}

impl Endpoint for Checked {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let (parts, body) = self.inner.get_response(request).await.into_parts();
        let goes_on = parts.headers.get("content-type").is_some_and(|value| value == "text/event-stream");
        let upgrade = parts.status == poem::http::StatusCode::SWITCHING_PROTOCOLS;
        if goes_on || upgrade {
            // A stream has no end to wait for; its test looks at each event.
            let answered = Answered {
                method: &method,
                path: &path,
                status: parts.status.as_u16(),
                headers: &parts.headers,
                body: b"",
            };
            self.differences.lock().unwrap().extend(self.document.differences(&answered));
            return Ok(Response::from_parts(parts, body));
        }
        let body = body.into_bytes().await?;
        let (status, headers) = (parts.status.as_u16(), &parts.headers);
        let plain = inflate(headers, &body);
        let answered = Answered { method: &method, path: &path, status, headers, body: &plain };
        self.differences.lock().unwrap().extend(self.document.differences(&answered));
        Ok(Response::from_parts(parts, body.into()))
    }
}
