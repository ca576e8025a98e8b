//! One polite visit, as it is shown: what was decided, the headers, the record.

use crate::crawl::{Single, Step};
use crate::export::{Known, Record};
use crate::parse::Kind;
use crate::store::Finished;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde::Serialize;

/// One polite visit.
#[derive(Clone, Debug, Serialize)]
pub struct FetchReport {
    /// What was done and decided, in its order.
    pub steps: Vec<Step>,
    /// Why the page was not asked for.
    pub refused: Option<String>,
    /// The request's head as sent.
    pub request: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's headers.
    pub headers: Vec<(String, String)>,
    /// As a crawl logs it: `ok`, `moved`, `refused`, `failed`, `cut` or `empty`.
    pub outcome: Option<String>,
    /// Why, where the outcome does not say it all.
    pub reason: Option<String>,
    /// Where the page moved to.
    pub moved_to: Option<String>,
    /// `html`, `feed`, `sitemap`, `robots` or `other`.
    pub kind: Option<&'static str>,
    /// Bytes of the body as sent, and decoded.
    pub bytes: Option<(u64, u64)>,
    /// The body's character encoding.
    pub charset: Option<String>,
    /// Links that a crawl from here would take up.
    pub links: usize,
    /// The story's record, as `export` writes it.
    pub record: Option<Record>,
}

impl FetchReport {
    /// Makes a visit ready to be shown.
    #[must_use]
    pub fn of(single: &Single) -> Self {
        let visit = single.visit.as_ref();
        let page = visit.and_then(|visit| visit.capture.as_ref());
        let headers = page.map(|page| {
            let headers = page.headers.iter();
            headers
                .map(|(name, value)| (name.to_string(), lossy(value.as_bytes())))
                .collect()
        });
        Self {
            steps: single.steps.clone(),
            refused: single.refusal.as_ref().map(ToString::to_string),
            request: page.map(|page| lossy(&page.request)),
            status: visit.and_then(|visit| visit.status),
            headers: headers.unwrap_or_default(),
            outcome: visit.map(|visit| visit.outcome.to_owned()),
            reason: visit.and_then(|visit| visit.reason.clone()),
            moved_to: visit.and_then(|visit| Some(visit.moved_to.as_ref()?.to_string())),
            kind: visit.and_then(|visit| visit.kind).map(kind),
            bytes: page.map(|page| (page.sent.len() as u64, page.body.len() as u64)),
            charset: visit.and_then(|visit| visit.charset).map(str::to_owned),
            links: visit.map_or(0, |visit| visit.outlinks.len()),
            record: visit.and_then(of_visit),
        }
    }

    /// Whether the page came, or the place that it moved to.
    #[must_use]
    pub fn came(&self) -> bool {
        matches!(
            self.outcome.as_deref(),
            Some("ok" | "moved" | "not_modified")
        )
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Html => "html",
        Kind::Feed => "feed",
        Kind::Sitemap => "sitemap",
        Kind::Robots => "robots",
        Kind::Other => "other",
    }
}

fn of_visit(visit: &Finished) -> Option<Record> {
    let article = visit.article.as_ref()?;
    let page = visit.capture.as_ref();
    let content_type = page.and_then(|page| page.headers.get(CONTENT_TYPE));
    let ended = i64::try_from(visit.ended).ok();
    let known = Known {
        fingerprint: visit.fingerprint,
        fetched_at: ended.and_then(|at| Timestamp::from_millisecond(at).ok()),
        status: visit.status,
        content_type: content_type.map(|kind| lossy(kind.as_bytes())),
        charset: visit.charset.map(str::to_owned),
        rights: visit.rights.clone(),
        ..Known::of_page(&visit.link.url, Some(article))
    };
    Some(Record::of_page(Some(article), known))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
