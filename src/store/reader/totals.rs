//! What a data folder holds, in numbers.

use super::Reader;
use crate::store::codec::uint;
use crate::store::error::StoreError;
use rusqlite::Row;

/// What a data folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Visits, robots.txt files included.
    pub visits: u64,
    /// Stories.
    pub articles: u64,
    /// Versions of them.
    pub versions: u64,
    /// Bytes of bodies as sent.
    pub bytes_sent: u64,
    /// URLs by state, most first.
    pub states: Vec<(String, u64)>,
    /// Visits by outcome and reason, most first.
    pub outcomes: Vec<(String, Option<String>, u64)>,
    /// Stories by site, most first.
    pub sites: Vec<(String, u64)>,
}

impl Reader {
    /// What the folder holds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn totals(&self) -> Result<Totals, StoreError> {
        self.count().map_err(|e| self.error(e))
    }

    fn count(&self) -> rusqlite::Result<Totals> {
        let count = |sql| self.conn.query_row(sql, [], |row| row.get(0).map(uint));
        let pair = |row: &Row<'_>| Ok((row.get(0)?, uint(row.get(1)?)));
        Ok(Totals {
            visits: count("SELECT count(*) FROM visits WHERE url IS NOT NULL")?,
            articles: count("SELECT count(*) FROM articles")?,
            versions: count("SELECT count(*) FROM versions")?,
            bytes_sent: count("SELECT coalesce(sum(bytes_sent), 0) FROM visits")?,
            states: self.list(
                "SELECT state, count(*) AS n FROM urls GROUP BY state ORDER BY n DESC, state",
                pair,
            )?,
            outcomes: self.list(
                "SELECT outcome, reason, count(*) AS n FROM visits WHERE url IS NOT NULL
                 GROUP BY outcome, reason ORDER BY n DESC, outcome, reason",
                |row| Ok((row.get(0)?, row.get(1)?, uint(row.get(2)?))),
            )?,
            sites: self.list(
                "SELECT site, count(*) AS n FROM articles GROUP BY site ORDER BY n DESC, site",
                pair,
            )?,
        })
    }

    fn list<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.conn.prepare(sql)?.query_map([], read)?.collect()
    }
}
