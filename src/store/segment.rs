//! WARC segments: the files under `warc/`, and how far each of them is committed.
//!
//! A segment's row in the database is committed before its file is made, and its length with
//! the visits of each group. So whatever lies beyond that length was never acknowledged and is
//! cut off at the next start; the active file is named `….warc.gz.open` until it is full.

use super::codec::{int, uint};
use super::database::sync_folder_of;
use super::error::StoreError;
use super::warc::{Records, date};
use crate::clock::Millis;
use rusqlite::{Connection, OptionalExtension, params};
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
            records: Records::new(salt),
            buffer: Vec::new(),
        };
        let rows = rows(conn).map_err(|e| StoreError::sql(database, "read", e))?;
        for row in rows {
            archive.recover_segment(conn, database, row, notices)?;
        }
        Ok(archive)
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
        let path = if row.open && !done.exists() {
            &active
        } else {
            &done
        };
        let found = match fs::metadata(path) {
            Ok(meta) => meta.len(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => 0,
            Err(e) => return Err(StoreError::io(path, "read", e)),
        };
        let sql = |e| StoreError::sql(database, "write", e);
        if row.length == 0 {
            // Begun, but no group in it was acknowledged; the next group begins another.
            if path.exists() {
                remove(path)?;
            }
            return delete_row(conn, row.id).map_err(sql);
        }
        if found < row.length && path.exists() {
            let kept = last_whole_record(conn, &row, found).map_err(sql)?;
            if kept == 0 {
                remove(path)?;
            } else {
                cut(path, kept)?;
            }
            forget_beyond(conn, &row, kept).map_err(sql)?;
            notices.push(format!(
                "`{}` is {found} bytes long, {} were committed: the records after byte {kept} are lost, the articles are not",
                path.display(),
                row.length
            ));
            return self.close_row(conn, database, &row, path);
        }
        if found < row.length && row.open {
            forget_beyond(conn, &row, 0).map_err(sql)?;
            notices.push(format!(
                "`{}` is missing: its records are lost, the articles are not",
                path.display()
            ));
            return self.close_row(conn, database, &row, path);
        }
        if found > row.length {
            cut(path, row.length)?;
        }
        match row.open {
            true if path == &done => self.close_row(conn, database, &row, path),
            true => self.adopt(row, active),
            false => Ok(()),
        }
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
        mark_closed(conn, row.id).map_err(|e| StoreError::sql(database, "write", e))
    }

    fn adopt(&mut self, row: Row, path: PathBuf) -> Result<(), StoreError> {
        fs::create_dir_all(&self.folder).map_err(|e| StoreError::io(&self.folder, "create", e))?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| StoreError::io(&path, "open", e))?;
        sync_folder_of(&path)?;
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
    super::database::beside(done, ".open")
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
    fs::rename(from, to).map_err(|e| StoreError::io(from, "rename", e))?;
    sync_folder_of(to)
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

/// Visits whose records are gone no longer say where they are.
fn forget_beyond(conn: &Connection, row: &Row, kept: u64) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE visits SET segment = NULL, warc_offset = NULL, warc_length = NULL
         WHERE segment = ?1 AND warc_offset + warc_length > ?2",
        params![row.id, int(kept)],
    )?;
    conn.execute(
        "UPDATE segments SET length = ?2 WHERE id = ?1",
        params![row.id, int(kept)],
    )?;
    Ok(())
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
