//! What every operation says of its delivery, since a layer does it for all of them alike: tags and 304 of reads, how long answers may be
//! kept, what is left of a caller's shares, and which operations are old names.

use poem::http::Method;
use poem_openapi::registry::{
    MetaHeader, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaResponse, MetaSchema, MetaSchemaRef,
};

use crate::deprecation::OLD;

/// Describes the delivery of a path's operations.
pub(super) fn describe(path: &mut MetaPath) {
    for operation in &mut path.operations {
        if operation.method == Method::GET && !is_stream(operation) {
            describe_read(operation);
        }
        operation.deprecated |= OLD.iter().any(|old| old.template == path.path);
        let counted = operation.responses.responses.iter_mut();
        for response in counted.filter(|response| response.status.is_some_and(|status| status < 300 || status == 429)) {
            add(
                response,
                "RateLimit-Policy",
                "The caller's shares: `q` requests at once, and as many again within `w` seconds.",
            );
            add(response, "RateLimit", "What is left of them: `r` requests now, and all of them in `t` seconds.");
        }
    }
}

fn describe_read(operation: &mut MetaOperation) {
    const KNOWN: &str = "If-None-Match";
    if !operation.params.iter().any(|parameter| parameter.name == KNOWN) {
        operation.params.push(MetaOperationParam {
            name: KNOWN.to_owned(),
            schema: text(),
            in_type: MetaParamIn::Header,
            description: Some("The answers that are known already, as earlier ones named them in ETag.".to_owned()),
            required: false,
            deprecated: false,
            explode: true,
            style: None,
        });
    }
    let responses = &mut operation.responses.responses;
    if !responses.iter().any(|response| response.status == Some(304)) {
        let description = "Nothing new since the answer that If-None-Match names.";
        responses.push(MetaResponse {
            description,
            status: Some(304),
            status_range: None,
            content: Vec::new(),
            headers: Vec::new(),
        });
        responses.sort_by_key(|response| response.status);
    }
    for response in responses.iter_mut().filter(|response| matches!(response.status, Some(200 | 304))) {
        add(response, "ETag", "Names this answer; send it as If-None-Match to hear only of another one.");
        add(response, "Cache-Control", "How long the answer may be kept.");
    }
}

/// A stream has no end, and so no name.
fn is_stream(operation: &MetaOperation) -> bool {
    let mut content = operation.responses.responses.iter().flat_map(|response| &response.content);
    content.any(|content| content.content_type == "text/event-stream")
}

fn add(response: &mut MetaResponse, name: &str, description: &str) {
    if response.headers.iter().any(|header| header.name == name) {
        return;
    }
    let (name, description) = (name.to_owned(), Some(description.to_owned()));
    response.headers.push(MetaHeader { name, description, required: false, deprecated: false, schema: text() });
}

fn text() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")))
}
