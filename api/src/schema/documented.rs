//! What a type that the framework cannot derive says of itself to the document.

/// Implements `Type`: generics, the type, its name, its schema, and what registers the schemas it refers to.
macro_rules! documented {
    ([$($generic:ident: $bound:path),*] $type:ty as $name:expr, $schema:expr, $register:expr) => {
        impl<$($generic: $bound),*> poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                $name
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                $schema
            }

            fn register(registry: &mut poem_openapi::registry::Registry) {
                let register: fn(&mut poem_openapi::registry::Registry) = $register;
                register(registry);
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::empty())
            }
        }
    };
}

pub(crate) use documented;

/// Defines a scalar with a schema of its own.
macro_rules! shape {
    ($($(#[$doc:meta])* $name:ident($value:ty) as $text:literal = $schema:expr, $register:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) $value);

        $crate::schema::documented! { [] $name as $text.into(), poem_openapi::registry::MetaSchemaRef::Inline(Box::new($schema)), $register }

        $crate::schema::as_its_value! { $name }
    )+};
}

/// The same, with a schema that has a name in the document.
macro_rules! named_shape {
    ($($(#[doc = $doc:literal])+ $name:ident($value:ty) as $text:literal = $schema:expr, $register:expr;)+) => {$(
        $(#[doc = $doc])+
        pub(crate) struct $name(pub(crate) $value);

        $crate::schema::documented! {
            [] $name as $text.into(), poem_openapi::registry::MetaSchemaRef::Reference($text.to_owned()), |registry| {
                let register: fn(&mut poem_openapi::registry::Registry) = $register;
                register(registry);
                registry.create_schema::<Self, _>($text.to_owned(), |_| MetaSchema {
                    description: Some(concat!($($doc),+).trim_ascii()),
                    ..$schema
                });
            }
        }

        $crate::schema::as_its_value! { $name }
    )+};
}

/// Writes and reads a scalar as what it holds.
macro_rules! as_its_value {
    ($name:ident) => {
        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(self.0.clone().into())
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
                let value = value.unwrap_or_default();
                serde_json::from_value(value).map(Self).map_err(poem_openapi::types::ParseError::custom)
            }
        }
    };
}

pub(crate) use {as_its_value, named_shape, shape};
