//! Bytes in, owned facts out: synchronous, no I/O.
//!
//! Handed a body with its URL and headers; returns what it is, the story that it tells, where
//! it leads and what it asks of robots. One way through for every body: `unwrap` undoes
//! gzip, `charset` makes text, `sniff` tells the form; then a page becomes a `tree` that
//! is walked once (`page`), and `links`, `meta` and `article` are made from that walk.
//! Whether a link may be followed and a canonical URL believed is left to others.

mod absent;
mod article;
mod blocks;
mod body;
mod boilerplate;
mod byline;
mod cards;
mod charset;
mod date;
mod date_numbers;
mod directives;
mod entities;
mod explain;
mod feed;
mod function_words;
mod gate;
mod headline;
mod imprint;
mod item_terms;
mod json_ld;
mod language;
mod links;
mod meta;
mod months;
mod page;
mod pictures;
mod published;
mod record;
mod region;
mod related;
mod robots;
mod sitemap;
mod sniff;
mod spread;
pub(crate) mod structured;
mod teasers;
mod tokens;
mod tolerant;
mod tree;
mod unwrap;
mod walk;
mod wording;
mod xml;

pub use directives::{Directives, Preview};
pub use explain::{Candidate, Explanation, Fields, explain};
pub use feed::{Feed, FeedItem};
pub use imprint::{Access, Credit, Editorial, Imprint, LicenceLink};
pub(crate) use item_terms::RSL;
pub use record::{Article, Block, Image, LabelledLink};

use crate::normal::NormalUrl;
use explain::Reasons;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use sniff::Form;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a body is, told by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An HTML page.
    Html,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap or sitemap index.
    Sitemap,
    /// A robots.txt, given as a seed.
    Robots,
    /// None that we read.
    Other,
}

/// What a body yielded.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What it is.
    pub kind: Kind,
    /// The story, where the page is one.
    pub article: Option<Article>,
    /// The feed, where it is one.
    pub feed: Option<Feed>,
    /// Links to follow, in page order, each URL once.
    pub outlinks: Vec<Outlink>,
    /// What the page asks of robots.
    pub directives: Directives,
    /// What the page says of its own use.
    pub imprint: Imprint,
    /// Licence terms that a feed gives for its items (RSL 1.0): the item's link, and an RSL document.
    pub item_terms: Vec<(NormalUrl, String)>,
    /// The character encoding that was used (WHATWG name).
    pub charset: &'static str,
    /// What was wrong with the body but survived, for the log.
    pub faults: Vec<String>,
}

/// A link that was found in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlink {
    /// Where to.
    pub url: NormalUrl,
    /// What the finder knows about the target.
    pub role: Role,
}

/// What the place of a link says about its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A story: an item of a feed or a news sitemap.
    Story,
    /// A feed.
    Feed,
    /// A sitemap.
    Sitemap,
    /// The next page of a listing or story.
    Next,
    /// Any other page. The AMP twin of a page is left out.
    Page,
}

/// Reads a body. Never fails: what cannot be read yields nothing, and a line in `faults`.
#[must_use]
pub fn parse(url: &NormalUrl, headers: &HeaderMap, body: &[u8]) -> Parsed {
    parse_with(url, &Setting::of(headers), body, None)
}

/// The address of a page that says none of itself: it leads nowhere (RFC 2606 2) and is no
/// site's home page.
pub const NOWHERE: &str = "https://file.invalid/page";

/// The address that a page kept as a file says it had (`rel=canonical`). Without one, read the
/// page as [`NOWHERE`]'s; either way without headers.
#[must_use]
pub fn address_of(page: &[u8]) -> Option<NormalUrl> {
    let nowhere = NormalUrl::parse(NOWHERE).ok()?;
    let article = parse(&nowhere, &HeaderMap::new(), page).article?;
    let own = NormalUrl::parse(&article.canonical_url?).ok()?;
    (own.host() != nowhere.host()).then_some(own)
}

/// What came with a body, as far as it tells how to read it.
struct Setting<'h> {
    content_type: Option<Cow<'h, str>>,
    directives: Directives,
}

impl<'h> Setting<'h> {
    fn of(headers: &'h HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE);
        Self {
            content_type: content_type.map(|value| String::from_utf8_lossy(value.as_bytes())),
            directives: Directives::of_headers(headers),
        }
    }
}

fn parse_with(
    url: &NormalUrl,
    setting: &Setting<'_>,
    body: &[u8],
    mut reasons: Option<&mut Reasons>,
) -> Parsed {
    let empty = || Parsed {
        kind: Kind::Other,
        article: None,
        feed: None,
        outlinks: Vec::new(),
        directives: setting.directives,
        imprint: Imprint::default(),
        item_terms: Vec::new(),
        charset: "UTF-8",
        faults: Vec::new(),
    };
    // Ours do not panic; the parsers below us are large, and a page must not end a crawl.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut parsed = empty();
        parsed.read(url, setting, body, reasons.as_deref_mut());
        parsed
    }));
    read.unwrap_or_else(|_| {
        let mut parsed = empty();
        let fault = "a parser panicked: nothing was read";
        parsed.faults.push(fault.to_owned());
        parsed
    })
}

impl Parsed {
    fn read(
        &mut self,
        url: &NormalUrl,
        setting: &Setting<'_>,
        body: &[u8],
        reasons: Option<&mut Reasons>,
    ) {
        let content_type = setting.content_type.as_deref();
        let (body, fault) = unwrap::gunzip(body);
        self.faults.extend(fault);
        let tld = url.url().domain().and_then(|host| host.rsplit('.').next());
        let decoded = charset::decode(&body, content_type, tld);
        self.charset = decoded.charset;
        self.faults.extend(decoded.fault);
        let (form, text) = sniff::form(&decoded.text, content_type, url);
        self.kind = form.kind();
        match form {
            Form::Html => self.page(text, url, reasons),
            Form::XmlFeed => {
                self.feed(feed::xml(text, url));
                self.item_terms = item_terms::read(text, url);
            }
            Form::JsonFeed => self.feed(feed::json(text, url)),
            Form::XmlSitemap => self.sitemap(sitemap::xml(text, url)),
            Form::TextSitemap => self.sitemap(sitemap::text(text, url)),
            Form::Robots => self.outlinks = robots::sitemaps(text, url),
            Form::Other => {}
        }
    }

    fn page(&mut self, text: &str, url: &NormalUrl, reasons: Option<&mut Reasons>) {
        let (html, fault) = tree::build(text);
        self.faults.extend(fault.map(str::to_owned));
        let page = page::Page::read(&html, url.url());
        self.directives.add_metas(&page.metas);
        self.outlinks = links::outlinks(&page, url);
        let mut meta = meta::read(&page, url);
        self.imprint = std::mem::take(&mut meta.imprint);
        if meta.broken > 0 {
            self.faults.push(format!(
                "broken JSON-LD: {} of {}",
                meta.broken,
                page.json_ld.len()
            ));
        }
        self.article = article::extract(&page, meta, url);
        if let Some(article) = &mut self.article {
            let selectors = &self.imprint.access.paywalled_selectors;
            if !selectors.is_empty() {
                imprint::mark_paywalled(&html, selectors, &mut article.blocks);
            }
            article
                .corrections
                .clone_from(&self.imprint.editorial.corrections);
        }
        if let Some(reasons) = reasons {
            reasons.fill(&page, url, self);
        }
    }

    fn feed(&mut self, (feed, fault): (Feed, Option<String>)) {
        self.outlinks = feed.outlinks();
        self.feed = Some(feed);
        self.faults.extend(fault);
    }

    fn sitemap(&mut self, entries: sitemap::Entries) {
        self.outlinks = entries.links;
        self.faults.extend(entries.fault);
    }
}

#[cfg(test)]
mod tests;
