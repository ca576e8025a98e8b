//! The picture in an element: where it is and what stands below it.

use super::Image;
use super::page::Page;
use super::walk::{Step, Walk, attribute, spaced, text_of};
use crate::normal::NormalUrl;
use ego_tree::NodeRef;
use scraper::Node;

/// The picture in a figure or image element.
pub(super) fn image_in(page: &Page<'_>, node: NodeRef<'_, Node>) -> Option<Image> {
    let url = NormalUrl::join(&page.base, &picture_source(node)?).ok()?;
    Some(Image {
        url: url.as_str().to_owned(),
        caption: caption_of(node),
        credit: None,
    })
}

/// The address of the picture in an element: of its `img`, or where that is only a stand-in
/// until a script runs, of the one in `noscript`.
fn picture_source(node: NodeRef<'_, Node>) -> Option<String> {
    let (mut lazy, mut plain) = (None, None);
    for step in Walk::new(node) {
        let Step::Open(inner, element) = step else {
            continue;
        };
        match element.name() {
            "img" => {
                plain = plain.or_else(|| attribute(element, "src").filter(|src| is_picture(src)));
                let data = ["data-src", "data-original", "data-lazy-src"];
                lazy = lazy.or_else(|| data.iter().find_map(|name| attribute(element, name)));
            }
            "noscript" => {
                if let Some(source) = noscript_source(inner) {
                    return Some(source);
                }
            }
            _ => {}
        }
    }
    let first_of_set = |set: &str| {
        set.split([' ', ','])
            .find(|s| !s.is_empty())
            .map(str::to_owned)
    };
    plain
        .map(str::to_owned)
        .or_else(|| lazy.and_then(first_of_set))
}

fn is_picture(source: &str) -> bool {
    let source = source.trim();
    !source.is_empty() && !source.starts_with("data:")
}

/// `noscript` is text to a parser that runs scripts, as ours pretends to.
fn noscript_source(node: NodeRef<'_, Node>) -> Option<String> {
    let raw = node
        .children()
        .find_map(|child| child.value().as_text().map(|text| &**text))?;
    let tag = &raw[raw.find("<img")?..];
    let tag = &tag[..tag.find('>')?];
    let value = tag[tag.find(" src=")? + 5..].trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next()?,
        None => value.split_ascii_whitespace().next()?,
    };
    is_picture(value).then(|| value.replace("&amp;", "&"))
}

fn caption_of(node: NodeRef<'_, Node>) -> Option<String> {
    let caption = node.descendants().find(|inner| {
        let element = inner.value().as_element();
        element.is_some_and(|element| element.name() == "figcaption")
    })?;
    Some(spaced(&text_of(caption))).filter(|text| !text.is_empty())
}
