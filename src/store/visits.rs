//! One finished visit as rows: the log entry, the URL's state, and what else it changes.

use super::articles::{self, Kept, Story};
use super::codec::{Packer, int, uint};
use super::error::StoreError;
use super::labels;
use super::segment::{Archive, Place};
use super::urls::{Before, url_id};
use super::warc::{Earlier, PayloadDigest};
use super::{Finished, Receipt};
use crate::clock::Millis;
use crate::dedup::Fingerprint;
use crate::frontier::{Link, Settled, encode_links};
use crate::normal::NormalUrl;
use crate::politeness::UnitState;
use crate::rights::Stored;
use http::header::CONTENT_TYPE;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;

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

/// Where this visit's records went, and the digest of the payload if it was written.
pub(super) type Archived = Option<(Place, Option<PayloadDigest>)>;

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
        self.evidence(number, visit)?;
        if let Some(state) = &visit.unit {
            self.unit(state)?;
        }
        if let Some(copy) = &visit.tdmrep_copy {
            return self.tdmrep(copy);
        }
        if visit.robots {
            return self.robots(number, visit);
        }
        let article = self.story(number, id, visit, before, receipt)?;
        self.url(number, id, visit, before, article, archived)?;
        self.tell_sources(id, visit)
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
        let mut found = self.tx.prepare_cached(
            "SELECT started, segment FROM visits WHERE id = ?1 AND segment IS NOT NULL",
        )?;
        let found: Option<(i64, i64)> =
            found.query_row([visit], |row| row.try_into()).optional()?;
        let archive = self.archive.as_ref();
        let found = found.filter(|(_, segment)| archive.is_some_and(|a| a.holds(*segment)));
        Ok(found.map(|(at, _)| Earlier {
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
                 previous, rights)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                 ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29)",
            )?
            .execute(params![
                int(number),
                int(self.run),
                visit.link.url.as_str(),
                visit.link.url.site(),
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
                content_type(visit),
                place.map(|p| p.segment),
                place.map(|p| int(p.offset)),
                place.map(|p| int(p.length)),
                capture.map(|c| int(c.sent.len() as u64)),
                capture.map(|c| int(c.body.len() as u64)),
                links,
                due,
                failures,
                before.visit,
                closed_by(visit)?,
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

    fn story(
        &mut self,
        number: u64,
        id: i64,
        visit: &Finished,
        before: &Before,
        receipt: &mut Receipt,
    ) -> rusqlite::Result<Option<i64>> {
        let Some(article) = &visit.article else {
            if let Some(seq) = before.article.filter(|_| is_closed(visit)) {
                articles::withdraw(self.tx, &visit.link.url, seq)?;
            }
            return Ok(before.article);
        };
        let moved_from = self.moved_from(id, visit)?;
        let story = Story {
            url: &visit.link.url,
            article,
            rights: visit.rights.as_ref(),
            print: visit
                .fingerprint
                .unwrap_or_else(|| Fingerprint::of(&article.text)),
            visit: int(number),
            at: visit.ended,
            via: labels::via(visit.link.via),
            known: before.article,
            moved_from,
        };
        let (seq, kept) = articles::keep(self.tx, self.packer, &story)?;
        match kept {
            Kept::New => receipt.new_articles += 1,
            Kept::Version => receipt.new_versions += 1,
            Kept::Same => {}
        }
        Ok(Some(seq))
    }
}

pub(super) fn again(settled: Settled) -> (Option<i64>, Option<u8>) {
    match settled {
        Settled::Done => (None, None),
        Settled::Again { due, failures } => (Some(int(due)), Some(failures)),
    }
}

pub(super) fn kind(visit: &Finished) -> Option<&'static str> {
    visit
        .kind
        .map(|kind| labels::kind(kind, visit.article.is_some()))
}

/// Whether a page came whose body may not be kept.
fn is_closed(visit: &Finished) -> bool {
    let rights = visit.rights.as_ref();
    rights.is_some_and(|rights| rights.store == Stored::Metadata)
}

/// What is said of a page whose body is not kept.
fn closed_by(visit: &Finished) -> rusqlite::Result<Option<String>> {
    let rights = visit.rights.as_ref();
    let json = rights
        .filter(|rights| rights.store != Stored::Full)
        .map(serde_json::to_string);
    json.transpose()
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

fn content_type(visit: &Finished) -> Option<String> {
    let value = visit.capture.as_ref()?.headers.get(CONTENT_TYPE)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
