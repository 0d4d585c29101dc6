//! Who makes the plans. Whatever a provider hands over has passed the one validator.

mod builtin;

pub use builtin::BuiltinProvider;
