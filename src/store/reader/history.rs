//! How a URL stands, and the visits that it had.

use super::Reader;
use crate::clock::Millis;
use crate::normal::NormalUrl;
use crate::store::codec::uint;
use crate::store::error::StoreError;
use crate::store::urls::url_id;
use rusqlite::{OptionalExtension, Row};

/// What a URL's state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlRow {
    /// The URL.
    pub url: String,
    /// `retry`, `done`, `skipped`, `gone` or `failed`.
    pub state: String,
    /// What its body was.
    pub kind: Option<String>,
    /// How it was found.
    pub via: String,
    /// Links followed since the seed.
    pub depth: u8,
    /// The seed that it descends from.
    pub seed: u32,
    /// Visits that failed since the last good one.
    pub failures: u8,
    /// When it is tried again.
    pub due: Option<Millis>,
    /// When it is visited again.
    pub next_due: Option<Millis>,
    /// The last answer's status.
    pub status: Option<u16>,
    /// Why it stands as it does, where the state does not say it.
    pub reason: Option<String>,
    /// The story that it told (`id`).
    pub article: Option<String>,
    last_visit: i64,
}

/// One visit of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRow {
    /// Its number.
    pub visit: u64,
    /// The run that it belongs to.
    pub run: u64,
    /// When it began.
    pub started: Millis,
    /// When it ended.
    pub ended: Millis,
    /// As [`crate::store::Finished::outcome`].
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
    pub bytes_sent: Option<u64>,
    /// Bytes of the body decoded.
    pub bytes_body: Option<u64>,
    previous: Option<i64>,
}

impl Reader {
    /// What is known of `url`, if it was visited.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn url(&self, url: &NormalUrl) -> Result<Option<UrlRow>, StoreError> {
        let found = self
            .conn
            .query_row(URL, [url_id(self.salt, url)], read_url_row);
        found.optional().map_err(|e| self.error(e))
    }

    /// The visits that `url` had, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visits(&self, url: &NormalUrl) -> Result<Vec<VisitRow>, StoreError> {
        let mut next = self.url(url)?.map(|row| row.last_visit);
        let mut visits = Vec::new();
        while let Some(number) = next {
            let visit = self.conn.query_row(VISIT, [number], read_visit);
            let Some(visit) = visit.optional().map_err(|e| self.error(e))? else {
                break;
            };
            // Only ever an earlier one: a damaged table cannot send us round in circles.
            next = visit.previous.filter(|earlier| *earlier < number);
            visits.push(visit);
        }
        Ok(visits)
    }
}

const URL: &str = "
SELECT u.url, u.state, u.kind, u.via, u.depth, u.seed, u.failures, u.due, u.next_due,
  u.last_status, u.reason, a.id, u.last_visit
FROM urls u LEFT JOIN articles a ON a.seq = u.article WHERE u.id = ?1";

fn read_url_row(row: &Row<'_>) -> rusqlite::Result<UrlRow> {
    Ok(UrlRow {
        url: row.get(0)?,
        state: row.get(1)?,
        kind: row.get(2)?,
        via: row.get(3)?,
        depth: row.get(4)?,
        seed: row.get(5)?,
        failures: row.get(6)?,
        due: row.get::<_, Option<i64>>(7)?.map(uint),
        next_due: row.get::<_, Option<i64>>(8)?.map(uint),
        status: row.get(9)?,
        reason: row.get(10)?,
        article: row.get(11)?,
        last_visit: row.get(12)?,
    })
}

const VISIT: &str = "
SELECT id, run, started, ended, outcome, reason, status, moved_to, kind, bytes_sent, bytes_body,
  previous
FROM visits WHERE id = ?1";

fn read_visit(row: &Row<'_>) -> rusqlite::Result<VisitRow> {
    Ok(VisitRow {
        visit: uint(row.get(0)?),
        run: uint(row.get(1)?),
        started: uint(row.get(2)?),
        ended: uint(row.get(3)?),
        outcome: row.get(4)?,
        reason: row.get(5)?,
        status: row.get(6)?,
        moved_to: row.get(7)?,
        kind: row.get(8)?,
        bytes_sent: row.get::<_, Option<i64>>(9)?.map(uint),
        bytes_body: row.get::<_, Option<i64>>(10)?.map(uint),
        previous: row.get(11)?,
    })
}
