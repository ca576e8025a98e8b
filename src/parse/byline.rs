//! Who wrote a story.

use super::date;
use super::meta::Meta;
use super::page::{Mark, MarkKind, Page};
use super::region::Region;
use super::walk::{spaced, text_of};

/// The authors: metadata first, then a visible byline.
pub(super) fn authors(page: &Page<'_>, meta: &Meta, region: &Region<'_, '_>) -> Vec<String> {
    if !meta.authors.is_empty() {
        return meta.authors.iter().flat_map(|line| persons(line)).collect();
    }
    let marked = page
        .marks
        .iter()
        .filter(|mark| region.holds(mark.place))
        .filter(|mark| mark.kind == MarkKind::Author || mark.attributes.itemprop_is("author"));
    let marked: Vec<String> = marked
        .map(Mark::value)
        .find_map(|line| {
            let found: Vec<String> = persons(&spaced(&line)).collect();
            (!found.is_empty()).then_some(found)
        })
        .unwrap_or_default();
    if !marked.is_empty() {
        return marked;
    }
    // A line that is also the text of a link to an author's page.
    let names: Vec<String> = page
        .anchors
        .iter()
        .filter(|anchor| leads_to_author(anchor.href))
        .map(|anchor| text_of(anchor.node))
        .collect();
    let line = region.lines().find(|line| names.contains(line));
    line.into_iter().collect()
}

fn leads_to_author(href: &str) -> bool {
    let lower = href.to_ascii_lowercase();
    [
        "/author/",
        "/authors/",
        "/writer/",
        "/writers/",
        "/journalist/",
        "/by/",
        "/profile/",
    ]
    .iter()
    .any(|part| lower.contains(part))
}

/// The names in a byline: `By A and B`, `بقلم: أ`.
fn persons(line: &str) -> impl Iterator<Item = String> + '_ {
    const OPENERS: [&str; 8] = [
        "By ",
        "by ",
        "BY ",
        "بقلم:",
        "بقلم",
        "كتب:",
        "كتبت:",
        "Von ",
    ];
    let mut bare = line.trim();
    if let Some(after) = OPENERS.iter().find_map(|opener| bare.strip_prefix(opener)) {
        bare = after.trim_start_matches([':', ' ']);
    }
    // What follows a comma or bar in a byline is a date or an office as often as a name.
    let pieces = bare
        .split(" and ")
        .flat_map(|part| part.split([',', '،', '|', ';', '/', '•', '·']));
    pieces
        .map(|name| name.trim().to_owned())
        .filter(|name| is_name(name))
}

/// Whether a text can be a person's name.
fn is_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (1..=6).contains(&words)
        && letters >= 2
        && text.len() <= 100
        && !text.contains(['@', ':', '<'])
        && date::parse(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines() {
        let rows: &[(&str, &[&str])] = &[
            (
                "By Ada Lovelace and Bo Diddley",
                &["Ada Lovelace", "Bo Diddley"],
            ),
            ("By Reporter 1, 2025-05-31T23:40:00Z", &["Reporter 1"]),
            ("بقلم: نيوزاليست", &["نيوزاليست"]),
            ("17 January 2025", &[]),
            ("desk@news.example", &[]),
        ];
        for (line, names) in rows {
            assert_eq!(&persons(line).collect::<Vec<_>>(), names, "{line}");
        }
    }
}
