//! WARC segments: the files under `warc/`, and how far each of them is committed.
//!
//! A segment's row in the database is committed before its file is made, and its length with
//! the visits of each group. So whatever lies beyond that length was never acknowledged and is
//! cut off at the next start; the active file is named `….warc.gz.open` until it is full.
//!
//! Files can be hurt from outside. One that is too short is cut to its last whole record, and
//! the visits whose records are gone no longer say where they are; one that is missing keeps
//! its places, for it may have been moved to another disk and may come back. Both are said.

use super::codec::{int, uint};
use super::error::StoreError;
use super::folder::{self, beside};
use super::warc::{Records, date};
use crate::clock::Millis;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Records wait in memory until there are this many bytes, or the group ends.
const BUFFER: usize = 1 << 20;

/// The WARC files of a data folder.
pub(super) struct Archive {
    folder: PathBuf,
    /// A segment is closed at this size.
    limit: u64,
    active: Option<Segment>,
    /// Segments whose files were not there at the start, by number.
    missing: BTreeMap<i64, String>,
    pub(super) records: Records,
    buffer: Vec<u8>,
}

/// The segment that is being written.
struct Segment {
    id: i64,
    name: String,
    path: PathBuf,
    file: File,
    /// What the database acknowledged.
    committed: u64,
    /// What is in the file.
    written: u64,
}

/// Where a record went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) segment: i64,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// A segment as the database has it.
struct Row {
    id: i64,
    name: String,
    length: u64,
    open: bool,
}

impl Archive {
    /// Brings the files to what the database acknowledged; what had to be given up is said in
    /// `notices`.
    pub(super) fn recover(
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
        let rows = rows(conn).map_err(|e| StoreError::sql(database, "read", e))?;
        notices.extend(archive.strangers_notice(&rows)?);
        for row in rows {
            archive.recover_segment(conn, database, row, notices)?;
        }
        notices.extend(archive.missing_notice());
        Ok(archive)
    }

    /// Whether the records of a segment can be referred to: not when its file is missing.
    pub(super) fn holds(&self, segment: i64) -> bool {
        !self.missing.contains_key(&segment)
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
            return delete_row(conn, row.id).map_err(sql);
        }
        let Some(found) = found else {
            mark_closed(conn, row.id).map_err(sql)?;
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
        mark_closed(conn, row.id).map_err(|e| StoreError::sql(database, "write", e))
    }

    fn adopt(&mut self, row: Row, path: PathBuf) -> Result<(), StoreError> {
        folder::make(&self.folder).map_err(|e| StoreError::io(&self.folder, "create", e))?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| StoreError::io(&path, "open", e))?;
        folder::sync_parent(&path).map_err(|e| StoreError::io(&path, "create", e))?;
        self.active = Some(Segment {
            id: row.id,
            name: row.name,
            path,
            file,
            committed: row.length,
            written: row.length,
        });
        Ok(())
    }

    /// Makes sure that there is a segment to write to, with room in it and no bytes beyond
    /// what is committed.
    pub(super) fn begin(
        &mut self,
        conn: &Connection,
        database: &Path,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.buffer.clear();
        if self
            .active
            .as_ref()
            .is_some_and(|s| s.committed >= self.limit)
        {
            self.close(conn, database)?;
        }
        if self.active.is_none() {
            let row = new_row(conn, now).map_err(|e| StoreError::sql(database, "write", e))?;
            let path = active_name(&self.folder.join(&row.name));
            self.adopt(row, path)?;
        }
        let Some(segment) = &mut self.active else {
            return Ok(());
        };
        if segment.written != segment.committed {
            cut(&segment.path, segment.committed)?;
            segment.written = segment.committed;
        }
        if segment.committed == 0 {
            let number = segment.id.cast_unsigned();
            self.records
                .info(&mut self.buffer, number, &segment.name, now);
        }
        Ok(())
    }

    /// Appends what `make` makes, and says where it is. `None` when nothing was begun.
    pub(super) fn put<T>(
        &mut self,
        make: impl FnOnce(&mut Records, &mut Vec<u8>) -> T,
    ) -> Result<Option<(Place, T)>, StoreError> {
        let Some(segment) = &self.active else {
            return Ok(None);
        };
        let start = self.buffer.len();
        let place = Place {
            segment: segment.id,
            offset: segment.written + start as u64,
            length: 0,
        };
        let result = make(&mut self.records, &mut self.buffer);
        let length = (self.buffer.len() - start) as u64;
        if self.buffer.len() >= BUFFER {
            self.write_out()?;
        }
        Ok(Some((Place { length, ..place }, result)))
    }

    fn write_out(&mut self) -> Result<(), StoreError> {
        let Some(segment) = &mut self.active else {
            return Ok(());
        };
        let start = segment.written;
        // Counted before it is tried: a write that fails half-way leaves bytes to cut off.
        segment.written += self.buffer.len() as u64;
        segment
            .file
            .write_all_at(&self.buffer, start)
            .map_err(|e| StoreError::io(&segment.path, "write", e))?;
        self.buffer.clear();
        Ok(())
    }

    /// Makes all records of the group durable, and puts the new length into the transaction
    /// that acknowledges them.
    pub(super) fn sync(&mut self, tx: &Connection, database: &Path) -> Result<(), StoreError> {
        self.write_out()?;
        let Some(segment) = &self.active else {
            return Ok(());
        };
        if segment.written == segment.committed {
            return Ok(());
        }
        segment
            .file
            .sync_data()
            .map_err(|e| StoreError::io(&segment.path, "write", e))?;
        tx.prepare_cached("UPDATE segments SET length = ?2 WHERE id = ?1")
            .and_then(|mut s| s.execute(params![segment.id, int(segment.written)]))
            .map_err(|e| StoreError::sql(database, "write", e))?;
        Ok(())
    }

    /// The transaction was committed.
    pub(super) fn committed(&mut self) {
        if let Some(segment) = &mut self.active {
            segment.committed = segment.written;
        }
    }

    /// The transaction was given up: the bytes are cut off now, or by the next group.
    pub(super) fn give_up(&mut self) {
        self.buffer.clear();
        if let Some(segment) = &mut self.active
            && segment.written != segment.committed
            && cut(&segment.path, segment.committed).is_ok()
        {
            segment.written = segment.committed;
        }
    }

    /// Closes the active segment and gives it its final name.
    pub(super) fn close(&mut self, conn: &Connection, database: &Path) -> Result<(), StoreError> {
        let Some(segment) = self.active.take() else {
            return Ok(());
        };
        let sql = |e| StoreError::sql(database, "write", e);
        if segment.committed == 0 {
            remove(&segment.path)?;
            return delete_row(conn, segment.id).map_err(sql);
        }
        if segment.committed != segment.written {
            cut(&segment.path, segment.committed)?;
        }
        rename(&segment.path, &self.folder.join(&segment.name))?;
        mark_closed(conn, segment.id).map_err(sql)
    }
}

fn active_name(done: &Path) -> PathBuf {
    beside(done, ".open")
}

/// The names in a folder, if there is one.
fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let name =
        |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(name).collect(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e),
    }
    .map_err(|e| StoreError::io(folder, "read", e))
}

/// The length of a file, if there is one.
fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(meta) => Ok(Some(meta.len())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io(path, "read", e)),
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
    let kept = last_whole_record(conn, row, found).map_err(sql)?;
    let lost = forget_beyond(conn, row, kept).map_err(sql)?;
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

fn cut(path: &Path, length: u64) -> Result<(), StoreError> {
    let file = File::options().write(true).open(path);
    file.and_then(|f| f.set_len(length).and_then(|()| f.sync_all()))
        .map_err(|e| StoreError::io(path, "cut", e))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(|e| StoreError::io(path, "remove", e))
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to)
        .and_then(|()| folder::sync_parent(to))
        .map_err(|e| StoreError::io(from, "rename", e))
}

fn rows(conn: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut statement = conn.prepare("SELECT id, name, length, open FROM segments ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(Row {
            id: row.get(0)?,
            name: row.get(1)?,
            length: uint(row.get(2)?),
            open: row.get(3)?,
        })
    })?;
    rows.collect()
}

/// `gleaner-20260102030405-00001.warc.gz`: sorts by age, and is known before the file exists.
fn new_row(conn: &Connection, now: Millis) -> rusqlite::Result<Row> {
    let last: Option<i64> = conn
        .query_row("SELECT max(id) FROM segments", [], |row| row.get(0))
        .optional()?
        .flatten();
    let id = last.unwrap_or(0) + 1;
    let digits = |c: &char| c.is_ascii_digit();
    let time: String = date(now).chars().filter(digits).take(14).collect();
    let name = format!("gleaner-{time}-{id:05}.warc.gz");
    conn.execute(
        "INSERT INTO segments (id, name, length, open) VALUES (?1, ?2, 0, 1)",
        params![id, name],
    )?;
    Ok(Row {
        id,
        name,
        length: 0,
        open: true,
    })
}

fn delete_row(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM segments WHERE id = ?1", [id])?;
    Ok(())
}

fn mark_closed(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.execute("UPDATE segments SET open = 0 WHERE id = ?1", [id])?;
    Ok(())
}

/// The end of the last record that lies within the first `found` bytes.
fn last_whole_record(conn: &Connection, row: &Row, found: u64) -> rusqlite::Result<u64> {
    let end: Option<i64> = conn.query_row(
        "SELECT max(warc_offset + warc_length) FROM visits
         WHERE segment = ?1 AND warc_offset + warc_length <= ?2",
        params![row.id, int(found)],
        |row| row.get(0),
    )?;
    Ok(end.map_or(0, uint))
}

/// Visits whose records are gone no longer say where they are; returns how many there are.
fn forget_beyond(conn: &Connection, row: &Row, kept: u64) -> rusqlite::Result<usize> {
    let lost = conn.execute(
        "UPDATE visits SET segment = NULL, warc_offset = NULL, warc_length = NULL
         WHERE segment = ?1 AND warc_offset + warc_length > ?2",
        params![row.id, int(kept)],
    )?;
    conn.execute(
        "UPDATE segments SET length = ?2 WHERE id = ?1",
        params![row.id, int(kept)],
    )?;
    Ok(lost)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Read;

    /// Inflates a segment member by member; each must be one whole record. Returns how many.
    pub(in crate::store) fn check_members(path: &Path) -> usize {
        let bytes = fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut count = 0;
        while !rest.is_empty() {
            let mut record = Vec::new();
            let mut member = flate2::bufread::GzDecoder::new(rest);
            member.read_to_end(&mut record).unwrap();
            rest = member.into_inner();
            check_record(&record, count == 0);
            count += 1;
        }
        count
    }

    fn check_record(record: &[u8], first: bool) {
        let text = String::from_utf8_lossy(record);
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("WARC/1.1\r\n"));
        assert_eq!(head.contains("WARC-Type: warcinfo"), first);
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("Content-Length: "))
            .unwrap();
        let length: usize = length.parse().unwrap();
        assert_eq!(record.len(), head.len() + 4 + length + 4);
        assert!(record.ends_with(b"\r\n\r\n"));
    }
}
