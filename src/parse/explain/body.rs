//! Blocks that could hold the story, by what they score.

use super::{Candidate, Read};
use crate::parse::body::ranked;
use crate::parse::page::Page;
use crate::parse::walk::Attributes;

/// How many of the best are told.
const TOLD: usize = 6;

pub(super) fn candidates(read: &Read<'_, '_>) -> Vec<Candidate> {
    let taken = read.body.map(|body| body.block);
    let mut ranked = ranked(read.page);
    ranked.truncate(TOLD);
    if let Some(taken) = taken.filter(|taken| !ranked.iter().any(|(at, _)| at == taken)) {
        ranked.insert(0, (taken, 0));
    }
    let candidates = ranked.into_iter().map(|(at, score)| {
        let block = &read.page.blocks[at];
        let source = format!("{} characters, score {score}", block.total);
        let around = taken.is_some_and(|taken| block.parent == taken);
        let lost = if taken == Some(at) {
            None
        } else if around {
            Some("the block around it holds more of the story")
        } else {
            Some("scores less, or stands inside of what was taken")
        };
        Candidate::new(name(read.page, at), source, lost)
    });
    candidates.collect()
}

/// A block as a selector would name it: `div.article-body`.
fn name(page: &Page<'_>, at: usize) -> String {
    let block = &page.blocks[at];
    let node = page.html.tree.get(block.node);
    let element = node.and_then(|node| node.value().as_element());
    let attributes = element.map(Attributes::of).unwrap_or_default();
    let mut name = block.tag.to_owned();
    if !attributes.id.is_empty() {
        name.push('#');
        name.push_str(attributes.id.trim());
    }
    for class in attributes.class.split_ascii_whitespace().take(3) {
        name.push('.');
        name.push_str(class);
    }
    name
}
