//! An RSL document: its contents with their licences, flattened.

use super::Usage;
use crate::parse::RSL;
use crate::politeness::Pattern;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use url::{Position, Url};

/// Most contents and words that are read of a document, which comes from strangers.
const MOST: usize = 10_000;

/// A document that is RSL and well-formed.
pub(super) struct Document {
    pub(super) contents: Vec<Content>,
}

/// One `content` element.
#[derive(Default)]
pub(super) struct Content {
    url: String,
    pub(super) server: Option<String>,
    pub(super) permits: Vec<Usage>,
    pub(super) prohibits: Vec<Usage>,
    /// A list of usages is permitted.
    pub(super) exclusive: bool,
    pub(super) payments: Vec<String>,
}

/// The list that text belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Permits,
    Prohibits,
}

#[derive(Default)]
struct State {
    contents: Vec<Content>,
    depth: usize,
    is_rsl: bool,
    list: Option<List>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = NsReader::from_str(text.trim_start());
        reader.config_mut().expand_empty_elements = true;
        let mut state = State::default();
        loop {
            let (namespace, event) = reader.read_resolved_event().ok()?;
            let ours = namespace == ResolveResult::Bound(Namespace(RSL));
            match event {
                Event::Start(tag) => state.open(&tag, ours)?,
                Event::End(_) => {
                    state.depth -= 1;
                    state.list = None;
                }
                Event::Text(text) => state.text(&text.xml10_content()),
                Event::CData(text) => state.text(&text.xml10_content()),
                Event::Eof => break,
                _ => {}
            }
        }
        (state.is_rsl && state.depth == 0).then_some(Self {
            contents: state.contents,
        })
    }
}

impl State {
    /// `None` when the root is another than RSL's.
    fn open(&mut self, tag: &BytesStart<'_>, ours: bool) -> Option<()> {
        self.depth += 1;
        if self.depth == 1 {
            self.is_rsl = ours && tag.local_name().into_inner() == "rsl";
            return self.is_rsl.then_some(());
        }
        if !ours || self.contents.len() >= MOST {
            return Some(());
        }
        let usage = || attribute(tag, "type").is_none_or(|kind| kind == "usage");
        match tag.local_name().into_inner() {
            "content" => self.contents.push(Content {
                url: attribute(tag, "url").unwrap_or_default(),
                server: attribute(tag, "server").filter(|server| !server.is_empty()),
                ..Content::default()
            }),
            "permits" if usage() => {
                self.list = Some(List::Permits);
                self.contents.last_mut()?.exclusive = true;
            }
            "prohibits" if usage() => self.list = Some(List::Prohibits),
            "payment" => {
                let kind = attribute(tag, "type").unwrap_or_else(|| "free".to_owned());
                self.contents.last_mut()?.payments.push(kind);
            }
            _ => {}
        }
        Some(())
    }

    /// Words stand between spaces; the drafts before 1.0 had commas.
    fn text(&mut self, text: &str) {
        let (Some(list), Some(content)) = (self.list, self.contents.last_mut()) else {
            return;
        };
        let into = match list {
            List::Permits => &mut content.permits,
            List::Prohibits => &mut content.prohibits,
        };
        for word in text.split(|c: char| c.is_whitespace() || c == ',') {
            let word = word.to_ascii_lowercase();
            for usage in Usage::of_token(&word) {
                if !into.contains(usage) {
                    into.push(*usage);
                }
            }
        }
    }
}

impl Content {
    /// How narrow its path is, if it matches a URL: an address of its own site, or a path
    /// (RFC 9309 2.2.3). An empty one is the place where the document stands.
    pub(super) fn width(&self, url: &Url) -> Option<u32> {
        let own = self.url.trim();
        let path = match Url::parse(own) {
            Ok(absolute) if absolute.origin() != url.origin() => return None,
            // The text itself: parsing escapes what a pattern means.
            Ok(_) => own
                .splitn(4, '/')
                .nth(3)
                .map_or("/".to_owned(), |p| format!("/{p}")),
            Err(_) => own.to_owned(),
        };
        if path.is_empty() {
            return Some(0);
        }
        let pattern = Pattern::compile(&path)?;
        let target = &url[Position::BeforePath..Position::AfterQuery];
        pattern.matches(target).then_some(pattern.weight)
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok().flatten()?;
    let value = found.value.replace("&amp;", "&");
    Some(value.trim().to_owned())
}
