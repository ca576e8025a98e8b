//! Values that must mean something to others: publishers, proxies, HTTP, the units of politeness.

use super::error::Wrong;
use crate::normal::NormalUrl;
use http::header::{HeaderName, HeaderValue};
use std::path::PathBuf;
use url::{Host, Url};

/// Headers that are ours to set: they frame the request, say who we are, decide what we can read,
/// or ask for less than the page.
const OURS: [&str; 20] = [
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "from",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "signature",
    "signature-agent",
    "signature-input",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Whether a header is gleaner's own to set, and no user's.
pub(crate) fn is_ours(name: &HeaderName) -> bool {
    OURS.contains(&name.as_str())
}

/// Proxies that the HTTP client speaks to.
const PROXIES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A page or a mailbox that a publisher can write to; it is sent in every request, so it must fit a header.
pub(super) fn contact(text: &str) -> Result<String, Wrong> {
    let hint = "give a page about your crawl or a mailbox: `https://example.org/crawl` or `crawl@example.org`";
    let wrong = || Wrong::new(format!("`{text}` is neither a URL nor a mailbox")).hint(hint);
    if text.starts_with("http://") || text.starts_with("https://") {
        let url = Url::parse(text).map_err(|_| wrong())?;
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        return Ok(if plain { text.to_owned() } else { url.into() });
    }
    if is_mailbox(text) {
        Ok(text.to_owned())
    } else {
        Err(wrong())
    }
}

/// A mailbox for `From`.
pub(super) fn mailbox(text: &str) -> Result<String, Wrong> {
    let wrong = || {
        Wrong::new(format!("`{text}` is not a mailbox")).hint("write it like `crawl@example.org`")
    };
    is_mailbox(text).then(|| text.to_owned()).ok_or_else(wrong)
}

/// Where a key directory is: it is sent in every signed request.
pub(super) fn agent(text: &str) -> Result<String, Wrong> {
    let hint = "write it like `https://example.org/.well-known/http-message-signatures-directory`";
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(text.to_owned())
        }
        _ => Err(Wrong::new(format!("`{text}` is not an https URL")).hint(hint)),
    }
}

/// A plain mailbox (RFC 5322 3.4.1 without comments and quoting), at a domain with a dot.
fn is_mailbox(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    !name.is_empty()
        && name.bytes().all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A proxy's URL. It may hold a password, so no message repeats it.
pub(super) fn proxy(text: &str) -> Result<String, Wrong> {
    let hint = "write it like `http://proxy.example:8080` or `socks5://127.0.0.1:1080`";
    let url = Url::parse(text).map_err(|why| Wrong::new(format!("not a URL: {why}")).hint(hint))?;
    if !PROXIES.contains(&url.scheme()) {
        let what = format!(
            "`{}` is not a kind of proxy that is known here",
            url.scheme()
        );
        return Err(Wrong::new(what).hint(hint));
    }
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(text.to_owned()),
        _ => Err(Wrong::new("the proxy has no host").hint(hint)),
    }
}

/// A file that is there.
pub(super) fn file(path: PathBuf) -> Result<PathBuf, Wrong> {
    if path.is_file() {
        return Ok(path);
    }
    let what = if path.exists() {
        "is not a file"
    } else {
        "does not exist"
    };
    Err(Wrong::new(format!("`{}` {what}", path.display())))
}

/// A header's value.
pub(super) fn header_value(text: &str) -> Result<String, Wrong> {
    match HeaderValue::from_str(text) {
        Ok(value) if value.to_str().is_ok() => Ok(text.to_owned()),
        _ => Err(Wrong::new(format!(
            "`{}` can't stand in a header",
            text.escape_debug()
        ))),
    }
}

/// A header sent besides our own.
pub(super) fn header((name, value): (&str, &str)) -> Result<(String, String), Wrong> {
    let known = HeaderName::from_bytes(name.as_bytes());
    let known = known.map_err(|_| Wrong::new(format!("`{name}` is not a header's name")))?;
    if is_ours(&known) {
        let wrong = Wrong::new(format!("the header `{name}` is set by gleaner"));
        return Err(match known.as_str() {
            "cookie" => wrong.hint("use the key `cookies`"),
            "user-agent" | "from" => wrong.hint("say who you are by `crawl.contact`"),
            _ => wrong,
        });
    }
    Ok((name.to_owned(), header_value(value)?))
}

/// A URL pattern.
pub(super) fn pattern(text: &str) -> Result<String, Wrong> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let what = format!(
            "the pattern `{}` can't match: no URL holds a space",
            text.escape_debug()
        );
        return Err(Wrong::new(what).hint("a space in a URL is written `%20`"));
    }
    Ok(text.to_owned())
}

/// A use that pages may be collected for.
pub(super) fn usage(text: &str) -> Result<String, Wrong> {
    const USES: [&str; 5] = ["search", "ai-input", "ai-train", "tdm", "archive"];
    if USES.contains(&text) {
        return Ok(text.to_owned());
    }
    let wrong = Wrong::new(format!("`{text}` is no use that publishers speak of"));
    Err(wrong.hint("there are `search`, `ai-input`, `ai-train`, `tdm` and `archive`"))
}

/// Whether text behind a paywall is exported.
pub(super) fn paywalled_text(text: &str) -> Result<bool, Wrong> {
    match text {
        "omit" => Ok(false),
        "keep" => Ok(true),
        _ => Err(Wrong::new(format!("`{text}` is neither `omit` nor `keep`"))),
    }
}

/// The name of a budget unit: a registrable domain, or address and port.
pub(super) fn site(text: &str) -> Result<String, Wrong> {
    let bare = !text.contains("://");
    let url = if bare {
        NormalUrl::parse(&format!("http://{text}"))
    } else {
        NormalUrl::parse(text)
    };
    let url = url.map_err(|why| {
        let wrong = Wrong::new(format!("`{text}` is not a site: {why}"));
        wrong
            .hint("write a registrable domain or address and port: `example.com`, `127.0.0.1:8800`")
    })?;
    let unit = url.budget_unit();
    let is_address = !matches!(url.url().host(), Some(Host::Domain(_)));
    let host = url.url().host_str().unwrap_or_default();
    // `:80` is no longer to be seen in a URL, so the text is compared; a name may be written in
    // capitals or in its own script.
    let as_meant = if is_address {
        text == unit.as_str()
    } else {
        host == unit.as_str()
    };
    let name_alone = bare && (is_address || !text.contains([':', '/', '?', '#', '@', '\\']));
    if name_alone && as_meant {
        return Ok(unit.to_string());
    }
    let why = if is_address {
        "an address is a site together with its port"
    } else {
        "limits are kept for the registrable domain"
    };
    Err(Wrong::new(format!("`{text}` is not a site")).hint(format!("write `{unit}`: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts() {
        for text in [
            "https://example.org",
            "http://example.org/a?b",
            "crawl@example.org",
            "a.b+c@x-y.example",
        ] {
            assert_eq!(contact(text).as_deref(), Ok(text));
        }
        assert_eq!(
            contact("https://example.org/زحف").unwrap(),
            "https://example.org/%D8%B2%D8%AD%D9%81"
        );
        for text in [
            "me",
            "me@localhost",
            "@example.org",
            "a b@example.org",
            "https://",
            "mailto:a@b.example",
            "a@b@c.example",
            "a@b..example",
            "ftp://example.org",
        ] {
            assert!(contact(text).is_err(), "{text}");
        }
    }

    #[test]
    fn proxies() {
        for text in [
            "http://127.0.0.1:3128",
            "https://user:secret@proxy.example",
            "socks5://127.0.0.1:1080",
            "socks5h://p.example:1",
        ] {
            assert_eq!(proxy(text).as_deref(), Ok(text));
        }
        for text in [
            "proxy.example:8080",
            "ftp://proxy.example",
            "http://",
            "socks5://user:secret@/",
        ] {
            let wrong = proxy(text).unwrap_err();
            assert!(!wrong.what.contains("secret"), "{wrong:?}");
        }
    }

    #[test]
    fn sites() {
        for (text, unit) in [
            ("example.com", "example.com"),
            ("Example.COM", "example.com"),
            ("example.co.uk", "example.co.uk"),
            ("127.0.0.1:8800", "127.0.0.1:8800"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("[::1]:8800", "[::1]:8800"),
            ("site1.localhost", "site1.localhost"),
        ] {
            assert_eq!(site(text).as_deref(), Ok(unit), "{text}");
        }
        for (text, meant) in [
            ("www.example.com", "example.com"),
            ("news.bbc.co.uk", "bbc.co.uk"),
            ("https://www.example.com/news", "example.com"),
            ("example.com/news", "example.com"),
            ("example.com:8080", "example.com"),
            ("127.0.0.1", "127.0.0.1:80"),
            ("https://127.0.0.1", "127.0.0.1:443"),
        ] {
            let hint = site(text).unwrap_err().hint.unwrap();
            assert!(
                hint.starts_with(&format!("write `{meant}`:")),
                "{text}: {hint}"
            );
        }
        assert!(site("not a site").is_err());
        assert!(site("ftp://example.com").is_err());
    }

    #[test]
    fn headers() {
        assert!(header(("X-Key", "abc")).is_ok());
        for (name, value) in [
            ("User-Agent", "x"),
            ("HOST", "x"),
            ("a b", "x"),
            ("X", "a\nb"),
            ("Cookie", "a=b"),
            ("Range", "bytes=0-99"),
            ("Upgrade", "h2c"),
            ("If-None-Match", "x"),
        ] {
            assert!(header((name, value)).is_err(), "{name}");
        }
    }
}
