//! The links of a story with what they are to it: the stories before and after it, related
//! ones, and those in its running text.

use super::LabelledLink;
use super::body::{self, Body};
use super::page::{Anchor, Page};
use super::walk::text_of;
use super::wording;
use crate::normal::NormalUrl;

/// Most related links that are kept: more is a listing.
const MOST: usize = 30;

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
    for anchor in page.anchors.iter().filter(|anchor| anchor.block > head) {
        if let Some(kind) = kind_of(page, anchor, anchor.block >= body_end)
            && links.len() < inline.len() + MOST
        {
            add(&mut links, page, anchor.href, text_of(anchor.node), kind);
        }
    }
    links
}

fn kind_of(page: &Page<'_>, anchor: &Anchor<'_>, behind_body: bool) -> Option<&'static str> {
    if behind_body {
        let before = anchor.before.unwrap_or_default();
        if anchor.attributes.rel_is("prev") || wording::labels_previous(before) {
            return Some("previous");
        }
        if anchor.attributes.rel_is("next") || wording::labels_next(before) {
            return Some("next");
        }
    }
    let headed = anchor.heading.is_some_and(wording::heads_related) && behind_body;
    (headed || stands_in_related(page, anchor)).then_some("related")
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
