//! Runs and seeds: what was asked for, when, and how it ended.

use super::Store;
use super::codec::{int, uint};
use super::error::StoreError;
use super::urls::{read_url, url_id};
use crate::clock::Millis;
use crate::seeds::Seed;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::PathBuf;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It goes on (in this process: any other is turned to interrupted by [`Store::open`]).
    Running,
    /// It was stopped with work left: by Ctrl-C, at a limit, or killed.
    Interrupted,
    /// Nothing was left to do.
    Finished,
}

impl RunState {
    /// The word that stands for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Finished => "finished",
        }
    }

    fn of(label: &str) -> Self {
        match label {
            "running" => Self::Running,
            "finished" => Self::Finished,
            _ => Self::Interrupted,
        }
    }
}

/// One run of `gleaner crawl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: u64,
    /// When it began.
    pub started: Millis,
    /// When it ended, or was last seen alive.
    pub ended: Option<Millis>,
    /// How it stands.
    pub state: RunState,
    /// Why it ended.
    pub why: Option<String>,
    /// The flags that it was begun with, as [`crate::config::Overrides::kept`] writes them.
    pub given: String,
}

/// A seed with the number that its links carry.
#[derive(Clone, Debug)]
pub struct StoredSeed {
    /// `Link::seed` of what descends from it.
    pub id: u32,
    /// The seed.
    pub seed: Seed,
    /// Not known before, or retired until now: to be admitted.
    pub fresh: bool,
    /// No longer in the seed files.
    pub retired: bool,
}

impl Store {
    /// The last run, if there was one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_run(&self) -> Result<Option<Run>, StoreError> {
        last_run(&self.conn).map_err(|e| StoreError::sql(&self.path, "read", e))
    }

    /// Begins a run with the flags that were given; visits are logged under its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn start_run(&mut self, now: Millis, given: &str) -> Result<u64, StoreError> {
        self.conn
            .execute(
                "INSERT INTO runs (started, state, given) VALUES (?1, 'running', ?2)",
                params![int(now), given],
            )
            .map_err(|e| StoreError::sql(&self.path, "write", e))?;
        self.run = uint(self.conn.last_insert_rowid());
        Ok(self.run)
    }

    /// Goes on with a run that was interrupted, and with other flags if any are given.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn resume_run(&mut self, run: u64, given: Option<&str>) -> Result<(), StoreError> {
        self.conn
            .execute(
                "UPDATE runs SET state = 'running', ended = NULL, why = NULL,
                 given = coalesce(?2, given) WHERE id = ?1",
                params![int(run), given],
            )
            .map_err(|e| StoreError::sql(&self.path, "write", e))?;
        self.run = run;
        Ok(())
    }

    /// Ends the run, gives the WARC segment its final name and writes the database's log back.
    ///
    /// # Errors
    /// When the disk fails; nothing that was acknowledged is lost then.
    pub fn finish(&mut self, state: RunState, why: &str, now: Millis) -> Result<(), StoreError> {
        let sql = |e| StoreError::sql(&self.path, "write", e);
        self.archive.close(&self.conn, &self.path)?;
        self.conn
            .execute(
                "UPDATE runs SET state = ?2, ended = ?3, why = ?4 WHERE id = ?1",
                params![int(self.run), state.label(), int(now), why],
            )
            .map_err(sql)?;
        // A reader may hold the log open; then it stays as it is, which harms nobody.
        self.conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(sql)
    }

    /// Makes `seeds` the seeds in force: adds new ones, retires those that are not among them,
    /// takes back retired ones. Returns those in force.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn sync_seeds(&mut self, seeds: &[Seed]) -> Result<Vec<StoredSeed>, StoreError> {
        let sql = |e| StoreError::sql(&self.path, "write", e);
        let tx = self.conn.transaction().map_err(sql)?;
        let stored = sync(&tx, seeds).map_err(sql)?;
        tx.commit().map_err(sql)?;
        Ok(stored)
    }

    /// Every seed that was ever given, with its number; the retired ones too, since queued
    /// links may descend from them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn seeds(&self) -> Result<Vec<StoredSeed>, StoreError> {
        read_seeds(&self.conn).map_err(|e| StoreError::sql(&self.path, "read", e))
    }

    /// Makes what brings new links due at `now`: the seeds in force, feeds, sitemaps, and
    /// pages without a story that are at most one link away from a seed. Returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn make_hubs_due(&mut self, now: Millis) -> Result<u64, StoreError> {
        let sql = |e| StoreError::sql(&self.path, "write", e);
        let seeds = read_seeds(&self.conn).map_err(sql)?;
        let tx = self.conn.transaction().map_err(sql)?;
        let count = hubs_due(&tx, &seeds, self.salt, now).map_err(sql)?;
        tx.commit().map_err(sql)?;
        Ok(count)
    }
}

/// A run that is called running when the folder is opened was killed.
pub(super) fn note_interrupted(conn: &Connection, now: Millis) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE runs SET state = 'interrupted', why = 'killed', ended = coalesce(
           (SELECT ended FROM visits ORDER BY id DESC LIMIT 1), ?1) WHERE state = 'running'",
        [int(now)],
    )?;
    Ok(())
}

pub(super) fn last_run(conn: &Connection) -> rusqlite::Result<Option<Run>> {
    conn.query_row(
        "SELECT id, started, ended, state, why, given FROM runs ORDER BY id DESC LIMIT 1",
        [],
        |row| {
            Ok(Run {
                id: uint(row.get(0)?),
                started: uint(row.get(1)?),
                ended: row.get::<_, Option<i64>>(2)?.map(uint),
                state: RunState::of(row.get_ref(3)?.as_str()?),
                why: row.get(4)?,
                given: row.get(5)?,
            })
        },
    )
    .optional()
}

fn sync(tx: &Connection, seeds: &[Seed]) -> rusqlite::Result<Vec<StoredSeed>> {
    let before: Vec<StoredSeed> = read_seeds(tx)?;
    tx.execute("UPDATE seeds SET retired = 1", [])?;
    for seed in seeds {
        tx.prepare_cached(
            "INSERT INTO seeds (url, depth, max_pages, file, line) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (url) DO UPDATE SET depth = excluded.depth,
             max_pages = excluded.max_pages, file = excluded.file, line = excluded.line,
             retired = 0",
        )?
        .execute(params![
            seed.url.as_str(),
            seed.depth,
            seed.max_pages.map(int),
            seed.file.as_ref().map(|f| f.to_string_lossy()),
            int(seed.line as u64),
        ])?;
    }
    let in_force: std::collections::HashSet<u32> =
        before.iter().filter(|s| !s.retired).map(|s| s.id).collect();
    let mut after = read_seeds(tx)?;
    after.retain(|seed| !seed.retired);
    for seed in &mut after {
        seed.fresh = !in_force.contains(&seed.id);
    }
    Ok(after)
}

pub(super) fn read_seeds(conn: &Connection) -> rusqlite::Result<Vec<StoredSeed>> {
    let mut statement = conn
        .prepare("SELECT id, url, depth, max_pages, file, line, retired FROM seeds ORDER BY id")?;
    let rows = statement.query_map([], read_seed)?;
    rows.collect()
}

fn read_seed(row: &Row<'_>) -> rusqlite::Result<StoredSeed> {
    Ok(StoredSeed {
        id: row.get(0)?,
        seed: Seed {
            url: read_url(row, 1)?,
            depth: row.get(2)?,
            max_pages: row.get::<_, Option<i64>>(3)?.map(uint),
            file: row.get::<_, Option<String>>(4)?.map(PathBuf::from),
            line: usize::try_from(row.get::<_, i64>(5)?).unwrap_or_default(),
        },
        fresh: false,
        retired: row.get(6)?,
    })
}

/// What is queued already stays where it is.
fn hubs_due(
    tx: &Connection,
    seeds: &[StoredSeed],
    salt: u64,
    now: Millis,
) -> rusqlite::Result<u64> {
    let mut count = tx.execute(
        "UPDATE urls SET next_due = ?1
         WHERE kind IN ('feed', 'sitemap', 'html') AND state = 'done'
         AND (kind <> 'html' OR depth <= 1)",
        [int(now)],
    )?;
    // A page that an outage cost is worth another run's tries.
    count += tx.execute(
        "UPDATE urls SET next_due = ?1 WHERE state = 'failed'
         AND (last_status IS NULL OR last_status IN (408, 425, 429) OR last_status >= 500)",
        [int(now)],
    )?;
    for seed in seeds.iter().filter(|seed| !seed.retired) {
        count += tx
            .prepare_cached(
                "UPDATE urls SET next_due = ?2, seed = ?3, depth = 0, hops = 0, via = 'seed'
                 WHERE id = ?1 AND state <> 'retry'
                 AND NOT (next_due IS ?2 AND via = 'seed')
                 AND NOT (reason IS 'payment required' AND next_due > ?2)",
            )?
            .execute(params![url_id(salt, &seed.seed.url), int(now), seed.id])?;
    }
    Ok(count as u64)
}
