//! Building the tree of a [`Matcher`].
//!
//! ```text
//! node  label's length and flags, label, [rule], [first wild, wilds], [children, their first octets, their offsets]
//! rule  line and allow, weight            wild  line, allow and anchored, weight, length, tail
//! ```
//!
//! All numbers are varints but the offsets, which are three bytes. Rules come sorted by prefix,
//! so the nodes that can still grow are those on the way to the last one: the others are written
//! and forgotten.

use super::PARSED;
use super::matcher::{Matcher, Read, pairs};
use super::packed::put;
use std::mem;

// No rule takes more bytes here than its line did, escapes at three to one and 32 for the node.
const _: () = assert!(PARSED * 8 < 1 << 24, "offsets have three bytes");

/// A tree that grows.
#[derive(Default)]
pub(super) struct Build<'a> {
    packed: Vec<u8>,
    pairs: Vec<u64>,
    wild: Vec<u32>,
    rules: u32,
    /// The prefix that came last.
    last: &'a str,
    root: Open,
    /// Below the root, the nodes on the way to `last`.
    way: Vec<Open>,
}

/// A node that can still grow; its label is `last[start..end]`.
#[derive(Default)]
struct Open {
    start: usize,
    end: usize,
    /// Line and allow, and the weight.
    plain: Option<(u32, u32)>,
    first_wild: u32,
    wilds: u32,
    /// First octets and offsets.
    children: Vec<(u8, u32)>,
}

impl<'a> Build<'a> {
    pub(super) const PLAIN: u32 = 1;
    pub(super) const WILD: u32 = 2;
    pub(super) const CHILDREN: u32 = 4;

    /// Adds a rule; of several without a wildcard and with one prefix, the first stays.
    pub(super) fn add(&mut self, (pattern, allow, line): &'a Read) {
        let prefix = pattern.prefix();
        if prefix != self.last {
            let shared = common(self.last, prefix);
            self.close(shared);
            self.last = prefix;
            self.way.push(Open {
                start: shared,
                end: prefix.len(),
                ..Open::default()
            });
        }
        if pattern.is_plain() {
            let node = self.top();
            if node.plain.is_none() {
                node.plain = Some((line << 1 | u32::from(*allow), pattern.weight));
                self.rules += 1;
            }
            return;
        }
        let tail = &pattern.text[prefix.len()..];
        let (record, index) = (size(&self.packed), size(&self.wild));
        let flags = u32::from(*allow) << 1 | u32::from(pattern.anchored);
        put(&mut self.packed, line << 2 | flags);
        put(&mut self.packed, pattern.weight);
        put(&mut self.packed, size(tail.as_bytes()));
        self.packed.extend_from_slice(tail.as_bytes());
        self.pairs.push(pairs(tail));
        self.wild.push(record);
        self.rules += 1;
        let node = self.top();
        if node.wilds == 0 {
            node.first_wild = index;
        }
        node.wilds += 1;
    }

    pub(super) fn finish(mut self) -> Matcher {
        self.close(0);
        let root = mem::take(&mut self.root);
        let root = self.write(&root);
        Matcher {
            packed: self.packed.into(),
            root,
            pairs: self.pairs.into(),
            wild: self.wild.into(),
            rules: self.rules,
        }
    }

    fn top(&mut self) -> &mut Open {
        self.way.last_mut().unwrap_or(&mut self.root)
    }

    /// Writes the nodes that end below `shared`: nothing more can come under them.
    fn close(&mut self, shared: usize) {
        while let Some(mut node) = self.way.pop_if(|node| node.end > shared) {
            let above = self.top().end;
            if above < shared {
                // The new way parts from the old one inside of this node's label.
                node.start = shared;
                self.way.push(Open {
                    start: above,
                    end: shared,
                    ..Open::default()
                });
            }
            let first = self.last.as_bytes()[node.start];
            let at = self.write(&node);
            self.top().children.push((first, at));
        }
    }

    fn write(&mut self, node: &Open) -> u32 {
        let at = size(&self.packed);
        let label = &self.last.as_bytes()[node.start..node.end];
        let out = &mut self.packed;
        let mut head = size(label) << 3;
        head |= node.plain.map_or(0, |_| Self::PLAIN);
        head |= if node.wilds > 0 { Self::WILD } else { 0 };
        head |= if node.children.is_empty() {
            0
        } else {
            Self::CHILDREN
        };
        put(out, head);
        out.extend_from_slice(label);
        if let Some((line, weight)) = node.plain {
            put(out, line);
            put(out, weight);
        }
        if node.wilds > 0 {
            put(out, node.first_wild);
            put(out, node.wilds);
        }
        if !node.children.is_empty() {
            put(out, size(&node.children));
            out.extend(node.children.iter().map(|(first, _)| first));
            let offsets = node.children.iter().map(|(_, at)| at.to_le_bytes());
            out.extend(offsets.flat_map(|[a, b, c, _]| [a, b, c]));
        }
        at
    }
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// How many; a robots.txt is cut at half a mebibyte, so that it is far below `u32::MAX`.
fn size<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
