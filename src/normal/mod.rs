//! Normalised URLs and the units of politeness: the words that every stage shares.
//!
//! Handed URLs as seeds, pages and servers write them; returns the one form in which a URL is
//! queued, stored and asked for. The data folder is keyed by this form: a new rule raises the
//! schema number. The rules, each with a row in `tests.rs`:
//!
//! | rule | example |
//! |---|---|
//! | scheme and host in lower case, default port dropped | `HTTPS://News.Example:443/` → `https://news.example/` |
//! | host by UTS 46, percent-decoded (WHATWG URL) | `http://صحيفة.example/` → `http://xn--ogbhx3c3b.example/` |
//! | one trailing dot of the host dropped; an empty label is an error | `http://news.example./a` → `http://news.example/a` |
//! | IPv4 in odd forms as four decimal numbers | `http://0x7f.1/` → `http://127.0.0.1/` |
//! | user and password dropped | `http://me:pw@news.example/` → `http://news.example/` |
//! | dot segments resolved, `\` is `/` (WHATWG URL) | `/a/./b/../c` → `/a/c` |
//! | percent-encoding in upper case, of all but unreserved octets (RFC 3986 2.3, 6.2.2) | `/%7edesk/%d8%a3` → `/~desk/%D8%A3` |
//! | octets that no URL may hold raw are percent-encoded as UTF-8 (RFC 3986 2) | `/أ` → `/%D8%A3`, `\|` → `%7C` |
//! | reserved octets stay as they are, so does a stray `%` | `/a%2Fb`, `?q=C%2B%2B`, `/100%` |
//! | fragment dropped, `#!` too | `/a#comments` → `/a` |
//! | tracking and session parameters dropped, `parameters.rs` lists them | `?id=7&utm_source=x` → `?id=7` |
//! | empty parameters and an empty query dropped | `/a?&b=1&` → `/a?b=1`, `/a?` → `/a` |
//! | session ids dropped from the path | `/a;jsessionid=1F2.node1` → `/a` |
//!
//! Kept, since pages differ by them: `www.`, the scheme, case and trailing slash of the path,
//! empty segments, the order of parameters, parameters without a value, `index.html`.

mod octets;
mod parameters;
mod rules;
mod stored;
#[cfg(test)]
mod tests;
mod units;

pub(crate) use octets::normalise as normalise_octets;
pub use stored::{StoredUrl, salted_hash};
pub use units::{BudgetUnit, RobotsUnit};

use std::borrow::Cow;
use std::fmt;
use url::{Host, Url};

/// A URL in gleaner's normal form: the only kind that can enter the frontier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NormalUrl(Url);

/// Why a string is not a URL that gleaner can ask for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL by the WHATWG URL standard.
    #[error("not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// A scheme other than http and https.
    #[error("not http or https: `{0}:`")]
    Scheme(String),
    /// A host name that the DNS can't hold (RFC 1035 2.3.1).
    #[error("host name with an empty label: `{0}`")]
    Host(String),
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

    /// Normalises a parsed URL.
    ///
    /// # Errors
    /// When its scheme is not http or https, or its host name has an empty label.
    pub fn from_url(url: Url) -> Result<Self, UrlError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlError::Scheme(url.scheme().to_owned()));
        }
        Ok(Self(rules::apply(url)?))
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

    /// The host as it stands in the URL: a name in ASCII, an IPv4 address, or `[…]`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Path and query, as a request line holds them and robots.txt rules match them.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.0[url::Position::BeforePath..]
    }

    /// Which robots.txt binds this URL.
    #[must_use]
    pub fn robots_unit(&self) -> RobotsUnit {
        let port = self.0.port_or_known_default().unwrap_or_default();
        RobotsUnit::stored(&format!("{}://{}:{port}", self.0.scheme(), self.host()))
    }

    /// Whose gap, quota and back-off this URL is asked for under.
    #[must_use]
    pub fn budget_unit(&self) -> BudgetUnit {
        BudgetUnit::stored(&self.site())
    }

    /// The text of [`NormalUrl::budget_unit`], borrowed where the URL holds it.
    #[must_use]
    pub fn site(&self) -> Cow<'_, str> {
        if let Some(Host::Domain(name)) = self.0.host() {
            // A public suffix itself (`localhost`, `github.io`) is a site of its own.
            return Cow::Borrowed(psl::domain_str(name).unwrap_or(name));
        }
        if self.0.port().is_some() {
            return Cow::Borrowed(&self.0[url::Position::BeforeHost..url::Position::AfterPort]);
        }
        let port = self.0.port_or_known_default().unwrap_or_default();
        Cow::Owned(format!("{}:{port}", self.host()))
    }
}

impl fmt::Display for NormalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
