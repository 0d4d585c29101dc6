//! Server-sent events as an answer.

use std::marker::PhantomData;

use poem::http::{HeaderValue, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};

/// What the events of a stream hold, each as JSON.
pub(crate) trait Told {
    /// The shape of their data.
    fn item() -> MetaSchemaRef;

    /// Makes the shape known to the document.
    fn register(registry: &mut Registry);
}

/// Server-sent events, which go on for as long as the client stays.
pub(crate) struct EventStream<T> {
    body: Body,
    told: PhantomData<fn() -> T>,
}

impl<T> EventStream<T> {
    pub(crate) const fn new(body: Body) -> Self {
        Self { body, told: PhantomData }
    }
}

impl<T: Told> IntoResponse for EventStream<T> {
    fn into_response(self) -> Response {
        Response::builder()
            // Whoever packs or changes it on the way holds events back.
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"))
            // Proxies that gather answers before they pass them on would hold the feed back.
            .header("x-accel-buffering", "no")
            .content_type(Self::CONTENT_TYPE)
            .body(self.body)
    }
}

impl<T: Told> Payload for EventStream<T> {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    /// A list of what the events hold, each as JSON.
    fn schema_ref() -> MetaSchemaRef {
        let items = Some(Box::new(T::item()));
        let schema = MetaSchema { items, ..MetaSchema::new_with_format("array", "event-stream") };
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
