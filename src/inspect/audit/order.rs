//! Visits in the order in which they ended.
//!
//! The log has them in the order in which they were read: of two answers the longer page may come
//! later. No more than the crawl's open visits are ever out of place, far fewer than are held here.

use crate::clock::Millis;
use crate::store::{LoggedRequest, StoreError};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Visits held back.
const HELD: usize = 8_192;

/// Orders the visits of `rows` by their ends.
pub(super) struct Ordered<I> {
    rows: I,
    held: BinaryHeap<Held>,
}

/// The one that ended first comes first out of a heap.
struct Held(LoggedRequest);

impl Held {
    fn key(&self) -> (Millis, u64) {
        (self.0.ended, self.0.visit)
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Held {}

impl<I> Ordered<I> {
    pub(super) fn new(rows: I) -> Self {
        Self {
            rows,
            held: BinaryHeap::new(),
        }
    }
}

impl<I: Iterator<Item = Result<LoggedRequest, StoreError>>> Iterator for Ordered<I> {
    type Item = Result<LoggedRequest, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.held.len() < HELD {
            match self.rows.next() {
                Some(Ok(row)) => self.held.push(Held(row)),
                Some(Err(error)) => return Some(Err(error)),
                None => break,
            }
        }
        self.held.pop().map(|held| Ok(held.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_come_in_the_order_of_their_ends() {
        let row = |(visit, ended)| LoggedRequest {
            visit,
            ended,
            ..LoggedRequest::default()
        };
        let rows = [(1, 50), (2, 20), (3, 20), (4, 10)].map(row);
        let ordered = Ordered::new(rows.into_iter().map(Ok));
        let numbers: Vec<u64> = ordered.map(|row| row.unwrap().visit).collect();
        assert_eq!(numbers, [4, 2, 3, 1]);
    }
}
