//! What operators say of an endpoint, as bodies spell it.

use std::collections::BTreeSet;

use ally_domain::problem::FieldError;
use ally_domain::webhook::{AppName, EndpointUrl, MessageType, Registration};
use ally_handlers::EndpointChange;
use serde::{Deserialize, Deserializer};

use crate::body::Readable;
use crate::operations::WebhookSecurity;
use crate::problem::{Kind, Problem};
use crate::schema::{ChangeSchema, RegistrationSchema, shortened};

/// An endpoint to be registered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationBody {
    app: String,
    url: String,
    types: BTreeSet<MessageType>,
    description: Option<String>,
}

/// What is to be changed of an endpoint.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    url: Option<String>,
    types: Option<BTreeSet<MessageType>>,
    #[serde(default, deserialize_with = "read_present")]
    description: Option<Option<String>>,
    enabled: Option<bool>,
}

impl Readable for RegistrationBody {
    type Shape = RegistrationSchema;
}

impl Readable for ChangeBody {
    type Shape = ChangeSchema;
}

/// A field that is there, also where it is null: a description that is null is taken away.
fn read_present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl RegistrationBody {
    /// What is to be registered, if every field is right and messages may be sent there.
    pub(super) fn read(self, security: &dyn WebhookSecurity) -> Result<Registration, Problem> {
        let app = self.app.parse::<AppName>().map_err(|_| {
            FieldError::new("app", format!("is {:?}", shortened(&self.app)), "1 to 64 letters, digits, '-' or '_'")
        });
        match (app, read_url(&self.url)) {
            (Ok(app), Ok(url)) => {
                may_be_sent_to(&url, security)?;
                Ok(Registration { app, url, types: self.types, description: self.description })
            }
            (app, url) => Err(Problem::fields(app.err().into_iter().chain(url.err()).collect())),
        }
    }
}

impl ChangeBody {
    /// What is to be changed, if every field is right and messages may be sent there.
    pub(super) fn read(self, security: &dyn WebhookSecurity) -> Result<EndpointChange, Problem> {
        let url = self.url.as_deref().map(read_url).transpose().map_err(|fault| Problem::fields(vec![fault]))?;
        if let Some(url) = &url {
            may_be_sent_to(url, security)?;
        }
        Ok(EndpointChange { url, types: self.types, description: self.description, enabled: self.enabled })
    }
}

fn read_url(text: &str) -> Result<EndpointUrl, FieldError> {
    text.parse().map_err(|_| {
        let expected = "https://, a host and a path in visible ASCII, without user, password, fragment and backslash";
        FieldError::new("url", format!("is {:?}", shortened(text)), expected)
    })
}

fn may_be_sent_to(url: &EndpointUrl, security: &dyn WebhookSecurity) -> Result<(), Problem> {
    security.check(url).map_err(|reason| {
        Problem::field("url", reason, "an address of https that is reachable from outside").with_kind(Kind::WebhookUrl)
    })
}
