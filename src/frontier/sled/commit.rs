//! Turning what is staged into one batch.

use super::integrity::entry_hash;
use super::journal::{self, PageRef, Spot};
use super::keys::{self, Order, RecordKey};
use super::queue::Rank;
use super::record::Pack;
use super::seen::UrlHash;
use super::state::State;
use crate::frontier::codec::CodecError;
use crate::normal::BudgetUnit;
use ::sled::Batch;
use std::mem;

/// A batch, and the records in it, which can be claimed once it is on disk.
#[derive(Default)]
pub(super) struct Prepared {
    pub(super) batch: Batch,
    pub(super) fresh: Vec<Fresh>,
}

/// A record that is new.
pub(super) struct Fresh {
    unit: BudgetUnit,
    order: Order,
    rank: Rank,
}

impl State {
    /// All that is staged, as a batch that covers `mark`; `None` when there is nothing to write.
    pub(super) fn prepare(&mut self, mark: u64) -> Result<Option<Prepared>, CodecError> {
        let mut prepared = Prepared::default();
        let stage = mem::take(&mut self.stage);
        let (mut admitted, salt) = (stage.admitted, self.salt);
        if !stage.withdrawn.is_empty() {
            admitted.withdraw(|text| stage.withdrawn.contains(&UrlHash::of(text, salt)))?;
        }
        for pack in admitted.take_all() {
            let order = Order::Ready(pack.priority);
            self.put(&mut prepared, pack, order)?;
        }
        for again in stage.postponed {
            let pack = Pack::single(again.unit, &again.link, again.failures);
            self.put(&mut prepared, pack, Order::Later(again.due))?;
        }
        let still = |spot: &Spot| self.progress.contains_key(&spot.number);
        let settled: Vec<Spot> = stage.settled.into_iter().filter(still).collect();
        if settled.is_empty()
            && stage.removed.is_empty()
            && prepared.fresh.is_empty()
            && mark <= self.figures.mark
        {
            return Ok(None);
        }
        for (key, hash) in stage.removed {
            self.figures.remove(hash);
            prepared.batch.remove(key.bytes());
        }
        self.put_journal(&mut prepared.batch, settled);
        self.put_figures(&mut prepared.batch, mark);
        Ok(Some(prepared))
    }

    /// Adds a new record to a batch.
    pub(super) fn put(
        &mut self,
        prepared: &mut Prepared,
        pack: Pack,
        order: Order,
    ) -> Result<(), CodecError> {
        let number = self.figures.number();
        let key = RecordKey {
            unit: pack.unit,
            order,
            number,
        };
        let bytes = key.bytes();
        self.figures.add(entry_hash(&bytes, &pack.value, self.salt));
        self.index.note(&key, &pack.value, self.salt)?;
        prepared.batch.insert(bytes, pack.value);
        let priority = pack.priority;
        prepared.fresh.push(Fresh {
            unit: key.unit,
            order,
            rank: Rank { priority, number },
        });
        Ok(())
    }

    /// Lets claims have the records of a batch that is on disk.
    pub(super) fn publish(&mut self, fresh: Vec<Fresh>) {
        for Fresh { unit, order, rank } in fresh {
            self.queue(unit).add(order, rank);
        }
    }

    /// Adds the mark and the integrity figures to a batch, whose last part they are.
    pub(super) fn put_figures(&mut self, batch: &mut Batch, mark: u64) {
        self.figures.mark = self.figures.mark.max(mark);
        batch.insert(keys::META, self.figures.bytes(self.salt));
    }

    fn put_journal(&mut self, batch: &mut Batch, settled: Vec<Spot>) {
        let live = self.progress.values();
        let live: u32 = live.map(|record| record.settled.count_ones()).sum();
        let mut spots = settled;
        if self.journal.is_stale(live as usize) {
            for page in self.journal.take() {
                self.figures.remove(page.hash);
                batch.remove(&keys::journal(page.number));
            }
            spots = self.settled_spots();
        }
        for (page, count) in journal::pages(&spots) {
            let number = self.figures.number();
            let key = keys::journal(number);
            let hash = entry_hash(&key, &page, self.salt);
            self.figures.add(hash);
            self.journal.add(PageRef { number, hash }, count);
            batch.insert(&key, page);
        }
    }

    /// Every settled link of a record that is still there.
    fn settled_spots(&self) -> Vec<Spot> {
        let mut spots = Vec::new();
        for (number, record) in &self.progress {
            let places = (0..64).filter(|place| record.settled >> place & 1 == 1);
            spots.extend(places.map(|place| Spot {
                number: *number,
                place,
            }));
        }
        spots
    }
}
