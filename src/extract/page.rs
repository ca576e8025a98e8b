//! One page: decoded, read as the crawler reads it, and written as a line.

use super::source::Source;
use super::{ExtractError, Options};
use crate::dedup::Fingerprint;
use crate::export::{Known, Record};
use crate::fetch::{self, Cut};
use crate::normal::NormalUrl;
use crate::parse::{self, Article, Explanation, Fields, NOWHERE, Parsed};
use crate::rights::{Policy, Rights, Signals};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde::Serialize;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;
use url::{Position, Url};

/// A page that is still to be read.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) path: PathBuf,
    /// None for a page of which nobody has said where it comes from.
    pub(super) url: Option<NormalUrl>,
    pub(super) status: Option<u16>,
    pub(super) headers: HeaderMap,
    /// With its content coding.
    pub(super) body: Bytes,
    /// When it was fetched, as the archive writes it.
    pub(super) fetched: Option<String>,
    pub(super) place: Option<Place>,
}

/// Where in an archive a page is.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) record_id: Option<String>,
}

/// What came of a page.
#[derive(Debug)]
pub(super) enum Outcome {
    /// What is to be written of it.
    Line {
        /// The line.
        line: Vec<u8>,
        /// It tells a story; one that tells none has a line where reasons are asked for.
        is_story: bool,
    },
    /// It tells no story.
    NoStory,
    /// It can't be read.
    Fault(ExtractError),
}

/// A line of output.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    record: &'a Record,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Reasons>,
}

/// Why a page was read as it was.
#[derive(Serialize)]
struct Reasons {
    /// Why it tells no story.
    no_story: Option<&'static str>,
    #[serde(flatten)]
    fields: Fields,
}

/// A file that is one page.
pub(super) fn whole(
    path: &Path,
    source: &mut Source,
    options: &Options,
) -> Result<Page, ExtractError> {
    let mut body = Vec::new();
    let read = source
        .take(options.max_body.saturating_add(1))
        .read_to_end(&mut body);
    read.map_err(|source| ExtractError::Read {
        path: path.to_owned(),
        source,
    })?;
    if body.len() as u64 > options.max_body {
        return Err(ExtractError::Page {
            path: path.to_owned(),
            place: "the page".to_owned(),
            what: too_large(options),
        });
    }
    Ok(Page {
        path: path.to_owned(),
        url: options.url.clone(),
        status: None,
        // Whoever names a file here says that it is a page, however it begins.
        headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html"))]),
        body: body.into(),
        fetched: None,
        place: None,
    })
}

impl Page {
    /// Reads the page. One that breaks a decoder costs that page, not the rest.
    pub(super) fn read(&self, options: &Options) -> Outcome {
        let read = catch_unwind(AssertUnwindSafe(|| self.outcome(options)));
        let read = read.unwrap_or_else(|_| Err("the reader broke off".to_owned()));
        read.unwrap_or_else(|what| Outcome::Fault(self.fault(what)))
    }

    fn outcome(&self, options: &Options) -> Result<Outcome, String> {
        let started = Instant::now();
        let body = self.decoded(options)?;
        let url = match &self.url {
            Some(url) => Some(url.clone()),
            None => parse::address_of(&body),
        };
        let Explanation {
            mut parsed,
            no_story,
            fields,
        } = self.explained(url.as_ref(), &body, options)?;
        let is_story = parsed.article.is_some();
        if !is_story && !options.explain {
            return Ok(Outcome::NoStory);
        }
        if let Some(article) = parsed.article.as_mut().filter(|_| url.is_none()) {
            make_relative(article);
        }
        let record = self.record(url.as_ref(), &parsed)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let line = Line {
            record: &record,
            ms: options.timing.then_some((ms * 1e3).round() / 1e3),
            explain: options.explain.then_some(Reasons { no_story, fields }),
        };
        let mut line = serde_json::to_vec(&line).map_err(|why| why.to_string())?;
        line.push(b'\n');
        Ok(Outcome::Line { line, is_story })
    }

    fn decoded(&self, options: &Options) -> Result<Bytes, String> {
        let (body, cut) = fetch::decoded(&self.headers, self.body.clone(), options.max_body);
        match cut {
            None => Ok(body),
            Some(Cut::TooLarge) => Err(too_large(options)),
            Some(cut) => Err(format!("its body is not whole: {}", cut.label())),
        }
    }

    /// The page read as of its URL, with the reasons where they are asked for.
    fn explained(
        &self,
        url: Option<&NormalUrl>,
        body: &[u8],
        options: &Options,
    ) -> Result<Explanation, String> {
        let nowhere = nowhere()?;
        let url = url.unwrap_or(&nowhere);
        Ok(if options.explain {
            parse::explain(url, &self.headers, body)
        } else {
            Explanation {
                parsed: parse::parse(url, &self.headers, body),
                no_story: None,
                fields: Fields::default(),
            }
        })
    }

    fn record(&self, url: Option<&NormalUrl>, parsed: &Parsed) -> Result<Record, String> {
        let article = parsed.article.as_ref();
        let content_type = self.headers.get(CONTENT_TYPE);
        let content_type = content_type.filter(|_| self.place.is_some());
        let known = url.map(|url| Known::of_page(url, article));
        let known = Known {
            fingerprint: article.map(|article| Fingerprint::of(&article.text)),
            fetched_at: self.fetched_at(),
            rights: article.map(|_| self.rights(url, parsed)).transpose()?,
            status: self.status,
            content_type: content_type
                .map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned()),
            charset: Some(parsed.charset.to_owned()),
            warc: self.place.as_ref().map(|place| {
                let file = self.path.display().to_string();
                (file, place.offset, place.record_id.clone())
            }),
            ..known.unwrap_or_default()
        };
        Ok(Record::of_page(article, known))
    }

    fn fetched_at(&self) -> Option<Timestamp> {
        self.fetched.as_deref()?.parse().ok()
    }

    /// What headers and page say of its use; robots.txt and tdmrep.json are not at hand.
    fn rights(&self, url: Option<&NormalUrl>, parsed: &Parsed) -> Result<Rights, String> {
        let nowhere = nowhere()?;
        let signals = Signals {
            url: url.unwrap_or(&nowhere).url(),
            robots: None,
            robots_txt: None,
            tdm_file: None,
            status: self.status.unwrap_or(200),
            headers: &self.headers,
            body: &[],
            directives: &parsed.directives,
            imprint: Some(&parsed.imprint),
            feed_terms: &[],
        };
        let at = self.fetched_at().unwrap_or_else(Timestamp::now);
        Ok(signals.evaluate(&Policy::default(), at))
    }

    fn fault(&self, what: String) -> ExtractError {
        let place = self.place.as_ref().map_or_else(
            || "the page".to_owned(),
            |place| format!("the record at byte {}", place.offset),
        );
        ExtractError::Page {
            path: self.path.clone(),
            place,
            what,
        }
    }
}

/// The address that a page without one is read at.
fn nowhere() -> Result<NormalUrl, String> {
    NormalUrl::parse(NOWHERE).map_err(|why| why.to_string())
}

/// Takes the address that a page without one is read at out of a story's links.
fn make_relative(article: &mut Article) {
    let links = article.links.iter_mut().map(|link| &mut link.url);
    let images = article.images.iter_mut().map(|image| &mut image.url);
    let blocks = article.blocks.iter_mut();
    let blocks = blocks.filter_map(|block| block.url.as_mut());
    let canonical = article.canonical_url.iter_mut();
    for url in links.chain(images).chain(blocks).chain(canonical) {
        if let Ok(there) = Url::parse(NOWHERE)
            && let Some(path) = url.strip_prefix(&there[..Position::BeforePath])
        {
            *url = path.to_owned();
        }
    }
}

pub(super) fn too_large(options: &Options) -> String {
    format!(
        "it is larger than {} bytes\nhint: `fetch.max_body` in crawl.toml sets the most",
        options.max_body
    )
}
