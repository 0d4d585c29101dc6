//! Who makes the plans. Whatever a provider hands over has passed the one validator.

mod builtin;
mod llm;

pub use builtin::BuiltinProvider;
pub use llm::{ApiKey, Fallback, LlmConfig, LlmFailure, LlmProvider, LlmSetupError, http_client};
