//! A site as it is typed, and which stories are of it.

use crate::normal::NormalUrl;
use crate::store::ArticleRow;
use std::str::FromStr;
use url::{Host, Url};

/// A site, or one host of it, with a port or without.
///
/// A registrable domain (`example.com`) stands for all of its hosts, any other name
/// (`www.example.com`) for itself. Without a port any will do. A URL stands for its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteChoice {
    host: String,
    port: Option<u16>,
    /// The budget unit, where it is the whole site that is meant.
    whole: Option<String>,
}

/// A word that is no [`SiteChoice`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a site nor a host\nhint: write `example.com`, `www.example.com`, `127.0.0.1:8800` or a URL of it"
)]
pub struct SiteError(String);

impl FromStr for SiteChoice {
    type Err = SiteError;

    fn from_str(text: &str) -> Result<Self, SiteError> {
        let choice = match text.trim() {
            url if url.contains("://") => Self::of(url),
            host if host.contains(['/', '?', '#', '@', '\\']) => None,
            host => Self::of(&format!("http://{host}")),
        };
        choice.ok_or_else(|| SiteError(text.to_owned()))
    }
}

impl SiteChoice {
    fn of(text: &str) -> Option<Self> {
        let url = NormalUrl::parse(text).ok()?;
        let host = url.url().host_str()?.to_owned();
        let unit = url.budget_unit().as_str().to_owned();
        let port = port(text);
        let is_name = matches!(url.url().host(), Some(Host::Domain(_)));
        if is_name
            && !host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        {
            return None;
        }
        Some(Self {
            whole: (is_name && port.is_none() && host == unit).then_some(unit),
            host,
            port,
        })
    }

    /// Whether a story is of it.
    #[must_use]
    pub fn takes(&self, row: &ArticleRow) -> bool {
        if let Some(unit) = &self.whole {
            return row.site == *unit;
        }
        NormalUrl::stored(&row.url).is_ok_and(|url| self.names(url.url()))
    }

    fn names(&self, url: &Url) -> bool {
        let port = self.port.is_none() || self.port == url.port_or_known_default();
        port && url.host_str() == Some(&self.host)
    }
}

/// The port that is written out; a parsed URL no longer shows one that is its scheme's own.
fn port(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, after) = authority.rsplit_once(':')?;
    after.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_hosts_and_urls_are_read_and_all_else_is_told() {
        let rows = [
            ("example.com", "example.com", None, true),
            ("Example.COM", "example.com", None, true),
            ("www.example.com", "www.example.com", None, false),
            (
                "https://www.example.com/news?a",
                "www.example.com",
                None,
                false,
            ),
            ("https://example.com/news", "example.com", None, true),
            ("example.com:8080", "example.com", Some(8080), false),
            ("127.0.0.1:80", "127.0.0.1", Some(80), false),
            ("http://127.0.0.1:8800/", "127.0.0.1", Some(8800), false),
            ("127.0.0.1", "127.0.0.1", None, false),
            ("[::1]:8800", "[::1]", Some(8800), false),
            ("[::1]", "[::1]", None, false),
        ];
        for (text, host, port, whole) in rows {
            let choice: SiteChoice = text.parse().unwrap();
            assert_eq!((choice.host.as_str(), choice.port), (host, port), "{text}");
            assert_eq!(choice.whole.is_some(), whole, "{text}");
        }
        for text in [
            "",
            " ",
            "not a site",
            "a.example,b.example",
            "ftp://example.com",
            "a/b",
            "http://",
            "*.example.com",
        ] {
            let error = text.parse::<SiteChoice>().unwrap_err().to_string();
            assert!(error.contains("hint: write `example.com`"), "{error}");
        }
    }
}
