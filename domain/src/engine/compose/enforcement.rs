//! Which rules the composer heeds. All of them, except in the mutation check: there one is switched off, and the
//! validator must notice.

use crate::engine::rule::Rule;

/// Every rule, or every rule but one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enforcement {
    off: Option<Rule>,
}

impl Enforcement {
    /// Every rule.
    pub const ALL: Self = Self { off: None };

    /// Every rule but this one. For the mutation check only.
    #[must_use]
    pub const fn without(rule: Rule) -> Self {
        Self { off: Some(rule) }
    }

    /// Whether the composer heeds the rule.
    #[must_use]
    pub fn heeds(self, rule: Rule) -> bool {
        self.off != Some(rule)
    }
}
