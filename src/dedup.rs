//! Content hash and near-duplicate fingerprint; pure, the store remembers them.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// What tells texts apart, and near-duplicates alike. Letter case, white space, punctuation
/// and the vowel marks of Arabic make no difference to either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Equal texts have equal hashes.
    pub text_hash: u64,
    /// Near-duplicates differ in few of its bits, unrelated texts in about 32.
    pub simhash: u64,
}

/// Words, or characters of scripts that are written without spaces, that make one feature.
const GRAM: usize = 3;

impl Fingerprint {
    /// The fingerprint of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = Folded::of(text);
        Self {
            text_hash: xxh3_64(folded.text.as_bytes()),
            simhash: simhash(&folded.words),
        }
    }

    /// How many bits the near-duplicate fingerprints of two texts differ in: a handful for
    /// copies of one story with small changes, the fewer the longer it is.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        (self.simhash ^ other.simhash).count_ones()
    }
}

/// A text without what copies of it differ in, and the hashes of its words.
struct Folded {
    /// Words parted by single spaces.
    text: String,
    words: Vec<u64>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            words: Vec::with_capacity(text.len() / 6),
        };
        let mut start = 0;
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                folded.text.push(c.to_ascii_lowercase());
            } else if c.is_ascii() || !c.is_alphanumeric() && !is_mark(c) {
                start = folded.end_word(start);
            } else if stands_alone(c) {
                start = folded.end_word(start);
                folded.text.push(c);
                start = folded.end_word(start);
            } else if !is_mark(c) {
                folded.text.extend(c.to_lowercase());
            }
        }
        folded.end_word(start);
        folded
    }

    /// Ends the word that began at `start`; returns where the next begins.
    fn end_word(&mut self, start: usize) -> usize {
        if self.text.len() == start {
            return start;
        }
        self.words.push(xxh3_64(&self.text.as_bytes()[start..]));
        self.text.push(' ');
        self.text.len()
    }
}

/// Vowel marks, tatweel and joiners, which one copy of a text has and another not.
fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x300..=0x36f | 0x610..=0x61a | 0x640 | 0x64b..=0x65f | 0x670 | 0x6d6..=0x6ed | 0x200b..=0x200f)
}

/// Characters that are words: Chinese, Japanese, Thai and their like have no spaces.
fn stands_alone(c: char) -> bool {
    matches!(c as u32, 0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x2e80..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

/// Each bit is what most of the features say (Charikar, "Similarity estimation techniques
/// from rounding algorithms", 2002).
fn simhash(words: &[u64]) -> u64 {
    let mut counts = Counts::default();
    let features = words.len().saturating_sub(GRAM - 1);
    for gram in words.windows(GRAM) {
        let mixed = gram.iter().fold(0_u64, |mixed, word| {
            (mixed.rotate_left(21) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        counts.add(mixed);
    }
    if features == 0 && !words.is_empty() {
        let all: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        return xxh3_64_with_seed(&all, 1);
    }
    counts.majority(features)
}

/// How often each bit was set, for 64 bits at once: bit `n` of `planes[p]` is bit `p` of the
/// count of bit `n`. A ripple of two planes on average, where a counter a bit takes 64 steps.
#[derive(Default)]
struct Counts {
    planes: [u64; 32],
}

impl Counts {
    fn add(&mut self, bits: u64) {
        let mut carry = bits;
        for plane in &mut self.planes {
            let next = *plane & carry;
            *plane ^= carry;
            carry = next;
            if carry == 0 {
                return;
            }
        }
    }

    /// The bits that were set in more than half of `total` additions.
    fn majority(&self, total: usize) -> u64 {
        let half = u64::try_from(total / 2).unwrap_or(u64::MAX);
        let mut bits = 0;
        for bit in 0..64 {
            let planes = self.planes.iter().enumerate();
            let count: u64 = planes
                .map(|(place, plane)| (plane >> bit & 1) << place)
                .sum();
            bits |= u64::from(count > half) << bit;
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The harbour board in Fennick Sound voted on Tuesday to keep the night \
        ferry running through the winter, ending six weeks of uncertainty for crews and island \
        traders. Members approved a revised timetable with two sailings instead of three, and \
        set aside money to replace the ageing ramp at the north pier before the first storms.";
    const OTHER: &str = "Volunteers in Marlow Heath finished counting the spring toad crossing on \
        Sunday night, and the total was the highest since the survey began twelve years ago. The \
        group carried buckets along the lower road between dusk and midnight, helped by a limit.";

    #[test]
    fn case_spaces_and_marks_make_no_difference() {
        let rows = [
            ("Night ferry  stays.", "night ferry\n\nstays"),
            ("“Night” ferry—stays", "night ferry stays"),
            ("أَعلَنَتْ بَلَديّة المينـاء", "أعلنت بلدية الميناء"),
            ("夜间渡轮，继续", "夜间渡轮 继续"),
        ];
        for (a, b) in rows {
            assert_eq!(Fingerprint::of(a), Fingerprint::of(b), "{a}");
        }
        assert_ne!(
            Fingerprint::of("night ferry").text_hash,
            Fingerprint::of("nightferry").text_hash
        );
    }

    #[test]
    fn near_duplicates_are_near_and_others_far() {
        let one = Fingerprint::of(TEXT);
        let long = [TEXT, OTHER, TEXT].join(" ");
        let edited = long.replace("six weeks", "seven weeks");
        let near = Fingerprint::of(&long).distance(Fingerprint::of(&edited));
        assert!(near <= 10, "{near}");
        let far = one.distance(Fingerprint::of(OTHER));
        assert!((16..=48).contains(&far), "{far}");
        let chinese =
            "港务委员会周二投票决定，夜间渡轮在整个冬季继续运营，结束了岛上商贩六个星期的不安。"
                .repeat(3);
        let changed = chinese.replacen("周二", "周三", 1);
        let near = Fingerprint::of(&chinese).distance(Fingerprint::of(&changed));
        assert!(near <= 8, "{near}");
    }

    #[test]
    fn counts_agree_with_counters() {
        let mut counts = Counts::default();
        let mut plain = [0_u32; 64];
        let mut bits = 1_u64;
        for _ in 0..999 {
            bits = xxh3_64(&bits.to_le_bytes());
            counts.add(bits);
            for (bit, count) in plain.iter_mut().enumerate() {
                *count += u32::from(bits >> bit & 1 == 1);
            }
        }
        let bits = plain.iter().enumerate();
        let expected: u64 = bits
            .map(|(bit, count)| u64::from(*count > 499) << bit)
            .sum();
        assert_eq!(counts.majority(999), expected);
    }

    #[test]
    fn short_texts_have_fingerprints_too() {
        let texts = ["", "a", "a b", "a b c"].map(Fingerprint::of);
        for (at, one) in texts.iter().enumerate() {
            assert!(
                texts[at + 1..]
                    .iter()
                    .all(|other| other.text_hash != one.text_hash)
            );
        }
        assert_eq!(Fingerprint::of("").simhash, 0);
    }
}
