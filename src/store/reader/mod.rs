//! A second, read-only connection: what `export`, `status` and `why` ask, also while a crawl
//! is writing.

mod history;
mod stories;
mod totals;

pub use history::{UrlRow, VisitRow};
pub use stories::ArticleRow;
pub use totals::Totals;

use super::error::StoreError;
use super::reads;
use super::robots;
use super::runs::{self, Run};
use super::tdmrep::{self, TdmrepCopy};
use super::{DATABASE, database, read_salt};
use crate::fetch::Validators;
use crate::normal::{NormalUrl, RobotsUnit};
use crate::politeness::{RobotsCopy, UnitState};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Reads a data folder.
pub struct Reader {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
    salt: u64,
}

impl Reader {
    /// Opens the data folder `data` for reading.
    ///
    /// # Errors
    /// When there is none, or it is damaged, or its schema number is another.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(DATABASE);
        let conn = database::open_to_read(&path)?;
        let salt = read_salt(&conn).map_err(|e| StoreError::sql(&path, "read", e))?;
        Ok(Self { conn, path, salt })
    }

    /// The last run, if there was one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_run(&self) -> Result<Option<Run>, StoreError> {
        runs::last_run(&self.conn).map_err(|e| self.error(e))
    }

    /// What is known of every budget unit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unit_states(&self) -> Result<Vec<UnitState>, StoreError> {
        reads::unit_states(&self.conn).map_err(|e| self.error(e))
    }

    /// The robots.txt of a unit as it was last settled.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn robots_copy(&self, unit: &RobotsUnit) -> Result<Option<RobotsCopy>, StoreError> {
        robots::robots_copy(&self.conn, unit).map_err(|e| self.error(e))
    }

    /// What a unit was last heard to reserve.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn tdmrep_copy(&self, unit: &RobotsUnit) -> Result<Option<TdmrepCopy>, StoreError> {
        tdmrep::tdmrep_copy(&self.conn, unit).map_err(|e| self.error(e))
    }

    /// What a request for `url` may be conditional on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn validators(&self, url: &NormalUrl) -> Result<Option<Validators>, StoreError> {
        reads::validators(&self.conn, self.salt, url).map_err(|e| self.error(e))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    pub(super) fn database(&self) -> &Path {
        &self.path
    }

    /// Of what is stored, something is not what was written.
    pub(crate) fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            what,
        }
    }

    fn ask(&self, sql: &str) -> Result<i64, StoreError> {
        let answer = self.conn.query_row(sql, [], |row| row.get(0));
        answer.map_err(|e| self.error(e))
    }

    fn error(&self, error: rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, "read", error)
    }
}
