//! The table of segments, and what visits say of them.

use crate::clock::Millis;
use crate::store::codec::{int, uint};
use crate::store::warc::date;
use rusqlite::{Connection, OptionalExtension, params};

/// A segment as the database has it.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) open: bool,
}

pub(super) fn all(conn: &Connection) -> rusqlite::Result<Vec<Row>> {
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
pub(super) fn begin(conn: &Connection, now: Millis) -> rusqlite::Result<Row> {
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

pub(super) fn delete(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM segments WHERE id = ?1", [id])?;
    Ok(())
}

pub(super) fn close(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.execute("UPDATE segments SET open = 0 WHERE id = ?1", [id])?;
    Ok(())
}

/// The end of the last record that lies within the first `found` bytes.
pub(super) fn last_whole_record(conn: &Connection, row: &Row, found: u64) -> rusqlite::Result<u64> {
    let end: Option<i64> = conn.query_row(
        "SELECT max(warc_offset + warc_length) FROM visits
         WHERE segment = ?1 AND warc_offset + warc_length <= ?2",
        params![row.id, int(found)],
        |row| row.get(0),
    )?;
    Ok(end.map_or(0, uint))
}

/// Visits whose records are gone no longer say where they are; returns how many there are.
pub(super) fn forget_beyond(conn: &Connection, row: &Row, kept: u64) -> rusqlite::Result<usize> {
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
