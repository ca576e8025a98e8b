//! One finished visit as rows: the log entry, the URL's state, and what else it changes.

use super::articles::{self, Kept, Story};
use super::codec::{Packer, bad_value, int, uint};
use super::error::StoreError;
use super::labels;
use super::segment::{Archive, Place};
use super::warc::{Earlier, PayloadDigest};
use super::{Finished, Receipt};
use crate::clock::Millis;
use crate::dedup::Fingerprint;
use crate::frontier::{Link, Settled, Via, encode_links};
use crate::normal::NormalUrl;
use crate::politeness::{RobotsCopy, UnitState};
use http::header::{CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The key of a URL in `urls`.
pub(super) fn url_id(salt: u64, url: &NormalUrl) -> i64 {
    xxh3_64_with_seed(url.as_str().as_bytes(), salt).cast_signed()
}

/// Says of a redirect's source that it leads to where robots.txt does not let us.
const REDIRECT_DISALLOWED: &str = "redirect target disallowed by robots";

/// Writes the visits of one group into one open transaction.
pub(super) struct Writer<'a> {
    pub(super) tx: &'a Connection,
    pub(super) database: &'a Path,
    pub(super) salt: u64,
    pub(super) run: u64,
    pub(super) packer: &'a mut Packer,
    /// `None` when nothing goes into WARC files.
    pub(super) archive: Option<&'a mut Archive>,
}

/// What was known of a URL before this visit.
#[derive(Default)]
struct Before {
    kind: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    visit: Option<i64>,
    article: Option<i64>,
    digest: Option<PayloadDigest>,
    digest_visit: Option<i64>,
}

/// Where this visit's records went, and the digest of the payload if it was written.
type Archived = Option<(Place, Option<PayloadDigest>)>;

impl Writer<'_> {
    /// Writes visit `number`; counts new articles and versions in `receipt`.
    pub(super) fn write(
        &mut self,
        number: u64,
        visit: &Finished,
        receipt: &mut Receipt,
    ) -> Result<(), StoreError> {
        let database = self.database;
        let sql = |e| StoreError::sql(database, "write", e);
        let id = url_id(self.salt, &visit.link.url);
        let before = self.before(id, visit).map_err(sql)?;
        let archived = self.archive(number, visit, &before)?;
        self.rows(number, id, visit, &before, archived, receipt)
            .map_err(sql)
    }

    fn rows(
        &mut self,
        number: u64,
        id: i64,
        visit: &Finished,
        before: &Before,
        archived: Archived,
        receipt: &mut Receipt,
    ) -> rusqlite::Result<()> {
        self.log(number, visit, before, archived)?;
        if let Some(state) = &visit.unit {
            self.unit(state)?;
        }
        if visit.robots {
            return self.robots(number, visit);
        }
        let article = self.story(number, id, visit, before, receipt)?;
        self.url(number, id, visit, before, article, archived)?;
        let refused = visit.outcome == "skipped" && visit.reason.as_deref() == Some("robots");
        if refused && visit.link.via == Via::Redirect {
            self.disallow_sources(id)?;
        }
        Ok(())
    }

    fn before(&self, id: i64, visit: &Finished) -> rusqlite::Result<Before> {
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
                Ok(Before {
                    kind: row.get(0)?,
                    etag: row.get(1)?,
                    last_modified: row.get(2)?,
                    visit: row.get(3)?,
                    article: row.get(4)?,
                    digest: row.get(5)?,
                    digest_visit: row.get(6)?,
                })
            })
            .optional()
            .map(Option::unwrap_or_default)
    }

    fn archive(
        &mut self,
        number: u64,
        visit: &Finished,
        before: &Before,
    ) -> Result<Archived, StoreError> {
        let Some(capture) = visit.capture.as_ref().filter(|_| visit.archive) else {
            return Ok(None);
        };
        let earlier = self
            .earlier(before)
            .map_err(|e| StoreError::sql(self.database, "read", e))?;
        let Some(archive) = &mut self.archive else {
            return Ok(None);
        };
        archive.put(|records, out| records.request(out, number, capture))?;
        archive.put(|records, out| records.answer(out, number, capture, earlier))
    }

    fn earlier(&self, before: &Before) -> rusqlite::Result<Option<Earlier>> {
        let (Some(visit), Some(digest)) = (before.digest_visit, before.digest) else {
            return Ok(None);
        };
        let mut started = self
            .tx
            .prepare_cached("SELECT started FROM visits WHERE id = ?1 AND segment IS NOT NULL")?;
        let started: Option<i64> = started.query_row([visit], |row| row.get(0)).optional()?;
        Ok(started.map(|at| Earlier {
            visit: uint(visit),
            at: uint(at),
            digest,
        }))
    }

    fn log(
        &mut self,
        number: u64,
        visit: &Finished,
        before: &Before,
        archived: Archived,
    ) -> rusqlite::Result<()> {
        let links = self.links(&visit.outlinks)?;
        let (due, failures) = again(visit.settled);
        let place = archived.map(|(place, _)| place);
        let capture = visit.capture.as_ref();
        self.tx
            .prepare_cached(
                "INSERT INTO visits (id, run, url, unit, robots, seed, depth, hops, via, priority,
                 started, ended, outcome, reason, status, moved_to, kind, charset, content_type,
                 segment, warc_offset, warc_length, bytes_sent, bytes_body, links, due, failures,
                 previous)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                 ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)",
            )?
            .execute(params![
                int(number),
                int(self.run),
                visit.link.url.as_str(),
                visit.link.url.budget_unit().as_str(),
                visit.robots,
                visit.link.seed,
                visit.link.depth,
                visit.link.hops,
                labels::via(visit.link.via),
                visit.link.priority,
                int(visit.started),
                int(visit.ended),
                visit.outcome,
                visit.reason,
                visit.status,
                visit.moved_to.as_ref().map(NormalUrl::as_str),
                kind(visit),
                visit.charset,
                header(visit, &CONTENT_TYPE),
                place.map(|p| p.segment),
                place.map(|p| int(p.offset)),
                place.map(|p| int(p.length)),
                capture.map(|c| int(c.sent.len() as u64)),
                capture.map(|c| int(c.body.len() as u64)),
                links,
                due,
                failures,
                before.visit,
            ])?;
        Ok(())
    }

    /// Logs links that entered without a visit (seeds, `Sitemap:` lines).
    pub(super) fn admitted(
        &mut self,
        number: u64,
        links: &[Link],
        now: Millis,
    ) -> rusqlite::Result<()> {
        let links = self.links(links)?;
        self.tx.execute(
            "INSERT INTO visits (id, run, robots, started, ended, outcome, links)
             VALUES (?1, ?2, 0, ?3, ?3, 'admitted', ?4)",
            params![int(number), int(self.run), int(now), links],
        )?;
        Ok(())
    }

    fn links(&mut self, links: &[Link]) -> rusqlite::Result<Option<Vec<u8>>> {
        if links.is_empty() {
            return Ok(None);
        }
        self.packer.pack(&encode_links(links)).map(Some)
    }

    fn unit(&self, state: &UnitState) -> rusqlite::Result<()> {
        self.tx
            .prepare_cached(
                "INSERT INTO units (unit, next_allowed, last_response, refusals, failures, pause,
                 parked, requests, pages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (unit) DO UPDATE SET next_allowed = excluded.next_allowed,
                 last_response = excluded.last_response, refusals = excluded.refusals,
                 failures = excluded.failures, pause = excluded.pause, parked = excluded.parked,
                 requests = excluded.requests, pages = excluded.pages",
            )?
            .execute(params![
                state.unit.as_str(),
                int(state.next_allowed),
                int(state.last_response),
                state.refusals,
                state.failures,
                int(state.pause),
                state.parked,
                int(state.requests),
                int(state.pages),
            ])?;
        Ok(())
    }

    fn robots(&mut self, number: u64, visit: &Finished) -> rusqlite::Result<()> {
        let unit = visit.link.url.robots_unit();
        self.tx
            .prepare_cached(
                "INSERT INTO robots (unit, last_visit) VALUES (?1, ?2)
                 ON CONFLICT (unit) DO UPDATE SET last_visit = excluded.last_visit",
            )?
            .execute(params![unit.as_str(), int(number)])?;
        match &visit.robots_copy {
            Some(copy) => self.robots_copy(number, copy),
            None => Ok(()),
        }
    }

    /// The copy may belong to another unit than the URL that answered: a redirect's target
    /// speaks for the unit that was asked first (RFC 9309 2.3.1.2).
    fn robots_copy(&mut self, number: u64, copy: &RobotsCopy) -> rusqlite::Result<()> {
        let body = self.packer.pack(&copy.body)?;
        self.tx
            .prepare_cached(
                "INSERT INTO robots (unit, fetched, expires, status, body, etag, last_modified,
                 last_visit) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (unit) DO UPDATE SET fetched = excluded.fetched,
                 expires = excluded.expires, status = excluded.status, body = excluded.body,
                 etag = excluded.etag, last_modified = excluded.last_modified",
            )?
            .execute(params![
                copy.unit.as_str(),
                int(copy.fetched),
                int(copy.expires),
                copy.status,
                body,
                copy.etag,
                copy.last_modified,
                int(number),
            ])?;
        Ok(())
    }

    fn story(
        &mut self,
        number: u64,
        id: i64,
        visit: &Finished,
        before: &Before,
        receipt: &mut Receipt,
    ) -> rusqlite::Result<Option<i64>> {
        let Some(article) = &visit.article else {
            return Ok(before.article);
        };
        let origin = self.origin(id, visit.link.via)?;
        let story = Story {
            url: &visit.link.url,
            article,
            print: visit
                .fingerprint
                .unwrap_or_else(|| Fingerprint::of(&article.text)),
            visit: int(number),
            at: visit.ended,
            via: origin.via,
            known: before.article,
            moved_from: origin.article,
        };
        let (seq, kept) = articles::keep(self.tx, self.packer, &story)?;
        match kept {
            Kept::New => receipt.new_articles += 1,
            Kept::Version => receipt.new_versions += 1,
            Kept::Same => {}
        }
        Ok(Some(seq))
    }

    /// How the story was found: for a redirect's target, how its first source was; and the
    /// story that a source once held.
    fn origin(&self, id: i64, via: Via) -> rusqlite::Result<Origin> {
        let mut origin = Origin {
            via: labels::via(via),
            article: None,
        };
        if via != Via::Redirect {
            return Ok(origin);
        }
        let mut target = id;
        for _ in 0..super::MAX_HOPS {
            let Some(source) = self.source(target)? else {
                break;
            };
            origin.via = labels::via(source.via);
            origin.article = origin.article.or(source.article);
            if source.via != Via::Redirect {
                return Ok(origin);
            }
            target = source.id;
        }
        origin.via = labels::via(Via::Front);
        Ok(origin)
    }

    fn source(&self, target: i64) -> rusqlite::Result<Option<Source>> {
        self.tx
            .prepare_cached(
                "SELECT id, via, article, last_visit FROM urls WHERE moved_to = ?1
                 ORDER BY last_visit DESC LIMIT 1",
            )?
            .query_row([target], Source::read)
            .optional()
    }

    /// Tells every source of the redirect that ended at `target`.
    fn disallow_sources(&self, target: i64) -> rusqlite::Result<()> {
        let mut targets = vec![target];
        for _ in 0..super::MAX_HOPS {
            let mut further = Vec::new();
            for source in self.sources(&targets)? {
                self.disallow(&source)?;
                if source.via == Via::Redirect {
                    further.push(source.id);
                }
            }
            targets = further;
        }
        Ok(())
    }

    fn sources(&self, targets: &[i64]) -> rusqlite::Result<Vec<Source>> {
        let mut found = Vec::new();
        for target in targets {
            let mut statement = self.tx.prepare_cached(
                "SELECT id, via, article, last_visit FROM urls WHERE moved_to = ?1",
            )?;
            for source in statement.query_map([target], Source::read)? {
                found.push(source?);
            }
        }
        Ok(found)
    }

    fn disallow(&self, source: &Source) -> rusqlite::Result<()> {
        for (sql, id) in [
            ("UPDATE urls SET reason = ?2 WHERE id = ?1", source.id),
            (
                "UPDATE visits SET reason = ?2 WHERE id = ?1",
                source.last_visit,
            ),
        ] {
            self.tx
                .prepare_cached(sql)?
                .execute(params![id, REDIRECT_DISALLOWED])?;
        }
        Ok(())
    }

    fn url(
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
            visit.link.url.budget_unit().as_str(),
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

/// Where a redirect came from.
struct Source {
    id: i64,
    via: Via,
    article: Option<i64>,
    last_visit: i64,
}

impl Source {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            via: labels::read_via(1, row.get_ref(1)?.as_str()?)?,
            article: row.get(2)?,
            last_visit: row.get(3)?,
        })
    }
}

struct Origin {
    via: &'static str,
    article: Option<i64>,
}

fn again(settled: Settled) -> (Option<i64>, Option<u8>) {
    match settled {
        Settled::Done => (None, None),
        Settled::Again { due, failures } => (Some(int(due)), Some(failures)),
    }
}

fn kind(visit: &Finished) -> Option<&'static str> {
    visit
        .kind
        .map(|kind| labels::kind(kind, visit.article.is_some()))
}

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
    match visit.outcome {
        "ok" if whole => (header(visit, &ETAG), header(visit, &LAST_MODIFIED)),
        "not_modified" => (
            header(visit, &ETAG).or_else(|| before.etag.clone()),
            header(visit, &LAST_MODIFIED).or_else(|| before.last_modified.clone()),
        ),
        "ok" | "moved" => (None, None),
        _ => (before.etag.clone(), before.last_modified.clone()),
    }
}

fn header(visit: &Finished, name: &HeaderName) -> Option<String> {
    let value = visit.capture.as_ref()?.headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
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
