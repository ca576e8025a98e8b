//! How text is spread over the blocks of a page.

use super::boilerplate;
use super::walk::Attributes;
use ego_tree::NodeId;

/// How much text a block element holds. Counted are characters that are no space; one that
/// stands for a syllable or word (CJK) counts three.
pub(super) struct Spread {
    pub(super) node: NodeId,
    pub(super) parent: usize,
    pub(super) tag: &'static str,
    /// Text that stands directly in it or in inline elements.
    pub(super) own: usize,
    /// The part of `own` inside anchors.
    pub(super) own_linked: usize,
    /// Commas and stops of any script in `own`.
    pub(super) commas: usize,
    /// As `own` and `own_linked`, for the whole subtree.
    pub(super) total: usize,
    pub(super) linked: usize,
    /// What the element says of itself.
    pub(super) nature: boilerplate::Nature,
    /// How strongly it says that it is the body of a story.
    pub(super) hint: usize,
    /// Whether it is called a place for related stories.
    pub(super) related: bool,
}

impl Spread {
    /// A block that holds no text yet.
    pub(super) fn new(
        node: NodeId,
        parent: usize,
        tag: &'static str,
        attributes: &Attributes<'_>,
    ) -> Self {
        let nature = boilerplate::nature(tag, attributes);
        Self {
            node,
            parent,
            tag,
            own: 0,
            own_linked: 0,
            commas: 0,
            total: 0,
            linked: 0,
            nature,
            hint: boilerplate::body_hint(tag, attributes),
            related: nature == boilerplate::Nature::Suspect && boilerplate::is_related(attributes),
        }
    }
}

/// The block elements, as a name that outlives the page.
pub(super) fn block_name(name: &str) -> Option<&'static str> {
    const BLOCKS: [&str; 41] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hgroup",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
        "button",
    ];
    match name {
        "a" | "span" | "b" | "i" | "em" | "strong" | "img" | "br" => None,
        "div" => Some("div"),
        "p" => Some("p"),
        "li" => Some("li"),
        other => BLOCKS.iter().find(|block| **block == other).copied(),
    }
}

/// How much a text counts, and how many commas and stops it has.
pub(super) fn measure(text: &str) -> (usize, usize) {
    let (mut length, mut commas) = (0, 0);
    if text.is_ascii() {
        let visible = text.bytes().filter(|b| *b > b' ').count();
        let stops = text.bytes().filter(|b| matches!(b, b',' | b'.' | b';'));
        return (visible, stops.count());
    }
    for c in text.chars() {
        match c {
            ',' | '.' | ';' | '،' | '؛' | '۔' => {
                length += 1;
                commas += 1;
            }
            '、' | '。' | '，' | '．' | '；' => {
                length += 3;
                commas += 1;
            }
            c if (c as u32) < 0x80 => length += usize::from(c > ' '),
            c if is_wide(c) => length += 3,
            c => length += usize::from(!c.is_whitespace()),
        }
    }
    (length, commas)
}

/// A character of Chinese, Japanese or Korean, which are written without spaces or in
/// syllables.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff00..=0xff60 | 0x2_0000..=0x3_ffff)
}
