//! Licence terms in a feed: `<rsl:content>` of an item (RSL 1.0 4), each as a document of its own.

use super::feed::place;
use crate::normal::NormalUrl;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// The namespace of RSL.
pub(crate) const RSL: &str = "https://rslstandard.org/rsl";
/// Most terms that are read of one feed.
const MOST: usize = 10_000;

/// An item that is being read.
#[derive(Default)]
struct Item {
    link: Option<NormalUrl>,
    terms: Vec<String>,
}

/// The terms of a feed's items by the items' links. A fault in the feed ends the reading.
pub(super) fn read(text: &str, url: &NormalUrl) -> Vec<(NormalUrl, String)> {
    if !text.contains(RSL) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut item = None;
    // Errors in a feed are told by its own reader.
    let _ = walk(text, url, &mut item, &mut found);
    found
}

fn walk(
    text: &str,
    url: &NormalUrl,
    item: &mut Option<Item>,
    found: &mut Vec<(NormalUrl, String)>,
) -> quick_xml::Result<()> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    while found.len() < MOST {
        let start = reader.buffer_position();
        let (namespace, event) = reader.read_resolved_event()?;
        let is_rsl = namespace == ResolveResult::Bound(Namespace(RSL));
        match event {
            Event::Start(tag) => {
                let local = tag.local_name().into_inner().to_owned();
                match (local.as_str(), item.as_mut()) {
                    ("item" | "entry", _) => *item = Some(Item::default()),
                    ("content", Some(item)) if is_rsl => {
                        reader.read_to_end(tag.name())?;
                        let inner = between(text, start, reader.buffer_position());
                        item.terms.push(document(&tag, inner));
                    }
                    ("link", Some(item)) if item.link.is_none() => {
                        let words = reader.read_text(tag.name())?;
                        let href = attribute(&tag, "href");
                        let other = attribute(&tag, "rel").is_some_and(|rel| rel != "alternate");
                        let href = href.unwrap_or_else(|| words.html_content().into_owned());
                        item.link = place(url.url(), &href).filter(|_| !other);
                    }
                    _ => {}
                }
            }
            Event::End(tag) if matches!(tag.local_name().into_inner(), "item" | "entry") => {
                let item = item.take().unwrap_or_default();
                if let Some(link) = item.link {
                    found.extend(item.terms.into_iter().map(|terms| (link.clone(), terms)));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(())
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok().flatten()?;
    Some(found.value.into_owned())
}

fn between(text: &str, start: u64, end: u64) -> &str {
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
    text.get(at(start)..at(end)).unwrap_or_default()
}

/// A `content` element in a document that binds its prefix.
fn document(tag: &BytesStart<'_>, content: &str) -> String {
    match tag.name().prefix() {
        Some(prefix) => {
            let prefix = prefix.into_inner();
            format!("<{prefix}:rsl xmlns:{prefix}=\"{RSL}\">{content}</{prefix}:rsl>")
        }
        None => format!("<rsl xmlns=\"{RSL}\">{content}</rsl>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(items: &str) -> Vec<String> {
        let feed = format!("<rss xmlns:r='{RSL}'><channel><title>t</title>{items}</channel></rss>");
        let url = NormalUrl::parse("https://a.example/feed").unwrap();
        let found = read(&feed, &url);
        let shown = |(link, terms): &(NormalUrl, String)| format!("{} {terms}", link.url().path());
        found.iter().map(shown).collect()
    }

    #[test]
    fn terms_go_with_their_items() {
        let open = format!("<r:rsl xmlns:r=\"{RSL}\">");
        let one = format!("/1 {open}<r:content url=''><r:license/></r:content></r:rsl>");
        let rows = [
            (
                "<item><link> /1 </link><r:content url=''><r:license/></r:content></item><item><link>/2</link></item>",
                vec![one],
            ),
            (
                "<entry><r:content/><link rel='self' href='/s'/><link href='/3?a=1&amp;b'/></entry>",
                vec![format!("/3 {open}<r:content/></r:rsl>")],
            ),
            ("<item><link>/1</link><content>x</content></item>", vec![]),
            ("<item><r:content/></item>", vec![]),
            ("<item><link>/1</link><r:content>", vec![]),
        ];
        for (items, expected) in rows {
            assert_eq!(terms(items), expected, "{items}");
        }
    }
}
