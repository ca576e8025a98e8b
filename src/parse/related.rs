//! The links of a story with what they are to it: the stories before and after it, related
//! ones, and those in its running text.

use super::LabelledLink;
use super::body::{self, Body};
use super::page::{Anchor, Page};
use super::walk::{Step, Walk, text_of};
use super::wording;
use crate::normal::NormalUrl;

/// Most related links that are kept: more is a listing.
const MOST: usize = 30;
/// Longest label of a link, counted as in `spread::Spread`.
const LONGEST_LABEL: usize = 30;

/// Labels a page's links. `inline` are the anchors of the body's running text.
pub(super) fn labelled(
    page: &Page<'_>,
    body: Option<&Body>,
    inline: &[(&str, String)],
) -> Vec<LabelledLink> {
    let mut links = Vec::new();
    for (href, text) in inline {
        add(&mut links, page, href, text.clone(), "inline");
    }
    let head = body.map_or(0, |body| body.block);
    let body_end = body.map_or(0, |body| body::end_of(&page.blocks, body.block));
    let mut headings = Headings::default();
    for anchor in page.anchors.iter().filter(|anchor| anchor.block > head) {
        if links.len() >= inline.len() + MOST {
            break;
        }
        let (label, text) = labelled_text(anchor);
        let behind = anchor.block >= body_end;
        if let Some(kind) = kind_of(page, anchor, label, behind, &mut headings) {
            add(&mut links, page, anchor.href, text, kind);
        }
    }
    links
}

/// What the last headings say, which many anchors share.
#[derive(Default)]
struct Headings<'t>([Option<(&'t str, bool)>; 2]);

impl<'t> Headings<'t> {
    fn is_over_related(&mut self, heading: &'t str) -> bool {
        let mut known = self.0.iter().flatten();
        if let Some((_, is)) = known.find(|(text, _)| std::ptr::eq(*text, heading)) {
            return *is;
        }
        let is = wording::heads_related(heading);
        self.0 = [Some((heading, is)), self.0[0]];
        is
    }
}

/// What an anchor's own first words say that it leads to, and its text without them:
/// `<a><span>Next article</span> Fish market opens again</a>`.
fn labelled_text(anchor: &Anchor<'_>) -> (Option<&'static str>, String) {
    let text = text_of(anchor.node);
    let mut pieces = Walk::new(anchor.node).filter_map(|step| match step {
        Step::Text(piece) if !piece.trim().is_empty() => Some(piece.trim()),
        _ => None,
    });
    let first = pieces.next().unwrap_or_default();
    let rest = text.strip_prefix(first).unwrap_or_default().trim_start();
    match wording::labels(first) {
        Some(label) if !rest.is_empty() => (Some(label), rest.to_owned()),
        _ => (None, text),
    }
}

fn kind_of<'t>(
    page: &Page<'_>,
    anchor: &Anchor<'t>,
    label: Option<&'static str>,
    behind_body: bool,
    headings: &mut Headings<'t>,
) -> Option<&'static str> {
    // Inside a body only a label makes it so, in a block of its own.
    let block = &page.blocks[anchor.block];
    if behind_body || block.own - block.own_linked <= LONGEST_LABEL {
        let label = label.or_else(|| anchor.before.and_then(wording::labels));
        if anchor.attributes.rel_is("prev") || label == Some("previous") {
            return Some("previous");
        }
        if anchor.attributes.rel_is("next") || label == Some("next") {
            return Some("next");
        }
    }
    let mut over = |heading| headings.is_over_related(heading);
    let invited = anchor.before.is_some_and(wording::invites);
    // A line that is no heading can stand over links like one.
    let headed = behind_body
        && (anchor.heading.is_some_and(&mut over) || anchor.over.is_some_and(&mut over));
    (invited || headed || stands_in_related(page, anchor)).then_some("related")
}

/// Whether a block around an anchor, not far off, is called related.
fn stands_in_related(page: &Page<'_>, anchor: &Anchor<'_>) -> bool {
    let around = |at: &usize| Some(page.blocks[*at].parent);
    let mut blocks = std::iter::successors(Some(anchor.block), around).take(4);
    blocks.any(|at| page.blocks[at].related)
}

fn add(links: &mut Vec<LabelledLink>, page: &Page<'_>, href: &str, text: String, kind: &str) {
    let Ok(url) = NormalUrl::join(&page.base, href) else {
        return;
    };
    let url = url.as_str().to_owned();
    let known = links
        .iter()
        .any(|link: &LabelledLink| link.url == url && link.kind == kind);
    if !text.is_empty() && !known {
        links.push(LabelledLink {
            url,
            text,
            kind: kind.to_owned(),
        });
    }
}
