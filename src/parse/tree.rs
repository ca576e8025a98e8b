//! An HTML tree that no page can blow up: tokens go into scraper's tree through html5ever's
//! tree builder and a sieve that bounds depth and size, since the builder takes quadratic
//! time on deep nesting.

use super::tokens;
use ego_tree::NodeId;
use html5ever::LocalName;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::{Html, HtmlTreeSink};
use std::cell::{Cell, RefCell};

/// Deepest nesting that is built, as in browsers; what is nested deeper becomes a child of
/// the last element that is not.
const MAX_DEPTH: usize = 512;
/// Most start tags that are read.
const MAX_TAGS: usize = 1_000_000;

/// Between tokenizer and tree builder: drops start tags that are nested too deep, together
/// with their end tags.
struct Sieve {
    builder: TreeBuilder<NodeId, HtmlTreeSink>,
    open: RefCell<Vec<LocalName>>,
    dropped: RefCell<Vec<LocalName>>,
    tags: Cell<usize>,
    too_deep: Cell<bool>,
}

/// Builds the tree of a page; the second value says what had to be left out.
pub(super) fn build(text: &str) -> (Html, Option<&'static str>) {
    let sink = HtmlTreeSink::new(Html::new_document());
    let sieve = Sieve {
        builder: TreeBuilder::new(sink, TreeBuilderOpts::default()),
        open: RefCell::default(),
        dropped: RefCell::default(),
        tags: Cell::new(0),
        too_deep: Cell::new(false),
    };
    tokens::read(text, &sieve);
    let fault = if sieve.tags.get() > MAX_TAGS {
        Some("too many elements: the rest of the page was not read")
    } else {
        sieve.too_deep.get().then_some("nested too deep: flattened")
    };
    (sieve.builder.sink.finish(), fault)
}

impl TokenSink for Sieve {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Self::Handle> {
        if let Token::TagToken(tag) = &token
            && !self.passes(tag)
        {
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Sieve {
    fn passes(&self, tag: &Tag) -> bool {
        match tag.kind {
            TagKind::StartTag => self.start_passes(tag),
            TagKind::EndTag => self.end_passes(&tag.name),
        }
    }

    /// Depth is counted on names alone, so elements whose end tag may be left out count only
    /// once in a row.
    fn start_passes(&self, tag: &Tag) -> bool {
        self.tags.set(self.tags.get() + 1);
        if self.tags.get() > MAX_TAGS {
            return false;
        }
        if tag.self_closing || is_void(&tag.name) || closes_itself(&tag.name) {
            return true;
        }
        let mut open = self.open.borrow_mut();
        if open.len() < MAX_DEPTH {
            open.push(tag.name.clone());
            return true;
        }
        self.too_deep.set(true);
        // Raw text elements switch the tokenizer's state: they must reach the builder.
        if is_raw(&tag.name) {
            return true;
        }
        self.dropped.borrow_mut().push(tag.name.clone());
        false
    }

    fn end_passes(&self, name: &LocalName) -> bool {
        if is_void(name) || closes_itself(name) {
            return true;
        }
        let mut dropped = self.dropped.borrow_mut();
        if dropped.last() == Some(name) {
            dropped.pop();
            return false;
        }
        let mut open = self.open.borrow_mut();
        if let Some(at) = open.iter().rposition(|other| other == name) {
            open.truncate(at);
            dropped.clear();
        }
        true
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements that end where the next of their kind begins.
fn closes_itself(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "a"
            | "td"
            | "tr"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "option"
            | "optgroup"
            | "dd"
            | "dt"
            | "rb"
            | "rp"
            | "rt"
            | "rtc"
            | "html"
            | "head"
            | "body"
            | "caption"
            | "colgroup"
            | "button"
            | "nobr"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
    )
}

fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "textarea"
            | "title"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn hostile_pages_take_linear_time_and_no_stack() {
        let rows = [
            ("nested", "<div>".repeat(1_000_000)),
            ("fonts", "<font color=red><b><p>x</div>".repeat(100_000)),
            (
                "attributes",
                format!("<p {}>x", "a".repeat(7) + &"a b c ".repeat(500_000)),
            ),
            ("distinct", {
                let many: String = (0..300_000)
                    .flat_map(|n| [" a".to_owned(), n.to_string()])
                    .collect();
                format!("<p{many}>x")
            }),
            ("quotes", "<a href=\"".repeat(300_000)),
            ("brackets", "<".repeat(2_000_000)),
            ("tables", "<table><tr><td>".repeat(200_000)),
        ];
        for (name, page) in rows {
            let started = Instant::now();
            let worker = std::thread::Builder::new().stack_size(2 << 20);
            let done = worker.spawn(move || drop(build(&page))).unwrap().join();
            assert!(done.is_ok(), "{name}");
            let took = started.elapsed().as_secs_f64();
            assert!(took < 10.0, "{name}: {took:.1} s");
        }
    }

    #[test]
    fn ordinary_pages_are_left_alone() {
        let page = "<ul><li>one<li>two</ul><p>a<p>b<br><script>if(1<2){'<div>'}</script>";
        let (html, fault) = build(page);
        assert_eq!(fault, None);
        assert_eq!(html, Html::parse_document(page));
    }
}
