//! A story's body as blocks in reading order, with what is no story left out.

use super::body::Body;
use super::page::Page;
use super::walk::{Attributes, Step, Walk, attribute, push_spaced, spaced, text_of};
use super::wording;
use super::{Block, Image};
use crate::normal::NormalUrl;
use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// Most pictures, and most links in running text, that are kept.
const MOST: usize = 500;
/// Longest cell of a table that is data and not layout, in bytes.
const LONGEST_CELL: usize = 200;

/// The blocks of a body, and the anchors in its running text as (`href`, text).
#[derive(Default)]
pub(super) struct Written<'t> {
    pub(super) blocks: Vec<Block>,
    pub(super) images: Vec<Image>,
    pub(super) inline: Vec<(&'t str, String)>,
}

struct Writer<'p, 't> {
    page: &'p Page<'t>,
    body: &'p Body,
    out: Written<'t>,
    text: String,
    linked: usize,
    breaks: usize,
    anchor: Option<(&'t str, usize)>,
    anchors: Vec<(&'t str, String)>,
    /// Open list items, quotes and headings, innermost last.
    around: Vec<&'static str>,
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
        },
        text: String::new(),
        linked: 0,
        breaks: 0,
        anchor: None,
        anchors: Vec::new(),
        around: Vec::new(),
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
        if self.breaks > 0 && !text.trim().is_empty() {
            self.breaks = 0;
        }
        push_spaced(&mut self.text, text);
    }

    /// Two breaks in a row end a paragraph; one is a space.
    fn line_break(&mut self) {
        self.breaks += 1;
        if self.breaks > 1 {
            self.flush();
        } else {
            push_spaced(&mut self.text, " ");
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
        if text.is_empty() {
            return;
        }
        let around = self.around.last().copied().unwrap_or("p");
        let wholly_linked = linked * 10 >= text.len() * 9;
        if wording::is_furniture(&text) || (wholly_linked && !around.starts_with('h')) {
            return;
        }
        anchors.retain(|(href, text)| !href.starts_with('#') && !text.is_empty());
        anchors.truncate(MOST.saturating_sub(self.out.inline.len()));
        self.out.inline.append(&mut anchors);
        let level = around
            .strip_prefix('h')
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
        let Some(image) = image_in(self.page, node) else {
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

/// The picture in a figure or image element.
pub(super) fn image_in(page: &Page<'_>, node: NodeRef<'_, Node>) -> Option<Image> {
    let url = NormalUrl::join(&page.base, &picture_source(node)?).ok()?;
    Some(Image {
        url: url.as_str().to_owned(),
        caption: caption_of(node),
        credit: None,
    })
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

/// The address of the picture in an element: of its `img`, or where that is only a stand-in
/// until a script runs, of the one in `noscript`.
fn picture_source(node: NodeRef<'_, Node>) -> Option<String> {
    let (mut lazy, mut plain) = (None, None);
    for step in Walk::new(node) {
        let Step::Open(inner, element) = step else {
            continue;
        };
        match element.name() {
            "img" => {
                plain = plain.or_else(|| attribute(element, "src").filter(|src| is_picture(src)));
                let data = ["data-src", "data-original", "data-lazy-src"];
                lazy = lazy.or_else(|| data.iter().find_map(|name| attribute(element, name)));
            }
            "noscript" => {
                if let Some(source) = noscript_source(inner) {
                    return Some(source);
                }
            }
            _ => {}
        }
    }
    let first_of_set = |set: &str| {
        set.split([' ', ','])
            .find(|s| !s.is_empty())
            .map(str::to_owned)
    };
    plain
        .map(str::to_owned)
        .or_else(|| lazy.and_then(first_of_set))
}

fn is_picture(source: &str) -> bool {
    let source = source.trim();
    !source.is_empty() && !source.starts_with("data:")
}

/// `noscript` is text to a parser that runs scripts, as ours pretends to.
fn noscript_source(node: NodeRef<'_, Node>) -> Option<String> {
    let raw = node
        .children()
        .find_map(|child| child.value().as_text().map(|text| &**text))?;
    let tag = &raw[raw.find("<img")?..];
    let tag = &tag[..tag.find('>')?];
    let value = tag[tag.find(" src=")? + 5..].trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next()?,
        None => value.split_ascii_whitespace().next()?,
    };
    is_picture(value).then(|| value.replace("&amp;", "&"))
}

fn caption_of(node: NodeRef<'_, Node>) -> Option<String> {
    let caption = node.descendants().find(|inner| {
        let element = inner.value().as_element();
        element.is_some_and(|element| element.name() == "figcaption")
    })?;
    Some(spaced(&text_of(caption))).filter(|text| !text.is_empty())
}
