//! Texts of the wire that are written once: clients are sent them, and the AsyncAPI document shows them with what they mean.

/// An enumeration in which each variant has a spelling; its doc comment is what the document says of it.
macro_rules! spelled {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$of:meta])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
        $vis enum $name {
            $($(#[$of])+ #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// As clients are sent it.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

/// Types with one value each, which is written as the literal, and which the document shows as that.
macro_rules! constants {
    ($($(#[$of:meta])+ $vis:vis $name:ident = $value:literal;)+) => {
        $(
            $(#[$of])+
            #[derive(Debug, Clone, Copy)]
            $vis struct $name;

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serde::Serialize::serialize(&$value, serializer)
                }
            }

            impl schemars::JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    crate::presence::spelled::constant($value.into())
                }
            }
        )+
    };
}

/// The schema of a constant.
pub(super) fn constant(value: serde_json::Value) -> schemars::Schema {
    let kind = if value.is_boolean() { "boolean" } else { "string" };
    schemars::json_schema!({"type": kind, "const": value})
}

pub(super) use {constants, spelled};
