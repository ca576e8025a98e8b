//! A story's body as blocks in reading order, with what is no story left out.

use super::body::Body;
use super::page::Page;
use super::pictures;
use super::walk::{Attributes, Step, Walk, attribute, push_spaced};
use super::wording;
use super::{Block, Image};
use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// Most pictures, and most links in running text, that are kept.
const MOST: usize = 500;
/// Longest cell of a table that is data and not layout, in bytes.
const LONGEST_CELL: usize = 200;
/// Shortest text that is no story's own when it comes again, in bytes.
const REPEATED: usize = 60;
/// Longest text that is a heading, in bytes.
const LONGEST_HEADING: usize = 400;
/// Most lines of the head that are noted, and longest that is one, in bytes.
const MOST_LINES: usize = 12;
const LONGEST_LINE: usize = 200;

/// The blocks of a body, and the anchors in its running text as (`href`, text).
#[derive(Default)]
pub(super) struct Written<'t> {
    pub(super) blocks: Vec<Block>,
    pub(super) images: Vec<Image>,
    pub(super) inline: Vec<(&'t str, String)>,
    /// The short lines before the first long one.
    pub(super) head: Vec<String>,
}

struct Writer<'p, 't> {
    page: &'p Page<'t>,
    body: &'p Body,
    out: Written<'t>,
    text: String,
    linked: usize,
    /// How much of `text` is bold, and how many elements make it so.
    bold: usize,
    in_bold: usize,
    breaks: usize,
    anchor: Option<(&'t str, usize)>,
    anchors: Vec<(&'t str, String)>,
    /// Open list items, quotes and headings, innermost last.
    around: Vec<&'static str>,
    /// Hashes of the texts that were kept.
    seen: HashSet<u64>,
}

/// Writes out the body of a page.
pub(super) fn write<'t>(page: &Page<'t>, body: &Body) -> Written<'t> {
    let mut writer = Writer {
        page,
        body,
        out: Written {
            blocks: Vec::new(),
            images: Vec::new(),
            inline: Vec::new(),
            head: Vec::new(),
        },
        text: String::new(),
        linked: 0,
        bold: 0,
        in_bold: 0,
        breaks: 0,
        anchor: None,
        anchors: Vec::new(),
        around: Vec::new(),
        seen: HashSet::new(),
    };
    if let Some(root) = page.html.tree.get(page.blocks[body.block].node) {
        let mut walk = Walk::new(root);
        while let Some(step) = walk.next() {
            match step {
                Step::Open(node, element) => {
                    if node.id() != root.id() && !writer.open(node, element) {
                        walk.skip_inside();
                    }
                }
                Step::Close(element) => writer.close(element.name()),
                Step::Text(text) => writer.push(text),
            }
        }
    }
    writer.flush();
    writer.out
}

impl<'t> Writer<'_, 't> {
    /// Begins an element; false when what is inside is not written.
    fn open(&mut self, node: NodeRef<'t, Node>, element: &'t Element) -> bool {
        let name = element.name();
        if is_no_text(name) {
            return false;
        }
        if matches!(name, "img" | "figure" | "picture") {
            self.picture(node, name == "figure");
            return false;
        }
        if self.body.furniture.contains(&node.id()) || Attributes::of(element).hidden {
            // What is left out still parts what stands before it from what stands behind.
            if is_block(name) {
                self.flush();
            }
            return false;
        }
        match name {
            "br" => self.line_break(),
            "b" | "strong" => self.in_bold += 1,
            "a" => self.anchor = attribute(element, "href").map(|href| (href, self.text.len())),
            "table" if self.table(node) => return false,
            _ if is_block(name) => {
                self.flush();
                self.around.extend(kept_kind(name));
            }
            _ => {}
        }
        true
    }

    fn close(&mut self, name: &str) {
        if name == "a" {
            self.end_anchor();
        } else if matches!(name, "b" | "strong") {
            self.in_bold = self.in_bold.saturating_sub(1);
        } else if is_block(name) {
            self.flush();
            if let Some(kind) = kept_kind(name)
                && self.around.last() == Some(&kind)
            {
                self.around.pop();
            }
        }
    }

    fn push(&mut self, text: &str) {
        let before = self.text.len();
        if self.breaks > 0 && !text.trim().is_empty() {
            self.breaks = 0;
        }
        let begins = self.text.ends_with('\n');
        push_spaced(
            &mut self.text,
            if begins { text.trim_start() } else { text },
        );
        if self.in_bold > 0 {
            self.bold += self.text.len() - before;
        }
    }

    /// Two breaks in a row end a paragraph, and one a line that is wholly bold; else one is
    /// the end of a line.
    fn line_break(&mut self) {
        self.breaks += 1;
        let text = self.text.trim_end().len();
        if self.breaks > 1 || (text > 0 && self.bold * 10 >= text * 9) {
            self.flush();
        } else if text > 0 {
            self.text.truncate(text);
            self.text.push('\n');
        }
    }

    fn end_anchor(&mut self) {
        if let Some((href, start)) = self.anchor.take()
            && let Some(text) = self.text.get(start..)
        {
            self.linked += text.trim().len();
            self.anchors.push((href, text.trim().to_owned()));
        }
    }

    /// Ends the running text and keeps it as a block, if it belongs to the story.
    fn flush(&mut self) {
        self.end_anchor();
        self.breaks = 0;
        let linked = std::mem::take(&mut self.linked);
        let mut anchors = std::mem::take(&mut self.anchors);
        let mut text = std::mem::take(&mut self.text);
        text.truncate(text.trim_end().len());
        self.bold = 0;
        if text.is_empty() {
            return;
        }
        self.note_head(&text);
        let text = text.replace('\n', " ");
        let around = self.around.last().copied().unwrap_or("p");
        let wholly_linked = linked * 10 >= text.len() * 9 || is_row_of_links(&text, &anchors);
        let invites = wording::is_furniture(&text) || is_labelled_link(&text, &anchors);
        if invites || (wholly_linked && !around.starts_with('h')) || self.repeats(&text) {
            return;
        }
        anchors.retain(|(href, text)| !href.starts_with('#') && !text.is_empty());
        anchors.truncate(MOST.saturating_sub(self.out.inline.len()));
        self.out.inline.append(&mut anchors);
        // A heading that was never closed has the story in it.
        let level = around
            .strip_prefix('h')
            .filter(|_| text.len() <= LONGEST_HEADING)
            .and_then(|level| level.parse().ok());
        let kind = match around {
            "li" => "list_item",
            "blockquote" => "quote",
            _ if level.is_some() => "heading",
            _ => "paragraph",
        };
        self.out.blocks.push(Block {
            kind: kind.to_owned(),
            text,
            level,
            ..Block::default()
        });
    }

    /// Whether a text of some length stood here before: a pull quote, a caption shown twice.
    fn repeats(&mut self, text: &str) -> bool {
        text.len() >= REPEATED && !self.seen.insert(xxh3_64(text.as_bytes()))
    }

    fn note_head(&mut self, text: &str) {
        let begun = self
            .out
            .blocks
            .iter()
            .any(|block| block.text.len() > LONGEST_LINE);
        if !begun && self.out.head.len() < MOST_LINES {
            let lines = text.split('\n').filter(|line| line.len() <= LONGEST_LINE);
            self.out.head.extend(lines.map(str::to_owned));
        }
    }

    /// Keeps a table of data as one block, cells parted by tabs and rows by line ends; false
    /// for a table that only lays out the page.
    fn table(&mut self, node: NodeRef<'t, Node>) -> bool {
        let Some(text) = data_table(node) else {
            return false;
        };
        self.flush();
        if !text.trim().is_empty() {
            self.out.blocks.push(Block {
                kind: "table".to_owned(),
                text,
                ..Block::default()
            });
        }
        true
    }

    fn picture(&mut self, node: NodeRef<'t, Node>, figure: bool) {
        let Some(image) = pictures::image_in(self.page, node) else {
            return;
        };
        let known = self.out.images.iter().any(|other| other.url == image.url);
        if known || self.out.images.len() >= MOST {
            return;
        }
        if figure {
            self.flush();
        }
        self.out.blocks.push(Block {
            kind: "image".to_owned(),
            url: Some(image.url.clone()),
            caption: image.caption.clone(),
            ..Block::default()
        });
        self.out.images.push(image);
    }
}

/// Whether a text is a link to the story before or after with its label: `Older: Fish market`.
fn is_labelled_link(text: &str, anchors: &[(&str, String)]) -> bool {
    let [(_, link)] = anchors else {
        return false;
    };
    let label = text.strip_suffix(link.as_str());
    label.is_some_and(|label| wording::labels(label).is_some())
}

/// Whether nothing but punctuation stands between the links of a text: crumbs, tags.
fn is_row_of_links(text: &str, anchors: &[(&str, String)]) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let linked: usize = anchors.iter().map(|(_, link)| letters(link)).sum();
    // A list of places in a story has a word and a colon before it.
    anchors.len() > 1 && !text.contains([':', '：']) && linked >= letters(text)
}

/// Elements whose content a reader does not see as text of the story.
fn is_no_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "embed"
            | "button"
            | "select"
            | "textarea"
            | "nav"
            | "aside"
            | "footer"
            | "video"
            | "audio"
            | "canvas"
            | "figcaption"
            | "caption"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "main"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "th"
            | "thead"
            | "tfoot"
            | "tr"
            | "ul"
    )
}

/// Elements that say what kind of text they hold.
fn kept_kind(name: &str) -> Option<&'static str> {
    ["li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"]
        .into_iter()
        .find(|kind| *kind == name)
}

fn data_table(node: NodeRef<'_, Node>) -> Option<String> {
    let (mut text, mut cell, mut cells) = (String::new(), String::new(), 0);
    for step in Walk::new(node).skip(1) {
        match step {
            Step::Open(_, element) => match element.name() {
                "table" | "p" | "div" | "h1" | "h2" | "article" | "section" | "form" => {
                    return None;
                }
                "br" => push_spaced(&mut cell, " "),
                _ => {}
            },
            Step::Text(piece) => push_spaced(&mut cell, piece),
            Step::Close(element) => match element.name() {
                "td" | "th" => {
                    if cell.len() > LONGEST_CELL {
                        return None;
                    }
                    if !text.is_empty() && !text.ends_with('\n') {
                        text.push('\t');
                    }
                    text.push_str(cell.trim_end());
                    cell.clear();
                    cells += 1;
                }
                "tr" if !text.is_empty() => text.push('\n'),
                _ => {}
            },
        }
    }
    text.truncate(text.trim_end().len());
    (cells >= 4).then_some(text)
}
