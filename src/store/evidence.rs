//! What the log holds besides its visits so that every gap and permit can be recomputed: the
//! pace that each process was set to, each version of each robots.txt, and what answers asked.

use super::codec::{Unpacker, bad_value, int, uint};
use super::error::StoreError;
use super::pages::Pages;
use super::visits::Writer;
use super::{Finished, Reader, Store};
use crate::clock::Millis;
use crate::config;
use crate::normal::RobotsUnit;
use crate::politeness::RobotsCopy;
use http::header::RETRY_AFTER;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The pace that a process was set to. Times in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// The product token that robots.txt files name us by.
    pub agent: String,
    /// As `politeness.min_delay`.
    pub min_delay: Millis,
    /// As `politeness.delay_factor`.
    pub delay_factor: f64,
    /// As `politeness.max_crawl_delay`.
    pub max_crawl_delay: Millis,
    /// Budget units with a pace of their own.
    pub sites: BTreeMap<String, SitePace>,
}

/// The pace of one budget unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SitePace {
    /// As `site.min_delay`.
    pub min_delay: Millis,
    /// As `site.delay_factor`.
    pub delay_factor: f64,
}

/// One process's part of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Sitting {
    /// The first visit that it may have logged.
    pub first_visit: u64,
    /// The run.
    pub run: u64,
    /// When it took up what earlier ones had left: no request of its is older.
    pub at: Millis,
    /// What it was set to.
    pub pace: Pace,
}

/// One version of a robots.txt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotsVersion {
    /// The visit that brought it.
    pub first_visit: u64,
    /// The last visit that found it unchanged.
    pub last_visit: u64,
    /// When it came.
    pub fetched: Millis,
    /// Until when it was good at last.
    pub expires: Millis,
    /// The answer's status.
    pub status: u16,
    /// Its body as far as it is parsed.
    pub body: Vec<u8>,
}

/// A visit as far as politeness is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Its number.
    pub visit: u64,
    /// The run.
    pub run: u64,
    /// What was asked for.
    pub url: String,
    /// Its budget unit.
    pub unit: String,
    /// A robots.txt, a hop of one, or a tdmrep.json.
    pub robots: bool,
    /// Redirects that led here.
    pub hops: u8,
    /// When it began.
    pub started: Millis,
    /// When its answer ended.
    pub ended: Millis,
    /// As [`Finished::outcome`]; `skipped` was not asked for.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// The answer's status, where there was an answer.
    pub status: Option<u16>,
    /// The answer sent us elsewhere.
    pub moved: bool,
    /// What the body was.
    pub kind: Option<String>,
    /// Bytes of the body as sent.
    pub bytes: u64,
    /// The robots unit that the answer was to bind.
    pub rules_for: Option<String>,
    /// Until when the answer is good as that unit's robots.txt, if it settled one.
    pub good_until: Option<Millis>,
    /// Retry-After as it was received.
    pub retry_after: Option<String>,
    /// The URL's last visit had failed.
    pub again: bool,
}

impl Pace {
    /// The pace that a configuration sets.
    #[must_use]
    pub fn of(config: &config::Config, agent: &str) -> Self {
        let all = &config.politeness;
        let site = |site: &config::Site| SitePace {
            min_delay: millis(site.min_delay.unwrap_or(all.min_delay)),
            delay_factor: site.delay_factor.unwrap_or(all.delay_factor),
        };
        let own = |one: &&config::Site| one.min_delay.is_some() || one.delay_factor.is_some();
        Self {
            agent: agent.to_owned(),
            min_delay: millis(all.min_delay),
            delay_factor: all.delay_factor,
            max_crawl_delay: millis(all.max_crawl_delay),
            sites: config
                .sites
                .iter()
                .filter(own)
                .map(|one| (one.site.clone(), site(one)))
                .collect(),
        }
    }

    /// The pace of one budget unit.
    #[must_use]
    pub fn site(&self, unit: &str) -> SitePace {
        self.sites.get(unit).copied().unwrap_or(SitePace {
            min_delay: self.min_delay,
            delay_factor: self.delay_factor,
        })
    }
}

fn millis(time: Duration) -> Millis {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Store {
    /// Notes the pace that the visits from now on are made at.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn begin_sitting(&mut self, now: Millis, pace: &Pace) -> Result<(), StoreError> {
        let write = || {
            let settings = serde_json::to_string(pace)
                .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
            self.conn.execute(
                "INSERT INTO sittings (first_visit, run, at, settings) VALUES (?1, ?2, ?3, ?4)",
                params![int(self.mark + 1), int(self.run), int(now), settings],
            )
        };
        write()
            .map(|_| ())
            .map_err(|e| StoreError::sql(&self.path, "write", e))
    }
}

impl Writer<'_> {
    /// What a visit alone does not tell; most have nothing of it, and cost nothing.
    pub(super) fn evidence(&self, number: u64, visit: &Finished) -> rusqlite::Result<()> {
        let headers = visit.capture.as_ref().map(|page| &page.headers);
        let told = headers.and_then(|headers| headers.get(RETRY_AFTER));
        if visit.rules_for.is_none() && told.is_none() {
            return Ok(());
        }
        self.tx
            .prepare_cached(
                "INSERT INTO evidence (visit, rules_for, good_until, retry_after)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                int(number),
                visit.rules_for.as_ref().map(RobotsUnit::as_str),
                visit.robots_copy.as_ref().map(|copy| int(copy.expires)),
                told.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            ])?;
        Ok(())
    }

    /// Adds a version of a robots.txt, or notes that the last one still holds.
    pub(super) fn robots_version(
        &self,
        number: u64,
        copy: &RobotsCopy,
        packed: &[u8],
    ) -> rusqlite::Result<()> {
        let unit = copy.unit.as_str();
        let same = self
            .tx
            .prepare_cached(
                "UPDATE robots_versions SET last_visit = ?2, expires = ?3 WHERE id =
                   (SELECT id FROM robots_versions WHERE unit = ?1 ORDER BY first_visit DESC LIMIT 1)
                 AND status = ?4 AND body = ?5",
            )?
            .execute(params![unit, int(number), int(copy.expires), copy.status, packed])?;
        if same > 0 {
            return Ok(());
        }
        self.tx
            .prepare_cached(
                "INSERT INTO robots_versions (unit, first_visit, last_visit, fetched, expires,
                 status, body) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                unit,
                int(number),
                int(copy.fetched),
                int(copy.expires),
                copy.status,
                packed
            ])?;
        Ok(())
    }
}

impl Reader {
    /// Each process's part of the log, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sittings(&self) -> Result<Vec<Sitting>, StoreError> {
        let read = || {
            let sql = "SELECT first_visit, run, at, settings FROM sittings ORDER BY id";
            let mut statement = self.conn.prepare(sql)?;
            let rows = statement.query_map([], read_sitting)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|e| StoreError::sql(&self.path, "read", e))
    }

    /// Every visit to a URL that is logged by now, refusals of ours included, in the log's order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn requests(
        &self,
    ) -> Result<impl Iterator<Item = Result<LoggedRequest, StoreError>> + '_, StoreError> {
        let last = self
            .conn
            .query_row("SELECT coalesce(max(id), 0) FROM visits", [], |r| r.get(0))
            .map_err(|e| StoreError::sql(&self.path, "read", e))?;
        Ok(Pages::new(&self.conn, &self.path, REQUESTS, read_request).until(last))
    }

    /// The version of a robots unit's robots.txt that was the last when `visit` was logged.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn robots_version(
        &self,
        unit: &str,
        visit: u64,
    ) -> Result<Option<RobotsVersion>, StoreError> {
        let find = || {
            self.conn
                .prepare_cached(
                    "SELECT first_visit, last_visit, fetched, expires, status, body
                     FROM robots_versions WHERE unit = ?1 AND first_visit <= ?2
                     ORDER BY first_visit DESC LIMIT 1",
                )?
                .query_row(params![unit, int(visit)], read_version)
                .optional()
        };
        find().map_err(|e| StoreError::sql(&self.path, "read", e))
    }
}

const REQUESTS: &str = "
SELECT v.id, v.run, v.url, v.unit, v.robots, v.hops, v.started, v.ended, v.outcome, v.reason,
  v.status, v.moved_to IS NOT NULL, v.kind, v.bytes_sent, e.rules_for, e.good_until, e.retry_after,
  EXISTS (SELECT 1 FROM visits p WHERE p.id = v.previous AND p.due IS NOT NULL)
FROM visits v LEFT JOIN evidence e ON e.visit = v.id
WHERE v.id BETWEEN ?1 AND ?2 AND v.url IS NOT NULL ORDER BY v.id LIMIT ?3";

fn read_request(_: &mut Unpacker, row: &Row<'_>) -> rusqlite::Result<LoggedRequest> {
    Ok(LoggedRequest {
        visit: uint(row.get(0)?),
        run: uint(row.get(1)?),
        url: row.get(2)?,
        unit: row.get(3)?,
        robots: row.get(4)?,
        hops: row.get::<_, Option<u8>>(5)?.unwrap_or(0),
        started: uint(row.get(6)?),
        ended: uint(row.get(7)?),
        outcome: row.get(8)?,
        reason: row.get(9)?,
        status: row.get(10)?,
        moved: row.get(11)?,
        kind: row.get(12)?,
        bytes: row.get::<_, Option<i64>>(13)?.map_or(0, uint),
        rules_for: row.get(14)?,
        good_until: row.get::<_, Option<i64>>(15)?.map(uint),
        retry_after: row.get(16)?,
        again: row.get(17)?,
    })
}

fn read_sitting(row: &Row<'_>) -> rusqlite::Result<Sitting> {
    let settings = row.get_ref(3)?.as_str()?;
    Ok(Sitting {
        first_visit: uint(row.get(0)?),
        run: uint(row.get(1)?),
        at: uint(row.get(2)?),
        pace: serde_json::from_str(settings).map_err(|e| bad_value(3, e))?,
    })
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<RobotsVersion> {
    Ok(RobotsVersion {
        first_visit: uint(row.get(0)?),
        last_visit: uint(row.get(1)?),
        fetched: uint(row.get(2)?),
        expires: uint(row.get(3)?),
        status: row.get(4)?,
        body: Unpacker::default().unpack(5, row.get_ref(5)?.as_blob()?)?,
    })
}
