//! The head of a request: who asks, for what, and in which forms we read it.

use super::{Ask, FetchError, Wants};
use crate::clock::Millis;
use crate::config::{Config, is_ours};
use crate::identity::Signer;
use bytes::Bytes;
use http::Version;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, COOKIE, FROM, HOST, HeaderMap, HeaderName,
    HeaderValue, USER_AGENT,
};
use url::Url;

const PAGE: HeaderValue = HeaderValue::from_static(
    "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5",
);
const ROBOTS: HeaderValue = HeaderValue::from_static("text/plain,*/*;q=0.5");
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, br, zstd, deflate");

/// The `User-Agent` of every request; `contact` is where a publisher can ask what this is.
#[must_use]
pub fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("Mozilla/5.0 (compatible; gleaner/{version}; +{contact})"),
        None => format!("Mozilla/5.0 (compatible; gleaner/{version})"),
    }
}

/// The mailbox in a contact, for `From` (RFC 9110 10.1.2).
fn mailbox(contact: &str) -> Option<&str> {
    let address = contact.strip_prefix("mailto:").unwrap_or(contact);
    let (local, domain) = address.split_once('@')?;
    let whole = !local.is_empty() && !domain.is_empty() && !address.contains([':', '/', ' ']);
    whole.then_some(address)
}

/// What every request says.
pub(super) struct Standing {
    headers: Vec<(HeaderName, HeaderValue)>,
    signer: Option<Signer>,
}

impl Standing {
    /// # Errors
    /// When the contact, `accept_language` or a header of a `[[site]]` cannot be sent, or the key
    /// cannot be used.
    pub(super) fn new(config: &Config) -> Result<Self, FetchError> {
        for site in &config.sites {
            for (name, value) in &site.headers {
                extra(name, value).ok_or_else(|| refused(&site.site, name))?;
            }
            let cookies = site.cookies.as_deref().map(HeaderValue::from_str);
            cookies
                .transpose()
                .map_err(|_| refused(&site.site, "cookies"))?;
        }
        let contact = config.crawl.contact.as_deref();
        let mut headers = vec![(USER_AGENT, sendable("crawl.contact", &user_agent(contact))?)];
        let from = config.crawl.from.as_deref();
        if let Some(address) = from.or_else(|| mailbox(contact?)) {
            headers.push((FROM, sendable("crawl.from", address)?));
        }
        if let Some(languages) = &config.fetch.accept_language {
            headers.push((
                ACCEPT_LANGUAGE,
                sendable("fetch.accept_language", languages)?,
            ));
        }
        headers.push((ACCEPT_ENCODING, CODINGS));
        Ok(Self {
            headers,
            signer: Signer::of(&config.identity)?,
        })
    }

    /// The head of one request that is made `now`, and whether it holds validators. `Host` is in it where we know
    /// that the request goes out as HTTP/1.1; elsewhere the client adds what the protocol needs.
    pub(super) fn head(
        &self,
        url: &Url,
        ask: &Ask,
        cookies: Option<HeaderValue>,
        now: Millis,
    ) -> (HeaderMap, bool) {
        let mut headers = HeaderMap::with_capacity(16);
        if url.scheme() == "http"
            && let Some(host) = host(url)
        {
            headers.insert(HOST, host);
        }
        let accept = match ask.wants {
            Wants::Page => PAGE,
            Wants::Robots => ROBOTS,
        };
        headers.extend(self.headers.iter().cloned());
        headers.insert(ACCEPT, accept);
        headers.extend(self.signature(url, now));
        let extras = ask.headers.iter();
        headers.extend(extras.filter_map(|(name, value)| extra(name, value)));
        if let Some(cookies) = both(ask.cookies.as_deref(), cookies) {
            headers.insert(COOKIE, cookies);
        }
        let validators = ask.validators.as_ref();
        let conditional = validators.is_some_and(|validators| validators.ask(&mut headers));
        (headers, conditional)
    }
}

impl Standing {
    fn signature(&self, url: &Url, now: Millis) -> Vec<(HeaderName, HeaderValue)> {
        let seconds = i64::try_from(now / 1000).unwrap_or(i64::MAX);
        let signed = self.signer.as_ref().and_then(|it| it.headers(url, seconds));
        let headers = signed.into_iter().flatten();
        headers
            .filter_map(|(name, value)| {
                Some((
                    HeaderName::from_static(name),
                    HeaderValue::try_from(value).ok()?,
                ))
            })
            .collect()
    }
}

/// The head as it went over the wire; for HTTP/2 the same in HTTP/1.1's form, as archives have
/// it. The client puts a `Host` of its own making last. Cookies and the headers that the user
/// added (`extras`) are left out: they may be secrets, and an archive is made to be handed on.
pub(super) fn wire(
    url: &Url,
    headers: &HeaderMap,
    extras: &[(String, String)],
    version: Version,
) -> Bytes {
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut head = Vec::with_capacity(512 + target.len());
    head.extend_from_slice(b"GET ");
    head.extend_from_slice(target.as_bytes());
    head.extend_from_slice(b" HTTP/1.1\r\n");
    let missing = host(url).filter(|_| !headers.contains_key(HOST));
    let (first, last) = match version {
        Version::HTTP_2 => (missing, None),
        _ => (None, missing),
    };
    let extras: Vec<HeaderName> = extras
        .iter()
        .filter_map(|(name, value)| Some(extra(name, value)?.0))
        .collect();
    let given = headers
        .iter()
        .filter(|(name, _)| **name != COOKIE && !extras.contains(name));
    let lines = first.iter().map(|host| (&HOST, host)).chain(given);
    for (name, value) in lines.chain(last.iter().map(|host| (&HOST, host))) {
        line(&mut head, name, value);
    }
    head.extend_from_slice(b"\r\n");
    head.into()
}

/// Names in title case, as the client sends them: some old servers know no other.
fn line(head: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    let mut start = true;
    for byte in name.as_str().bytes() {
        head.push(if start {
            byte.to_ascii_uppercase()
        } else {
            byte
        });
        start = byte == b'-';
    }
    head.extend_from_slice(b": ");
    head.extend_from_slice(value.as_bytes());
    head.extend_from_slice(b"\r\n");
}

fn host(url: &Url) -> Option<HeaderValue> {
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    HeaderValue::from_str(host).ok()
}

/// A header of a `[[site]]`, if it may be sent at all.
fn extra(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let value = HeaderValue::from_str(value).ok()?;
    (!is_ours(&name)).then_some((name, value))
}

/// The configured cookies and those of the jar in one header (RFC 6265 5.4).
fn both(configured: Option<&str>, jar: Option<HeaderValue>) -> Option<HeaderValue> {
    let configured = configured.and_then(|text| HeaderValue::from_str(text).ok());
    let (Some(first), Some(second)) = (&configured, &jar) else {
        return configured.or(jar);
    };
    let joined = [first.as_bytes(), b"; ", second.as_bytes()].concat();
    HeaderValue::from_bytes(&joined).ok()
}

fn sendable(key: &'static str, text: &str) -> Result<HeaderValue, FetchError> {
    HeaderValue::from_str(text).map_err(|source| FetchError::Value {
        key,
        value: text.to_owned(),
        source,
    })
}

fn refused(site: &str, name: &str) -> FetchError {
    FetchError::Header {
        site: site.to_owned(),
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Site;
    use crate::fetch::Validators;

    fn config(contact: &str) -> Config {
        let mut config = Config::default();
        config.crawl.contact = Some(contact.to_owned());
        config
    }

    fn ask() -> Ask {
        Ask {
            max_body: 1,
            wants: Wants::Page,
            validators: None,
            headers: Vec::new(),
            cookies: None,
        }
    }

    #[test]
    fn the_head_says_who_asks() {
        let standing = Standing::new(&config("mailto:a@b.example")).unwrap();
        let url = Url::parse("http://news.example:8080/a%20b?c=d").unwrap();
        let mut ask = ask();
        ask.headers = vec![
            ("x-key".into(), "1".into()),
            ("User-Agent".into(), "other".into()),
        ];
        ask.cookies = Some("a=1".into());
        ask.validators = Some(Validators {
            etag: Some("\"e\"".into()),
            last_modified: None,
        });
        let (headers, conditional) =
            standing.head(&url, &ask, Some(HeaderValue::from_static("b=2")), 0);
        assert!(conditional);
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "GET /a%20b?c=d HTTP/1.1\r\n\
             Host: news.example:8080\r\n\
             User-Agent: Mozilla/5.0 (compatible; gleaner/{version}; +mailto:a@b.example)\r\n\
             From: a@b.example\r\n\
             Accept-Encoding: gzip, br, zstd, deflate\r\n\
             Accept: text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,\
             application/xml;q=0.9,*/*;q=0.5\r\n\
             If-None-Match: \"e\"\r\n\r\n"
        );
        assert_eq!(
            (&headers["x-key"], &headers["cookie"]),
            (&"1".parse().unwrap(), &"a=1; b=2".parse().unwrap())
        );
        // What may be a secret is sent and not kept.
        let kept = wire(&url, &headers, &ask.headers, Version::HTTP_11);
        assert_eq!(kept, expected.as_bytes());
    }

    #[test]
    fn from_is_a_mailbox_or_nothing() {
        let rows = [
            ("a@b.example", Some("a@b.example")),
            ("mailto:a@b.example", Some("a@b.example")),
            ("https://b.example/about", None),
            ("https://a@b.example/", None),
            ("@b", None),
        ];
        for (contact, expected) in rows {
            assert_eq!(mailbox(contact), expected, "{contact}");
        }
        assert!(user_agent(None).ends_with(')') && !user_agent(None).contains('+'));
    }

    #[test]
    fn what_cannot_be_sent_is_named() {
        let error = Standing::new(&config("a\nb")).err().unwrap();
        assert_eq!(
            error.to_string(),
            "`crawl.contact` cannot be sent in a header: `Mozilla/5.0 \
            (compatible; gleaner/0.1.0; +a\nb)`"
                .replace("0.1.0", env!("CARGO_PKG_VERSION"))
        );
        for name in ["user-agent", "Host", "a b"] {
            let site = Site {
                site: "news.example".into(),
                headers: vec![(name.into(), "x".into())],
                ..Site::default()
            };
            let mut config = Config::default();
            config.sites.push(site);
            let error = Standing::new(&config).err().unwrap().to_string();
            assert!(
                error.contains(name) && error.contains("news.example"),
                "{error}"
            );
        }
    }
}
