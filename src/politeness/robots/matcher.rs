//! All rules of one robots.txt that bind us, indexed for one question: which rule decides?
//!
//! The literal prefixes of the rules (up to the first `*`) form a tree of their common
//! beginnings, so that all prefixes of a path lie on one way down. A node keeps the best rule
//! without a wildcard; one with a wildcard is tried only when each pair of neighbouring octets
//! in it occurs somewhere in the path, which a 64-bit mask tells almost always.
//!
//! The rules of thousands of sites are in memory at once: the tree is one buffer (its form is
//! told in `build`), which stores once what rules have in common.

use super::build::Build;
use super::packed::Cursor;
use super::pattern::{Pattern, tail_matches};
use std::cmp::Reverse;
use std::ops::Range;

/// A rule as it was read: its pattern, whether it allows, and its line.
pub(super) type Read = (Pattern, bool, u32);

/// The rules, indexed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Matcher {
    /// Nodes, each after its children, and rules with a wildcard.
    pub(super) packed: Box<[u8]>,
    /// Where the root is.
    pub(super) root: u32,
    /// Of each rule with a wildcard: its pairs of octets …
    pub(super) pairs: Box<[u64]>,
    /// … and where its record is.
    pub(super) wild: Box<[u32]>,
    /// Rules kept.
    pub(super) rules: u32,
}

/// A rule that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: u32,
    pub(super) allow: bool,
    pub(super) anchored: bool,
    weight: u32,
    /// The node that holds its prefix.
    node: u32,
    /// Its record, if it has a wildcard.
    wild: Option<u32>,
}

/// A node as it is stored.
pub(super) struct Node<'a> {
    label: &'a [u8],
    plain: Option<Found>,
    wild: Range<usize>,
    /// First octets of the children's labels, ascending …
    firsts: &'a [u8],
    /// … and where they are, three bytes each, ascending.
    offsets: &'a [u8],
}

impl Found {
    /// The longest match wins, an allow among equals (RFC 9309 2.2.2).
    fn rank(&self) -> (u32, bool) {
        (self.weight, self.allow)
    }

    /// Against one further up in the tree; among equals one without a wildcard stays.
    fn beats(&self, best: Option<Self>) -> bool {
        best.is_none_or(|best| {
            self.rank() > best.rank() || best.wild.is_some() && self.rank() == best.rank()
        })
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
    pub(super) fn deciding(&self, path: &str) -> Option<Found> {
        let mut best = None;
        let mut pairs_of_path = None;
        let (mut at, mut depth) = (self.root, 0);
        while let Some(node) = self.node(at) {
            let rest = path.as_bytes().get(depth..)?;
            if !rest.starts_with(node.label) {
                break;
            }
            depth += node.label.len();
            best = node.plain.filter(|plain| plain.beats(best)).or(best);
            if !node.wild.is_empty() {
                let seen = *pairs_of_path.get_or_insert_with(|| pairs(path));
                best = self.better(best, at, &node, &path[depth..], seen);
            }
            let next = rest.get(node.label.len());
            match next.and_then(|first| node.child(*first)) {
                Some(child) => at = child,
                None => break,
            }
        }
        best
    }

    /// The text of a rule's pattern, in normal form. A node's offset lies between those of the
    /// child that it descends from and of the one before.
    pub(super) fn pattern(&self, found: &Found) -> String {
        let (mut text, mut at) = (Vec::new(), self.root);
        while let Some(node) = self.node(at) {
            text.extend_from_slice(node.label);
            let below = node.children().find(|child| *child >= found.node);
            match below {
                Some(child) if at != found.node => at = child,
                _ => break,
            }
        }
        if let Some(record) = found.wild {
            text.extend_from_slice(self.wild_at(record, found.node).1);
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Rules kept.
    pub(super) fn len(&self) -> usize {
        self.rules as usize
    }

    fn better(
        &self,
        mut best: Option<Found>,
        at: u32,
        node: &Node<'_>,
        rest: &str,
        seen: u64,
    ) -> Option<Found> {
        let masks = self.pairs.get(node.wild.clone()).unwrap_or_default();
        for (mask, index) in masks.iter().zip(node.wild.clone()) {
            if mask & !seen != 0 {
                continue;
            }
            let (rule, tail) = self.wild_at(*self.wild.get(index)?, at);
            if !rule.beats(best) {
                break;
            }
            let tail = str::from_utf8(tail).unwrap_or_default();
            if tail_matches(tail, rule.anchored, rest) {
                best = Some(rule);
                break;
            }
        }
        best
    }

    fn node(&self, at: u32) -> Option<Node<'_>> {
        let mut cursor = Cursor::at(&self.packed, at)?;
        let head = cursor.number();
        let label = cursor.take(head >> 3);
        let plain = (head & Build::PLAIN != 0).then(|| {
            let line = cursor.number();
            Found {
                line: line >> 1,
                allow: line & 1 != 0,
                anchored: false,
                weight: cursor.number(),
                node: at,
                wild: None,
            }
        });
        let mut wild = 0..0;
        if head & Build::WILD != 0 {
            let first = cursor.number() as usize;
            wild = first..first + cursor.number() as usize;
        }
        let mut children = 0;
        if head & Build::CHILDREN != 0 {
            children = cursor.number();
        }
        Some(Node {
            label,
            plain,
            wild,
            firsts: cursor.take(children),
            offsets: cursor.take(3 * children),
        })
    }

    /// A rule with a wildcard under the node at `node`, and what follows its prefix.
    fn wild_at(&self, record: u32, node: u32) -> (Found, &[u8]) {
        let mut cursor = Cursor::at(&self.packed, record).unwrap_or_default();
        let line = cursor.number();
        let found = Found {
            line: line >> 2,
            allow: line & 2 != 0,
            anchored: line & 1 != 0,
            weight: cursor.number(),
            node,
            wild: Some(record),
        };
        let length = cursor.number();
        (found, cursor.take(length))
    }
}

impl Node<'_> {
    fn child(&self, first: u8) -> Option<u32> {
        let index = self.firsts.iter().position(|known| *known == first)?;
        self.children().nth(index)
    }

    fn children(&self) -> impl Iterator<Item = u32> {
        let (offsets, _) = self.offsets.as_chunks::<3>();
        offsets
            .iter()
            .map(|[a, b, c]| u32::from_le_bytes([*a, *b, *c, 0]))
    }
}

/// By prefix; of each, rules without a wildcard first, the best of each kind first.
fn order(read: &Read) -> (&str, bool, Reverse<(u32, bool)>, u32) {
    let (pattern, allow, line) = read;
    let rank = Reverse((pattern.weight, *allow));
    (pattern.prefix(), !pattern.is_plain(), rank, *line)
}

/// Which pairs of neighbouring octets occur, hashed to 64 bits; pairs with a star are left out.
pub(super) fn pairs(text: &str) -> u64 {
    let mut mask = 0;
    for pair in text.as_bytes().windows(2) {
        if pair[0] != b'*' && pair[1] != b'*' {
            let mixed = (u32::from(pair[0]) * 0x9E5) ^ (u32::from(pair[1]) * 0x2F1D);
            mask |= 1 << ((mixed >> 3) & 63);
        }
    }
    mask
}
