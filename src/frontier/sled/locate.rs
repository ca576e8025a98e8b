//! Finding a queued link that this process did not claim.
//!
//! That happens only when visits of a process that died are replayed: the records of the units
//! concerned are read once, and the index over them is dropped with the first claim.

use super::engine::Engine;
use super::journal::Spot;
use super::keys::{self, Key, Order, RecordKey};
use super::queue::{Rank, Source};
use super::record;
use super::seen::{ByHash, UrlHash};
use super::state::State;
use crate::frontier::FrontierError;
use crate::frontier::codec::CodecError;
use crate::frontier::entry::{Link, Settled};
use crate::normal::BudgetUnit;
use std::collections::HashSet;

/// Where the queued links of some units are stored.
#[derive(Default)]
pub(super) struct Index {
    units: HashSet<BudgetUnit>,
    links: ByHash<UrlHash, Found>,
}

/// Where a link is stored.
#[derive(Clone, Copy)]
struct Found {
    spot: Spot,
    order: Order,
    priority: u8,
}

impl Index {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        if !self.units.is_empty() {
            *self = Self::default();
        }
    }

    /// Forgets a link that was settled.
    pub(super) fn forget(&mut self, hash: UrlHash) {
        self.links.remove(&hash);
    }

    /// Takes in a new record, if its unit is indexed.
    pub(super) fn note(
        &mut self,
        key: &RecordKey,
        value: &[u8],
        salt: u64,
    ) -> Result<(), CodecError> {
        if self.units.contains(&key.unit) {
            self.add(key, value, salt, 0)?;
        }
        Ok(())
    }

    fn add<B: AsRef<[u8]>>(
        &mut self,
        key: &RecordKey,
        value: B,
        salt: u64,
        settled: u64,
    ) -> Result<(), CodecError> {
        let (_, mut links) = record::open(value)?;
        let mut place = 0;
        while links.advance()? {
            if settled >> place & 1 == 0 {
                let found = Found {
                    spot: Spot {
                        number: key.number,
                        place,
                    },
                    order: key.order,
                    priority: links.priority().unwrap_or_default(),
                };
                self.links.insert(UrlHash::of(links.text(), salt), found);
            }
            place += 1;
        }
        Ok(())
    }
}

impl State {
    /// Settles a link that is queued but not held.
    pub(super) fn settle_unheld(
        &mut self,
        engine: &Engine,
        link: &Link,
        outcome: Settled,
    ) -> Result<(), FrontierError> {
        let (unit, hash) = (link.url.budget_unit(), self.hash(link));
        if !self.index.units.contains(&unit) {
            self.index_unit(engine, &unit)?;
        }
        if let Some(found) = self.index.links.remove(&hash) {
            self.settle_found(engine, &unit, found)?;
        } else if let Some(at) = self.staged(hash) {
            self.stage.postponed.remove(at);
        } else {
            self.stage.withdrawn.insert(hash);
        }
        self.conclude(link, Some(unit), outcome);
        Ok(())
    }

    fn staged(&self, hash: UrlHash) -> Option<usize> {
        let mut postponed = self.stage.postponed.iter();
        postponed.position(|postponed| postponed.hash == hash)
    }

    fn settle_found(
        &mut self,
        engine: &Engine,
        unit: &BudgetUnit,
        found: Found,
    ) -> Result<(), FrontierError> {
        let number = found.spot.number;
        if !self.progress.contains_key(&number) {
            let (unit, order) = (unit.clone(), found.order);
            let key = RecordKey {
                unit,
                order,
                number,
            };
            self.open_record(engine, &key, found.priority)?;
        }
        self.settle_spot(found.spot);
        self.close_record(unit, number, found.priority);
        Ok(())
    }

    /// Ends the turn of a record that claims were reading, when nothing is left ahead of them.
    fn close_record(&mut self, unit: &BudgetUnit, number: u64, priority: u8) {
        let rank = Rank { priority, number };
        let (progress, queue) = (self.progress.get(&number), self.units.get_mut(unit));
        if let (Some(progress), Some(queue)) = (progress, queue)
            && let Some(Source::Open(record)) = queue.ready.get(&rank)
            && !progress.is_open_from(record.place)
        {
            queue.ready.remove(&rank);
        }
    }

    fn index_unit(&mut self, engine: &Engine, unit: &BudgetUnit) -> Result<(), FrontierError> {
        let going = self.stage.removed.iter().map(|(key, _)| key.number);
        let going: HashSet<u64> = going.collect();
        let (salt, progress, index) = (self.salt, &self.progress, &mut self.index);
        for prefix in keys::unit_prefixes(unit) {
            engine.scan(&prefix, |key, value| {
                let Some(Key::Record(key)) = keys::parse(key) else {
                    return Err(engine.damaged("an unknown key"));
                };
                if going.contains(&key.number) {
                    return Ok(());
                }
                let settled = progress.get(&key.number).map_or(0, |record| record.settled);
                let added = index.add(&key, value, salt, settled);
                added.map_err(|error| engine.damaged(format!("record {}: {error}", key.number)))
            })?;
        }
        index.units.insert(unit.clone());
        Ok(())
    }
}
