//! The `robots` table: each robots.txt as it was last settled.

use super::Finished;
use super::codec::{Unpacker, int, uint};
use super::visits::Writer;
use crate::normal::RobotsUnit;
use crate::politeness::RobotsCopy;
use rusqlite::{Connection, OptionalExtension, Row, params};

impl Writer<'_> {
    pub(super) fn robots(&mut self, number: u64, visit: &Finished) -> rusqlite::Result<()> {
        let unit = visit.link.url.robots_unit();
        self.tx
            .prepare_cached(
                "INSERT INTO robots (unit, last_visit) VALUES (?1, ?2)
                 ON CONFLICT (unit) DO UPDATE SET last_visit = excluded.last_visit",
            )?
            .execute(params![unit.as_str(), int(number)])?;
        match &visit.robots_copy {
            Some(copy) => self.robots_copy(number, copy),
            None => Ok(()),
        }
    }

    /// The copy may belong to another unit than the URL that answered: a redirect's target
    /// speaks for the unit that was asked first (RFC 9309 2.3.1.2).
    fn robots_copy(&mut self, number: u64, copy: &RobotsCopy) -> rusqlite::Result<()> {
        let body = self.packer.pack(&copy.body)?;
        self.robots_version(number, copy, &body)?;
        self.tx
            .prepare_cached(
                "INSERT INTO robots (unit, fetched, expires, status, body, etag, last_modified,
                 last_visit) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (unit) DO UPDATE SET fetched = excluded.fetched,
                 expires = excluded.expires, status = excluded.status, body = excluded.body,
                 etag = excluded.etag, last_modified = excluded.last_modified",
            )?
            .execute(params![
                copy.unit.as_str(),
                int(copy.fetched),
                int(copy.expires),
                copy.status,
                body,
                copy.etag,
                copy.last_modified,
                int(number),
            ])?;
        Ok(())
    }
}

pub(super) fn robots_copy(
    conn: &Connection,
    unit: &RobotsUnit,
) -> rusqlite::Result<Option<RobotsCopy>> {
    let mut statement = conn.prepare_cached(
        "SELECT fetched, expires, status, body, etag, last_modified FROM robots
         WHERE unit = ?1 AND fetched IS NOT NULL",
    )?;
    let read = |row: &Row<'_>| {
        let body = Unpacker::default().unpack(3, row.get_ref(3)?.as_blob()?)?;
        Ok(RobotsCopy {
            unit: unit.clone(),
            fetched: uint(row.get(0)?),
            expires: uint(row.get(1)?),
            status: row.get(2)?,
            body: body.into(),
            etag: row.get(4)?,
            last_modified: row.get(5)?,
        })
    };
    statement.query_row([unit.as_str()], read).optional()
}
