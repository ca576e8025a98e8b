//! The head of a story as the reader sees it, between its headline and its text.

use super::Image;
use super::body::{self, Body};
use super::headline::Headline;
use super::page::Page;
use super::pictures;
use super::spread::block_name;
use super::walk::{Attributes, Step, Walk, push_spaced, text_of};

/// How many blocks above the headline may hold its date or byline.
const ABOVE: usize = 6;

/// What stands between the headline and the body: byline, date, standfirst.
pub(super) struct Region<'p, 't> {
    pub(super) page: &'p Page<'t>,
    start: usize,
    end: usize,
    body_end: usize,
    /// The short lines that the body begins with.
    head: &'p [String],
}

impl<'p, 't> Region<'p, 't> {
    pub(super) fn of(
        page: &'p Page<'t>,
        headline: Option<&Headline>,
        body: Option<&Body>,
        head: &'p [String],
    ) -> Self {
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
        Self {
            page,
            start,
            end,
            body_end,
            head,
        }
    }

    /// Whether a mark stands before the end of the body.
    pub(super) fn holds_up_to_end(&self, place: usize) -> bool {
        (self.start + 1..=self.body_end).contains(&place)
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
                .and_then(|node| pictures::image_in(self.page, node))
        })
    }

    /// The short lines of text in it, without the headline, and those that the body begins
    /// with.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.runs().into_iter().chain(self.head.iter().cloned())
    }

    /// The runs of text between the headline and the body, or the first long one, as block
    /// elements part them.
    fn runs(&self) -> Vec<String> {
        let blocks = &self.page.blocks;
        let (Some(first), stop) = (blocks.get(self.start), blocks.get(self.end)) else {
            return Vec::new();
        };
        let mut runs = Runs::default();
        let mut walk = Walk::new(self.page.html.tree.root());
        let mut begun = false;
        while let Some(step) = walk.next() {
            match step {
                Step::Open(node, element) => {
                    if stop.is_some_and(|stop| stop.node == node.id()) || runs.are_enough() {
                        break;
                    }
                    begun |= node.id() == first.node;
                    runs.end_at(element.name());
                    if is_unread(element.name()) || Attributes::of(element).hidden {
                        walk.skip_inside();
                    }
                }
                Step::Close(element) => runs.end_at(element.name()),
                Step::Text(text) if begun => push_spaced(&mut runs.open, text),
                Step::Text(_) => {}
            }
        }
        runs.end();
        // The first is the headline.
        runs.done
            .into_iter()
            .skip(1)
            .filter(|run| run.len() <= LONGEST)
            .collect()
    }

    /// The short lines of the whole page.
    pub(super) fn short_lines(&self) -> impl Iterator<Item = String> + '_ {
        let blocks = self.page.blocks.iter().skip(1);
        let short =
            blocks.filter(|block| (1..200).contains(&block.own) && block.total == block.own);
        short.filter_map(|block| self.page.html.tree.get(block.node).map(text_of))
    }
}

/// Longest line and most lines of a head, in bytes.
const LONGEST: usize = 200;
const MOST: usize = 40;

/// Text between block elements.
#[derive(Default)]
struct Runs {
    done: Vec<String>,
    open: String,
}

impl Runs {
    fn end_at(&mut self, element: &str) {
        if element == "br" || block_name(element).is_some() {
            self.end();
        }
    }

    fn end(&mut self) {
        let run = std::mem::take(&mut self.open);
        if !run.trim().is_empty() {
            self.done.push(run.trim_end().to_owned());
        }
    }

    fn are_enough(&self) -> bool {
        self.done.len() > MOST
    }
}

fn is_unread(element: &str) -> bool {
    matches!(
        element,
        "script" | "style" | "template" | "noscript" | "svg" | "select"
    )
}
