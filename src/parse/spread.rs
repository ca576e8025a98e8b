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
        "button",
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
    ];
    match name {
        "a" | "span" | "b" | "i" | "em" | "strong" | "img" | "br" => None,
        "div" => Some("div"),
        "p" => Some("p"),
        "li" => Some("li"),
        other => BLOCKS.binary_search(&other).ok().map(|at| BLOCKS[at]),
    }
}

/// How much a text counts, and how many commas and stops it has.
pub(super) fn measure(text: &str) -> (usize, usize) {
    if text.is_ascii() {
        return measure_ascii(text.as_bytes());
    }
    let (mut length, mut commas) = (0, 0);
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

/// Counts in bytes, of which a processor adds many at once.
fn measure_ascii(text: &[u8]) -> (usize, usize) {
    let (mut length, mut commas) = (0, 0);
    for run in text.chunks(usize::from(u8::MAX)) {
        let (mut visible, mut stops) = (0_u8, 0_u8);
        for &b in run {
            visible += u8::from(b > b' ');
            stops += u8::from(b == b',') + u8::from(b == b'.') + u8::from(b == b';');
        }
        length += usize::from(visible);
        commas += usize::from(stops);
    }
    (length, commas)
}

/// A character of Chinese, Japanese or Korean, which are written without spaces or in
/// syllables.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff00..=0xff60 | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_measures() {
        for name in ["div", "button", "address", "ul", "figcaption"] {
            assert_eq!(block_name(name), Some(name));
        }
        assert_eq!((block_name("span"), block_name("abbr")), (None, None));
        let long = "ab, c. ".repeat(1_000);
        let rows = [
            (long.as_str(), (5_000, 2_000)),
            ("قال، نعم", (7, 1)),
            ("夜。a", (7, 1)),
            (" \n\t", (0, 0)),
        ];
        for (text, counts) in rows {
            assert_eq!(measure(text), counts, "{text}");
        }
    }
}
