//! Normalised URLs and the units of politeness: the words that every stage shares.

use std::fmt;
use std::sync::Arc;
use url::{Host, Url};

/// A URL in gleaner's normal form: the only kind that can enter the frontier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NormalUrl(Url);

/// What the rules of one robots.txt bind (RFC 9309 2.3): scheme, host and port, as `https://host:443`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RobotsUnit(Arc<str>);

/// What one gap, quota and back-off are kept for: the registrable domain (`example.co.uk`),
/// or address and port (`127.0.0.1:8800`) where the host is an IP literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetUnit(Arc<str>);

/// Why a string is not a URL that gleaner can ask for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL by the WHATWG URL standard.
    #[error("not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// A scheme other than http and https.
    #[error("not http or https: `{0}:`")]
    Scheme(String),
}

impl NormalUrl {
    /// Normalises an absolute URL.
    ///
    /// # Errors
    /// When `raw` is not an absolute http or https URL.
    pub fn parse(raw: &str) -> Result<Self, UrlError> {
        Self::from_url(Url::parse(raw.trim())?)
    }

    /// Resolves `href` against `base` and normalises the result.
    ///
    /// # Errors
    /// As [`NormalUrl::parse`].
    pub fn join(base: &Url, href: &str) -> Result<Self, UrlError> {
        Self::from_url(base.join(href.trim())?)
    }

    /// Reads back a URL that was normal when it was stored.
    ///
    /// # Errors
    /// When the text is not a URL at all: the place that it was read from is damaged.
    pub fn stored(text: &str) -> Result<Self, UrlError> {
        Ok(Self(Url::parse(text)?))
    }

    fn from_url(mut url: Url) -> Result<Self, UrlError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlError::Scheme(url.scheme().to_owned()));
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Which robots.txt binds this URL.
    #[must_use]
    pub fn robots_unit(&self) -> RobotsUnit {
        let port = self.0.port_or_known_default().unwrap_or_default();
        let host = self.0.host_str().unwrap_or_default();
        RobotsUnit(format!("{}://{host}:{port}", self.0.scheme()).into())
    }

    /// Whose gap, quota and back-off this URL is asked for under.
    #[must_use]
    pub fn budget_unit(&self) -> BudgetUnit {
        if let Some(Host::Domain(name)) = self.0.host() {
            return BudgetUnit(psl::domain_str(name).unwrap_or(name).into());
        }
        let port = self.0.port_or_known_default().unwrap_or_default();
        let address = self.0.host_str().unwrap_or_default();
        BudgetUnit(format!("{address}:{port}").into())
    }
}

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

impl fmt::Display for NormalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_a_named_host_and_of_an_address() {
        let url = NormalUrl::parse("https://www.example.co.uk/a#b").unwrap();
        assert_eq!(url.as_str(), "https://www.example.co.uk/a");
        assert_eq!(url.robots_unit().as_str(), "https://www.example.co.uk:443");
        assert_eq!(url.budget_unit().as_str(), "example.co.uk");
        let local = NormalUrl::parse("http://127.0.1.1:8800/").unwrap();
        assert_eq!(local.budget_unit().as_str(), "127.0.1.1:8800");
    }
}
