//! The same facts as microdata, where JSON-LD does not say them.

use super::super::page::{Mark, MarkKind, Page};
use super::super::walk::{attribute, spaced, text_of};
use super::subject::{is_page, named_free};
use super::{Imprint, joined};
use ego_tree::NodeId;

/// An item that properties belong to: its element and the last part of its type's address.
struct Owner<'t> {
    node: Option<NodeId>,
    kind: &'t str,
}

/// Adds what microdata says of the page's story.
pub(super) fn add(page: &Page<'_>, imprint: &mut Imprint) {
    let properties = page
        .marks
        .iter()
        .filter(|mark| mark.kind == MarkKind::Property);
    let (mut closed, mut selectors, mut is_free) = (Vec::new(), Vec::new(), None);
    for mark in properties {
        for name in mark.attributes.itemprop.split_ascii_whitespace() {
            match name {
                "isAccessibleForFree" => {
                    let (owner, said) = (owner(mark), named_free(&value(mark)));
                    if owner.kind == "WebPageElement" {
                        closed.extend(owner.node.filter(|_| said == Some(false)));
                    } else if owner.is_story() {
                        is_free = is_free.into_iter().chain(said).min();
                    }
                }
                "cssSelector" => selectors.push((owner(mark).node, value(mark))),
                name if is_credit(name) && owner(mark).is_story() => {
                    credit(page, imprint, name, mark);
                }
                "correction" if owner(mark).is_story() => {
                    imprint.editorial.corrections.push(value(mark));
                }
                _ => {}
            }
        }
    }
    let access = &mut imprint.access;
    access.is_free = access.is_free.or(is_free);
    for (node, selector) in selectors {
        let counts = node.is_some_and(|node| closed.contains(&node));
        if counts && !access.paywalled_selectors.contains(&selector) {
            access.paywalled_selectors.push(selector);
        }
    }
}

fn is_credit(name: &str) -> bool {
    matches!(
        name,
        "license"
            | "usageInfo"
            | "acquireLicensePage"
            | "copyrightHolder"
            | "copyrightNotice"
            | "creditText"
            | "copyrightYear"
    )
}

fn credit(page: &Page<'_>, imprint: &mut Imprint, name: &str, mark: &Mark<'_>) {
    let credit = &mut imprint.credit;
    let text = value(mark);
    let slot = match name {
        "license" => &mut credit.license,
        "usageInfo" => &mut credit.usage_info,
        "acquireLicensePage" => &mut credit.acquire_license_page,
        "copyrightHolder" => &mut credit.copyright_holder,
        "copyrightNotice" => &mut credit.copyright_notice,
        "creditText" => &mut credit.credit_text,
        _ => {
            credit.copyright_year = credit.copyright_year.or_else(|| text.parse().ok());
            return;
        }
    };
    if slot.is_none() && !text.is_empty() {
        let is_address = text.starts_with('/') || text.contains("://");
        let address = if is_address {
            joined(&page.base, &text)
        } else {
            None
        };
        *slot = Some(address.unwrap_or(text));
    }
}

impl Owner<'_> {
    /// Whether it is the story, or the page; what belongs to no item is said of the page.
    fn is_story(&self) -> bool {
        let story = self.kind.ends_with("Article") || self.kind.ends_with("Posting");
        story || self.kind.is_empty() || self.kind == "Report" || is_page(self.kind)
    }
}

fn owner<'t>(mark: &Mark<'t>) -> Owner<'t> {
    let scope = mark.node.ancestors().find_map(|node| {
        let element = node.value().as_element()?;
        attribute(element, "itemscope")?;
        let kind = attribute(element, "itemtype").unwrap_or_default().trim();
        Some((
            node.id(),
            kind.rsplit(['/', '#']).next().unwrap_or_default(),
        ))
    });
    Owner {
        node: scope.map(|(node, _)| node),
        kind: scope.map_or("", |(_, kind)| kind),
    }
}

fn value(mark: &Mark<'_>) -> String {
    let attributes = &mark.attributes;
    let given = attributes.content.or(attributes.href);
    given.map_or_else(|| text_of(mark.node), spaced)
}
