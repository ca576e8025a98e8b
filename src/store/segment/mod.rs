//! WARC segments: the files under `warc/`, and how far each of them is committed.
//!
//! A segment's row in the database is committed before its file is made, and its length with
//! the visits of each group. So whatever lies beyond that length was never acknowledged and is
//! cut off at the next start; the active file is named `….warc.gz.open` until it is full.

mod files;
mod recovery;
mod rows;

use super::codec::int;
use super::error::StoreError;
use super::folder::{self, beside};
use super::warc::Records;
use crate::clock::Millis;
use files::{cut, remove, rename};
use rows::Row;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::fs::File;
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

impl Archive {
    /// Whether the records of a segment can be referred to: not when its file is missing.
    pub(super) fn holds(&self, segment: i64) -> bool {
        !self.missing.contains_key(&segment)
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
            let row = rows::begin(conn, now).map_err(|e| StoreError::sql(database, "write", e))?;
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
            return rows::delete(conn, segment.id).map_err(sql);
        }
        if segment.committed != segment.written {
            cut(&segment.path, segment.committed)?;
        }
        rename(&segment.path, &self.folder.join(&segment.name))?;
        rows::close(conn, segment.id).map_err(sql)
    }
}

fn active_name(done: &Path) -> PathBuf {
    beside(done, ".open")
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::io::Read;
    use std::path::Path;

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
