//! The figures that show whether sled still holds what was written.
//!
//! Each batch carries the count of keys and the XOR of their hashes. sled can lose a segment and
//! open "successfully" short of it (4 of 68 opens with a flipped bit): the scan on open adds up
//! what is there and compares.

use xxhash_rust::xxh3::xxh3_64_with_seed;

const VERSION: u8 = 1;
const WORDS: usize = 4;

/// What the batch that wrote it last left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// The highest visit number that is covered.
    pub(super) mark: u64,
    /// The number that the next record or journal page gets.
    pub(super) next: u64,
    /// Keys, without the one of the figures.
    pub(super) count: u64,
    /// XOR of [`entry_hash`] over those keys.
    pub(super) xor: u64,
}

impl Figures {
    /// Counts a key in.
    pub(super) fn add(&mut self, hash: u64) {
        self.count = self.count.wrapping_add(1);
        self.xor ^= hash;
    }

    /// Counts a key out.
    pub(super) fn remove(&mut self, hash: u64) {
        self.count = self.count.wrapping_sub(1);
        self.xor ^= hash;
    }

    /// A number for a record or a journal page.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// The figures as stored, with a hash of their own.
    pub(super) fn bytes(&self, salt: u64) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for word in [self.mark, self.next, self.count, self.xor] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        let hash = xxh3_64_with_seed(&bytes, salt);
        bytes.extend_from_slice(&hash.to_be_bytes());
        bytes
    }

    /// Reads figures back; `None` when they are not as written, or by another salt.
    pub(super) fn parse(bytes: &[u8], salt: u64) -> Option<Self> {
        let (body, hash) = bytes.split_last_chunk::<8>()?;
        if xxh3_64_with_seed(body, salt) != u64::from_be_bytes(*hash) {
            return None;
        }
        let (version, body) = body.split_first()?;
        let (words, rest) = body.as_chunks::<8>();
        if *version != VERSION || !rest.is_empty() || words.len() != WORDS {
            return None;
        }
        Some(Self {
            mark: u64::from_be_bytes(words[0]),
            next: u64::from_be_bytes(words[1]),
            count: u64::from_be_bytes(words[2]),
            xor: u64::from_be_bytes(words[3]),
        })
    }
}

/// The hash of a key with its value.
pub(super) fn entry_hash(key: &[u8], value: &[u8], salt: u64) -> u64 {
    xxh3_64_with_seed(value, xxh3_64_with_seed(key, salt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_only_as_they_were_written() {
        let mut figures = Figures {
            mark: 9,
            ..Figures::default()
        };
        figures.add(77);
        figures.add(5);
        figures.remove(77);
        assert_eq!((figures.count, figures.xor), (1, 5));
        let bytes = figures.bytes(3);
        assert_eq!(Figures::parse(&bytes, 3), Some(figures));
        assert_eq!(Figures::parse(&bytes, 4), None, "another salt");
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(Figures::parse(&flipped, 3), None, "byte {at}");
        }
    }

    #[test]
    fn what_moves_between_key_and_value_changes_the_hash() {
        assert_ne!(entry_hash(b"ab", b"c", 1), entry_hash(b"a", b"bc", 1));
    }
}
