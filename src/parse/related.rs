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
    let mut headings = Headings::default();
    for anchor in page.anchors.iter().filter(|anchor| anchor.block > head) {
        if links.len() >= inline.len() + MOST {
            break;
        }
        if let Some(kind) = kind_of(page, anchor, anchor.block >= body_end, &mut headings) {
            add(&mut links, page, anchor.href, text_of(anchor.node), kind);
        }
    }
    links
}

/// What the last heading says, which many anchors share.
#[derive(Default)]
struct Headings<'t>(Option<(&'t str, bool)>);

impl<'t> Headings<'t> {
    fn is_over_related(&mut self, heading: &'t str) -> bool {
        match self.0 {
            Some((last, is)) if std::ptr::eq(last, heading) => is,
            _ => {
                let is = wording::heads_related(heading);
                self.0 = Some((heading, is));
                is
            }
        }
    }
}

fn kind_of<'t>(
    page: &Page<'_>,
    anchor: &Anchor<'t>,
    behind_body: bool,
    headings: &mut Headings<'t>,
) -> Option<&'static str> {
    if behind_body {
        let label = anchor.before.and_then(wording::labels);
        if anchor.attributes.rel_is("prev") || label == Some("previous") {
            return Some("previous");
        }
        if anchor.attributes.rel_is("next") || label == Some("next") {
            return Some("next");
        }
    }
    let over = |heading| headings.is_over_related(heading);
    let headed = behind_body && anchor.heading.is_some_and(over);
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
