//! Segments at a start: brought to what the database acknowledged.
//!
//! Files can be hurt from outside. One that is too short is cut to its last whole record, and
//! the visits whose records are gone no longer say where they are; one that is missing keeps
//! its places, for it may have been moved to another disk and may come back. Both are said.

use super::files::{cut, length, names, remove, rename};
use super::rows::{self, Row};
use super::{Archive, Records, active_name};
use crate::store::error::StoreError;
use rusqlite::Connection;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

impl Archive {
    /// Brings the files to what the database acknowledged; what had to be given up is said in
    /// `notices`.
    pub(in crate::store) fn recover(
        conn: &Connection,
        database: &Path,
        folder: PathBuf,
        limit: u64,
        salt: u64,
        notices: &mut Vec<String>,
    ) -> Result<Self, StoreError> {
        let mut archive = Self {
            folder,
            limit,
            active: None,
            missing: BTreeMap::new(),
            records: Records::new(salt),
            buffer: Vec::new(),
        };
        let rows = rows::all(conn).map_err(|e| StoreError::sql(database, "read", e))?;
        notices.extend(archive.strangers_notice(&rows)?);
        for row in rows {
            archive.recover_segment(conn, database, row, notices)?;
        }
        notices.extend(archive.missing_notice());
        Ok(archive)
    }

    fn missing_notice(&self) -> Option<String> {
        let first = self.folder.join(self.missing.values().next()?);
        let files = match self.missing.len() {
            1 => format!("`{}` is missing", first.display()),
            n => format!(
                "{n} WARC files are missing, the first is `{}`",
                first.display()
            ),
        };
        Some(format!(
            "{files}: what was archived there can be read when it is put back; the articles are whole"
        ))
    }

    /// A segment has a row before it has a file, so a file without one comes from a log that
    /// was cut or replaced.
    fn strangers_notice(&self, rows: &[Row]) -> Result<Option<String>, StoreError> {
        let known: HashSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let ours = |name: &str| name.starts_with("gleaner-") && name.ends_with(".warc.gz");
        let mut strangers = names(&self.folder)?;
        strangers.retain(|name| {
            let done = name.strip_suffix(".open").unwrap_or(name);
            ours(done) && !known.contains(done)
        });
        let Some(first) = strangers.iter().min() else {
            return Ok(None);
        };
        let first = self.folder.join(first);
        let count = strangers.len();
        Ok(Some(format!(
            "articles.db knows nothing of {count} WARC files, the first is `{}`: it was cut, or an older copy was put in place; the files are left as they are",
            first.display()
        )))
    }

    fn recover_segment(
        &mut self,
        conn: &Connection,
        database: &Path,
        row: Row,
        notices: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let done = self.folder.join(&row.name);
        let active = active_name(&done);
        // A kill can fall between the renaming and the row's change.
        let path = if done.exists() { &done } else { &active };
        let sql = |e| StoreError::sql(database, "write", e);
        let found = length(path)?;
        if row.length == 0 {
            // Begun, but no group in it was acknowledged; the next group begins another.
            if found.is_some() {
                remove(path)?;
            }
            return rows::delete(conn, row.id).map_err(sql);
        }
        let Some(found) = found else {
            rows::close(conn, row.id).map_err(sql)?;
            self.missing.insert(row.id, row.name);
            return Ok(());
        };
        if found < row.length {
            notices.push(shorten(conn, database, &row, path, found)?);
            return self.close_row(conn, database, &row, path);
        }
        if found > row.length {
            cut(path, row.length)?;
            if path == &done {
                // Only the active file grows: this was not left by a kill.
                notices.push(format!(
                    "`{}` had {} bytes at its end that gleaner did not write: they are cut off",
                    path.display(),
                    found - row.length
                ));
            }
        }
        if row.open && path == &active {
            return self.adopt(row, active);
        }
        self.close_row(conn, database, &row, path)
    }

    fn close_row(
        &self,
        conn: &Connection,
        database: &Path,
        row: &Row,
        path: &Path,
    ) -> Result<(), StoreError> {
        let done = self.folder.join(&row.name);
        if path != done && path.exists() {
            rename(path, &done)?;
        }
        if !row.open {
            return Ok(());
        }
        rows::close(conn, row.id).map_err(|e| StoreError::sql(database, "write", e))
    }
}

/// Cuts a file that has lost committed bytes to its last whole record, and says so.
fn shorten(
    conn: &Connection,
    database: &Path,
    row: &Row,
    path: &Path,
    found: u64,
) -> Result<String, StoreError> {
    let sql = |e| StoreError::sql(database, "write", e);
    let kept = rows::last_whole_record(conn, row, found).map_err(sql)?;
    let lost = rows::forget_beyond(conn, row, kept).map_err(sql)?;
    if kept == 0 {
        remove(path)?;
    } else {
        cut(path, kept)?;
    }
    Ok(format!(
        "`{}` is {found} bytes long, {} were written: {lost} exchanges after byte {kept} are lost from the archive; the articles are whole",
        path.display(),
        row.length
    ))
}
