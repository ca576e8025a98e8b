//! Rows of a table one after another, without a transaction that lasts.

use super::codec::Unpacker;
use super::error::StoreError;
use rusqlite::{Connection, Row, params};
use std::collections::VecDeque;
use std::path::Path;

/// Makes a value of a row; column 0 is the row's id.
type Read<T> = fn(&mut Unpacker, &Row<'_>) -> rusqlite::Result<T>;

/// Rows in the order of their ids, up to the highest there was at the first step. One short
/// transaction a page: a reader that holds one keeps the write-ahead log growing.
pub(super) struct Pages<'a, T> {
    conn: &'a Connection,
    path: &'a Path,
    /// `?1` and `?2` are the first and last id, `?3` the most rows.
    sql: &'static str,
    read: Read<T>,
    unpacker: Unpacker,
    next: Option<i64>,
    until: i64,
    page: VecDeque<T>,
}

const PAGE: i64 = 256;

impl<'a, T> Pages<'a, T> {
    pub(super) fn new(
        conn: &'a Connection,
        path: &'a Path,
        sql: &'static str,
        read: Read<T>,
    ) -> Self {
        Self {
            conn,
            path,
            sql,
            read,
            unpacker: Unpacker::default(),
            next: Some(i64::MIN),
            until: i64::MAX,
            page: VecDeque::new(),
        }
    }

    pub(super) fn from(mut self, first: i64) -> Self {
        self.next = Some(first);
        self
    }

    pub(super) fn until(mut self, last: i64) -> Self {
        self.until = last;
        self
    }

    fn fill(&mut self, first: i64) -> rusqlite::Result<()> {
        let mut statement = self.conn.prepare_cached(self.sql)?;
        let mut rows = statement.query(params![first, self.until, PAGE])?;
        self.next = None;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            self.next = id.checked_add(1);
            self.page.push_back((self.read)(&mut self.unpacker, row)?);
        }
        Ok(())
    }
}

impl<T> Iterator for Pages<'_, T> {
    type Item = Result<T, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && let Some(first) = self.next
            && let Err(error) = self.fill(first)
        {
            self.next = None;
            self.page.clear();
            return Some(Err(StoreError::sql(self.path, "read", error)));
        }
        self.page.pop_front().map(Ok)
    }
}
