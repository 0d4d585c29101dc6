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
