//! What quotas have paid for: pages charged to sites and seeds, a row a payer and run.

use super::Store;
use super::codec::{bad_value, int, uint};
use super::error::StoreError;
use super::visits::Writer;
use crate::normal::BudgetUnit;
use crate::politeness::{Charge, Payer};
use rusqlite::{Connection, Row, params};

impl Store {
    /// What each payer has been charged in this run.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn charges(&self) -> Result<Vec<(Payer, u64)>, StoreError> {
        let sql = "SELECT payer, pages FROM quotas WHERE run = ?1";
        self.read_totals(sql)
    }

    /// Pages of each seed in this run that are on disk, whether a quota paid for them or not;
    /// reads the whole log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pages_of_seeds(&self) -> Result<Vec<(Payer, u64)>, StoreError> {
        self.read_totals(
            "SELECT 'seed ' || seed, count(*) FROM visits WHERE run = ?1 AND robots = 0
             AND outcome NOT IN ('skipped', 'admitted') GROUP BY seed",
        )
    }

    /// Sets what was really spent, at a clean end; what a kill leaves stays charged.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn settle_charges(&mut self, spent: &[(Payer, u64)]) -> Result<(), StoreError> {
        let sql = |e| StoreError::sql(&self.path, "write", e);
        let tx = self.conn.transaction().map_err(sql)?;
        for (payer, pages) in spent {
            put(&tx, self.run, payer, *pages).map_err(sql)?;
        }
        tx.commit().map_err(sql)
    }

    fn read_totals(&self, sql: &str) -> Result<Vec<(Payer, u64)>, StoreError> {
        let totals = || -> rusqlite::Result<Vec<_>> {
            let mut statement = self.conn.prepare(sql)?;
            let rows = statement.query_map([int(self.run)], read)?;
            rows.collect()
        };
        totals().map_err(|e| StoreError::sql(&self.path, "read", e))
    }
}

impl Writer<'_> {
    pub(super) fn charge(&self, charge: &Charge) -> rusqlite::Result<()> {
        for (payer, pages) in charge.totals() {
            put(self.tx, self.run, payer, *pages)?;
        }
        Ok(())
    }
}

fn put(conn: &Connection, run: u64, payer: &Payer, pages: u64) -> rusqlite::Result<()> {
    let payer = match payer {
        Payer::Site(unit) => format!("site {}", unit.as_str()),
        Payer::Seed(seed) => format!("seed {seed}"),
    };
    conn.prepare_cached(
        "INSERT INTO quotas (run, payer, pages) VALUES (?1, ?2, ?3)
         ON CONFLICT (run, payer) DO UPDATE SET pages = excluded.pages",
    )?
    .execute(params![int(run), payer, int(pages)])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Payer, u64)> {
    let word = row.get_ref(0)?.as_str()?;
    let payer = match word.split_once(' ') {
        Some(("site", unit)) => Some(Payer::Site(BudgetUnit::stored(unit))),
        Some(("seed", seed)) => seed.parse().ok().map(Payer::Seed),
        _ => None,
    };
    let payer =
        payer.ok_or_else(|| bad_value(0, format!("nobody who pays for pages: `{word}`")))?;
    Ok((payer, uint(row.get(1)?)))
}
