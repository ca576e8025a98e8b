//! One paper as a server sees it: a body for each path, and a count of what was asked for.

use super::page::Paper;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::xxh3_64;

const HTML: &str = "text/html; charset=utf-8";
/// The legacy page says its encoding itself.
const BARE_HTML: &str = "text/html";
const XML: &str = "application/xml; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// One paper, rendered.
pub(super) struct Site {
    pub(super) paper: Paper,
    pages: BTreeMap<String, Page>,
    /// The paths that were asked for, in their order.
    asked: Mutex<Vec<String>>,
}

struct Page {
    status: u16,
    content_type: &'static str,
    location: Option<String>,
    body: Vec<u8>,
    /// The body from the second visit on.
    later: Option<Vec<u8>>,
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) location: Option<String>,
    /// An entity tag, in quotes.
    pub(super) etag: Option<String>,
    /// Empty with a 304.
    pub(super) body: Vec<u8>,
}

impl Site {
    pub(super) fn new(paper: Paper) -> Self {
        let mut pages = BTreeMap::new();
        let mut add = |path: &str, page| pages.insert(paper.url(path).path().to_owned(), page);
        let words = paper.edition.words();
        add("", Page::of(HTML, paper.front()));
        add("feed.xml", Page::of(XML, paper.feed()));
        add("news-sitemap.xml", Page::of(XML, paper.sitemap()));
        add("robots.txt", Page::of(TEXT, paper.robots()));
        add(words.missing, Page::of(HTML, paper.missing()));
        add(
            &format!("{}rota", words.closed),
            Page::of(HTML, paper.closed()),
        );
        for section in paper.sections() {
            add(
                &format!("{section}/"),
                Page::of(HTML, paper.section(section)),
            );
        }
        for story in &paper.stories {
            add(story.path, Page::story(&paper, story));
        }
        // The first story of the last section has had another address before.
        let moved = paper.stories.iter().find(|story| {
            let section = story.section();
            section == "culture" || section == "ثقافة"
        });
        if let Some(story) = moved {
            add(
                words.moved,
                Page::moved(paper.url(story.path).path().to_owned()),
            );
        }
        Self {
            paper,
            pages,
            asked: Mutex::default(),
        }
    }

    /// Answers a GET; `known` is `If-None-Match`.
    pub(super) fn answer(&self, path: &str, known: Option<&str>) -> Answer {
        let path = path.split('?').next().unwrap_or_default();
        let before = self.note(path);
        let Some(page) = self.pages.get(path) else {
            return Answer::plain(404, "there is no such page\n");
        };
        let body = match &page.later {
            Some(later) if before > 0 => later,
            _ => &page.body,
        };
        let etag = format!("\"{:016x}\"", xxh3_64(body));
        let same = known.is_some_and(|known| known.contains(&etag));
        Answer {
            status: if same { 304 } else { page.status },
            content_type: page.content_type,
            location: page.location.clone(),
            body: if same { Vec::new() } else { body.clone() },
            etag: Some(etag),
        }
    }

    /// Notes a request; returns how many there were for this path before.
    fn note(&self, path: &str) -> usize {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let before = asked.iter().filter(|other| *other == path).count();
        // Somebody who asks for ever does not fill our memory.
        if asked.len() < 10_000 {
            asked.push(path.to_owned());
        }
        before
    }

    /// The paths that were asked for so far, in their order.
    pub(super) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    /// All paths that there are.
    #[cfg(test)]
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.pages.keys().map(String::as_str)
    }
}

impl Answer {
    /// A short answer in words.
    pub(super) fn plain(status: u16, text: &str) -> Self {
        Self {
            status,
            content_type: TEXT,
            location: None,
            etag: None,
            body: text.into(),
        }
    }
}

impl Page {
    fn of(content_type: &'static str, text: String) -> Self {
        Self {
            status: 200,
            content_type,
            location: None,
            body: text.into_bytes(),
            later: None,
        }
    }

    fn story(paper: &Paper, story: &super::story::Story) -> Self {
        let html = paper.story(story, false);
        if story.has("legacy") {
            let (bytes, ..) = encoding_rs::WINDOWS_1256.encode(&html);
            return Self {
                body: bytes.into_owned(),
                ..Self::of(BARE_HTML, String::new())
            };
        }
        Self {
            later: story
                .is_updated()
                .then(|| paper.story(story, true).into_bytes()),
            ..Self::of(HTML, html)
        }
    }

    fn moved(to: String) -> Self {
        Self {
            status: 301,
            location: Some(to),
            ..Self::of(TEXT, "moved\n".to_owned())
        }
    }
}
