//! Feeds as outlinks: RSS and Atom by feed-rs, or where that gives up or loses items, by a
//! reader that forgives more; JSON Feed.

use super::entities;
use super::json_ld;
use super::tolerant;
use super::walk::spaced;
use super::{Outlink, Role};
use crate::normal::NormalUrl;
use serde_json::Value;
use std::collections::HashSet;
use url::Url;

/// Most items that are read of one feed.
const MAX_ITEMS: usize = 50_000;
/// Deepest nesting that feed-rs, which recurses, is trusted with.
const MAX_DEPTH: usize = 100;

/// A feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Its name, as plain text.
    pub title: Option<String>,
    /// Its items that lead somewhere, in the feed's order, each URL once.
    pub items: Vec<FeedItem>,
    /// The page of older items (RFC 5005 3).
    pub next: Option<NormalUrl>,
}

/// A story as its feed announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedItem {
    /// Where it is.
    pub url: NormalUrl,
    /// Its headline, as plain text.
    pub title: Option<String>,
    /// When it appeared: RFC 3339, or less where less is known.
    pub published: Option<String>,
}

impl Feed {
    /// Adds an item unless its URL is there already, or is none.
    pub(super) fn add(
        &mut self,
        url: Option<NormalUrl>,
        title: Option<String>,
        published: Option<String>,
    ) {
        if let Some(url) = url
            && self.items.len() < MAX_ITEMS
        {
            self.items.push(FeedItem {
                url,
                title,
                published,
            });
        }
    }

    /// The items as stories, and the next page.
    pub(super) fn outlinks(&self) -> Vec<Outlink> {
        let next = self.next.iter().map(|url| (url, Role::Next));
        let items = self.items.iter().map(|item| (&item.url, Role::Story));
        let all = items.chain(next);
        all.map(|(url, role)| Outlink {
            url: url.clone(),
            role,
        })
        .collect()
    }

    fn without_repeats(mut self) -> Self {
        let mut seen = HashSet::new();
        self.items.retain(|item| seen.insert(item.url.clone()));
        self
    }
}

/// Reads an RSS or Atom feed.
pub(super) fn xml(text: &str, url: &NormalUrl) -> (Feed, Option<String>) {
    let announced = text.matches("<item").count() + text.matches("<entry").count();
    // The crate does not know the address behind a counting redirect.
    let known = !text.contains(":origLink") && !nests_deeper_than(text, MAX_DEPTH);
    let by_crate = known.then(|| by_feed_rs(text, url)).flatten();
    match by_crate {
        Some(feed) if feed.items.len() >= announced => (feed.without_repeats(), None),
        by_crate => {
            let (feed, fault) = tolerant::read(text, url);
            match by_crate {
                Some(other) if other.items.len() > feed.items.len() => {
                    (other.without_repeats(), fault)
                }
                _ => (feed.without_repeats(), fault),
            }
        }
    }
}

fn by_feed_rs(text: &str, url: &NormalUrl) -> Option<Feed> {
    // The text is decoded: the declaration's encoding no longer holds.
    let root = match text.strip_prefix("<?xml") {
        Some(rest) => &rest[rest.find("?>")? + 2..],
        None => text,
    };
    let parser = feed_rs::parser::Builder::new()
        .base_uri(Some(url.as_str()))
        .build();
    let read = parser.parse(root.as_bytes()).ok()?;
    let next = read
        .links
        .iter()
        .find(|link| link.rel.as_deref() == Some("next"));
    let mut feed = Feed {
        title: read
            .title
            .map(|title| plain(&title.content))
            .filter(|title| !title.is_empty()),
        next: next.and_then(|link| NormalUrl::join(url.url(), &link.href).ok()),
        items: Vec::new(),
    };
    for entry in read.entries {
        let mut links = entry.links.iter();
        let link = links.find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
        let place = link.and_then(|link| place(url.url(), &link.href));
        let title = entry.title.map(|title| {
            let is_text =
                title.content_type.as_str() == "text/plain" && entry_is_atom(&read.feed_type);
            if is_text {
                spaced(&title.content)
            } else {
                plain(&title.content)
            }
        });
        let published = entry.published.or(entry.updated).map(|at| at.to_rfc3339());
        feed.add(place, title.filter(|title| !title.is_empty()), published);
    }
    Some(feed)
}

fn entry_is_atom(kind: &feed_rs::model::FeedType) -> bool {
    matches!(kind, feed_rs::model::FeedType::Atom)
}

/// Reads a JSON Feed (jsonfeed.org, versions 1 and 1.1).
pub(super) fn json(text: &str, url: &NormalUrl) -> (Feed, Option<String>) {
    let read = serde_json::from_str(text);
    let read = read.or_else(|error| json_ld::mended(text).ok_or(error));
    let value: Value = match read {
        Ok(value) => value,
        Err(error) => return (Feed::default(), Some(format!("feed broken: {error}"))),
    };
    let at = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let join = |href: String| place(url.url(), &href);
    let mut feed = Feed {
        title: at(&value, "title"),
        next: at(&value, "next_url").and_then(join),
        items: Vec::new(),
    };
    for item in value
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let id = || at(item, "id").filter(|id| id.starts_with("http"));
        let address = at(item, "url").or_else(|| at(item, "external_url"));
        feed.add(
            address.or_else(id).and_then(join),
            at(item, "title"),
            at(item, "date_published"),
        );
    }
    (feed.without_repeats(), None)
}

/// A title that is HTML, as text: tags out, references undone, once.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let tag = &rest[at + 1..];
        let opens = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        match tag.find('>') {
            Some(end) if opens => rest = &tag[end + 1..],
            _ => {
                text.push('<');
                rest = tag;
            }
        }
    }
    text.push_str(rest);
    spaced(&entities::decode(&text))
}

/// Where a link of a feed leads.
pub(super) fn place(base: &Url, href: &str) -> Option<NormalUrl> {
    // An ampersand that was escaped once for HTML and once for XML is still one.
    let href = href.trim().replace("&amp;", "&");
    (!href.is_empty())
        .then(|| NormalUrl::join(base, &href).ok())
        .flatten()
}

fn nests_deeper_than(text: &str, limit: usize) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(next) = bytes[at..].iter().position(|&b| b == b'<') {
        at += next + 1;
        match bytes.get(at) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b) if b.is_ascii_alphabetic() => {
                let end = bytes[at..].iter().position(|&b| b == b'>');
                let Some(end) = end else {
                    return false;
                };
                depth += usize::from(bytes[at + end - 1] != b'/');
                at += end;
            }
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let url = NormalUrl::parse("https://a.example/news/feed").unwrap();
        let (feed, _) = if text.starts_with('{') {
            json(text, &url)
        } else {
            xml(text, &url)
        };
        let next = feed.next.map(|url| format!("next {url}"));
        let title = |item: &FeedItem| item.title.clone().unwrap_or_default();
        let items = feed
            .items
            .iter()
            .map(|item| format!("{} {}", item.url.url().path(), title(item)));
        items.chain(next).collect()
    }

    #[test]
    fn dialects() {
        let rows: &[(&str, &[&str])] = &[
            (
                "<rss version='2.0'><channel><title>t</title><item><title>A</title><link>https://a.example/1</link></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "<rss version='0.91'><channel><title>t</title><link>/</link><description>d</description><item><title>A</title><link>https://a.example/1</link></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "<rss><channel><item><title>A</title><link>/1</link></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel><title>t</title></channel><item><title>A</title><link>https://a.example/1</link></item></rdf:RDF>",
                &["/1 A"],
            ),
            (
                "<rss version='2.0'><channel><item><title>A</title><guid>https://a.example/1</guid></item><item><guid isPermaLink='false'>https://a.example/2</guid></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><atom:link rel='next' href='?paged=2'/><atom:link rel='self' href='x'/><item><title>A</title><link>/1</link></item></channel></rss>",
                &["/1 A", "next https://a.example/news/feed?paged=2"],
            ),
            (
                "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>A &amp;amp; &lt;b&gt;B&lt;/b&gt;</title><link rel='enclosure' href='x.mp3'/><link href='1'/></entry></feed>",
                &["/news/1 A & B"],
            ),
            (
                "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href='/p2'/><entry><title>The &lt;head&gt; tag</title><link rel='alternate' href='/1'/></entry></feed>",
                &["/1 The <head> tag", "next https://a.example/p2"],
            ),
            (
                "{\"version\":\"https://jsonfeed.org/version/1.1\",\"next_url\":\"/p2\",\"items\":[{\"id\":\"1\",\"url\":\"/1\",\"title\":\"A\"}]}",
                &["/1 A", "next https://a.example/p2"],
            ),
            (
                "<rss version='2.0'><channel><item><title>A</title><link>/1</link></item><item><title>again</title><link>/1</link></item></channel></rss>",
                &["/1 A"],
            ),
            ("<rss version='2.0'></rss>", &[]),
            // RSS 1.0 without links; RSS 0.90; Atom 0.3.
            (
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><item rdf:about='https://a.example/1'><title>A</title></item></rdf:RDF>",
                &["/1 A"],
            ),
            (
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>t</title></channel><item><title>A</title><link>/1</link></item></rdf:RDF>",
                &["/1 A"],
            ),
            (
                "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title type='text/html' mode='escaped'>A &lt;b&gt;B&lt;/b&gt;</title><link rel='alternate' type='text/html' href='/1'/><issued>2026-03-02</issued></entry></feed>",
                &["/1 A B"],
            ),
            // Namespaces that nobody declared, and titles that are not the item's.
            (
                "<rss version='2.0'><channel><item><media:title>no</media:title><media:content url='/x.jpg'/><title>A</title><link>/1</link><dc:date>2026-03-02</dc:date></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "<rss version='2.0'><channel><item><title>A</title><link>https://count.example/x</link><feedburner:origLink>https://a.example/1</feedburner:origLink></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "<rss version='2.0'><channel><item><title>A</title><link></link><guid>https://a.example/1</guid></item><item><title>B</title><link> \n /2?a=1&amp;amp;b=2 </link></item></channel></rss>",
                &["/1 A", "/2 B"],
            ),
            (
                "<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>A</TITLE><LINK>/1</LINK></ITEM></CHANNEL></RSS>",
                &["/1 A"],
            ),
            (
                "<rss version='2.0'><channel><item><title>A</title><link>/1</link><pubDate>Mon, 32 Foo 2026</pubDate></item></channel></rss>",
                &["/1 A"],
            ),
            (
                "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":\"https://a.example/1\",\"title\":\"A\nB\"},]}",
                &["/1 A B"],
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(&read(text), expected, "{text}");
        }
    }

    #[test]
    fn deep_feeds_are_read_without_recursion() {
        let deep = format!(
            "<rss version='2.0'><channel><item><link>/1</link></item>{}",
            "<a>".repeat(200_000)
        );
        assert_eq!(read(&deep), ["/1 "]);
    }

    #[test]
    fn titles() {
        let rows = [
            ("<b>Prices</b> rise", "Prices rise"),
            ("Rents < 500 are gone", "Rents < 500 are gone"),
            ("a &amp;lt; b", "a &lt; b"),
            (" \n Jahresr&uuml;ckblick\n 2025 ", "Jahresrückblick 2025"),
        ];
        for (html, text) in rows {
            assert_eq!(plain(html), text);
        }
    }
}
