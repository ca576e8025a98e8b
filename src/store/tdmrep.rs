//! The `tdmrep` table: what each site was last heard to reserve, and when it was asked.

use super::codec::{Unpacker, int, uint};
use super::visits::Writer;
use crate::clock::Millis;
use crate::normal::RobotsUnit;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// An answer to a request for a tdmrep.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TdmrepCopy {
    /// Whose it is.
    pub unit: RobotsUnit,
    /// When the answer ended.
    pub asked: Millis,
    /// Its status, when there was an answer.
    pub status: Option<u16>,
    /// Its body; empty when it says nothing.
    pub body: Vec<u8>,
}

impl Writer<'_> {
    pub(super) fn tdmrep(&mut self, copy: &TdmrepCopy) -> rusqlite::Result<()> {
        let body = self.packer.pack(&copy.body)?;
        self.tx
            .prepare_cached(
                "INSERT INTO tdmrep (unit, asked, status, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (unit) DO UPDATE SET asked = excluded.asked,
                 status = excluded.status, body = excluded.body",
            )?
            .execute(params![
                copy.unit.as_str(),
                int(copy.asked),
                copy.status,
                body
            ])?;
        Ok(())
    }
}

pub(super) fn tdmrep_copy(
    conn: &Connection,
    unit: &RobotsUnit,
) -> rusqlite::Result<Option<TdmrepCopy>> {
    let mut statement =
        conn.prepare_cached("SELECT asked, status, body FROM tdmrep WHERE unit = ?1")?;
    let read = |row: &Row<'_>| {
        Ok(TdmrepCopy {
            unit: unit.clone(),
            asked: uint(row.get(0)?),
            status: row.get(1)?,
            body: Unpacker::default().unpack(2, row.get_ref(2)?.as_blob()?)?,
        })
    };
    statement.query_row([unit.as_str()], read).optional()
}
