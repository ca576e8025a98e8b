//! Content hash and near-duplicate fingerprint; pure, the store remembers them.

use xxhash_rust::xxh3::xxh3_64;

/// What tells texts apart, and near-duplicates alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Equal texts have equal hashes.
    pub text_hash: u64,
    /// Near-duplicates differ in few of its bits, unrelated texts in about 32.
    pub simhash: u64,
}

impl Fingerprint {
    /// The fingerprint of a text, by its words.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut sums = [0_i32; 64];
        for word in text.split_whitespace() {
            let hash = xxh3_64(word.as_bytes());
            for (bit, sum) in sums.iter_mut().enumerate() {
                *sum += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let ones = sums.iter().enumerate().filter(|(_, sum)| **sum > 0);
        Self {
            text_hash: xxh3_64(text.as_bytes()),
            simhash: ones.fold(0, |bits, (bit, _)| bits | 1 << bit),
        }
    }
}
