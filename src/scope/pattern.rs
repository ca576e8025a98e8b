//! URL patterns of crawl.toml, matched in time linear in the URL's length.
//!
//! `*` stands for any run of characters, `$` at the end for the end of the URL; without it a
//! pattern holds for all URLs that begin with it. Where the beginning is:
//!
//! | pattern | is held against | example |
//! |---|---|---|
//! | begins with `/` | path and query, as in robots.txt | `/sport/`, `/*?print=` |
//! | begins with `*` or holds `://` | the whole URL | `*.pdf$`, `https://*.example.com/live/` |
//! | begins with a host | what follows `://` | `example.com/archive/` |
//!
//! Patterns are brought into the form of [`NormalUrl`]s, so that `/أخبار/` is found however
//! a page writes it. Path and query match in their own case.

use crate::normal::{NormalUrl, normalise_octets};
use std::sync::Arc;

/// One pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// As the configuration has it.
    written: Arc<str>,
    start: Start,
    /// What stands between the `*`s; the first part begins the text.
    first: String,
    rest: Vec<String>,
    /// Whether the last part ends the text.
    ends: bool,
}

/// Where in a URL a pattern begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    Scheme,
    Host,
    Path,
}

impl Pattern {
    /// Compiles a pattern; `None` for an empty one, which would match everything.
    pub(super) fn new(written: &str) -> Option<Self> {
        let text = written.trim();
        let start = start(text);
        let (text, ends) = match text.strip_suffix('$') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let normal = normal(text, start, ends);
        let mut parts = normal.split('*').map(str::to_owned);
        let first = parts.next()?;
        let rest: Vec<String> = parts.collect();
        if written.trim().is_empty() {
            return None;
        }
        Some(Self {
            written: written.into(),
            start,
            first,
            rest,
            ends,
        })
    }

    pub(super) fn written(&self) -> Arc<str> {
        Arc::clone(&self.written)
    }

    pub(super) fn matches(&self, url: &NormalUrl) -> bool {
        let whole = url.as_str();
        let text = match self.start {
            Start::Scheme => whole,
            Start::Host => whole.split_once("://").map_or(whole, |(_, rest)| rest),
            Start::Path => url.path_and_query(),
        };
        let Some(text) = text.strip_prefix(self.first.as_str()) else {
            return false;
        };
        match self.rest.split_last() {
            None => !self.ends || text.is_empty(),
            Some((last, middle)) => Self::rest_matches(text, middle, last, self.ends),
        }
    }

    /// Each part is taken where it is found first, which leaves most to the parts behind it:
    /// nothing needs to be tried twice.
    fn rest_matches(mut text: &str, middle: &[String], last: &str, ends: bool) -> bool {
        for part in middle {
            let Some((_, rest)) = text.split_once(part.as_str()) else {
                return false;
            };
            text = rest;
        }
        if ends {
            text.ends_with(last)
        } else {
            text.contains(last)
        }
    }
}

fn start(text: &str) -> Start {
    if text.starts_with('/') {
        Start::Path
    } else if text.starts_with('*') || text.contains("://") {
        Start::Scheme
    } else {
        Start::Host
    }
}

fn normal(text: &str, start: Start, ends: bool) -> String {
    if start == Start::Path {
        return normalise_octets(text);
    }
    let (scheme, rest) = match text.find("://") {
        Some(at) => text.split_at(at + 3),
        None => ("", text),
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // `example.com` is not meant to hold for `example.community`.
    let names_host_only = path.is_empty() && !host.contains('*') && !ends;
    let path = if names_host_only { "/" } else { path };
    format!(
        "{}{}{}",
        scheme.to_ascii_lowercase(),
        normal_host(host),
        normalise_octets(path)
    )
}

/// The host (and port) of a pattern; what holds a `*` is no host that could be looked up.
fn normal_host(host: &str) -> String {
    if host.contains('*') || host.is_empty() {
        return normalise_octets(&host.to_lowercase());
    }
    let url = NormalUrl::parse(&format!("http://{host}/"));
    let text = url.as_ref().map_or(host, |url| url.as_str());
    let text = text.strip_prefix("http://").unwrap_or(text);
    text.trim_end_matches('/').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn patterns() {
        let url = "https://www.example.com/news/2024/story.html?print=1&q=%D8%A3";
        for (pattern, holds) in [
            ("/news/", true),
            ("/news", true),
            ("/News/", false),
            ("/2024/", false),
            ("/*/2024/", true),
            ("*/2024/", true),
            ("/news/*.html", true),
            ("/news/*.html$", false),
            ("/*print=1&q=%d8%a3$", true),
            ("/*print=1&q=أ$", true),
            ("/*q=*$", true),
            ("*", true),
            ("*$", true),
            ("/$", false),
            ("$", false),
            ("*print=", true),
            ("*.html?*", true),
            ("*?", true),
            ("**news**story", true),
            ("/news/*story*2024", false),
            ("/%6eews/", true),
            ("https://www.example.com/", true),
            ("HTTPS://WWW.Example.com/news", true),
            ("http://www.example.com/", false),
            ("*://*.example.com/", true),
            ("https://*/news/", true),
            ("www.example.com/news/", true),
            ("www.example.com", true),
            ("www.example.co", false),
            ("example.com/", false),
            ("*.example.com/", true),
            ("WWW.EXAMPLE.COM", true),
        ] {
            let url = NormalUrl::parse(url).unwrap();
            assert_eq!(
                Pattern::new(pattern).unwrap().matches(&url),
                holds,
                "{pattern}"
            );
        }
    }

    #[test]
    fn hosts_in_any_form() {
        let url = NormalUrl::parse("http://صحيفة.example:8080/أخبار/1").unwrap();
        for pattern in [
            "صحيفة.example:8080/أخبار/",
            "xn--ogbhx3c3b.example:8080",
            "http://صحيفة.example:8080/",
        ] {
            assert!(Pattern::new(pattern).unwrap().matches(&url), "{pattern}");
        }
        let local = NormalUrl::parse("http://[::1]:8080/a").unwrap();
        assert!(Pattern::new("[::1]:8080/a$").unwrap().matches(&local));
    }

    #[test]
    fn nothing_is_no_pattern() {
        assert!(Pattern::new("").is_none());
        assert!(Pattern::new("  ").is_none());
    }

    /// A backtracking matcher takes years over this one.
    #[test]
    fn no_pattern_is_slow() {
        let url = NormalUrl::parse(&format!("https://n.example/{}", "a".repeat(100_000))).unwrap();
        let pattern = Pattern::new(&format!("/{}b", "*a".repeat(1_000))).unwrap();
        let start = Instant::now();
        assert!(!pattern.matches(&url));
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}
