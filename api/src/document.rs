//! The OpenAPI documents, one a port: what `/openapi.json` serves, what `ally openapi` writes, and what `api/openapi.json` and
//! `api/presence.openapi.json` pin. The AsyncAPI documents are made elsewhere: `crate::asyncapi`, and `crate::presence` for the sockets.
//!
//! The framework writes OpenAPI 3.0 from types. Steps over its JSON say what types do not, one file a step; the last of them makes
//! OpenAPI 3.1 of it. Deliberately not here: the types, which are in `crate::schema` and `crate::wire`.

mod bodies;
mod choices;
mod delivery;
mod examples;
mod exports;
mod links;
mod newer;
mod numbers;
mod order;
mod page;
mod parts;
mod plain;
mod presence;
mod problems;
#[cfg(test)]
mod tests;
mod texts;
mod webhooks;

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::LazyLock;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::registry::{
    MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;

pub(crate) use presence::{
    document as presence_document, operations as presence_operations, service as presence_service,
};
pub(crate) use webhooks::{
    HEADERS as WEBHOOK_HEADERS, OF_ENDPOINTS as WEBHOOK_OF_ENDPOINTS, OF_JOBS as WEBHOOK_OF_JOBS,
};

use self::order::{Order, Ordered};
use crate::queries::QueryParameter;
use crate::routes::{
    Batch, Desk, Events, Exercises, Jobs, Onboarding, Operator, OperatorMany, OperatorQueues, OperatorTraces,
    OperatorWebhookDeliveries, OperatorWebhookReplays, OperatorWebhookSecrets, OperatorWebhooks, Plans, Profile,
    Submit, TimeCrunch, Timeline, Training, Versions,
};
use crate::yaml;

/// The version of the API and of the program that serves it.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const TITLE: &str = "Ally";
/// The chapters in the order of the walk.
const CHAPTERS: &[&str] = &["Onboarding", "Jobs", "Events", "Plans", "Training", "Exercises", "Operations", "Webhooks"];
const DESCRIPTION: &str = "\
An athlete's answers become a training plan.

Answer onboarding (`POST /api/v1/onboarding`), read the job that it starts (`GET /api/v1/jobs/{id}`) until it is \
`completed`, then read its plan (`GET /api/v1/plans/{id}`).

Commands answer 202 as soon as they are safe in the log. The `position` of the answer can be named in the reads that take \
one, which then see at least that event or say that the log does not hold it. Every error is a problem document (RFC 9457, `application/problem+json`); its `type` \
leads to a page that says what it means. Every answer carries its trace id as `x-trace-id`, and `traceparent` is honoured.

Every operation needs a bearer token; its subject is the athlete. The chapter \
Operations needs one with the role `operator`. In development `ally token` makes one.";

/// The API with everything that its routes work with.
pub(crate) type Api = (
    Onboarding,
    Submit,
    Batch,
    Jobs,
    Timeline,
    Events,
    Plans,
    Versions,
    Training,
    Profile,
    Exercises,
    TimeCrunch,
    // A tuple has at most sixteen members.
    OperatorApi,
    WebhookApi,
);

type OperatorApi = (Operator, OperatorMany, OperatorQueues, OperatorTraces);
type WebhookApi = (OperatorWebhooks, OperatorWebhookSecrets, OperatorWebhookDeliveries, OperatorWebhookReplays);

/// OpenAPI before JSON Schema: for generators that read nothing newer.
const OLDER_VERSION: &str = "3.0.3";

/// The document in its forms. It is made of types alone, so nothing has to run for it.
pub(crate) struct Document {
    /// Pretty JSON.
    pub json: String,
    /// YAML.
    pub yaml: String,
    /// Pretty JSON of OpenAPI 3.0, which says the same.
    pub older: String,
    /// A page that reads the document, in one file.
    pub page: String,
}

/// An operation, as far as a request is held to it before any route.
pub(crate) struct Operation {
    /// `/api/v1/plans/{id}`
    pub template: String,
    pub method: Method,
    pub query: Vec<QueryParameter>,
}

impl Operation {
    /// The path with this method, for a table of routes.
    pub(crate) fn route(self) -> (String, Vec<String>) {
        (self.template, vec![self.method.to_string()])
    }
}

/// An API as types, without what its routes work with.
struct Described<A>(PhantomData<fn() -> A>);

impl<A: OpenApi> OpenApi for Described<A> {
    fn meta() -> Vec<MetaApi> {
        let mut all = A::meta();
        all.iter_mut().flat_map(|api| &mut api.paths).for_each(delivery::describe);
        all
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
        registry.schemas.values_mut().for_each(plainly);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// A described reference is written as all-of the reference and its own description, which stands beside them already.
/// Generators make a type of its own of that; the reference alone says the same.
fn plainly(schema: &mut MetaSchema) {
    for (_, property) in &mut schema.properties {
        if let MetaSchemaRef::Inline(property) = property {
            property.all_of.truncate(1);
        }
    }
}

/// The routes of the API.
pub(crate) fn service(desk: &Desk) -> OpenApiService<Api, ()> {
    let of = || desk.clone();
    let api = (
        Onboarding(of()),
        Submit(of()),
        Batch(of()),
        Jobs(of()),
        Timeline(of()),
        Events(of()),
        Plans(of()),
        Versions(of()),
        Training(of()),
        Profile(of()),
        Exercises(of()),
        TimeCrunch(of()),
        (Operator(of()), OperatorMany(of()), OperatorQueues(of()), OperatorTraces(of())),
        (
            OperatorWebhooks(of()),
            OperatorWebhookSecrets(of()),
            OperatorWebhookDeliveries(of()),
            OperatorWebhookReplays(of()),
        ),
    );
    OpenApiService::new(api, TITLE, VERSION)
}

/// The OpenAPI document of the gateway as pretty JSON.
#[must_use]
pub fn openapi_json() -> String {
    document().json.clone()
}

/// The same in OpenAPI 3.0.
#[must_use]
pub fn openapi_3_0_json() -> String {
    document().older.clone()
}

/// The OpenAPI document of the port of presence as pretty JSON.
#[must_use]
pub fn presence_openapi_json() -> String {
    presence_document().json.clone()
}

/// The same in OpenAPI 3.0.
#[must_use]
pub fn presence_openapi_3_0_json() -> String {
    presence_document().older.clone()
}

/// The AsyncAPI document of what the gateway sends by itself as pretty JSON.
#[must_use]
pub fn asyncapi_json() -> String {
    crate::asyncapi::document().json()
}

/// The AsyncAPI document of the sockets of presence as pretty JSON.
#[must_use]
pub fn presence_asyncapi_json() -> String {
    crate::presence::asyncapi_document().json()
}

/// The gateway's document.
pub(crate) fn document() -> &'static Document {
    static MADE: LazyLock<Document> = LazyLock::new(|| Document::of::<Api>(TITLE, DESCRIPTION, CHAPTERS));
    &MADE
}

/// Every operation of the gateway.
pub(crate) fn operations() -> Vec<Operation> {
    operations_of::<Api>()
}

fn operations_of<A: OpenApi>() -> Vec<Operation> {
    let paths = A::meta().into_iter().flat_map(|api| api.paths);
    let of = |MetaPath { path, operations }: MetaPath| {
        let of = move |operation: MetaOperation| Operation {
            template: path.clone(),
            method: operation.method,
            query: operation.params.iter().filter_map(query_parameter).collect(),
        };
        operations.into_iter().map(of)
    };
    paths.flat_map(of).collect()
}

fn query_parameter(parameter: &MetaOperationParam) -> Option<QueryParameter> {
    let is_list = matches!(&parameter.schema, MetaSchemaRef::Inline(schema) if schema.ty == "array");
    (parameter.in_type == MetaParamIn::Query).then(|| QueryParameter { name: parameter.name.clone(), is_list })
}

impl Document {
    fn of<A: OpenApi>(title: &str, description: &str, chapters: &[&str]) -> Self {
        let license = LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0");
        let service = OpenApiService::new(Described::<A>(PhantomData), title, VERSION);
        let contact = ContactObject::new().name("Whoever operates this deployment");
        let service = service.description(description).license(license).contact(contact).server("/");
        let spec = service.spec();
        let whole = numbers::whole(&spec);
        // What the framework has just written is JSON.
        let (value, mut order) = (serde_json::from_str(&whole).unwrap_or_default(), order_of(&whole));
        let older = completed(value, &mut order);
        let mut newer = newer::newer(older.clone());
        webhooks::describe(&mut newer);
        let json = pretty(&newer, &order);
        Self {
            yaml: yaml::text(&Ordered { value: &newer, order: &order }),
            page: page::page(&service.swagger_ui_html().replace(&spec, &json), title, chapters),
            older: pretty(&older, &order),
            json,
        }
    }
}

fn order_of(spec: &str) -> Order {
    serde_json::from_str(spec).unwrap_or_default()
}

/// The framework's document with what types do not say.
fn completed(mut document: Value, order: &mut Order) -> Value {
    if let Some(document) = document.as_object_mut() {
        document.insert("openapi".to_owned(), OLDER_VERSION.into());
    }
    plain::plainly(&mut document);
    for (path, origin) in exports::take_apart(&mut document) {
        order.insert_behind("paths", &origin, path);
    }
    choices::name_choices(&mut document);
    texts::describe(&mut document);
    bodies::close(&mut document);
    problems::share_problems(&mut document);
    examples::show(&mut document);
    links::link(&mut document);
    document
}

fn pretty(value: &Value, order: &Order) -> String {
    serde_json::to_string_pretty(&Ordered { value, order }).unwrap_or_default() + "\n"
}
