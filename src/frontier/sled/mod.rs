//! The frontier on sled.
//!
//! Handed a folder and the data folder's salt. On disk: records of up to 64 packed links, a
//! journal of which of them are settled, and one key with the mark and the integrity figures
//! (`keys`, `record`, `journal`, `integrity`). In memory: the seen-set, each unit's turns, and
//! what waits for the next commit (`seen`, `queue`, `state`). A claim writes nothing; a commit is
//! one batch. sled 0.34 is old and panics on damaged files: `engine` and `guard` turn that into
//! errors, `load` checks all on open, `rebuild` starts over
//! (`aside`, `origins`).
//!
//! Dropping a frontier drops what is staged, as a kill would: the visit log has it.

mod aside;
mod claim;
mod commit;
mod engine;
mod guard;
mod integrity;
mod journal;
mod keys;
mod load;
mod locate;
mod origins;
mod queue;
mod rebuild;
mod record;
mod seen;
mod state;
#[cfg(test)]
mod tests;

pub use rebuild::{Logged, RebuildError};

use super::entry::{Link, Settled};
use super::{Claim, Frontier, FrontierError};
use crate::clock::Millis;
use crate::normal::{BudgetUnit, NormalUrl};
use commit::Prepared;
use engine::Engine;
use seen::UrlHash;
use state::State;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A [`Frontier`] in a folder.
pub struct SledFrontier {
    engine: Engine,
    /// A std mutex: it is held for microseconds, and never while sled flushes, so that claims
    /// go on during a commit.
    state: Mutex<State>,
    /// Held for the length of a commit, and by whoever must not run beside one.
    committing: Mutex<()>,
}

impl SledFrontier {
    /// Opens the frontier in the folder `path` and checks it, or begins one. Returns the mark of
    /// its last commit beside it: 0 for a new or an emptied folder, so a mark below the store's
    /// newest visit means that visits are to be replayed.
    ///
    /// # Errors
    /// [`FrontierError::Damaged`] when what is stored is not what was written, or `salt` is
    /// another; [`FrontierError::Engine`] when the disk fails or another process has it open.
    pub fn open(path: &Path, salt: u64) -> Result<(Self, u64), FrontierError> {
        let engine = Engine::open(path)?;
        let state = load::load(&engine, salt)?;
        let mark = state.figures.mark;
        Ok((Self::of(engine, state), mark))
    }

    /// Moves what is in `path` aside (`<path>.damaged-<n>`, of which only the newest is kept) and
    /// builds a frontier out of `log`, which covers `mark`. Memory is bounded but for the
    /// seen-set and the records' turns.
    ///
    /// # Errors
    /// When the disk fails, or `log` yields an error or what was never written to it.
    pub fn rebuild<E: std::error::Error + 'static>(
        path: &Path,
        salt: u64,
        log: impl Iterator<Item = Result<Logged, E>>,
        mark: u64,
    ) -> Result<Self, RebuildError<E>> {
        rebuild::rebuild(path, salt, log, mark)
    }

    /// Adds a URL to the seen-set, so that no page can queue it again; known by its
    /// [`crate::normal::salted_hash`], as the store has it.
    pub fn note_seen(&self, hash: u64) {
        self.state().seen.insert(UrlHash::stored(hash), false);
    }

    /// Whether a URL was ever admitted or noted.
    pub fn knows(&self, url: &NormalUrl) -> bool {
        let state = self.state();
        let hash = UrlHash::of(url.as_str().as_bytes(), state.salt);
        state.seen.contains(hash)
    }

    /// Links queued for a budget unit, claimed ones included.
    pub fn queued_of(&self, unit: &BudgetUnit) -> u64 {
        self.state().units.get(unit).map_or(0, |queue| queue.links)
    }

    fn of(engine: Engine, state: State) -> Self {
        Self {
            engine,
            state: Mutex::new(state),
            committing: Mutex::new(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit_alone(&self) -> MutexGuard<'_, ()> {
        let guard = self.committing.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// Builds the batch of a commit.
    fn prepare(&self, mark: u64) -> Result<Option<Prepared>, FrontierError> {
        let mut state = self.state();
        if state.failed {
            return Err(self.engine.failed_before());
        }
        let prepared = state.prepare(mark);
        prepared.map_err(|error| self.engine.damaged(error.to_string()))
    }
}

impl Frontier for SledFrontier {
    async fn admit(&self, links: Vec<Link>) -> Result<Vec<Link>, FrontierError> {
        Ok(self.state().admit(links))
    }

    async fn recall(&self, links: Vec<Link>) -> Result<(), FrontierError> {
        self.state().recall(links);
        Ok(())
    }

    async fn settle(&self, link: &Link, outcome: Settled) -> Result<(), FrontierError> {
        if self.state().settle(link, outcome) {
            return Ok(());
        }
        // The link may be in the batch that a commit is writing now.
        let _alone = self.commit_alone();
        let mut state = self.state();
        if state.settle(link, outcome) {
            return Ok(());
        }
        state.settle_unheld(&self.engine, link, outcome)
    }

    async fn commit(&self, mark: u64) -> Result<(), FrontierError> {
        let _alone = self.commit_alone();
        let Some(Prepared { batch, fresh }) = self.prepare(mark)? else {
            return Ok(());
        };
        let written = self.engine.commit(batch);
        let mut state = self.state();
        match written {
            Ok(()) => state.publish(fresh),
            Err(_) => state.failed = true,
        }
        written
    }

    async fn claim(&self, unit: &BudgetUnit, now: Millis) -> Result<Claim, FrontierError> {
        self.state().claim(&self.engine, unit, now)
    }

    async fn units(&self) -> Result<Vec<(BudgetUnit, Millis)>, FrontierError> {
        let state = self.state();
        let units = state.units.iter();
        let due = units.filter_map(|(unit, queue)| Some((unit.clone(), queue.due()?)));
        Ok(due.collect())
    }

    fn queued(&self) -> u64 {
        self.state().links
    }
}
