//! The log as the frontier's index over it is made good by: visits that it has not seen, or all.

use super::Store;
use super::codec::{Unpacker, bad_value, int, uint};
use super::error::StoreError;
use super::pages::Pages;
use super::urls::{read_link, url_id};
use crate::frontier::{Link, Logged, Settled, decode_links};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, params};

/// What one visit did to the frontier.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Its number.
    pub visit: u64,
    /// What was visited and what became of it; none where links entered without a visit, and
    /// for a robots.txt.
    pub settled: Option<(Link, Settled)>,
    /// The links that it admitted.
    pub outlinks: Vec<Link>,
}

impl Store {
    /// Every URL that was ever visited, robots.txt files apart, by its
    /// [`crate::normal::salted_hash`].
    pub fn visited(&self) -> impl Iterator<Item = Result<u64, StoreError>> + '_ {
        let sql = "SELECT id FROM urls WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        Pages::new(&self.conn, &self.path, sql, |_, row| {
            row.get(0).map(i64::cast_unsigned)
        })
    }

    /// What the visits above number `after` did, in their order.
    pub fn replay(&self, after: u64) -> impl Iterator<Item = Result<Replayed, StoreError>> + '_ {
        let sql = "SELECT id, robots, links, due, failures, url, seed, depth, hops, via, priority
                   FROM visits WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        Pages::new(&self.conn, &self.path, sql, read_replayed).from(int(after).saturating_add(1))
    }

    /// All that a frontier is rebuilt from, and beside it the number of the visit that it is of
    /// (0 for the URLs visited, which come first). One page of rows is in memory at a time.
    pub fn logged(&self) -> impl Iterator<Item = Result<(u64, Logged), StoreError>> + '_ {
        let visited = self.visited().map(|hash| Ok((0, Logged::Visited(hash?))));
        let sql = "SELECT id, robots, links, due, failures, url, seed, depth, hops, via, priority
                   FROM visits WHERE (links IS NOT NULL OR due IS NOT NULL)
                   AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
        let visits = Pages::new(&self.conn, &self.path, sql, read_logged);
        visited.chain(visits.flat_map(|visit| self.logged_by(visit)))
    }

    /// What a visit admitted, and its own URL where it still waits for another try.
    fn logged_by(
        &self,
        visit: Result<LoggedVisit, StoreError>,
    ) -> impl Iterator<Item = Result<(u64, Logged), StoreError>> + use<> {
        let [admitted, again] = match visit {
            Err(error) => [Some(Err(error)), None],
            Ok(LoggedVisit {
                visit,
                admitted,
                again,
            }) => {
                let again = again.and_then(|again| self.if_last(visit, again).transpose());
                let links = |links| Ok((visit, Logged::Admitted { visit, links }));
                [admitted.map(links), again]
            }
        };
        admitted.into_iter().chain(again)
    }

    /// What a visit has left to be done, if no later one changed that.
    fn if_last(
        &self,
        visit: u64,
        again: (Link, Settled),
    ) -> Result<Option<(u64, Logged)>, StoreError> {
        let (link, Settled::Again { due, failures }) = again else {
            return Ok(None);
        };
        let find = || {
            self.conn
                .prepare_cached("SELECT 1 FROM urls WHERE id = ?1 AND last_visit = ?2")?
                .query_row(
                    params![url_id(self.salt, &link.url), int(visit)],
                    |_| Ok(()),
                )
                .optional()
        };
        let last = find().map_err(|e| StoreError::sql(&self.path, "read", e))?;
        Ok(last.map(|()| {
            let again = Logged::Again {
                link,
                due,
                failures,
            };
            (visit, again)
        }))
    }
}

/// What a row of the log has for a frontier.
struct LoggedVisit {
    visit: u64,
    admitted: Option<Vec<u8>>,
    again: Option<(Link, Settled)>,
}

fn read_logged(unpacker: &mut Unpacker, row: &Row<'_>) -> rusqlite::Result<LoggedVisit> {
    let waits = row.get_ref(3)? != ValueRef::Null;
    Ok(LoggedVisit {
        visit: uint(row.get(0)?),
        admitted: unpack_links(unpacker, row, 2)?,
        again: if waits { read_settled(row)? } else { None },
    })
}

fn read_replayed(unpacker: &mut Unpacker, row: &Row<'_>) -> rusqlite::Result<Replayed> {
    let links = unpack_links(unpacker, row, 2)?;
    let links = links.map(|bytes| decode_links(&bytes)).transpose();
    Ok(Replayed {
        visit: uint(row.get(0)?),
        settled: read_settled(row)?,
        outlinks: links.map_err(|e| bad_value(2, e))?.unwrap_or_default(),
    })
}

/// What was visited and what became of it, from the columns robots (1) and due, failures, and a
/// link's (3 and on).
fn read_settled(row: &Row<'_>) -> rusqlite::Result<Option<(Link, Settled)>> {
    let robots: bool = row.get(1)?;
    if robots || row.get_ref(5)? == ValueRef::Null {
        return Ok(None);
    }
    let settled = match (row.get::<_, Option<i64>>(3)?, row.get::<_, Option<u8>>(4)?) {
        (Some(due), failures) => Settled::Again {
            due: uint(due),
            failures: failures.unwrap_or(0),
        },
        (None, _) => Settled::Done,
    };
    Ok(Some((read_link(row, 5)?, settled)))
}

pub(super) fn unpack_links(
    unpacker: &mut Unpacker,
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let blob = row.get_ref(column)?.as_blob_or_null()?;
    blob.map(|blob| unpacker.unpack(column, blob)).transpose()
}
