//! Which links of which records are settled, written as it happens.
//!
//! A commit settles links of up to 64 records; to rewrite each of them costs 64 writes. Instead
//! one journal page lists them all, and a record is touched once more only, when its last link
//! is settled and it goes. Pages are replaced by fewer ones when most of what they say concerns
//! records that are gone.

use crate::frontier::codec::{put_varint, take_varint};

/// Where a link is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The record's number.
    pub(super) number: u64,
    /// The link's place in the record.
    pub(super) place: u8,
}

/// Spots in a page at most.
const PAGE: usize = 1_000;
/// Stale spots that are not worth a rewrite.
const STALE: usize = 16_384;
/// Pages that are not worth a rewrite, however little each says.
const SHORT_PAGES: usize = 1_000;

/// The pages that are on disk.
#[derive(Default)]
pub(super) struct Journal {
    pages: Vec<PageRef>,
    spots: usize,
}

/// A page on disk.
pub(super) struct PageRef {
    pub(super) number: u64,
    /// Its [`super::integrity::entry_hash`].
    pub(super) hash: u64,
}

impl Journal {
    /// Counts in a page that is on disk.
    pub(super) fn add(&mut self, page: PageRef, spots: usize) {
        self.pages.push(page);
        self.spots += spots;
    }

    /// Whether far fewer spots or pages would do to say which `live` ones there are.
    pub(super) fn is_stale(&self, live: usize) -> bool {
        self.spots > 2 * live + STALE || self.pages.len() > 2 * live / PAGE + SHORT_PAGES
    }

    /// Pages on disk.
    #[cfg(test)]
    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Forgets all pages and returns them.
    pub(super) fn take(&mut self) -> Vec<PageRef> {
        self.spots = 0;
        std::mem::take(&mut self.pages)
    }
}

/// Spots as page values, with the number of spots in each.
pub(super) fn pages(spots: &[Spot]) -> impl Iterator<Item = (Vec<u8>, usize)> {
    spots.chunks(PAGE).map(|chunk| {
        let mut bytes = Vec::with_capacity(chunk.len() * 5);
        for spot in chunk {
            put_varint(&mut bytes, spot.number);
            bytes.push(spot.place);
        }
        (bytes, chunk.len())
    })
}

/// Reads a page; `None` when it is none.
pub(super) fn parse(page: &[u8]) -> Option<Vec<Spot>> {
    let mut at = 0;
    let mut spots = Vec::new();
    while at < page.len() {
        let number = take_varint(page, &mut at)?;
        let place = *page.get(at).filter(|place| **place < 64)?;
        at += 1;
        spots.push(Spot { number, place });
    }
    Some(spots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_as_they_were_written() {
        let spots: Vec<Spot> = (0..2_500)
            .map(|n| Spot {
                number: n * n,
                place: (n % 64) as u8,
            })
            .collect();
        let written: Vec<_> = pages(&spots).collect();
        assert_eq!(
            written.iter().map(|page| page.1).collect::<Vec<_>>(),
            [1_000, 1_000, 500]
        );
        let read: Vec<Spot> = written
            .iter()
            .flat_map(|page| parse(&page.0).unwrap())
            .collect();
        assert_eq!(read, spots);
        assert_eq!(parse(&[1]), None, "cut short");
        assert_eq!(parse(&[1, 64]), None, "no such place");
    }
}
