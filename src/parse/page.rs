//! The one walk over a whole page: what its head says, its anchors, and how text is spread
//! over its blocks. Links, metadata and the story are made from these.

use super::boilerplate;
use super::spread::{Spread, block_name, measure};
use super::walk::{Attributes, Step, Walk, attribute, text_of};
use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

/// A page, read once.
pub(super) struct Page<'t> {
    pub(super) html: &'t Html,
    /// What relative links are resolved against.
    pub(super) base: Url,
    pub(super) lang: Option<&'t str>,
    /// Whether this is an AMP copy.
    pub(super) amp: bool,
    pub(super) title: Option<String>,
    /// `meta` elements: name or property, content.
    pub(super) metas: Vec<(&'t str, &'t str)>,
    /// `link` elements, and microdata links.
    pub(super) links: Vec<(Attributes<'t>, &'t str)>,
    /// What the page shows in its own place: frames, and where it goes by itself.
    pub(super) elsewhere: Vec<&'t str>,
    /// The texts of JSON-LD scripts.
    pub(super) json_ld: Vec<&'t str>,
    /// The texts of RSL scripts.
    pub(super) rsl: Vec<&'t str>,
    /// Elements that are to be left out of excerpts.
    pub(super) nosnippets: usize,
    /// Each `a` and `area` with a `href`, in page order.
    pub(super) anchors: Vec<Anchor<'t>>,
    /// Each block element, in page order; a parent stands before its children.
    pub(super) blocks: Vec<Spread>,
    /// Elements that mark a fact: headings, times, microdata, bylines.
    pub(super) marks: Vec<Mark<'t>>,
}

/// An anchor and where it stands.
pub(super) struct Anchor<'t> {
    pub(super) node: NodeRef<'t, Node>,
    pub(super) attributes: Attributes<'t>,
    pub(super) href: &'t str,
    /// Its block.
    pub(super) block: usize,
    /// The first text of the last heading before it.
    pub(super) heading: Option<&'t str>,
    /// The text before it, unless another anchor's text stands between.
    pub(super) before: Option<&'t str>,
    /// The last text before it that stands in no anchor.
    pub(super) over: Option<&'t str>,
}

/// An element that marks a fact.
pub(super) struct Mark<'t> {
    pub(super) node: NodeRef<'t, Node>,
    pub(super) element: &'t Element,
    pub(super) attributes: Attributes<'t>,
    pub(super) block: usize,
    /// How many blocks begin before it or with it: its place in reading order.
    pub(super) place: usize,
    pub(super) kind: MarkKind,
}

/// What a [`Mark`] marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MarkKind {
    /// `h1` to `h6`.
    Heading(u8),
    /// `time`.
    Time,
    /// `itemprop`.
    Property,
    /// `rel=author`, or a class that says byline.
    Author,
    /// A class that says date.
    Date,
}

struct Reader<'t> {
    page: Page<'t>,
    block: usize,
    in_anchor: usize,
    hidden: usize,
    heading: Option<&'t str>,
    heading_begins: bool,
    before: Option<&'t str>,
    over: Option<&'t str>,
    base_seen: bool,
}

impl<'t> Page<'t> {
    /// Reads a page whose own address is `url`.
    pub(super) fn read(html: &'t Html, url: &Url) -> Self {
        let root = Spread::new(html.tree.root().id(), 0, "", &Attributes::default());
        let mut reader = Reader {
            page: Page {
                html,
                base: url.clone(),
                lang: None,
                amp: false,
                title: None,
                metas: Vec::new(),
                links: Vec::new(),
                elsewhere: Vec::new(),
                json_ld: Vec::new(),
                rsl: Vec::new(),
                nosnippets: 0,
                anchors: Vec::new(),
                blocks: vec![root],
                marks: Vec::new(),
            },
            block: 0,
            in_anchor: 0,
            hidden: 0,
            heading: None,
            heading_begins: false,
            before: None,
            over: None,
            base_seen: false,
        };
        let mut walk = Walk::new(html.tree.root());
        while let Some(step) = walk.next() {
            match step {
                Step::Open(node, element) => {
                    if !reader.open(node, element) {
                        walk.skip_inside();
                    }
                }
                Step::Close(element) => reader.close(element),
                Step::Text(text) => reader.text(text),
            }
        }
        reader.page.add_up();
        reader.page
    }

    fn add_up(&mut self) {
        for at in (1..self.blocks.len()).rev() {
            let (total, linked, parent) = {
                let block = &self.blocks[at];
                (block.total, block.linked, block.parent)
            };
            self.blocks[parent].total += total;
            self.blocks[parent].linked += linked;
        }
    }
}

impl<'t> Reader<'t> {
    /// Notes an element; false when what is inside does not concern us.
    fn open(&mut self, node: NodeRef<'t, Node>, element: &'t Element) -> bool {
        let name = element.name();
        let attributes = Attributes::of(element);
        if attributes.hidden {
            self.hidden += 1;
        }
        if attributes.nosnippet && matches!(name, "span" | "div" | "section") {
            self.page.nosnippets += 1;
        }
        match name {
            "script" => {
                self.script(node, attributes.kind.trim());
                return false;
            }
            "style" | "template" | "noscript" | "svg" | "math" | "iframe" | "textarea"
            | "select" | "object" => return false,
            "title" => {
                self.title(node);
                return false;
            }
            "base" => self.base(&attributes),
            "meta" => self.meta(&attributes),
            "link" => self.link(attributes),
            "frame" => self.page.elsewhere.extend(attribute(element, "src")),
            "html" => {
                self.page.lang = self.page.lang.or(attributes.lang);
                self.page.amp |= element
                    .attrs()
                    .any(|(name, _)| matches!(name, "amp" | "⚡"));
            }
            "a" | "area" => self.anchor(node, attributes),
            _ => {}
        }
        if let Some(tag) = block_name(name) {
            self.begin_block(node.id(), tag, &attributes);
        }
        self.mark(node, element, attributes);
        true
    }

    fn script(&mut self, node: NodeRef<'t, Node>, kind: &str) {
        if kind.eq_ignore_ascii_case("application/ld+json") {
            self.page.json_ld.extend(inner_text(node));
        } else if kind.eq_ignore_ascii_case("application/rsl+xml") {
            self.page.rsl.extend(inner_text(node));
        }
    }

    fn begin_block(&mut self, node: NodeId, tag: &'static str, attributes: &Attributes<'_>) {
        let block = Spread::new(node, self.block, tag, attributes);
        self.block = self.page.blocks.len();
        self.page.blocks.push(block);
    }

    fn close(&mut self, element: &'t Element) {
        let name = element.name();
        // What hid an element is looked up again rather than kept on a stack of our own.
        if self.hidden > 0 && Attributes::of(element).hidden {
            self.hidden -= 1;
        }
        if matches!(name, "a" | "area") {
            self.in_anchor = self.in_anchor.saturating_sub(1);
        }
        if block_name(name).is_some() {
            self.block = self.page.blocks[self.block].parent;
        }
    }

    fn text(&mut self, text: &'t str) {
        if self.hidden > 0 {
            return;
        }
        let (length, commas) = measure(text);
        if length == 0 {
            return;
        }
        let block = &mut self.page.blocks[self.block];
        block.own += length;
        block.total += length;
        block.commas += commas;
        if self.in_anchor > 0 {
            block.own_linked += length;
            block.linked += length;
            self.before = None;
        } else {
            self.before = Some(text);
            self.over = Some(text);
        }
        if self.heading_begins {
            self.heading = Some(text);
            self.heading_begins = false;
        }
    }

    fn title(&mut self, node: NodeRef<'t, Node>) {
        if self.page.title.is_none() {
            self.page.title = Some(text_of(node)).filter(|title| !title.is_empty());
        }
    }

    /// The first `base` with a `href` counts, itself resolved against the page's address.
    fn base(&mut self, attributes: &Attributes<'_>) {
        if let Some(href) = attributes.href
            && !self.base_seen
        {
            self.base_seen = true;
            if let Ok(base) = self.page.base.join(href.trim())
                && matches!(base.scheme(), "http" | "https")
            {
                self.page.base = base;
            }
        }
    }

    fn meta(&mut self, attributes: &Attributes<'t>) {
        if let (Some(name), Some(content)) = (attributes.name, attributes.content) {
            if name.eq_ignore_ascii_case("refresh") {
                self.page.elsewhere.extend(refresh_target(content));
            }
            self.page.metas.push((name, content));
        }
    }

    fn link(&mut self, attributes: Attributes<'t>) {
        if let Some(href) = attributes.href {
            self.page.links.push((attributes, href));
        }
    }

    fn anchor(&mut self, node: NodeRef<'t, Node>, attributes: Attributes<'t>) {
        self.in_anchor += 1;
        if let Some(href) = attributes.href {
            self.page.anchors.push(Anchor {
                node,
                attributes,
                href,
                block: self.block,
                heading: self.heading,
                before: self.before,
                over: self.over,
            });
        }
    }

    fn mark(&mut self, node: NodeRef<'t, Node>, element: &'t Element, attributes: Attributes<'t>) {
        let kind = match element.name() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.heading_begins = true;
                MarkKind::Heading(element.name().as_bytes()[1] - b'0')
            }
            "time" => MarkKind::Time,
            _ if !attributes.itemprop.is_empty() => MarkKind::Property,
            _ if attributes.rel_is("author") => MarkKind::Author,
            _ => match boilerplate::fact(attributes.class) {
                Some(kind) => kind,
                None => return,
            },
        };
        if self.hidden > 0 && kind != MarkKind::Property {
            return;
        }
        self.page.marks.push(Mark {
            node,
            element,
            attributes,
            block: self.block,
            place: self.page.blocks.len(),
            kind,
        });
    }
}

impl Mark<'_> {
    /// The value of a microdata property or time element: an attribute where the element
    /// has one for it, else its text.
    pub(super) fn value(&self) -> String {
        let attributes = &self.attributes;
        let given = attributes.content.or(attributes.datetime);
        let given = given.or_else(|| match self.element.name() {
            "link" | "a" if self.attributes.itemprop_is("url") => attributes.href,
            "img" => attribute(self.element, "src"),
            "abbr" => attribute(self.element, "title"),
            _ => None,
        });
        given.map_or_else(|| text_of(self.node), str::to_owned)
    }
}

/// Where a page goes by itself: `5; url=/there` (WHATWG HTML 4.2.5.3, "shared declarative
/// refresh steps").
fn refresh_target(content: &str) -> Option<&str> {
    let after = content.trim_start_matches(|c: char| c.is_ascii_digit() || ". ".contains(c));
    let target = after.trim_start_matches([';', ',', ' ']).trim();
    let named = target
        .get(..3)
        .is_some_and(|name| name.eq_ignore_ascii_case("url"));
    let value = if named {
        target[3..].trim_start().strip_prefix('=')?
    } else {
        target
    };
    let value = value.trim();
    let bare = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value,
    };
    Some(bare.trim()).filter(|bare| !bare.is_empty())
}

/// The text directly inside an element.
fn inner_text(node: NodeRef<'_, Node>) -> Option<&str> {
    node.children().find_map(|child| match child.value() {
        Node::Text(text) => Some(&**text),
        _ => None,
    })
}
