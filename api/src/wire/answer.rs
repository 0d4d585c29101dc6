//! JSON answers: how a body becomes a response and how the document shows it.

use std::marker::PhantomData;

use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use serde::Serialize;

use crate::delivery::Next;
use crate::problem::Problem;

/// A JSON answer.
pub(crate) struct Answer<T>(pub T);

impl<T: ToJSON> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        json(&self.0.to_json())
    }
}

impl<T: Type> Payload for Answer<T> {
    const CONTENT_TYPE: &'static str = JSON;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A page of a list, whose answer links the next one.
pub(crate) struct Page<T>(pub T);

/// A body that is a page.
pub(crate) trait Paged {
    /// The parameter that a page is asked for by.
    const PARAMETER: &'static str = "cursor";

    /// What gets the next page; `None` on the last.
    fn next(&self) -> Option<&str>;
}

fn linked<T: Paged>(body: &T, mut response: Response) -> Response {
    if let Some(next) = body.next() {
        response.extensions_mut().insert(Next { parameter: T::PARAMETER, value: next.to_owned() });
    }
    response
}

impl<T: ToJSON + Paged> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        linked(&self.0, json(&self.0.to_json()))
    }
}

impl<T: Type> Payload for Page<T> {
    const CONTENT_TYPE: &'static str = JSON;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A JSON answer that serde writes and the document shows as `S`.
pub(crate) struct Written<S, T> {
    value: T,
    shape: PhantomData<fn() -> S>,
}

impl<S, T> Written<S, T> {
    pub(crate) const fn of(value: T) -> Self {
        Self { value, shape: PhantomData }
    }
}

impl<S: Type, T: Serialize + Send> IntoResponse for Written<S, T> {
    fn into_response(self) -> Response {
        json(&self.value)
    }
}

/// The same of a page of a list.
pub(crate) struct WrittenPage<S, T>(Written<S, T>);

impl<S, T> WrittenPage<S, T> {
    pub(crate) const fn of(value: T) -> Self {
        Self(Written::of(value))
    }
}

impl<S: Type, T: Serialize + Paged + Send> IntoResponse for WrittenPage<S, T> {
    fn into_response(self) -> Response {
        linked(&self.0.value, json(&self.0.value))
    }
}

impl<S: Type, T: Send> Payload for WrittenPage<S, T> {
    const CONTENT_TYPE: &'static str = JSON;

    fn schema_ref() -> MetaSchemaRef {
        S::schema_ref()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

impl<S: Type, T: Send> Payload for Written<S, T> {
    const CONTENT_TYPE: &'static str = JSON;

    fn schema_ref() -> MetaSchemaRef {
        S::schema_ref()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

const JSON: &str = "application/json";

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => Response::builder().content_type(JSON).body(body),
        // The layer that finishes answers makes a problem of it.
        Err(error) => poem::Error::from(Problem::internal(error)).into_response(),
    }
}
