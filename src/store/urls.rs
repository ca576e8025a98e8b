//! The `urls` table: how each visited URL stands, one row a URL.

use super::codec::{bad_value, int};
use super::error::StoreError;
use super::labels;
use super::visits::{Archived, Writer, again, kind};
use super::warc::PayloadDigest;
use super::{Finished, Store};
use crate::fetch::Validators;
use crate::frontier::{Link, Settled};
use crate::normal::{NormalUrl, salted_hash};
use rusqlite::{OptionalExtension, Row, params};

/// The key of a URL in `urls`.
pub(super) fn url_id(salt: u64, url: &NormalUrl) -> i64 {
    salted_hash(url.as_str().as_bytes(), salt).cast_signed()
}

/// What was known of a URL before this visit.
#[derive(Default)]
pub(super) struct Before {
    pub(super) kind: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) visit: Option<i64>,
    pub(super) article: Option<i64>,
    pub(super) digest: Option<PayloadDigest>,
    pub(super) digest_visit: Option<i64>,
}

impl Writer<'_> {
    pub(super) fn before(&self, id: i64, visit: &Finished) -> rusqlite::Result<Before> {
        if visit.robots {
            let unit = visit.link.url.robots_unit();
            let mut last = self
                .tx
                .prepare_cached("SELECT last_visit FROM robots WHERE unit = ?1")?;
            let last = last
                .query_row([unit.as_str()], |row| row.get(0))
                .optional()?;
            return Ok(Before {
                visit: last,
                ..Before::default()
            });
        }
        self.tx
            .prepare_cached(
                "SELECT kind, etag, last_modified, last_visit, article, digest, digest_visit
                 FROM urls WHERE id = ?1",
            )?
            .query_row([id], |row| {
                let (kind, etag, last_modified, visit, article, digest, digest_visit) =
                    row.try_into()?;
                Ok(Before {
                    kind,
                    etag,
                    last_modified,
                    visit,
                    article,
                    digest,
                    digest_visit,
                })
            })
            .optional()
            .map(Option::unwrap_or_default)
    }

    pub(super) fn url(
        &self,
        number: u64,
        id: i64,
        visit: &Finished,
        before: &Before,
        article: Option<i64>,
        archived: Archived,
    ) -> rusqlite::Result<()> {
        let (etag, last_modified) = validators(visit, before);
        let (due, failures) = again(visit.settled);
        let written = archived.and_then(|(_, digest)| digest);
        let (digest, digest_visit) = match written {
            Some(digest) => (Some(digest), Some(int(number))),
            None => (before.digest, before.digest_visit),
        };
        let moved_to = visit.moved_to.as_ref().map(|to| url_id(self.salt, to));
        self.tx.prepare_cached(UPSERT_URL)?.execute(params![
            id,
            visit.link.url.as_str(),
            visit.link.url.site(),
            state(visit),
            kind(visit).or(before.kind.as_deref()),
            visit.link.seed,
            visit.link.depth,
            visit.link.hops,
            labels::via(visit.link.via),
            visit.link.priority,
            failures.unwrap_or(0),
            due,
            visit.next_due.filter(|_| due.is_none()).map(int),
            etag,
            last_modified,
            int(number),
            visit.status,
            visit.reason,
            moved_to,
            article,
            digest,
            digest_visit,
        ])?;
        Ok(())
    }
}

/// Trapped URLs that are read back: far more than there are families of them.
const TRAPPED: u32 = 10_000;

impl Store {
    /// URLs that were found to lead into a trap, the newest first, each with the trap's label.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn trapped(&self) -> Result<Vec<(NormalUrl, String)>, StoreError> {
        let trapped = || -> rusqlite::Result<Vec<_>> {
            let mut statement = self.conn.prepare(
                "SELECT url, reason FROM urls WHERE state = 'skipped' AND reason GLOB 'trap_*'
                 ORDER BY last_visit DESC LIMIT ?1",
            )?;
            let rows =
                statement.query_map([TRAPPED], |row| Ok((read_url(row, 0)?, row.get(1)?)))?;
            rows.collect()
        };
        trapped().map_err(|e| StoreError::sql(&self.path, "read", e))
    }
}

const UPSERT_URL: &str = "
INSERT INTO urls (id, url, unit, state, kind, seed, depth, hops, via, priority, failures, due,
  next_due, etag, last_modified, last_visit, last_status, reason, moved_to, article, digest,
  digest_visit)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
  ?20, ?21, ?22)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, kind = excluded.kind,
  seed = excluded.seed, depth = excluded.depth, hops = excluded.hops, via = excluded.via,
  priority = excluded.priority, failures = excluded.failures, due = excluded.due,
  next_due = excluded.next_due, etag = excluded.etag, last_modified = excluded.last_modified,
  last_visit = excluded.last_visit, last_status = excluded.last_status,
  reason = excluded.reason, moved_to = excluded.moved_to, article = excluded.article,
  digest = excluded.digest, digest_visit = excluded.digest_visit";

/// A URL's state: `retry` is in the queue, all others are settled.
fn state(visit: &Finished) -> &'static str {
    match (visit.settled, visit.outcome, visit.status) {
        (Settled::Again { .. }, _, _) => "retry",
        (_, "skipped", _) => "skipped",
        (_, _, Some(404 | 410)) => "gone",
        (_, "refused" | "failed", _) => "failed",
        _ => "done",
    }
}

/// What the next request may be conditional on: only ever a whole page that was parsed, so
/// that a page that was cut is asked for anew.
fn validators(visit: &Finished, before: &Before) -> (Option<String>, Option<String>) {
    let whole = visit.capture.as_ref().is_some_and(|c| c.cut.is_none());
    let headers = visit.capture.as_ref().map(|c| &c.headers);
    let now = headers.and_then(Validators::of).unwrap_or_default();
    let before = || (before.etag.clone(), before.last_modified.clone());
    match visit.outcome {
        "ok" if whole => (now.etag, now.last_modified),
        "ok" | "moved" => (None, None),
        "not_modified" => {
            let (etag, last_modified) = before();
            (now.etag.or(etag), now.last_modified.or(last_modified))
        }
        _ => before(),
    }
}

/// Reads a URL back from column `column`.
pub(super) fn read_url(row: &Row<'_>, column: usize) -> rusqlite::Result<NormalUrl> {
    let text = row.get_ref(column)?.as_str()?;
    NormalUrl::stored(text).map_err(|e| bad_value(column, e))
}

/// Reads a link back from six columns that begin at `first`: url, seed, depth, hops, via,
/// priority.
pub(super) fn read_link(row: &Row<'_>, first: usize) -> rusqlite::Result<Link> {
    Ok(Link {
        url: read_url(row, first)?,
        seed: row.get(first + 1)?,
        depth: row.get(first + 2)?,
        hops: row.get(first + 3)?,
        via: labels::read_via(first + 4, row.get_ref(first + 4)?.as_str()?)?,
        priority: row.get(first + 5)?,
    })
}
