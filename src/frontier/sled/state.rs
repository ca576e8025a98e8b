//! All that the frontier knows in memory, and what waits for the next commit.

use super::integrity::Figures;
use super::journal::{Journal, Spot};
use super::keys::RecordKey;
use super::locate::Index;
use super::queue::{Held, Rank, UnitQueue};
use super::record::{Packer, Units};
use super::seen::{ByHash, SeenSet, UrlHash};
use crate::clock::Millis;
use crate::frontier::entry::{Link, Settled};
use crate::normal::BudgetUnit;
use std::collections::{HashMap, HashSet};

/// The frontier in memory.
#[derive(Default)]
pub(super) struct State {
    pub(super) salt: u64,
    pub(super) figures: Figures,
    pub(super) journal: Journal,
    pub(super) seen: SeenSet,
    pub(super) units: HashMap<BudgetUnit, UnitQueue>,
    /// Links queued, all units together.
    pub(super) links: u64,
    pub(super) held: ByHash<UrlHash, Held>,
    /// Records of which a link was claimed or settled, by number.
    pub(super) progress: ByHash<u64, Progress>,
    pub(super) stage: Stage,
    pub(super) index: Index,
    /// Whether a commit failed: what is on disk is then unknown, and nothing may follow it.
    pub(super) failed: bool,
}

/// How far a record is settled.
pub(super) struct Progress {
    pub(super) key: RecordKey,
    pub(super) priority: u8,
    /// The record's [`super::integrity::entry_hash`].
    pub(super) hash: u64,
    /// A bit for each link.
    pub(super) all: u64,
    /// The bits of the links that are settled.
    pub(super) settled: u64,
}

/// What the next commit makes durable.
#[derive(Default)]
pub(super) struct Stage {
    pub(super) admitted: Packer,
    /// Links of `admitted` that were settled before they were committed (a replay does that).
    pub(super) withdrawn: HashSet<UrlHash>,
    pub(super) postponed: Vec<Postponed>,
    pub(super) settled: Vec<Spot>,
    /// Records whose last link is settled, and their hashes.
    pub(super) removed: Vec<(RecordKey, u64)>,
}

/// A link that is to be tried again.
pub(super) struct Postponed {
    pub(super) hash: UrlHash,
    pub(super) unit: BudgetUnit,
    pub(super) link: Link,
    pub(super) due: Millis,
    pub(super) failures: u8,
}

impl State {
    pub(super) fn new(salt: u64) -> Self {
        Self {
            salt,
            ..Self::default()
        }
    }

    /// The hash by which a link is known.
    pub(super) fn hash(&self, link: &Link) -> UrlHash {
        UrlHash::of(link.url.as_str().as_bytes(), self.salt)
    }

    /// Stages the links that were never admitted, and returns them.
    pub(super) fn admit(&mut self, mut links: Vec<Link>) -> Vec<Link> {
        let mut units = Units::default();
        links.retain(|link| {
            let new = self.seen.insert(self.hash(link), true);
            if new {
                let unit = units.of(link);
                self.stage.admitted.push(&unit, link.into());
                self.count_in(unit, 1);
            }
            new
        });
        links
    }

    /// Queues links in memory, but for those that are queued already.
    pub(super) fn recall(&mut self, links: Vec<Link>) {
        let mut units = Units::default();
        for link in links {
            let hash = self.hash(&link);
            if self.seen.queued(hash) || self.held.contains_key(&hash) {
                continue;
            }
            self.seen.insert(hash, false);
            let rank = Rank {
                priority: link.priority,
                number: self.figures.number(),
            };
            self.held.insert(hash, Held::Recalled(rank));
            let unit = units.of(&link);
            self.count_in(unit.clone(), 1);
            self.queue(unit).recall(rank, link);
        }
    }

    /// Settles a link that is held, or not queued at all. The third kind, queued but not held,
    /// takes a search: `false`, and nothing is done.
    pub(super) fn settle(&mut self, link: &Link, outcome: Settled) -> bool {
        let hash = self.hash(link);
        let unit = match self.held.remove(&hash) {
            Some(Held::Claimed(spot)) => {
                self.index.forget(hash);
                self.settle_spot(spot)
            }
            Some(Held::ClaimedRecall) => Some(link.url.budget_unit()),
            Some(Held::Recalled(rank)) => {
                let unit = link.url.budget_unit();
                self.queue(unit.clone()).ready.remove(&rank);
                Some(unit)
            }
            None if self.seen.queued(hash) => return false,
            None => None,
        };
        self.conclude(link, unit, outcome);
        true
    }

    /// Marks a stored link as settled and returns its unit.
    pub(super) fn settle_spot(&mut self, spot: Spot) -> Option<BudgetUnit> {
        let progress = self.progress.get_mut(&spot.number)?;
        progress.settled |= 1 << spot.place;
        self.stage.settled.push(spot);
        let unit = progress.key.unit.clone();
        if progress.settled == progress.all
            && let Some(done) = self.progress.remove(&spot.number)
        {
            self.queue(unit.clone()).remove(done.key.order, done.rank());
            self.stage.removed.push((done.key, done.hash));
        }
        Some(unit)
    }

    /// Applies an outcome to a link that is out of its place; `unit` if it was queued till now.
    pub(super) fn conclude(&mut self, link: &Link, unit: Option<BudgetUnit>, outcome: Settled) {
        let hash = self.hash(link);
        match (outcome, unit) {
            (Settled::Done, None) => {
                self.seen.insert(hash, false);
            }
            (Settled::Done, Some(unit)) => {
                self.seen.set_queued(hash, false);
                self.count_out(&unit);
            }
            (Settled::Again { due, failures }, unit) => {
                self.seen.set_queued(hash, true);
                let unit = unit.unwrap_or_else(|| {
                    let unit = link.url.budget_unit();
                    self.count_in(unit.clone(), 1);
                    unit
                });
                self.stage.postponed.push(Postponed {
                    hash,
                    unit,
                    link: link.clone(),
                    due,
                    failures,
                });
            }
        }
    }

    /// The queue of a unit.
    pub(super) fn queue(&mut self, unit: BudgetUnit) -> &mut UnitQueue {
        self.units.entry(unit).or_default()
    }

    pub(super) fn count_in(&mut self, unit: BudgetUnit, links: u64) {
        self.links += links;
        self.queue(unit).links += links;
    }

    fn count_out(&mut self, unit: &BudgetUnit) {
        self.links = self.links.saturating_sub(1);
        if let Some(queue) = self.units.get_mut(unit) {
            queue.links = queue.links.saturating_sub(1);
            if queue.links == 0 {
                self.units.remove(unit);
            }
        }
    }
}

impl Progress {
    /// Whether the link at `place` or one after it is not settled.
    pub(super) fn is_open_from(&self, place: u8) -> bool {
        let left = (self.all & !self.settled).checked_shr(place.into());
        left.is_some_and(|left| left != 0)
    }

    pub(super) fn rank(&self) -> Rank {
        Rank {
            priority: self.priority,
            number: self.key.number,
        }
    }
}
