//! The seen-set: one salted 64-bit hash for each URL that was ever admitted, in memory.
//!
//! An open-addressing table of one word a slot: 63 bits of hash, and one bit that says whether
//! the URL is queued. Eight bytes a slot at a load of at most 7/8 is what 10⁸ URLs can afford;
//! a second set of the queued ones would double it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use xxhash_rust::xxh3::xxh3_64_with_seed;

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

/// The salted hash of a URL: even and not zero, so that a slot has room for the queued bit and
/// zero can mean empty. The salt keeps a page from crafting URLs that collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct UrlHash(u64);

impl UrlHash {
    /// The hash of a URL's text.
    pub(super) fn of(text: &[u8], salt: u64) -> Self {
        Self((xxh3_64_with_seed(text, salt) & !QUEUED).max(2))
    }
}

const QUEUED: u64 = 1;
const SMALLEST: usize = 1 << 10;

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
        let last = self.slots.len() - 1;
        // The highest bits choose the slot: a table that grows is then filled from front to back.
        let shift = self.slots.len().leading_zeros() + 1;
        let mut at = usize::try_from(hash.0 >> shift).unwrap_or(0) & last;
        while self.slots[at] != 0 && self.slots[at] & !QUEUED != hash.0 {
            at = (at + 1) & last;
        }
        at
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
