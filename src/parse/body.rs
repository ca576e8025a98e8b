//! Where on a page the story stands: the block with the densest text that is no furniture.

use super::boilerplate::Nature;
use super::cards;
use super::page::Page;
use super::spread::Spread;
use ego_tree::NodeId;
use std::collections::HashSet;

/// The part of a page that holds its story.
pub(super) struct Body {
    /// Index of the block in [`Page::blocks`].
    pub(super) block: usize,
    /// Text in it outside of furniture, counted as in [`Spread`].
    pub(super) text: usize,
    /// The part of `text` inside anchors.
    pub(super) linked: usize,
    /// How strongly the element says that it is a body.
    pub(super) hint: usize,
    /// Headings that are links, and elements that present another story.
    pub(super) teasers: usize,
    /// Elements that are furniture, wherever they stand, and lists of other stories inside.
    pub(super) furniture: HashSet<NodeId>,
}

/// Text of one's own that makes a block a paragraph, counted as in [`Spread`].
const PARAGRAPH: usize = 25;

/// Finds the body; `None` when the page has no running text at all.
pub(super) fn find(page: &Page<'_>) -> Option<Body> {
    let blocks = &page.blocks;
    let furniture = furniture(blocks);
    let points = points(blocks, &furniture);
    let scores = scores(blocks, &points, &furniture);
    let best = (1..blocks.len())
        .filter(|&at| scores[at] > 0)
        .max_by_key(|&at| (scores[at], std::cmp::Reverse(at)))?;
    let mass = masses(blocks, &points);
    let block = widened(blocks, &mass, best);
    Some(measured(page, block, &furniture))
}

/// The blocks that could be the body with their scores, best first.
pub(super) fn ranked(page: &Page<'_>) -> Vec<(usize, usize)> {
    let furniture = furniture(&page.blocks);
    let points = points(&page.blocks, &furniture);
    let scores = scores(&page.blocks, &points, &furniture);
    let mut ranked: Vec<_> = scores.into_iter().enumerate().skip(1).collect();
    ranked.retain(|(_, score)| *score > 0);
    ranked.sort_by_key(|(at, score)| (std::cmp::Reverse(*score), *at));
    ranked
}

/// Which blocks are furniture: they or a block around them say so. One that only bears such a
/// name but holds half of the page's running text is none.
fn furniture(blocks: &[Spread]) -> Vec<bool> {
    let certain = inherited(blocks, |at| blocks[at].nature == Nature::Furniture);
    let mass = masses(blocks, &points(blocks, &certain));
    let all = mass.first().copied().unwrap_or(0);
    inherited(blocks, |at| match blocks[at].nature {
        Nature::Plain => false,
        Nature::Furniture => true,
        Nature::Suspect => mass[at] * 2 < all || all == 0,
    })
}

/// A property that a block has itself or from a block around it.
fn inherited(blocks: &[Spread], own: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut flags = vec![false; blocks.len()];
    for at in 1..blocks.len() {
        flags[at] = flags[blocks[at].parent] || own(at);
    }
    flags
}

/// What each block's own text is worth: little for short or linked text.
fn points(blocks: &[Spread], furniture: &[bool]) -> Vec<usize> {
    let worth = |(at, block): (usize, &Spread)| {
        let heading = block.tag.starts_with('h') && block.tag.len() == 2;
        if furniture[at] || heading || block.own < PARAGRAPH {
            return 0;
        }
        let full = 10 + block.commas.min(10) * 5 + (block.own / 10).min(60);
        full * (block.own - block.own_linked) / block.own
    };
    blocks.iter().enumerate().map(worth).collect()
}

/// A paragraph's worth goes to the block around it, and half of it to the one around that; a
/// block that is itself a container keeps its own.
fn scores(blocks: &[Spread], points: &[usize], furniture: &[bool]) -> Vec<usize> {
    let mut scores = vec![0_usize; blocks.len()];
    for at in (1..blocks.len()).rev() {
        let block = &blocks[at];
        let leaf = matches!(block.tag, "p" | "li" | "blockquote" | "pre" | "dd");
        let near = if leaf { block.parent } else { at };
        let far = blocks[near].parent;
        scores[near] += points[at];
        scores[far] += points[at] / 2;
    }
    for (at, block) in blocks.iter().enumerate() {
        if furniture[at] {
            scores[at] = 0;
            continue;
        }
        let unlinked = block.total - block.linked;
        let boost = [4, 5, 8, 20][block.hint.min(3)];
        scores[at] = scores[at] * boost / 4 * unlinked / block.total.max(1);
    }
    scores
}

/// The worth of each whole subtree.
fn masses(blocks: &[Spread], points: &[usize]) -> Vec<usize> {
    let mut mass = points.to_vec();
    for at in (1..blocks.len()).rev() {
        mass[blocks[at].parent] += mass[at];
    }
    mass
}

/// Takes the block around while it adds much running text: bodies are cut in two by
/// advertisements.
fn widened(blocks: &[Spread], mass: &[usize], best: usize) -> usize {
    let mut block = best;
    let mut at = best;
    while blocks[at].parent != 0 && !matches!(blocks[block].tag, "article" | "body") {
        at = blocks[at].parent;
        if matches!(blocks[at].tag, "body" | "html") {
            break;
        }
        let mostly_linked = blocks[at].linked * 2 > blocks[at].total;
        if mass[at] * 4 >= mass[block] * 5 && !mostly_linked {
            block = at;
        }
    }
    block
}

fn measured(page: &Page<'_>, block: usize, flags: &[bool]) -> Body {
    let blocks = &page.blocks;
    let end = end_of(blocks, block);
    let inside = || (block..end).filter(|&at| !flags[at]);
    let teasers = page.anchors.iter().filter(|anchor| {
        let at = anchor.block;
        let heading = matches!(blocks[at].tag, "h2" | "h3" | "h4");
        (block..end).contains(&at) && heading && blocks[at].own_linked * 10 >= blocks[at].own * 9
    });
    let lists = cards::lists(blocks, block, end);
    let stories = (block + 1..end).filter(|&at| blocks[at].tag == "article");
    Body {
        block,
        text: inside().map(|at| blocks[at].own).sum(),
        linked: inside().map(|at| blocks[at].own_linked).sum(),
        hint: blocks[block].hint,
        teasers: teasers.count().max(stories.count()),
        furniture: (1..blocks.len())
            .filter(|&at| flags[at] && !flags[blocks[at].parent])
            .chain(lists)
            .map(|at| blocks[at].node)
            .collect(),
    }
}

/// The index behind the last block inside a block.
pub(super) fn end_of(blocks: &[Spread], block: usize) -> usize {
    let mut end = block + 1;
    // A block stands inside when its parent is in the run that began with `block`.
    while end < blocks.len() && blocks[end].parent >= block {
        end += 1;
    }
    end
}
