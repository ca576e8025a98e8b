//! A reader for RSS and Atom that forgives: it takes every item that is whole, whatever is
//! wrong around it.

use super::date;
use super::feed::{Feed, place, plain};
use super::walk::spaced;
use super::xml::{self, Piece, Pieces, Tag};
use crate::normal::NormalUrl;
use url::Url;

/// Deepest nesting that is followed; what is deeper belongs to the element around it.
const MAX_DEPTH: usize = 64;

/// Reads a feed up to its end or where it breaks; an item cut off there is left out.
pub(super) fn read(text: &str, url: &NormalUrl) -> (Feed, Option<String>) {
    let clean = xml::cleaned(text);
    let mut pieces = Pieces::of(&clean);
    let mut reader = Reader {
        feed: Feed::default(),
        open: Vec::new(),
        root: url.url().clone(),
        item: None,
        field: None,
        text: String::new(),
    };
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Open(tag) => reader.open(&tag),
            Piece::Text(text) => reader.text.push_str(&text),
            Piece::Close(name) => reader.close(name.local),
        }
    }
    let fault = pieces
        .fault
        .take()
        .or_else(|| reader.item.map(|_| "cut inside an item".to_owned()));
    (reader.feed, fault.map(|why| format!("feed broken: {why}")))
}

struct Reader {
    feed: Feed,
    /// Open elements; with the base URL that each sets (XML Base).
    open: Vec<(String, Option<Url>)>,
    root: Url,
    item: Option<Item>,
    /// How many elements are open where the field that is being read began.
    field: Option<usize>,
    text: String,
}

#[derive(Default)]
struct Item {
    /// How many elements are open around it, itself included.
    depth: usize,
    title: Option<String>,
    title_is_text: bool,
    link: Option<NormalUrl>,
    permalink: bool,
    /// Its permanent link, or its name where that is an address (RSS 1.0 `rdf:about`).
    guid: Option<NormalUrl>,
    /// Where it is, behind a link that counts readers.
    original: Option<NormalUrl>,
    published: Option<String>,
    updated: Option<String>,
}

impl Reader {
    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name().local.to_ascii_lowercase();
        let base = tag
            .attribute("xml:base")
            .and_then(|base| self.base().join(base.trim()).ok());
        let is_item = matches!(name.as_str(), "item" | "entry");
        if let Some(unended) = self.item.as_ref().filter(|_| is_item) {
            self.open.truncate(unended.depth - 1);
            self.end_item();
        }
        if self.open.len() >= MAX_DEPTH {
            return;
        }
        self.open.push((name.clone(), base));
        let depth = self.open.len();
        if is_item {
            let about = tag.attribute("rdf:about");
            self.item = Some(Item {
                depth,
                permalink: true,
                guid: about.and_then(|about| place(self.base(), &about)),
                ..Item::default()
            });
            self.field = None;
        } else if self.field.is_none() {
            let around = self.item.as_ref().map_or(2, |item| item.depth);
            let is_field = depth == around + 1 || (self.item.is_none() && depth <= 3);
            if is_field && !is_of_media(tag.name().prefix) {
                self.field = Some(depth);
                self.text.clear();
                self.field_opens(&name, tag);
            }
        }
    }

    fn field_opens(&mut self, name: &str, tag: &Tag<'_>) {
        let href = tag.attribute("href");
        let rel = tag.attribute("rel");
        let base = self.base().clone();
        match (&mut self.item, name) {
            (Some(item), "link") => {
                let is_story = rel.is_none_or(|rel| rel == "alternate");
                if let Some(href) = href.filter(|_| is_story && item.link.is_none()) {
                    item.link = place(&base, &href);
                }
            }
            (Some(item), "guid") => {
                item.permalink = tag.attribute("isPermaLink").is_none_or(|is| is != "false");
            }
            // Atom titles are plain text unless they say otherwise (RFC 4287 3.1.1).
            (Some(item), "title") => {
                item.title_is_text = self.open.first().is_some_and(|(root, _)| root == "feed")
                    && tag.attribute("type").is_none_or(|kind| kind == "text");
            }
            (None, "link") if rel.as_deref() == Some("next") => {
                self.feed.next = href.and_then(|href| place(&base, &href));
            }
            _ => {}
        }
    }

    /// Ends an element, and with it those inside that were not ended.
    fn close(&mut self, name: &str) {
        let is_it = |(open, _): &(String, Option<Url>)| open.eq_ignore_ascii_case(name);
        let Some(at) = self.open.iter().rposition(is_it) else {
            return;
        };
        if self.field.is_some_and(|depth| depth > at) {
            self.field = None;
            self.field_closes(at);
        }
        if self.item.as_ref().is_some_and(|item| item.depth > at) {
            self.end_item();
        }
        self.open.truncate(at);
    }

    fn field_closes(&mut self, at: usize) {
        let text = std::mem::take(&mut self.text);
        let name = self.open[at].0.as_str();
        let base = self.base().clone();
        match (&mut self.item, name) {
            (None, "title") => {
                self.feed.title = self
                    .feed
                    .title
                    .take()
                    .or_else(|| Some(plain(&text)).filter(|title| !title.is_empty()));
            }
            (Some(item), "title") if item.title.is_none() => {
                item.title = Some(if item.title_is_text {
                    spaced(&text)
                } else {
                    plain(&text)
                });
            }
            (Some(item), "link") if item.link.is_none() => item.link = place(&base, &text),
            (Some(item), "guid") if item.permalink && text.trim().starts_with("http") => {
                item.guid = place(&base, &text);
            }
            (Some(item), "origlink") => item.original = place(&base, &text),
            (Some(item), "pubdate" | "published" | "issued" | "date" | "created")
                if item.published.is_none() =>
            {
                item.published = date::parse(&text).map(|moment| moment.text);
            }
            (Some(item), "updated" | "modified") if item.updated.is_none() => {
                item.updated = date::parse(&text).map(|moment| moment.text);
            }
            _ => {}
        }
    }

    fn end_item(&mut self) {
        if let Some(item) = self.item.take() {
            let title = item.title.filter(|title| !title.is_empty());
            let link = item.original.or(item.link).or(item.guid);
            self.feed.add(link, title, item.published.or(item.updated));
        }
    }

    fn base(&self) -> &Url {
        let own = self.open.iter().rev().find_map(|(_, base)| base.as_ref());
        own.unwrap_or(&self.root)
    }
}

/// Whether elements with this prefix speak of a picture or recording, which has a title and
/// links of its own.
fn is_of_media(prefix: &str) -> bool {
    matches!(
        prefix,
        "media" | "itunes" | "podcast" | "image" | "video" | "geo"
    )
}
