//! The stories, read out of the tables in `pages/`.
//!
//! A table is text, so that right-to-left lines can be read and edited as what they are:
//!
//! ```text
//! = section/name | 2026-01-14T08:20:00+00:00 | author | og
//! title
//! subtitle
//! a paragraph
//! ## a subhead
//! + a paragraph that an update adds
//! ```

/// A story as its publisher has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Story {
    /// `section/name`, as it stands in its address.
    pub(super) path: &'static str,
    /// A day, or a time with its offset.
    pub(super) published: &'static str,
    pub(super) author: &'static str,
    /// `json` (JSON-LD and OpenGraph), `og` (OpenGraph) or `bare` (what a reader sees, and no
    /// more); `legacy` for a page in windows-1256, `en` for English among Arabic.
    pub(super) marks: &'static str,
    pub(super) title: &'static str,
    pub(super) subtitle: &'static str,
    pub(super) blocks: Vec<Block>,
}

/// A piece of a story's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(&'static str),
    Subhead(&'static str),
    /// A paragraph that stands there from the second visit on.
    Update(&'static str),
}

impl Story {
    /// The stories of a table, in its order. What lacks a field or a title is left out.
    pub(super) fn table(text: &'static str) -> Vec<Self> {
        let stories = text.split("\n= ").map(|one| one.trim_start_matches("= "));
        stories.filter_map(Self::read).collect()
    }

    fn read(text: &'static str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let mut fields = lines.next()?.split(" | ");
        Some(Self {
            path: fields.next()?,
            published: fields.next()?,
            author: fields.next()?,
            marks: fields.next()?,
            title: lines.next()?,
            subtitle: lines.next()?,
            blocks: lines.map(Block::read).collect(),
        })
    }

    /// The first part of its address.
    pub(super) fn section(&self) -> &'static str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Whether one of the marks is `mark`.
    pub(super) fn has(&self, mark: &str) -> bool {
        self.marks.split(' ').any(|own| own == mark)
    }

    /// Whether it changes after the first visit.
    pub(super) fn is_updated(&self) -> bool {
        let mut blocks = self.blocks.iter();
        blocks.any(|block| matches!(block, Block::Update(_)))
    }

    /// The text of the body at a visit, by paragraphs.
    #[cfg(test)]
    pub(super) fn text(&self, updated: bool) -> String {
        let shown = self.blocks.iter().filter_map(|block| match *block {
            Block::Paragraph(text) | Block::Subhead(text) => Some(text),
            Block::Update(text) => updated.then_some(text),
        });
        shown.collect::<Vec<_>>().join("\n\n")
    }
}

impl Block {
    fn read(line: &'static str) -> Self {
        if let Some(text) = line.strip_prefix("## ") {
            return Self::Subhead(text);
        }
        line.strip_prefix("+ ")
            .map_or(Self::Paragraph(line), Self::Update)
    }
}
