//! What the engine asks of the log at its start and while it runs.

use super::Store;
use super::codec::{int, uint};
use super::error::StoreError;
use super::robots;
use super::urls::{read_link, url_id};
use crate::clock::Millis;
use crate::fetch::Validators;
use crate::frontier::Link;
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::politeness::{RobotsCopy, UnitState};
use rusqlite::{Connection, OptionalExtension, Row};

impl Store {
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
