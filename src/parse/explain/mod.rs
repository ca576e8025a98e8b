//! Why a page was read as it was: for each field, what could have been its value, where that
//! stands, and why it lost.
//!
//! Made after the fact from the same page and metadata, and only when asked: a crawl pays
//! nothing for it.

mod authors;
mod body;
mod language;
mod published;
mod title;

use super::body::Body;
use super::json_ld::JsonLd;
use super::meta::{self, Meta};
use super::page::Page;
use super::{Parsed, Setting, gate};
use crate::normal::NormalUrl;
use http::HeaderMap;
use serde::Serialize;

/// A page read, with the reasons.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What [`parse`](super::parse) gives.
    pub parsed: Parsed,
    /// Why a page that was read as HTML is no story.
    pub no_story: Option<&'static str>,
    /// The candidates, by field.
    pub fields: Fields,
}

/// The candidates for each field, best source first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fields {
    /// Headlines.
    pub title: Vec<Candidate>,
    /// Persons, or lines that could name them.
    pub authors: Vec<Candidate>,
    /// Times of publication, as they were written.
    pub published: Vec<Candidate>,
    /// Languages, as tags.
    pub language: Vec<Candidate>,
    /// Blocks that could hold the story, by tag and name, with what they scored.
    pub body: Vec<Candidate>,
}

/// What could have been the value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// As the page has it, white space run together.
    pub value: String,
    /// Where it stands: `h1`, `meta og:title`, `json-ld headline`, …
    pub source: String,
    /// Why another was taken; none for what was taken.
    pub reason_lost: Option<String>,
}

impl Candidate {
    fn new(value: impl Into<String>, source: impl Into<String>, lost: Option<&str>) -> Self {
        Self {
            value: value.into(),
            source: source.into(),
            reason_lost: lost.map(str::to_owned),
        }
    }
}

/// Reads a body as [`parse`](super::parse) does, and says why.
#[must_use]
pub fn explain(url: &NormalUrl, headers: &HeaderMap, body: &[u8]) -> Explanation {
    let mut reasons = Reasons::default();
    let parsed = super::parse_with(url, &Setting::of(headers), body, Some(&mut reasons));
    Explanation {
        parsed,
        no_story: reasons.no_story,
        fields: reasons.fields,
    }
}

/// What is filled in while a page is there.
#[derive(Default)]
pub(super) struct Reasons {
    pub(super) no_story: Option<&'static str>,
    pub(super) fields: Fields,
}

/// What the reasons are found in.
struct Read<'p, 't> {
    page: &'p Page<'t>,
    meta: &'p Meta,
    url: &'p NormalUrl,
    json: &'p JsonLd,
    body: Option<&'p Body>,
    parsed: &'p Parsed,
}

impl Reasons {
    /// Fills in the reasons for a page that was read.
    pub(super) fn fill(&mut self, page: &Page<'_>, url: &NormalUrl, parsed: &Parsed) {
        let meta = meta::read(page, url);
        let body = super::body::find(page);
        if parsed.article.is_none() {
            let why = |body: &Body| gate::no_story(page, &meta, body, url);
            let why = body.as_ref().map_or(Some("no running text"), why);
            self.no_story = why.or(Some("no text is left without furniture"));
        }
        let read = Read {
            page,
            meta: &meta,
            url,
            json: &JsonLd::read(&page.json_ld),
            body: body.as_ref(),
            parsed,
        };
        self.fields = Fields {
            title: title::candidates(&read),
            authors: authors::candidates(&read),
            published: published::candidates(&read),
            language: language::candidates(&read),
            body: body::candidates(&read),
        };
    }
}

/// Marks the first candidate that is what was taken, and gives the others their reasons.
fn settle(found: Vec<(String, String, &str)>, taken: impl Fn(&str) -> bool) -> Vec<Candidate> {
    let mut settled = false;
    let candidates = found.into_iter().map(|(value, source, reason)| {
        let lost = match (taken(&value), settled) {
            (true, false) => None,
            (true, true) => Some("the same stands in a better place"),
            (false, _) => Some(reason),
        };
        settled |= lost.is_none();
        Candidate::new(value, source, lost)
    });
    candidates.collect()
}

#[cfg(test)]
mod tests;
