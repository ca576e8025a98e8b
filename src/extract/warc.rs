//! WARC files (ISO 28500): the pages that their records hold, one at a time.
//!
//! `response` and `resource` records of http URLs are pages, where the answer was good and of a
//! type that can be one; all other records are passed over unread.

use super::page::{self, Page, Place};
use super::pipeline::Feeder;
use super::source::Source;
use super::{ExtractError, Gone, Options, http, inputs};
use crate::normal::NormalUrl;
use ::http::HeaderMap;
use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use std::io::{self, BufRead, Read};
use std::path::Path;

/// The most bytes of a record's head, and of empty lines between two records.
const MOST_HEAD: u64 = 1 << 20;
/// What each record begins with (ISO 28500 4).
const VERSION: &[u8] = b"WARC/";
/// Bytes of a record beyond those of its body: the head of the HTTP answer.
const HTTP_HEAD: u64 = 1 << 20;

/// A record's head, and its block where it may be a page.
struct Record {
    offset: u64,
    head: HeaderMap,
    /// None for a block that was passed over.
    block: Option<Bytes>,
    /// Of a block that is larger than a page may be, only the beginning was read.
    whole: bool,
}

/// Hands on the pages of an archive.
pub(super) fn feed(
    path: &Path,
    mut source: Source,
    options: &Options,
    feeder: &Feeder,
) -> Result<(), Gone> {
    let mut records = 0_u64;
    loop {
        let record = match next(path, &mut source, options) {
            Ok(Some(record)) => record,
            Ok(None) if records == 0 && !inputs::is_open(path) => {
                let what = "the file is empty".to_owned();
                return feeder.fault(damaged(path, 0, what));
            }
            Ok(None) => return Ok(()),
            Err(fault) => return feeder.fault(fault),
        };
        records += 1;
        match record.page(path, options) {
            Ok(Some(page)) => feeder.page(page)?,
            Ok(None) => {}
            Err(what) => feeder.fault(record.fault(path, what))?,
        }
    }
}

/// The next record; none at the file's end.
fn next(
    path: &Path,
    source: &mut Source,
    options: &Options,
) -> Result<Option<Record>, ExtractError> {
    let mut offset = 0;
    match read(source, &mut offset, options) {
        // Who writes it has not come further.
        Err(why) if ends(&why) && inputs::is_open(path) => Ok(None),
        Err(why) if ends(&why) => {
            let what = "the file ends within this record".to_owned();
            Err(damaged(path, offset, what))
        }
        other => other.map_err(|why| damaged(path, offset, why.to_string())),
    }
}

fn ends(why: &io::Error) -> bool {
    why.kind() == io::ErrorKind::UnexpectedEof
}

fn damaged(path: &Path, offset: u64, what: String) -> ExtractError {
    ExtractError::Damaged {
        path: path.to_owned(),
        offset,
        what,
    }
}

fn read(source: &mut Source, offset: &mut u64, options: &Options) -> io::Result<Option<Record>> {
    *offset = source.offset()?;
    if !skip_empty_lines(source)? {
        return Ok(None);
    }
    *offset = source.offset()?;
    let head = head(source)?;
    let length = text(&head, CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok());
    let length: u64 = length.ok_or_else(|| broken("the record tells no length"))?;
    let wanted = may_be_page(&head);
    let whole = length <= options.max_body.saturating_add(HTTP_HEAD);
    let kept = match (wanted, whole) {
        (true, true) => length,
        (true, false) => HTTP_HEAD,
        (false, _) => 0,
    };
    let mut block = Vec::new();
    let read = source.by_ref().take(kept).read_to_end(&mut block)? as u64;
    let skipped = io::copy(&mut source.by_ref().take(length - kept), &mut io::sink())?;
    if read + skipped < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(Record {
        offset: *offset,
        head,
        block: wanted.then(|| block.into()),
        whole,
    }))
}

/// Passes over the empty lines between records; false at the file's end.
fn skip_empty_lines(source: &mut Source) -> io::Result<bool> {
    let mut left = MOST_HEAD;
    loop {
        let ahead = source.fill_buf()?;
        if ahead.is_empty() {
            return Ok(false);
        }
        let empty = ahead
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let count = empty.count();
        if count == 0 {
            return Ok(true);
        }
        source.consume(count);
        left = left.saturating_sub(count as u64);
        if left == 0 {
            return Err(broken("empty lines without an end"));
        }
    }
}

/// Reads a record's head up to its empty line.
fn head(source: &mut Source) -> io::Result<HeaderMap> {
    let mut limited = source.take(MOST_HEAD);
    let mut head = Vec::new();
    loop {
        let before = head.len();
        let length = limited.read_until(b'\n', &mut head)?;
        let begins = head.starts_with(VERSION) || VERSION.starts_with(&head);
        if before == 0 && !begins {
            return Err(broken("no WARC record begins here"));
        }
        if !head.ends_with(b"\n") {
            return Err(match limited.limit() {
                0 => broken("the record's head has no end"),
                _ => io::ErrorKind::UnexpectedEof.into(),
            });
        }
        if head[before..before + length].trim_ascii().is_empty() {
            return Ok(http::headers(http::lines(&head).skip(1)));
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn text<'a>(head: &'a HeaderMap, name: &str) -> Option<&'a str> {
    head.get(name)?.to_str().ok()
}

/// Whether a record's type is one that holds pages. A later segment of a record holds none.
fn may_be_page(head: &HeaderMap) -> bool {
    let kind = text(head, "warc-type").unwrap_or_default();
    let first = text(head, "warc-segment-number").is_none_or(|number| number == "1");
    first && (kind.eq_ignore_ascii_case("response") || kind.eq_ignore_ascii_case("resource"))
}

/// Whether a body of this type may be a page: what names no type may be one.
fn is_of_page_type(headers: &HeaderMap) -> bool {
    let named = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let named = named.to_ascii_lowercase();
    let other = [
        "image/", "video/", "audio/", "font/", "text/css", "text/dns",
    ];
    !other.iter().any(|kind| named.starts_with(kind)) && !named.contains("javascript")
}

impl Record {
    /// The page that the record holds, if it holds one.
    fn page(&self, path: &Path, options: &Options) -> Result<Option<Page>, String> {
        let Some(block) = &self.block else {
            return Ok(None);
        };
        // An answer whose URL is none is still a page; what was not asked for by HTTP is not.
        let url = self.url();
        if url.is_none() && !self.is_http() {
            return Ok(None);
        }
        let (status, headers, body) = if self.is_http() {
            let answer = http::answer(block).ok_or("the record holds no HTTP answer")?;
            (Some(answer.status), answer.headers, answer.body)
        } else {
            let mut headers = HeaderMap::new();
            headers.extend(
                self.head
                    .get(CONTENT_TYPE)
                    .map(|kind| (CONTENT_TYPE, kind.clone())),
            );
            (None, headers, block.clone())
        };
        let good = status.is_none_or(|status| (200..300).contains(&status));
        if !good || body.is_empty() || !is_of_page_type(&headers) {
            return Ok(None);
        }
        if !self.whole {
            return Err(page::too_large(options));
        }
        Ok(Some(Page {
            path: path.to_owned(),
            url,
            status,
            headers,
            body,
            fetched: text(&self.head, "warc-date").map(str::to_owned),
            place: Some(Place {
                offset: self.offset,
                record_id: text(&self.head, "warc-record-id").map(str::to_owned),
            }),
        }))
    }

    /// The page's URL, where it is one that a crawl could ask for. Some archivers write it as the
    /// page had it, not in ASCII.
    fn url(&self) -> Option<NormalUrl> {
        let written = String::from_utf8_lossy(self.head.get("warc-target-uri")?.as_bytes());
        // WARC/1.0 was read to want them.
        let bare = written.trim_start_matches('<').trim_end_matches('>');
        NormalUrl::parse(bare).ok()
    }

    fn is_http(&self) -> bool {
        let kind = text(&self.head, CONTENT_TYPE.as_str()).unwrap_or_default();
        kind.trim_start()
            .to_ascii_lowercase()
            .starts_with("application/http")
    }

    fn fault(&self, path: &Path, what: String) -> ExtractError {
        ExtractError::Page {
            path: path.to_owned(),
            place: format!("the record at byte {}", self.offset),
            what,
        }
    }
}
