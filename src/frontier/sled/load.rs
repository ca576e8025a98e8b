//! Reading a frontier back: one scan that fills memory and checks the integrity figures.

use super::engine::Engine;
use super::integrity::{Figures, entry_hash};
use super::journal::{self, PageRef};
use super::keys::{self, Key, RecordKey};
use super::queue::Rank;
use super::record;
use super::seen::{ByHash, UrlHash};
use super::state::{Progress, State};
use crate::frontier::FrontierError;

/// Reads all that a database holds.
pub(super) fn load(engine: &Engine, salt: u64) -> Result<State, FrontierError> {
    let mut loader = Loader {
        state: State::new(salt),
        found: Figures::default(),
        stored: None,
        settled: ByHash::default(),
    };
    engine.scan(&[], |key, value| {
        let taken = loader.take(key, &value);
        taken.map_err(|what| engine.damaged(what))
    })?;
    loader.finish().map_err(|what| engine.damaged(what))
}

struct Loader {
    state: State,
    /// What the scan has added up.
    found: Figures,
    /// What the last batch said there would be.
    stored: Option<Figures>,
    /// Bits of the settled links of each record. Journal pages sort before records.
    settled: ByHash<u64, u64>,
}

/// What the links of a record say.
struct Tally {
    priority: u8,
    all: u64,
    queued: u64,
}

impl Loader {
    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), String> {
        let hash = entry_hash(key, value, self.state.salt);
        let key = keys::parse(key).ok_or("an unknown key")?;
        if key == Key::Meta {
            let figures = Figures::parse(value, self.state.salt);
            self.stored = Some(figures.ok_or("the integrity figures are garbled")?);
            return Ok(());
        }
        self.found.add(hash);
        match key {
            Key::Journal(number) => self.take_page(PageRef { number, hash }, value),
            Key::Record(key) => self.take_record(key, hash, value),
            Key::Meta => Ok(()),
        }
    }

    fn take_page(&mut self, page: PageRef, value: &[u8]) -> Result<(), String> {
        self.number(page.number);
        let spots = journal::parse(value).ok_or("a garbled page of the journal")?;
        for spot in &spots {
            *self.settled.entry(spot.number).or_default() |= 1 << spot.place;
        }
        self.state.journal.add(page, spots.len());
        Ok(())
    }

    fn take_record(&mut self, key: RecordKey, hash: u64, value: &[u8]) -> Result<(), String> {
        self.number(key.number);
        let settled = self.settled.get(&key.number).copied().unwrap_or_default();
        let tally = self.take_links(value, settled);
        let tally = tally.map_err(|error| format!("record {}: {error}", key.number))?;
        let rank = Rank {
            priority: tally.priority,
            number: key.number,
        };
        self.state.count_in(key.unit.clone(), tally.queued);
        self.state.queue(key.unit.clone()).add(key.order, rank);
        if settled != 0 {
            let progress = Progress {
                key,
                priority: tally.priority,
                hash,
                all: tally.all,
                settled,
            };
            self.state.progress.insert(rank.number, progress);
        }
        Ok(())
    }

    fn take_links(&mut self, value: &[u8], settled: u64) -> Result<Tally, String> {
        let (_, mut links) = record::open(value).map_err(|error| error.to_string())?;
        let all = record::all_places(links.left());
        if settled & !all != 0 || settled == all {
            return Err("it does not fit the journal".to_owned());
        }
        let (seen, mut place) = (&mut self.state.seen, 0);
        while links.advance().map_err(|error| error.to_string())? {
            let hash = UrlHash::of(links.text(), self.state.salt);
            // A settled link may be queued again in a record of its own, which came first.
            match settled >> place & 1 {
                0 => seen.set_queued(hash, true),
                _ => drop(seen.insert(hash, false)),
            }
            place += 1;
        }
        Ok(Tally {
            priority: links.priority().unwrap_or_default(),
            all,
            queued: u64::from((all & !settled).count_ones()),
        })
    }

    /// No number may be given out twice.
    fn number(&mut self, number: u64) {
        self.found.next = self.found.next.max(number.saturating_add(1));
    }

    fn finish(self) -> Result<State, String> {
        let (mut state, found) = (self.state, self.found);
        let Some(stored) = self.stored else {
            return match found.count {
                0 => Ok(state),
                count => Err(format!("{count} keys, but no mark")),
            };
        };
        if (stored.count, stored.xor) != (found.count, found.xor) {
            let (wanted, count) = (stored.count, found.count);
            return Err(format!("{count} keys where {wanted} others were written"));
        }
        if found.next > stored.next {
            return Err(format!("number {} was never given", found.next - 1));
        }
        state.figures = stored;
        Ok(state)
    }
}
