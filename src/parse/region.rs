//! The head of a story as the reader sees it, between its headline and its text.

use super::Image;
use super::blocks;
use super::body::{self, Body};
use super::headline::Headline;
use super::page::Page;
use super::walk::text_of;

/// How many blocks above the headline may hold its date or byline.
const ABOVE: usize = 6;

/// What stands between the headline and the body: byline, date, standfirst.
pub(super) struct Region<'p, 't> {
    pub(super) page: &'p Page<'t>,
    start: usize,
    end: usize,
}

impl<'p, 't> Region<'p, 't> {
    pub(super) fn of(page: &'p Page<'t>, headline: Option<&Headline>, body: Option<&Body>) -> Self {
        let headline = headline.and_then(|found| found.block);
        let (body_start, body_end) = body.map_or((page.blocks.len(), page.blocks.len()), |body| {
            (body.block, body::end_of(&page.blocks, body.block))
        });
        let start = headline.unwrap_or(body_start);
        // A headline inside the body has its byline there too, before the first paragraph.
        let end = if start < body_start {
            body_start
        } else {
            let long = |at: &usize| page.blocks[*at].own >= 100 && *at > start;
            (start..body_end).find(long).unwrap_or(body_end)
        };
        Self { page, start, end }
    }

    /// Whether a mark stands in it, or shortly above the headline.
    pub(super) fn holds(&self, place: usize) -> bool {
        (self.start.saturating_sub(ABOVE) + 1..=self.end).contains(&place)
    }

    /// The first figure in it.
    pub(super) fn picture(&self) -> Option<Image> {
        let blocks = &self.page.blocks;
        let mut inside = self.start..self.end.min(blocks.len());
        inside.find_map(|at| {
            let figure = blocks[at].tag == "figure";
            let node = figure.then(|| self.page.html.tree.get(blocks[at].node));
            node.flatten()
                .and_then(|node| blocks::image_in(self.page, node))
        })
    }

    /// The short lines of text in it, without the headline.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let blocks = &self.page.blocks;
        let tree = &self.page.html.tree;
        (self.start + 1..self.end.min(blocks.len())).filter_map(move |at| {
            let short = (1..100).contains(&blocks[at].own) && blocks[at].total == blocks[at].own;
            short
                .then(|| tree.get(blocks[at].node).map(text_of))
                .flatten()
        })
    }
}
