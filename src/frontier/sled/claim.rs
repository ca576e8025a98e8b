//! Taking the next link of a budget unit, without writing to disk.

use super::engine::Engine;
use super::integrity::entry_hash;
use super::journal::Spot;
use super::keys::RecordKey;
use super::queue::{Held, OpenRecord, Rank, Source};
use super::record;
use super::seen::UrlHash;
use super::state::{Progress, State};
use crate::clock::Millis;
use crate::frontier::codec::{CodecError, LinkReader};
use crate::frontier::entry::Entry;
use crate::frontier::{Claim, FrontierError};
use crate::normal::BudgetUnit;
use ::sled::IVec;

impl State {
    /// Claims the next link of `unit`.
    pub(super) fn claim(
        &mut self,
        engine: &Engine,
        unit: &BudgetUnit,
        now: Millis,
    ) -> Result<Claim, FrontierError> {
        self.index.clear();
        loop {
            let Some(queue) = self.units.get_mut(unit) else {
                return Ok(Claim::Empty);
            };
            queue.ripen(now);
            let Some((rank, source)) = queue.ready.pop_first() else {
                return Ok(queue.due().map_or(Claim::Empty, Claim::Later));
            };
            if let Some(entry) = self.take(engine, unit, rank, source)? {
                return Ok(Claim::Entry(entry));
            }
        }
    }

    /// The next link of a turn; `None` when its links are all settled.
    fn take(
        &mut self,
        engine: &Engine,
        unit: &BudgetUnit,
        rank: Rank,
        source: Source,
    ) -> Result<Option<Entry>, FrontierError> {
        let record = match source {
            Source::Recalled(link) => {
                self.held.insert(self.hash(&link), Held::ClaimedRecall);
                let (link, failures) = (*link, 0);
                return Ok(Some(Entry { link, failures }));
            }
            Source::Open(record) => record,
            Source::Stored(order) => {
                let (unit, number) = (unit.clone(), rank.number);
                let key = RecordKey {
                    unit,
                    order,
                    number,
                };
                Box::new(self.open_record(engine, &key, rank.priority)?)
            }
        };
        self.next_link(unit, rank, record)
            .map_err(|error| engine.damaged(format!("record {}: {error}", rank.number)))
    }

    fn next_link(
        &mut self,
        unit: &BudgetUnit,
        rank: Rank,
        mut record: Box<OpenRecord>,
    ) -> Result<Option<Entry>, CodecError> {
        while record.links.advance()? {
            let (number, place) = (rank.number, record.place);
            record.place += 1;
            if self.is_settled(number, place) {
                continue;
            }
            let link = record.links.link()?;
            let failures = record.failures;
            let hash = UrlHash::of(record.links.text(), self.salt);
            self.held
                .insert(hash, Held::Claimed(Spot { number, place }));
            let progress = self.progress.get(&number);
            if progress.is_some_and(|progress| progress.is_open_from(record.place)) {
                let queue = self.queue(unit.clone());
                queue.ready.insert(rank, Source::Open(record));
            }
            return Ok(Some(Entry { link, failures }));
        }
        Ok(None)
    }

    fn is_settled(&self, number: u64, place: u8) -> bool {
        let progress = self.progress.get(&number);
        progress.is_none_or(|progress| progress.settled >> place & 1 == 1)
    }

    /// Reads a record and begins to keep its progress.
    pub(super) fn open_record(
        &mut self,
        engine: &Engine,
        key: &RecordKey,
        priority: u8,
    ) -> Result<OpenRecord, FrontierError> {
        let bytes = key.bytes();
        let value = engine.get(&bytes)?;
        let value = value.ok_or_else(|| engine.damaged(format!("no record {}", key.number)))?;
        let hash = entry_hash(&bytes, &value, self.salt);
        let (failures, links) = record::open(value)
            .map_err(|error| engine.damaged(format!("record {}: {error}", key.number)))?;
        self.track(key.clone(), priority, hash, &links);
        Ok(OpenRecord {
            links,
            failures,
            place: 0,
        })
    }

    fn track(&mut self, key: RecordKey, priority: u8, hash: u64, links: &LinkReader<IVec>) {
        let number = key.number;
        self.progress.entry(number).or_insert(Progress {
            key,
            priority,
            hash,
            all: record::all_places(links.left()),
            settled: 0,
        });
    }
}
