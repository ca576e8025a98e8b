//! Why a URL was asked for, or is not: each rule that decides on it, in the order in which a
//! crawl asks them, every visit that it had, and what happens next.

mod known;
mod rules;

use crate::clock::Millis;
use crate::config::Config;
use crate::normal::NormalUrl;
use crate::store::{Reader, StoreError, VisitRow};
use jiff::Timestamp;
use known::Known;
use serde::Serialize;

/// Why a URL was asked for, or is not.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    /// The URL in normal form.
    pub url: String,
    /// The site that its gap and quota belong to.
    pub site: String,
    /// The rules, in their order.
    pub rules: Vec<RuleAnswer>,
    /// `retry`, `done`, `skipped`, `gone` or `failed`; none where it was never visited.
    pub state: Option<String>,
    /// The story that it told (`id`).
    pub article: Option<String>,
    /// Its visits, newest first.
    pub visits: Vec<PastVisit>,
    /// A crawl works on the data folder now.
    pub at_work: bool,
    /// What happens next.
    pub next: String,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleAnswer {
    /// `scope`, `found`, `depth`, `robots`, `quota`, `back-off`, `gap` or `duplicate`.
    pub rule: &'static str,
    /// Whether it lets the URL pass.
    pub holds: Holds,
    /// In words.
    pub says: String,
}

/// Whether a rule lets a URL pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It does.
    Passes,
    /// It does, later.
    Waits,
    /// It does not.
    Stops,
    /// Nothing is known yet that it could decide by.
    Unknown,
}

/// A visit of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastVisit {
    /// When it began.
    pub started: Option<Timestamp>,
    /// Milliseconds that it took.
    pub ms: u64,
    /// As a crawl logs it.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// A redirect's target.
    pub moved_to: Option<String>,
    /// What the body was.
    pub kind: Option<String>,
    /// Bytes of the body as sent.
    pub bytes: Option<u64>,
}

impl Why {
    /// Asks the data folder about `url` at `now`; `at_work` says that a crawl works on it.
    ///
    /// # Errors
    /// When there is no data folder, or it can't be read.
    pub fn of(
        config: &Config,
        url: &NormalUrl,
        at_work: bool,
        now: Millis,
    ) -> Result<Self, StoreError> {
        let reader = Reader::open(&config.crawl.data)?;
        let known = Known::read(&reader, url)?;
        let rules = rules::all(config, &known, url, now);
        Ok(Self {
            url: url.as_str().to_owned(),
            site: url.site().into_owned(),
            next: next(&known, &rules, at_work),
            rules,
            state: known.row.as_ref().map(|row| row.state.clone()),
            article: known.row.as_ref().and_then(|row| row.article.clone()),
            visits: reader.visits(url)?.iter().map(PastVisit::of).collect(),
            at_work,
        })
    }
}

/// What happens next, by how the URL stands and by the first rule that stops it.
fn next(known: &Known, rules: &[RuleAnswer], at_work: bool) -> String {
    let runs = if at_work {
        "the crawl that is at work"
    } else {
        "the next `gleaner resume` or `gleaner crawl`"
    };
    let stopped = rules.iter().find(|answer| answer.holds == Holds::Stops);
    let Some(row) = &known.row else {
        return match (&known.found, stopped) {
            (_, Some(answer)) => format!("it is not asked for: {}", answer.rule),
            (Some(_), None) => format!("it waits in the queue for {runs}"),
            (None, None) => "nothing, until a page links to it; or name it as a seed".to_owned(),
        };
    };
    let waits = row.state == "retry" || row.next_due.is_some();
    if let Some(answer) = stopped.filter(|_| waits) {
        return format!("it is not asked for: {}", answer.rule);
    }
    match (row.state.as_str(), row.due, row.next_due) {
        ("retry", due, _) => format!("it is tried again by {runs}{}", from(due)),
        (_, _, Some(due)) => format!("it is visited again by a crawl{}", from(Some(due))),
        ("skipped", ..) => {
            "nothing: it was left out, for the reason that its last visit tells".to_owned()
        }
        _ => "nothing: it is settled, and no page that lists news".to_owned(),
    }
}

fn from(at: Option<Millis>) -> String {
    at.and_then(time)
        .map_or_else(String::new, |at| format!(", from {at:.0} on"))
}

fn time(at: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()
}

impl PastVisit {
    fn of(row: &VisitRow) -> Self {
        Self {
            started: time(row.started),
            ms: row.ended.saturating_sub(row.started),
            outcome: row.outcome.clone(),
            reason: row.reason.clone(),
            status: row.status,
            moved_to: row.moved_to.clone(),
            kind: row.kind.clone(),
            bytes: row.bytes_sent,
        }
    }
}
