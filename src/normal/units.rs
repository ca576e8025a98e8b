//! The units of politeness that a URL belongs to.

use super::{NormalUrl, UrlError};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// What the rules of one robots.txt bind (RFC 9309 2.3): scheme, host and port, as `https://host:443`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RobotsUnit(Arc<str>);

/// What one gap, quota and back-off are kept for: the registrable domain (`example.co.uk`,
/// by the Public Suffix List with its private section), or address and port
/// (`127.0.0.1:8800`, `[::1]:443`) where the host is an IP literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetUnit(Arc<str>);

impl RobotsUnit {
    /// Where this unit's robots.txt is.
    ///
    /// # Errors
    /// When the unit was read back damaged.
    pub fn robots_txt(&self) -> Result<NormalUrl, UrlError> {
        NormalUrl::parse(&format!("{}/robots.txt", self.0))
    }

    /// Reads back a unit that was stored.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The unit as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BudgetUnit {
    /// Reads back a unit that was stored.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The unit as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// So that maps keyed by units can be asked with [`NormalUrl::site`].
impl Borrow<str> for BudgetUnit {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RobotsUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BudgetUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
