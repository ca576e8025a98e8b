//! Key bytes and their order. One tree holds all: separate trees are torn by a kill.
//!
//! ```text
//! j number                  a page of the journal: which links of which records are settled
//! l unit 0 due number       a record that waits until it is due
//! m                         the mark and the integrity figures
//! r unit 0 priority number  a record that is ready
//! ```
//!
//! Numbers and times are big-endian, so that keys sort as their numbers do. Each record and
//! journal page has a number of its own, counted up and never used again: it is a record's age.

use crate::clock::Millis;
use crate::normal::BudgetUnit;

/// The key of the mark and the integrity figures.
pub(super) const META: &[u8] = b"m";

/// In which of its unit's two orders a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// By priority, then age.
    Ready(u8),
    /// By the time when it is due.
    Later(Millis),
}

/// What a key stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    Meta,
    Journal(u64),
    Record(RecordKey),
}

/// The key of a record of links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordKey {
    pub(super) unit: BudgetUnit,
    pub(super) order: Order,
    pub(super) number: u64,
}

impl RecordKey {
    /// The key's bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = match self.order {
            Order::Ready(_) => unit_prefix(b'r', &self.unit),
            Order::Later(_) => unit_prefix(b'l', &self.unit),
        };
        match self.order {
            Order::Ready(priority) => bytes.push(priority),
            Order::Later(due) => bytes.extend_from_slice(&due.to_be_bytes()),
        }
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes
    }
}

/// The beginnings of the keys of all records of a unit.
pub(super) fn unit_prefixes(unit: &BudgetUnit) -> [Vec<u8>; 2] {
    [unit_prefix(b'l', unit), unit_prefix(b'r', unit)]
}

/// The key of a page of the journal.
pub(super) fn journal(number: u64) -> [u8; 9] {
    let mut bytes = [b'j'; 9];
    bytes[1..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// What a key's bytes stand for, if they are a key of ours.
pub(super) fn parse(bytes: &[u8]) -> Option<Key> {
    let (kind, rest) = bytes.split_first()?;
    match kind {
        b'm' => rest.is_empty().then_some(Key::Meta),
        b'j' => Some(Key::Journal(u64::from_be_bytes(rest.try_into().ok()?))),
        b'r' => {
            let (rest, number) = split_number(rest)?;
            let (priority, unit) = rest.split_last()?;
            record(unit, Order::Ready(*priority), number)
        }
        b'l' => {
            let (rest, number) = split_number(rest)?;
            let (unit, due) = split_number(rest)?;
            record(unit, Order::Later(due), number)
        }
        _ => None,
    }
}

fn unit_prefix(kind: u8, unit: &BudgetUnit) -> Vec<u8> {
    let name = unit.as_str().as_bytes();
    let mut bytes = Vec::with_capacity(name.len() + 18);
    bytes.push(kind);
    bytes.extend_from_slice(name);
    bytes.push(0);
    bytes
}

fn split_number(bytes: &[u8]) -> Option<(&[u8], u64)> {
    let (rest, number) = bytes.split_last_chunk::<8>()?;
    Some((rest, u64::from_be_bytes(*number)))
}

fn record(unit: &[u8], order: Order, number: u64) -> Option<Key> {
    let name = str::from_utf8(unit.strip_suffix(&[0])?).ok()?;
    Some(Key::Record(RecordKey {
        unit: BudgetUnit::stored(name),
        order,
        number,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(order: Order, number: u64) -> RecordKey {
        RecordKey {
            unit: BudgetUnit::stored("a.example"),
            order,
            number,
        }
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        for record in [key(Order::Ready(7), 1), key(Order::Later(u64::MAX), 0)] {
            assert_eq!(parse(&record.bytes()), Some(Key::Record(record)));
        }
        assert_eq!(parse(&journal(300)), Some(Key::Journal(300)));
        assert_eq!(parse(META), Some(Key::Meta));
        for bad in [b"".as_slice(), b"x", b"mm", b"j1", b"rshort", b"l"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn keys_sort_by_priority_then_age_and_by_due_time() {
        let sorted = [
            key(Order::Later(255), 9),
            key(Order::Later(256), 3),
            key(Order::Ready(1), 256),
            key(Order::Ready(2), 255),
            key(Order::Ready(2), 256),
        ];
        assert!(sorted.is_sorted_by_key(RecordKey::bytes));
    }
}
