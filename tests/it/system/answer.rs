//! Answers of the gateway, each checked against the OpenAPI document before a test sees it.

use std::fmt::Display;
use std::sync::LazyLock;

use ally_api::testing::{Answered, Conformance};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

static DOCUMENT: LazyLock<Conformance> = LazyLock::new(Conformance::new);

/// A request that is being made, with as much of `reqwest`'s own as tests need.
pub struct Request(RequestBuilder);

/// A whole answer; its readers are asynchronous as `reqwest`'s are.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Request {
    pub fn new(request: RequestBuilder) -> Self {
        Self(request)
    }

    pub fn header(self, name: &str, value: impl Display) -> Self {
        Self(self.0.header(name, value.to_string()))
    }

    pub fn json(self, body: &impl Serialize) -> Self {
        Self(self.0.json(body))
    }

    /// Sends it.
    ///
    /// # Panics
    /// When the answer is not as documented.
    pub async fn send(self) -> reqwest::Result<Answer> {
        let (http, request) = self.0.build_split();
        let request = request?;
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let answer = http.execute(request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?.to_vec();
        let code = status.as_u16();
        let answered = Answered { method: &method, path: &path, status: code, headers: &headers, body: &body };
        let differences = DOCUMENT.differences(&answered);
        assert!(differences.is_empty(), "an answer differs from the document:\n{}", differences.join("\n"));
        Ok(Answer { status, headers, body })
    }
}

impl Answer {
    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub async fn text(self) -> Result<String, std::string::FromUtf8Error> {
        String::from_utf8(self.body)
    }

    pub async fn json<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }
}
