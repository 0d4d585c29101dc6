//! An answer in one of several forms, and how the document shows them all.

use std::marker::PhantomData;

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;

use super::address::Address;
use crate::delivery::IMMUTABLE;
use crate::export::Form;
use crate::vary;

/// What an operation answers in which forms.
pub(super) trait Forms {
    /// What the JSON holds.
    type Shape: Type;
    const FORMS: &'static [Form];
    const DESCRIPTION: &'static str;
}

/// An answer in the form that was asked for.
pub(super) struct Formed<F> {
    response: Response,
    forms: PhantomData<fn() -> F>,
}

impl<F> Formed<F> {
    /// The answer as the API writes JSON.
    pub(super) fn json(address: &Address<'_>, body: impl IntoResponse) -> Self {
        Self::of(address, body.into_response())
    }

    /// The answer as a file of a name, without its extension.
    pub(super) fn file(address: &Address<'_>, stem: &str, body: Vec<u8>) -> Self {
        let form = address.form;
        // People read Markdown where they are; the rest is for other programs.
        let kind = if form == Form::Markdown { "inline" } else { "attachment" };
        let disposition = format!("{kind}; filename=\"{}.{form}\"", safe(stem));
        let response = Response::builder()
            .content_type(form.content_type())
            .header(header::CONTENT_DISPOSITION, disposition)
            .body(body);
        Self::of(address, response)
    }

    /// That the caller has the answer already.
    pub(super) fn not_modified(address: &Address<'_>) -> Self {
        Self::of(address, Response::builder().status(StatusCode::NOT_MODIFIED).finish())
    }

    /// The answer under its tag. One of a version that the caller named never changes.
    pub(super) fn with_tag(mut self, tag: &str, is_version_named: bool) -> Self {
        let headers = self.response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(tag) {
            headers.insert(header::ETAG, tag);
        }
        if is_version_named {
            headers.insert(header::CACHE_CONTROL, IMMUTABLE);
            // It is used without asking again, and two athletes may share a browser.
            vary::add(headers, "Authorization");
        }
        self
    }

    fn of(address: &Address<'_>, mut response: Response) -> Self {
        if address.negotiated {
            vary::add(response.headers_mut(), "Accept");
        }
        Self { response, forms: PhantomData }
    }
}

/// A text that stands in a quoted file name and on any file system: a session's id may come from a foreign provider.
fn safe(stem: &str) -> String {
    stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).take(120).collect()
}

impl<F> IntoResponse for Formed<F> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<F: Forms> ApiResponse for Formed<F> {
    fn meta() -> MetaResponses {
        let content =
            F::FORMS.iter().map(|form| MetaMediaType { content_type: form.media_type(), schema: schema::<F>(*form) });
        let response = MetaResponse {
            description: F::DESCRIPTION,
            status: Some(200),
            status_range: None,
            content: content.collect(),
            headers: vec![
                text_header("Content-Disposition", "The name of the file; not with JSON."),
                text_header("Vary", "Names Accept where that chose the form, and not the address."),
            ],
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(registry: &mut Registry) {
        F::Shape::register(registry);
    }
}

fn schema<F: Forms>(form: Form) -> MetaSchemaRef {
    match form {
        Form::Json => F::Shape::schema_ref(),
        Form::Fit | Form::Archive => MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary"))),
        Form::Calendar | Form::Table | Form::Markdown => MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

fn text_header(name: &str, description: &str) -> MetaHeader {
    let (name, description) = (name.to_owned(), Some(description.to_owned()));
    MetaHeader { name, description, required: false, deprecated: false, schema: String::schema_ref() }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn a_name_that_means_harm_is_a_name() {
        assert_eq!(safe("plan-p1-v2"), "plan-p1-v2");
        assert_eq!(safe("../a\"\r\nb"), "___a___b");
    }
}
