//! The headline that the reader sees, checked against what the metadata says; and what of
//! the head of a story has strayed into its body.

use super::Block;
use super::body::{self, Body};
use super::boilerplate;
use super::byline;
use super::date;
use super::meta::Meta;
use super::page::{Mark, MarkKind, Page};
use super::published;
use super::walk::{attribute, text_of};
use super::wording;
use ego_tree::NodeRef;
use scraper::Node;

/// What stands between a page's title and the name of its site.
const SEPARATORS: [&str; 10] = [
    " | ", " - ", " – ", " — ", " :: ", " » ", " · ", " • ", "｜", " : ",
];

/// Most headings that are looked at.
const MOST: usize = 200;

/// A headline, and the block that shows it.
pub(super) struct Headline {
    pub(super) text: String,
    pub(super) block: Option<usize>,
}

/// The headline: the heading on the page that metadata knows too, else the last `h1` before
/// the body's end, else what metadata says.
pub(super) fn find(page: &Page<'_>, meta: &Meta, body: Option<&Body>) -> Option<Headline> {
    let shown = shown_before_end(page, body);
    let said = said(page, meta);
    let known = shown
        .iter()
        .find(|(_, _, text)| said.iter().any(|said| same(said, text)));
    let starts = || {
        shown
            .iter()
            .find(|(level, _, text)| *level <= 2 && said.iter().any(|said| begins(said, text)))
    };
    let chosen = known.or_else(starts).or_else(|| {
        let mut ones = shown.iter().filter(|(level, ..)| *level == 1);
        // With metadata that knows better, a lone `h1` may be the site's name.
        if meta.headlines.is_empty() {
            ones.next_back()
        } else {
            None
        }
    });
    if let Some((_, block, text)) = chosen {
        return Some(Headline {
            text: text.clone(),
            block: Some(*block),
        });
    }
    let first = said.into_iter().next();
    let fallback = || shown.iter().find(|(level, ..)| *level == 1);
    first
        .map(|text| Headline { text, block: None })
        .or_else(|| {
            fallback().map(|(_, block, text)| Headline {
                text: text.clone(),
                block: Some(*block),
            })
        })
}

/// The headings up to the end of the body: level, block, text.
fn shown_before_end(page: &Page<'_>, body: Option<&Body>) -> Vec<(u8, usize, String)> {
    let end = body.map_or(page.blocks.len(), |body| {
        body::end_of(&page.blocks, body.block)
    });
    let before = page.marks.iter().filter(|mark| mark.block < end);
    before.filter_map(shown).take(MOST).collect()
}

/// The headings that could be the headline: level and text.
pub(super) fn headings(page: &Page<'_>, body: Option<&Body>) -> impl Iterator<Item = (u8, String)> {
    let shown = shown_before_end(page, body).into_iter();
    shown.map(|(level, _, text)| (level, text))
}

/// Whether metadata knows a heading.
pub(super) fn is_known(page: &Page<'_>, meta: &Meta, text: &str) -> bool {
    said(page, meta).iter().any(|said| same(said, text))
}

fn shown(mark: &Mark<'_>) -> Option<(u8, usize, String)> {
    let level = match mark.kind {
        MarkKind::Heading(level) if level <= 3 => level,
        MarkKind::Property if mark.attributes.itemprop_is("headline") => 1,
        _ => return None,
    };
    let text = without_kicker(mark.node);
    (!text.is_empty()).then_some((level, mark.block, text))
}

/// Shortest headline that may be left without its kicker, in characters.
const LEFT: usize = 8;

/// The text of a heading without the line above it that stands inside, unless a colon makes
/// them one.
fn without_kicker(heading: NodeRef<'_, Node>) -> String {
    let text = text_of(heading);
    let Some(kicker) = kicker_of(heading).map(text_of) else {
        return text;
    };
    let rest = text.strip_prefix(&kicker).unwrap_or_default();
    let rest = rest.trim_start_matches([' ', '-', '–', '—', '|', '·', '/']);
    let one = kicker.ends_with(':') || rest.starts_with(':');
    if one || rest.chars().count() < LEFT {
        return text;
    }
    rest.to_owned()
}

/// The element called a kicker that a heading begins with.
fn kicker_of(heading: NodeRef<'_, Node>) -> Option<NodeRef<'_, Node>> {
    let mut down = std::iter::successors(first_inside(heading), |node| first_inside(*node));
    let class = |node: &NodeRef<'_, Node>| {
        let element = node.value().as_element()?;
        attribute(element, "class").map(boilerplate::is_kicker)
    };
    down.by_ref().take(4).find(|node| class(node) == Some(true))
}

/// The first child that a reader sees.
fn first_inside(node: NodeRef<'_, Node>) -> Option<NodeRef<'_, Node>> {
    node.children().find(|child| match child.value() {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(_) => true,
        _ => false,
    })
}

/// Headlines by metadata, and the page's title without the site's name.
fn said(page: &Page<'_>, meta: &Meta) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for headline in &meta.headlines {
        said.push(without_site(headline, meta.publisher.as_deref()).to_owned());
    }
    if let Some(title) = &page.title {
        said.push(without_site(title, meta.publisher.as_deref()).to_owned());
    }
    said
}

/// A title without the name of the site before or behind it. Without knowing the name, the
/// last part goes when it is the shorter one.
fn without_site<'a>(title: &'a str, site: Option<&str>) -> &'a str {
    if let Some(site) = site.filter(|site| !site.is_empty()) {
        for separator in SEPARATORS {
            let behind = title
                .strip_suffix(site)
                .and_then(|rest| rest.strip_suffix(separator));
            let before = || {
                title
                    .strip_prefix(site)
                    .and_then(|rest| rest.strip_prefix(separator))
            };
            if let Some(bare) = behind.or_else(before) {
                return bare.trim();
            }
        }
    }
    match last_part(title) {
        Some((bare, part)) if part.chars().count() < bare.chars().count() => bare,
        _ => title,
    }
}

/// A title cut at its last separator.
fn last_part(title: &str) -> Option<(&str, &str)> {
    let cut = |separator: &&str| title.rfind(*separator).map(|at| (at, separator.len()));
    let (at, length) = SEPARATORS
        .iter()
        .filter(|separator| **separator != " : ")
        .filter_map(cut)
        .max()?;
    Some((title[..at].trim(), title[at + length..].trim()))
}

/// The name of the site, when the page's title is the headline and another part.
pub(super) fn site_name(page: &Page<'_>, headline: Option<&str>) -> Option<String> {
    let (bare, part) = last_part(page.title.as_deref()?)?;
    let site = match headline? {
        headline if same(bare, headline) => part,
        headline if same(part, headline) => bare,
        _ => return None,
    };
    (!site.is_empty()).then(|| site.to_owned())
}

/// Whether two headlines are one, but for case, spaces and punctuation.
pub(super) fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> String {
        let all = text.chars().filter(|c| c.is_alphanumeric());
        all.flat_map(char::to_lowercase).collect()
    };
    // Letters of other cases and scripts take up to three times the bytes.
    if a.len() > b.len() * 3 || b.len() > a.len() * 3 {
        return false;
    }
    let a = letters(a);
    !a.is_empty() && a == letters(b)
}

/// Whether one headline is a longer form of the other.
fn begins(said: &str, shown: &str) -> bool {
    let (short, long) = if said.len() < shown.len() {
        (said, shown)
    } else {
        (shown, said)
    };
    short.chars().count() >= 12 && long.starts_with(short)
}

/// A page without a heading often shows its headline as the first line of the body, and a
/// shorter form of it as its title: the reader sees the line.
pub(super) fn as_shown(headline: Headline, blocks: &[Block]) -> Headline {
    let first = blocks.iter().find(|block| !block.text.is_empty());
    match first {
        Some(line)
            if headline.block.is_none()
                && line.text.chars().count() <= 160
                && !line.text.ends_with(['.', '؟', '。'])
                && (begins(&headline.text, &line.text) || is_part(&headline.text, &line.text)) =>
        {
            Headline {
                text: line.text.clone(),
                block: None,
            }
        }
        _ => headline,
    }
}

/// Whether a line is what stands before or behind a separator of a title.
fn is_part(title: &str, line: &str) -> bool {
    last_part(title).is_some_and(|(bare, part)| same(bare, line) || same(part, line))
}

/// Takes off the head of the story where it stands inside the body: headline, byline, date;
/// and headings behind the last paragraph.
pub(super) fn trim(blocks: &mut Vec<Block>, headline: Option<&str>, authors: &[String]) {
    let of_head = |block: &Block| {
        let text = block.text.as_str();
        let short = text.chars().count() <= 120;
        let is_headline = headline
            .is_some_and(|headline| same(headline, text) || (short && text.ends_with(headline)));
        let is_byline = short
            && authors
                .iter()
                .any(|author| text.contains(author.as_str()) && text.len() <= author.len() + 40);
        let is_headline = is_headline || (short && byline::is_byline(text));
        is_headline || is_byline || is_date_line(text)
    };
    if let Some(at) = headline.and_then(|headline| {
        blocks
            .iter()
            .take(12)
            .position(|block| same(headline, &block.text))
    }) {
        // Crumbs and labels before the headline; a picture may stand there too.
        let mut index = 0;
        blocks.retain(|block| {
            index += 1;
            index > at + 1 || block.kind == "image" || block.text.chars().count() > 120
        });
    }
    let mut seen = 0;
    let head = blocks
        .iter()
        .take(6)
        .take_while(|block| block.text.chars().count() <= 160);
    let head = head.count();
    blocks.retain(|block| {
        seen += 1;
        seen > head || block.kind == "image" || !of_head(block)
    });
    if let Some(at) = tail(blocks) {
        blocks.truncate(at);
    }
    let trails = |block: &Block| {
        let text = block.text.as_str();
        block.kind == "heading"
            || is_date_line(text)
            || (text.len() <= 120 && byline::is_byline(text))
    };
    while blocks.last().is_some_and(trails) {
        blocks.pop();
    }
}

/// Longest heading over other stories, and longest line that presents one, in bytes.
const LONGEST_HEAD: usize = 60;
const LONGEST_TEASER: usize = 300;

/// Where a heading over other stories begins the end of a body: nothing but short lines
/// follow it, and less text than stands before it.
fn tail(blocks: &[Block]) -> Option<usize> {
    let lines = blocks.iter().rev();
    let short = lines
        .take_while(|block| block.text.len() <= LONGEST_TEASER)
        .count();
    let from = (blocks.len() - short).max(1);
    let heads = |block: &Block| {
        let said = match block.kind.as_str() {
            "heading" => wording::heads_related(&block.text),
            _ => wording::begins_related(&block.text),
        };
        said && block.text.len() <= LONGEST_HEAD
    };
    let at = from + blocks.get(from..)?.iter().position(heads)?;
    let bytes = |blocks: &[Block]| blocks.iter().map(|block| block.text.len()).sum::<usize>();
    (bytes(&blocks[..at]) > bytes(&blocks[at..])).then_some(at)
}

/// Whether a line only says when the story appeared or was changed.
fn is_date_line(text: &str) -> bool {
    let length = text.chars().count();
    let stated = || published::says_updated(text) || published::says_published(text);
    (length <= 60 || (length <= 120 && stated())) && date::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_without_the_site() {
        let rows = [
            (
                "Toads cross the road | Ledger",
                None,
                "Toads cross the road",
            ),
            ("Ledger - Toads", Some("Ledger"), "Toads"),
            (
                "Toads: a story - part two - The Ledger",
                None,
                "Toads: a story - part two",
            ),
            ("وقعا اتفاقية شراكة - الحدث", None, "وقعا اتفاقية شراكة"),
            ("A - longer second part", None, "A - longer second part"),
            ("Plain", None, "Plain"),
        ];
        for (title, site, bare) in rows {
            assert_eq!(without_site(title, site), bare, "{title}");
        }
    }
}
