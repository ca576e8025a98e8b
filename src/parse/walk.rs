//! A walk through a tree in document order without recursion, and what an element says in
//! its attributes.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// One step of a walk.
pub(super) enum Step<'t> {
    /// An element begins.
    Open(NodeRef<'t, Node>, &'t Element),
    /// It ends; comes for each that began.
    Close(&'t Element),
    /// Text between tags.
    Text(&'t str),
}

#[derive(Clone, Copy)]
enum At<'t> {
    Start(NodeRef<'t, Node>),
    End(NodeRef<'t, Node>),
}

/// Steps through a subtree, its root included.
pub(super) struct Walk<'t> {
    root: NodeRef<'t, Node>,
    next: Option<At<'t>>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(root: NodeRef<'t, Node>) -> Self {
        let next = Some(At::Start(root));
        Self { root, next }
    }

    /// Leaves out what is inside the element that was just opened.
    pub(super) fn skip_inside(&mut self) {
        let opened = match self.next {
            Some(At::Start(child)) => child.parent(),
            other => return self.next = other,
        };
        self.next = opened.map(At::End);
    }

    fn after(&self, at: At<'t>) -> Option<At<'t>> {
        match at {
            At::Start(node) => Some(node.first_child().map_or(At::End(node), At::Start)),
            At::End(node) if node.id() == self.root.id() => None,
            At::End(node) => match node.next_sibling() {
                Some(sibling) => Some(At::Start(sibling)),
                None => node.parent().map(At::End),
            },
        }
    }
}

impl<'t> Iterator for Walk<'t> {
    type Item = Step<'t>;

    fn next(&mut self) -> Option<Step<'t>> {
        loop {
            let at = self.next?;
            self.next = self.after(at);
            match at {
                At::Start(node) => match node.value() {
                    Node::Element(element) => return Some(Step::Open(node, element)),
                    Node::Text(text) => return Some(Step::Text(text)),
                    _ => {}
                },
                At::End(node) => {
                    if let Node::Element(element) = node.value() {
                        return Some(Step::Close(element));
                    }
                }
            }
        }
    }
}

/// The attributes that matter to us, read in one pass.
#[derive(Clone, Copy, Default)]
pub(super) struct Attributes<'t> {
    pub(super) class: &'t str,
    pub(super) id: &'t str,
    pub(super) href: Option<&'t str>,
    pub(super) rel: &'t str,
    pub(super) role: &'t str,
    pub(super) itemprop: &'t str,
    pub(super) kind: &'t str,
    pub(super) content: Option<&'t str>,
    pub(super) name: Option<&'t str>,
    pub(super) datetime: Option<&'t str>,
    pub(super) lang: Option<&'t str>,
    pub(super) dir: Option<&'t str>,
    pub(super) hidden: bool,
    pub(super) nosnippet: bool,
}

impl<'t> Attributes<'t> {
    pub(super) fn of(element: &'t Element) -> Self {
        let mut seen = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => seen.class = value,
                "id" => seen.id = value,
                "href" => seen.href = Some(value),
                "rel" => seen.rel = value,
                "role" => seen.role = value,
                "itemprop" => seen.itemprop = value,
                "type" => seen.kind = value,
                "content" => seen.content = Some(value),
                "datetime" => seen.datetime = Some(value),
                "lang" => seen.lang = Some(value),
                "dir" => seen.dir = Some(value),
                "property" => seen.name = Some(value),
                "name" | "http-equiv" => seen.name = seen.name.or(Some(value)),
                "hidden" => seen.hidden = true,
                "data-nosnippet" => seen.nosnippet = true,
                "aria-hidden" => seen.hidden |= value.eq_ignore_ascii_case("true"),
                "style" => seen.hidden |= hides(value),
                _ => {}
            }
        }
        seen
    }

    /// Whether one of the words of `rel` is this.
    pub(super) fn rel_is(&self, word: &str) -> bool {
        let mut words = self.rel.split_ascii_whitespace();
        words.any(|own| own.eq_ignore_ascii_case(word))
    }

    /// Whether one of the words of `itemprop` is this.
    pub(super) fn itemprop_is(&self, word: &str) -> bool {
        let mut words = self.itemprop.split_ascii_whitespace();
        words.any(|own| own.eq_ignore_ascii_case(word))
    }
}

/// The value of one attribute.
pub(super) fn attribute<'t>(element: &'t Element, name: &str) -> Option<&'t str> {
    element
        .attrs()
        .find_map(|(own, value)| (own == name).then_some(value))
}

fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        let Some((key, value)) = rule.split_once(':') else {
            return false;
        };
        let (key, value) = (key.trim(), value.trim());
        let is = |k: &str, v: &str| {
            let same = |a: Option<&str>, b: &str| a.is_some_and(|a| a.eq_ignore_ascii_case(b));
            key.eq_ignore_ascii_case(k) && same(value.get(..v.len()), v)
        };
        is("display", "none") || is("visibility", "hidden")
    })
}

/// Most that [`text_of`] reads, in bytes: it is for lines, and elements can be nested so that
/// each holds all the text of a page.
const LONGEST_LINE: usize = 4 << 10;

/// The text below a node as a reader sees it: white space run together, scripts left out,
/// cut where it is no line any more.
pub(super) fn text_of(node: NodeRef<'_, Node>) -> String {
    let mut text = String::new();
    let mut walk = Walk::new(node);
    while let Some(step) = walk.next() {
        if text.len() > LONGEST_LINE {
            text.truncate(text.floor_char_boundary(LONGEST_LINE));
            break;
        }
        match step {
            Step::Text(piece) => push_spaced(&mut text, piece),
            Step::Open(_, element) => match element.name() {
                "script" | "style" | "template" | "noscript" | "svg" => walk.skip_inside(),
                "br" | "p" | "div" | "li" => push_spaced(&mut text, " "),
                _ => {}
            },
            Step::Close(_) => {}
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Appends text with its white space run together to single spaces, none at the start. A
/// no-break space is a space to a reader.
pub(super) fn push_spaced(text: &mut String, piece: &str) {
    if is_spaced(piece.as_bytes()) {
        let open = text.is_empty() || text.ends_with(' ');
        let piece = if open { piece.trim_start() } else { piece };
        return text.push_str(piece);
    }
    let mut rest = piece;
    while !rest.is_empty() {
        let word_at = rest.find(|c: char| !c.is_whitespace());
        let spaces = word_at.unwrap_or(rest.len());
        if spaces > 0 && !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        rest = &rest[spaces..];
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        text.push_str(&rest[..end]);
        rest = &rest[end..];
    }
}

/// Whether the only white space of a text is single spaces. Takes text for none when a byte
/// may begin a white space beyond ASCII.
fn is_spaced(text: &[u8]) -> bool {
    let mut odd = false;
    for &b in text {
        odd |= b < b' ' || matches!(b, 0xc2 | 0xe1..=0xe3);
    }
    let mut twice = false;
    for pair in text.windows(2) {
        twice |= pair[0] == b' ' && pair[1] == b' ';
    }
    !odd && !twice
}

/// A string with its white space run together and trimmed.
pub(super) fn spaced(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    push_spaced(&mut text, raw);
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    #[test]
    fn opens_and_closes_are_balanced_and_insides_can_be_skipped() {
        let html = Html::parse_document("<p>a<b>b</b><svg><g>x</g></svg>c<p>d");
        let (mut depth, mut text) = (0, String::new());
        let mut walk = Walk::new(html.tree.root());
        while let Some(step) = walk.next() {
            match step {
                Step::Open(_, element) => {
                    depth += 1;
                    if element.name() == "svg" {
                        walk.skip_inside();
                    }
                }
                Step::Close(_) => depth -= 1,
                Step::Text(piece) => text.push_str(piece),
            }
        }
        assert_eq!((depth, text.as_str()), (0, "abcd"));
    }

    #[test]
    fn white_space_is_run_together() {
        let rows = [
            ("  a\n\t b\u{a0}c  ", "a b c"),
            (" a b ", "a b"),
            ("a  b", "a b"),
            ("\u{3000}夜\u{2003}间\u{1680}x\u{85}y", "夜 间 x y"),
            ("قال  نعم", "قال نعم"),
        ];
        for (raw, text) in rows {
            assert_eq!(spaced(raw), text, "{raw:?}");
        }
        let mut text = "a ".to_owned();
        push_spaced(&mut text, " b");
        assert_eq!(text, "a b");
        let html = Html::parse_document("<p> a <i>b</i>c<br>d<script>x</script> ");
        assert_eq!(text_of(html.tree.root()), "a bc d");
    }

    #[test]
    fn hidden_by_style() {
        let rows = [
            ("display: none", true),
            ("color:red;DISPLAY:none !important", true),
            ("visibility:hidden", true),
            ("display:block", false),
            ("é:display", false),
        ];
        for (style, hidden) in rows {
            assert_eq!(hides(style), hidden, "{style}");
        }
    }
}
