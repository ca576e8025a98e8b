//! One budget unit's queue in memory: which records there are, in the order of their turn.
//!
//! Some forty bytes a record, so two or three a link; the links themselves stay on disk, but for
//! the records that claims are reading now, which are held encoded.

use super::journal::Spot;
use super::keys::Order;
use crate::clock::Millis;
use crate::frontier::codec::LinkReader;
use crate::frontier::entry::Link;
use ::sled::IVec;
use std::collections::BTreeMap;

/// A turn: by priority, then age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) priority: u8,
    /// The number of the record, or of the recall.
    pub(super) number: u64,
}

/// Where the links of a turn come from.
pub(super) enum Source {
    /// A record on disk.
    Stored(Order),
    /// A record that is being read.
    Open(Box<OpenRecord>),
    /// A link that was recalled; it is in memory only.
    Recalled(Box<Link>),
}

/// A record that claims are reading.
pub(super) struct OpenRecord {
    pub(super) links: LinkReader<IVec>,
    pub(super) failures: u8,
    /// The place of the link that is read next.
    pub(super) place: u8,
}

/// The queue of one budget unit.
#[derive(Default)]
pub(super) struct UnitQueue {
    pub(super) ready: BTreeMap<Rank, Source>,
    later: BTreeMap<(Millis, u64), u8>,
    /// Links queued: ready, waiting, claimed or not yet committed.
    pub(super) links: u64,
}

impl UnitQueue {
    /// Adds a record that is on disk.
    pub(super) fn add(&mut self, order: Order, rank: Rank) {
        match order {
            Order::Ready(_) => {
                self.ready.insert(rank, Source::Stored(order));
            }
            Order::Later(due) => {
                self.later.insert((due, rank.number), rank.priority);
            }
        }
    }

    /// Forgets a record.
    pub(super) fn remove(&mut self, order: Order, rank: Rank) {
        self.ready.remove(&rank);
        if let Order::Later(due) = order {
            self.later.remove(&(due, rank.number));
        }
    }

    /// Adds a link that lives in memory only.
    pub(super) fn recall(&mut self, rank: Rank, link: Link) {
        self.ready.insert(rank, Source::Recalled(Box::new(link)));
    }

    /// Lets what has become due join what is ready.
    pub(super) fn ripen(&mut self, now: Millis) {
        while let Some(first) = self.later.first_entry() {
            let (due, number) = *first.key();
            if due > now {
                break;
            }
            let priority = first.remove();
            let rank = Rank { priority, number };
            self.ready.insert(rank, Source::Stored(Order::Later(due)));
        }
    }

    /// When the first link is due (0: now); `None` when there is none that could be claimed.
    pub(super) fn due(&self) -> Option<Millis> {
        if self.ready.is_empty() {
            self.later.keys().next().map(|(due, _)| *due)
        } else {
            Some(0)
        }
    }
}

/// A link that is known by name in memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    /// Claimed out of a record.
    Claimed(Spot),
    /// Recalled and claimed.
    ClaimedRecall,
    /// Recalled and waiting for its turn.
    Recalled(Rank),
}
