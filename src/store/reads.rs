//! What the engine asks of the log at its start and while it runs.

use super::Store;
use super::codec::{Unpacker, bad_value, int, uint};
use super::error::StoreError;
use super::robots;
use super::urls::{read_link, read_url, url_id};
use crate::clock::Millis;
use crate::fetch::Validators;
use crate::frontier::{Link, Rebuilt, Settled, decode_links};
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::politeness::{RobotsCopy, UnitState};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::VecDeque;
use std::path::Path;

/// What one visit did to the frontier.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Its number.
    pub visit: u64,
    /// What was visited and what became of it; none where links entered without a visit, and
    /// for a robots.txt.
    pub settled: Option<(Link, Settled)>,
    /// The links that it admitted.
    pub outlinks: Vec<Link>,
}

impl Store {
    /// Every URL that was ever visited, robots.txt files apart.
    pub fn urls(&self) -> impl Iterator<Item = Result<NormalUrl, StoreError>> + '_ {
        let sql = "SELECT id, url FROM urls WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        Pages::new(&self.conn, &self.path, sql, |_, row| read_url(row, 1))
    }

    /// What the visits above number `after` did, in their order.
    pub fn replay(&self, after: u64) -> impl Iterator<Item = Result<Replayed, StoreError>> + '_ {
        let sql = "SELECT id, robots, links, due, failures, url, seed, depth, hops, via, priority
                   FROM visits WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        Pages::new(&self.conn, &self.path, sql, read_replayed).from(int(after).saturating_add(1))
    }

    /// All links that were ever admitted and are not settled, for a frontier that is rebuilt.
    /// A link may come more than once. Holds eight bytes in memory for each URL visited.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn queued(
        &self,
    ) -> Result<impl Iterator<Item = Result<Rebuilt, StoreError>> + '_, StoreError> {
        let visited = visited(&self.conn).map_err(|e| StoreError::sql(&self.path, "read", e))?;
        let retries = "SELECT id, url, seed, depth, hops, via, priority, due, failures FROM urls
                       WHERE state = 'retry' AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        let retries = Pages::new(&self.conn, &self.path, retries, read_retry);
        let admitted = "SELECT id, links FROM visits
                        WHERE links IS NOT NULL AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        let admitted = Pages::new(&self.conn, &self.path, admitted, |unpacker, row| {
            read_links(unpacker, row, 1)
        });
        let salt = self.salt;
        let waiting = move |link: &Link| visited.binary_search(&url_id(salt, &link.url)).is_err();
        let ready = admitted.flat_map(move |links| match links {
            Err(error) => vec![Err(error)],
            Ok(links) => links
                .into_iter()
                .filter(&waiting)
                .map(|l| Ok(ready(l)))
                .collect(),
        });
        Ok(retries.chain(ready))
    }

    /// Settled URLs that are due for another visit at `now`, earliest first, at most `limit`.
    /// Each is handed out once until it is visited or the process ends.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due(&mut self, now: Millis, limit: usize) -> Result<Vec<Link>, StoreError> {
        let found = self.find_due(now, limit);
        let found = found.map_err(|e| StoreError::sql(&self.path, "read", e))?;
        self.recalled.extend(found.iter().map(|(id, _)| id));
        Ok(found.into_iter().map(|(_, link)| link).collect())
    }

    fn find_due(&self, now: Millis, limit: usize) -> rusqlite::Result<Vec<(i64, Link)>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, url, seed, depth, hops, via, priority FROM urls
             WHERE next_due <= ?1 ORDER BY next_due",
        )?;
        let mut rows = statement.query([int(now)])?;
        let mut found = Vec::new();
        while found.len() < limit
            && let Some(row) = rows.next()?
        {
            let id = row.get(0)?;
            if !self.recalled.contains(&id) {
                found.push((id, read_link(row, 1)?));
            }
        }
        Ok(found)
    }

    /// When the next URL that [`Store::due`] has not handed out is due.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn next_due(&self) -> Result<Option<Millis>, StoreError> {
        let find = || {
            let mut statement = self.conn.prepare_cached(
                "SELECT id, next_due FROM urls WHERE next_due IS NOT NULL ORDER BY next_due",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if !self.recalled.contains(&row.get(0)?) {
                    return Ok(Some(uint(row.get(1)?)));
                }
            }
            Ok(None)
        };
        find().map_err(|e| StoreError::sql(&self.path, "read", e))
    }

    /// What is known of every budget unit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unit_states(&self) -> Result<Vec<UnitState>, StoreError> {
        unit_states(&self.conn).map_err(|e| StoreError::sql(&self.path, "read", e))
    }

    /// The robots.txt of a unit as it was last settled.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn robots_copy(&self, unit: &RobotsUnit) -> Result<Option<RobotsCopy>, StoreError> {
        robots::robots_copy(&self.conn, unit).map_err(|e| StoreError::sql(&self.path, "read", e))
    }

    /// What a request for `url` may be conditional on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn validators(&self, url: &NormalUrl) -> Result<Option<Validators>, StoreError> {
        validators(&self.conn, self.salt, url).map_err(|e| StoreError::sql(&self.path, "read", e))
    }
}

fn ready(link: Link) -> Rebuilt {
    Rebuilt {
        link,
        due: None,
        failures: 0,
    }
}

/// The ids of all URLs in `urls`, in order.
fn visited(conn: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut statement = conn.prepare("SELECT id FROM urls ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

fn read_replayed(unpacker: &mut Unpacker, row: &Row<'_>) -> rusqlite::Result<Replayed> {
    let robots: bool = row.get(1)?;
    let visited = !robots && row.get_ref(5)? != rusqlite::types::ValueRef::Null;
    let settled = match (row.get::<_, Option<i64>>(3)?, row.get::<_, Option<u8>>(4)?) {
        (Some(due), failures) => Settled::Again {
            due: uint(due),
            failures: failures.unwrap_or(0),
        },
        (None, _) => Settled::Done,
    };
    Ok(Replayed {
        visit: uint(row.get(0)?),
        settled: if visited {
            Some((read_link(row, 5)?, settled))
        } else {
            None
        },
        outlinks: read_links(unpacker, row, 2)?,
    })
}

fn read_retry(_: &mut Unpacker, row: &Row<'_>) -> rusqlite::Result<Rebuilt> {
    Ok(Rebuilt {
        link: read_link(row, 1)?,
        due: row.get::<_, Option<i64>>(7)?.map(uint),
        failures: row.get(8)?,
    })
}

fn read_links(
    unpacker: &mut Unpacker,
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Vec<Link>> {
    let Some(blob) = row.get_ref(column)?.as_blob_or_null()? else {
        return Ok(Vec::new());
    };
    let bytes = unpacker.unpack(column, blob)?;
    decode_links(&bytes).map_err(|e| bad_value(column, e))
}

pub(super) fn validators(
    conn: &Connection,
    salt: u64,
    url: &NormalUrl,
) -> rusqlite::Result<Option<Validators>> {
    let mut statement = conn.prepare_cached(
        "SELECT etag, last_modified FROM urls
         WHERE id = ?1 AND (etag IS NOT NULL OR last_modified IS NOT NULL)",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Validators {
            etag: row.get(0)?,
            last_modified: row.get(1)?,
        })
    };
    statement.query_row([url_id(salt, url)], read).optional()
}

pub(super) fn unit_states(conn: &Connection) -> rusqlite::Result<Vec<UnitState>> {
    let mut statement = conn.prepare(
        "SELECT unit, next_allowed, last_response, refusals, failures, pause, parked, requests,
         pages FROM units ORDER BY unit",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(UnitState {
            unit: BudgetUnit::stored(row.get_ref(0)?.as_str()?),
            next_allowed: uint(row.get(1)?),
            last_response: uint(row.get(2)?),
            refusals: row.get(3)?,
            failures: row.get(4)?,
            pause: uint(row.get(5)?),
            parked: row.get(6)?,
            requests: uint(row.get(7)?),
            pages: uint(row.get(8)?),
        })
    })?;
    rows.collect()
}

/// Makes a value of a row; column 0 is the row's id.
type Read<T> = fn(&mut Unpacker, &Row<'_>) -> rusqlite::Result<T>;

/// Rows in the order of their ids, up to the highest there was at the first step. One short
/// transaction a page: a reader that holds one keeps the write-ahead log growing.
pub(super) struct Pages<'a, T> {
    conn: &'a Connection,
    path: &'a Path,
    /// `?1` and `?2` are the first and last id, `?3` the most rows.
    sql: &'static str,
    read: Read<T>,
    unpacker: Unpacker,
    next: Option<i64>,
    until: i64,
    page: VecDeque<T>,
}

const PAGE: i64 = 256;

impl<'a, T> Pages<'a, T> {
    pub(super) fn new(
        conn: &'a Connection,
        path: &'a Path,
        sql: &'static str,
        read: Read<T>,
    ) -> Self {
        Self {
            conn,
            path,
            sql,
            read,
            unpacker: Unpacker::default(),
            next: Some(i64::MIN),
            until: i64::MAX,
            page: VecDeque::new(),
        }
    }

    pub(super) fn from(mut self, first: i64) -> Self {
        self.next = Some(first);
        self
    }

    pub(super) fn until(mut self, last: i64) -> Self {
        self.until = last;
        self
    }

    fn fill(&mut self, first: i64) -> rusqlite::Result<()> {
        let mut statement = self.conn.prepare_cached(self.sql)?;
        let mut rows = statement.query(params![first, self.until, PAGE])?;
        self.next = None;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            self.next = id.checked_add(1);
            self.page.push_back((self.read)(&mut self.unpacker, row)?);
        }
        Ok(())
    }
}

impl<T> Iterator for Pages<'_, T> {
    type Item = Result<T, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && let Some(first) = self.next
            && let Err(error) = self.fill(first)
        {
            self.next = None;
            self.page.clear();
            return Some(Err(StoreError::sql(self.path, "read", error)));
        }
        self.page.pop_front().map(Ok)
    }
}
