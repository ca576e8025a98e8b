//! All rules of one robots.txt that bind us, indexed for one question: which rule decides?
//!
//! Rules are grouped by their literal prefix (up to the first `*`) and the groups sorted. All
//! prefixes of a path are found by one binary search: they are the group that sorts just before
//! the path, and that group's chain of shorter prefixes. Within a group only the best rule
//! without a wildcard is kept; one with a wildcard is tried only when each pair of neighbouring
//! octets in it occurs somewhere in the path, which a 64-bit mask tells almost always.

use super::pattern::{Pattern, tail_matches};
use std::cmp::Reverse;

const NONE: u32 = u32::MAX;

/// A rule as it was read: its pattern, whether it allows, and its line.
pub(super) type Read = (Pattern, bool, u32);

/// The rules, indexed.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    text: Box<str>,
    rules: Box<[Rule]>,
    groups: Box<[Group]>,
    wild: Box<[Wild]>,
}

#[derive(Debug)]
pub(super) struct Rule {
    start: u32,
    len: u32,
    weight: u32,
    pub(super) line: u32,
    pub(super) allow: bool,
    pub(super) anchored: bool,
}

#[derive(Debug)]
struct Group {
    start: u32,
    len: u32,
    /// The group of the longest proper prefix that has one.
    parent: u32,
    plain: u32,
    wild: std::ops::Range<u32>,
}

#[derive(Debug)]
struct Wild {
    pairs: u64,
    rule: u32,
}

impl Rule {
    /// The longest match wins, an allow among equals (RFC 9309 2.2.2).
    fn rank(&self) -> (u32, bool) {
        (self.weight, self.allow)
    }
}

impl Matcher {
    /// Indexes rules in any order.
    pub(super) fn new(mut read: Vec<Read>) -> Self {
        read.retain(|(pattern, ..)| pattern.text.starts_with(['/', '*']));
        read.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut build = Build::default();
        for rule in &read {
            build.add(rule);
        }
        build.finish()
    }

    /// The rule that decides on a path in normal form, if any matches.
    pub(super) fn deciding(&self, path: &str) -> Option<&Rule> {
        let after = self
            .groups
            .partition_point(|group| self.prefix(group) <= path);
        let mut index = u32::try_from(after.checked_sub(1)?).ok()?;
        let nearest = self.group(index)?;
        let shared = common(self.prefix(nearest), path);
        let mut best: Option<&Rule> = None;
        let mut pairs = None;
        while let Some(group) = self.group(index) {
            if group.len as usize <= shared {
                let seen = *pairs.get_or_insert_with(|| self.pairs_of(path));
                best = self.better(best, group, path, seen);
            }
            index = group.parent;
        }
        best
    }

    /// The text of a rule's pattern, in normal form.
    pub(super) fn pattern(&self, rule: &Rule) -> &str {
        self.slice(rule.start, rule.len)
    }

    /// Rules kept.
    pub(super) fn len(&self) -> usize {
        self.rules.len()
    }

    fn better<'a>(
        &'a self,
        best: Option<&'a Rule>,
        group: &Group,
        path: &str,
        seen: u64,
    ) -> Option<&'a Rule> {
        let plain = self.rules.get(group.plain as usize);
        let mut best = best.max_by_rank(plain);
        let wild = &self.wild[group.wild.start as usize..group.wild.end as usize];
        for candidate in wild.iter().filter(|wild| wild.pairs & !seen == 0) {
            let rule = &self.rules[candidate.rule as usize];
            if best.is_some_and(|best| best.rank() >= rule.rank()) {
                break;
            }
            let tail = &self.pattern(rule)[group.len as usize..];
            if tail_matches(tail, rule.anchored, &path[group.len as usize..]) {
                best = Some(rule);
                break;
            }
        }
        best
    }

    fn pairs_of(&self, path: &str) -> u64 {
        if self.wild.is_empty() { 0 } else { pairs(path) }
    }

    fn group(&self, index: u32) -> Option<&Group> {
        self.groups.get(index as usize)
    }

    fn prefix(&self, group: &Group) -> &str {
        self.slice(group.start, group.len)
    }

    fn slice(&self, start: u32, len: u32) -> &str {
        &self.text[start as usize..start as usize + len as usize]
    }
}

trait MaxByRank<'a> {
    fn max_by_rank(self, other: Option<&'a Rule>) -> Option<&'a Rule>;
}

impl<'a> MaxByRank<'a> for Option<&'a Rule> {
    fn max_by_rank(self, other: Option<&'a Rule>) -> Option<&'a Rule> {
        self.into_iter().chain(other).max_by_key(|rule| rule.rank())
    }
}

/// The state of an index while it grows; rules come sorted by [`order`].
#[derive(Default)]
struct Build {
    text: String,
    rules: Vec<Rule>,
    groups: Vec<Group>,
    wild: Vec<Wild>,
}

impl Build {
    fn add(&mut self, read: &Read) {
        let (pattern, allow, line) = read;
        let prefix = prefix_of(pattern);
        let fresh = self
            .groups
            .last()
            .is_none_or(|last| self.prefix(last) != prefix);
        let plain = is_plain(pattern);
        if !fresh && plain && self.groups.last().is_some_and(|last| last.plain != NONE) {
            return;
        }
        let start = index(self.text.len());
        self.text.push_str(&pattern.text);
        if fresh {
            self.open_group(start, prefix.len());
        }
        let rule = index(self.rules.len());
        self.rules.push(Rule {
            start,
            len: index(pattern.text.len()),
            weight: pattern.weight,
            line: *line,
            allow: *allow,
            anchored: pattern.anchored,
        });
        self.place(rule, plain, pairs(&pattern.text[prefix.len()..]));
    }

    fn place(&mut self, rule: u32, plain: bool, pairs: u64) {
        if !plain {
            self.wild.push(Wild { pairs, rule });
        }
        let end = index(self.wild.len());
        if let Some(group) = self.groups.last_mut() {
            group.wild.end = end;
            if plain {
                group.plain = rule;
            }
        }
    }

    fn open_group(&mut self, start: u32, len: usize) {
        let prefix = &self.text[start as usize..start as usize + len];
        let mut parent = self.groups.len().checked_sub(1).map_or(NONE, index);
        while let Some(group) = self.groups.get(parent as usize) {
            if prefix.starts_with(self.prefix(group)) {
                break;
            }
            parent = group.parent;
        }
        let wild = index(self.wild.len());
        self.groups.push(Group {
            start,
            len: index(len),
            parent,
            plain: NONE,
            wild: wild..wild,
        });
    }

    fn prefix(&self, group: &Group) -> &str {
        &self.text[group.start as usize..group.start as usize + group.len as usize]
    }

    fn finish(self) -> Matcher {
        Matcher {
            text: self.text.into(),
            rules: self.rules.into(),
            groups: self.groups.into(),
            wild: self.wild.into(),
        }
    }
}

/// Groups by prefix; in each, rules without a wildcard first, the best of each kind first.
fn order(read: &Read) -> (&str, bool, Reverse<(u32, bool)>, u32) {
    let (pattern, allow, line) = read;
    let rank = Reverse((pattern.weight, *allow));
    (prefix_of(pattern), !is_plain(pattern), rank, *line)
}

fn prefix_of(pattern: &Pattern) -> &str {
    pattern.text.split('*').next().unwrap_or_default()
}

fn is_plain(pattern: &Pattern) -> bool {
    !pattern.anchored && !pattern.text.contains('*')
}

/// Which pairs of neighbouring octets occur, hashed to 64 bits; pairs with a star are left out.
fn pairs(text: &str) -> u64 {
    let mut mask = 0;
    for pair in text.as_bytes().windows(2) {
        if pair[0] != b'*' && pair[1] != b'*' {
            let mixed = (u32::from(pair[0]) * 0x9E5) ^ (u32::from(pair[1]) * 0x2F1D);
            mask |= 1 << ((mixed >> 3) & 63);
        }
    }
    mask
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// A robots.txt is cut at half a mebibyte, so that indices stay far below `u32::MAX`.
fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(NONE)
}
