//! The seen-set: one salted 64-bit hash for each URL that was ever admitted, in memory.
//!
//! An open-addressing table of one word a slot: 63 bits of hash, and one bit that says whether
//! the URL is queued. Eight bytes a slot at a load of at most 7/8 is what 10⁸ URLs can afford;
//! a second set of the queued ones would double it.

use crate::normal::salted_hash;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map keyed by what is a hash already.
pub(super) type ByHash<K, V> = HashMap<K, V, BuildHasherDefault<AsItIs>>;

/// Hashes a word to itself.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// The salted hash of a URL (`normal::salted_hash`): even and not zero, so that a slot has room
/// for the queued bit and zero can mean empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct UrlHash(u64);

impl UrlHash {
    /// The hash of a URL's text.
    pub(super) fn of(text: &[u8], salt: u64) -> Self {
        Self::stored(salted_hash(text, salt))
    }

    /// The hash of a URL that the store knows by `hash`.
    pub(super) fn stored(hash: u64) -> Self {
        Self((hash & !QUEUED).max(2))
    }
}

const QUEUED: u64 = 1;
const SMALLEST: usize = 1 << 10;
/// 2⁶⁴ over the golden ratio, as multiplicative hashing has it (Knuth, volume 3, 6.4).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// URLs that were ever admitted, and which of them are queued.
pub(super) struct SeenSet {
    slots: Vec<u64>,
    used: usize,
}

impl Default for SeenSet {
    fn default() -> Self {
        Self {
            slots: vec![0; SMALLEST],
            used: 0,
        }
    }
}

impl SeenSet {
    /// Adds a URL; `false`, and nothing changes, when it was there.
    pub(super) fn insert(&mut self, hash: UrlHash, queued: bool) -> bool {
        if self.used * 8 >= self.slots.len() * 7 {
            self.grow();
        }
        let at = self.slot(hash);
        if self.slots[at] != 0 {
            return false;
        }
        self.slots[at] = hash.0 | u64::from(queued);
        self.used += 1;
        true
    }

    /// Whether a URL was ever admitted.
    pub(super) fn contains(&self, hash: UrlHash) -> bool {
        self.slots[self.slot(hash)] != 0
    }

    /// Whether a URL is queued.
    pub(super) fn queued(&self, hash: UrlHash) -> bool {
        self.slots[self.slot(hash)] & QUEUED != 0
    }

    /// Adds a URL if need be, and says whether it is queued from now on.
    pub(super) fn set_queued(&mut self, hash: UrlHash, queued: bool) {
        if !self.insert(hash, queued) {
            let at = self.slot(hash);
            self.slots[at] = hash.0 | u64::from(queued);
        }
    }

    /// Where a hash stands, or the empty slot where it would.
    fn slot(&self, hash: UrlHash) -> usize {
        let mut at = self.home(hash);
        while self.slots[at] != 0 && self.slots[at] & !QUEUED != hash.0 {
            at = (at + 1) & self.last();
        }
        at
    }

    /// The slot where a hash belongs. Hashes are mixed once more, since the store hands its own
    /// in their order: as they are, they would crowd into a part of the table. The highest bits
    /// choose, so that a table that grows is filled from front to back.
    fn home(&self, hash: UrlHash) -> usize {
        let shift = self.slots.len().leading_zeros() + 1;
        let mixed = hash.0.wrapping_mul(MIX);
        usize::try_from(mixed >> shift).unwrap_or(0) & self.last()
    }

    fn last(&self) -> usize {
        self.slots.len() - 1
    }

    fn grow(&mut self) {
        let larger = vec![0; self.slots.len() * 2];
        for slot in std::mem::replace(&mut self.slots, larger) {
            if slot != 0 {
                let at = self.slot(UrlHash(slot & !QUEUED));
                self.slots[at] = slot;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u64) -> UrlHash {
        UrlHash::of(&n.to_le_bytes(), 7)
    }

    #[test]
    fn a_set_that_grew_knows_all_that_it_was_told() {
        let mut seen = SeenSet::default();
        for n in 0..50_000 {
            assert!(seen.insert(hash(n), n % 3 == 0));
        }
        for n in 0..50_000 {
            assert!(!seen.insert(hash(n), true), "{n}");
            assert_eq!(seen.queued(hash(n)), n % 3 == 0, "{n}");
        }
        assert!((50_000..99_000).all(|n| !seen.contains(hash(n)) && !seen.queued(hash(n))));
    }

    /// Slots from where a hash belongs to where it stands, summed up.
    fn way(seen: &SeenSet) -> usize {
        let slots = seen
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| **slot != 0);
        slots
            .map(|(at, slot)| at.wrapping_sub(seen.home(UrlHash(slot & !QUEUED))) & seen.last())
            .sum()
    }

    #[test]
    fn hashes_that_come_sorted_do_not_crowd() {
        let mut hashes: Vec<u64> = (0..100_000).map(|n| hash(n).0).collect();
        hashes.sort_unstable();
        let mut seen = SeenSet::default();
        for hash in hashes {
            seen.insert(UrlHash::stored(hash), false);
            if seen.used.is_power_of_two() {
                assert!(
                    way(&seen) < 4 * seen.used,
                    "{} after {}",
                    way(&seen),
                    seen.used
                );
            }
        }
    }

    #[test]
    fn the_queued_bit_comes_and_goes() {
        let mut seen = SeenSet::default();
        seen.set_queued(hash(1), true);
        assert!(seen.queued(hash(1)));
        seen.set_queued(hash(1), false);
        assert!(seen.contains(hash(1)) && !seen.queued(hash(1)));
    }

    #[test]
    fn the_salt_moves_every_hash() {
        assert_ne!(UrlHash::of(b"x", 1), UrlHash::of(b"x", 2));
    }
}
