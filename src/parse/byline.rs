//! Who wrote a story.

use super::date;
use super::meta::Meta;
use super::page::{Mark, MarkKind, Page};
use super::region::Region;
use super::walk::{spaced, text_of};
use super::wording;

/// The authors: metadata first, then a visible byline. Never the publisher itself.
pub(super) fn authors(page: &Page<'_>, meta: &Meta, region: &Region<'_, '_>) -> Vec<String> {
    let house = House::of(page, meta);
    let mut named = Vec::new();
    for name in meta.authors.iter().flat_map(|line| declared(line)) {
        if !house.is(&name) && !named.contains(&name) {
            named.push(name);
        }
    }
    if !named.is_empty() {
        return named;
    }
    let visible = marked(page, region, &house)
        .or_else(|| opened(region, &house))
        .or_else(|| linked(page, region, &house));
    visible.unwrap_or_default()
}

/// Persons in elements that say that they hold the byline: near the headline first, then
/// anywhere in the story where `rel` says so.
fn marked(page: &Page<'_>, region: &Region<'_, '_>, house: &House) -> Option<Vec<String>> {
    let is_author =
        |mark: &Mark<'_>| mark.kind == MarkKind::Author || mark.attributes.itemprop_is("author");
    let near = page.marks.iter().filter(|mark| region.holds(mark.place));
    let near = near.filter(|mark| is_author(mark));
    let far = page
        .marks
        .iter()
        .filter(|mark| mark.attributes.rel_is("author") && region.holds_up_to_end(mark.place));
    let lines = near.chain(far).map(|mark| spaced(&mark.value()));
    let mut lines = lines.filter(|line| line.len() <= LONGEST_LINE);
    lines.find_map(|line| house.without(&line))
}

/// Persons in a line near the headline that begins like a byline and goes on in names.
fn opened(region: &Region<'_, '_>, house: &House) -> Option<Vec<String>> {
    let mut lines = region.lines().filter(|line| is_byline(line));
    lines.find_map(|line| house.without(&line))
}

/// Whether a line begins like a byline and goes on in names.
pub(super) fn is_byline(line: &str) -> bool {
    let opened = line.len() <= LONGEST_LINE && wording::opens_byline(line).is_some();
    let mut names = persons(line).peekable();
    opened
        && names.peek().is_some()
        && (line.contains([':', '：']) || names.all(|name| is_capital(&name)))
}

/// Whether a name's words begin with capitals, but for those like `de`; in scripts without
/// capitals, whether it is short.
fn is_capital(name: &str) -> bool {
    let cased = name.chars().any(char::is_uppercase);
    let mut words = name.split_whitespace();
    let small = |word: &str| word.starts_with(char::is_lowercase) && word.chars().count() > 3;
    if cased {
        !words.any(small)
    } else {
        !name.contains(char::is_lowercase) && words.count() <= 4
    }
}

/// A line near the headline that is also the text of a link to an author's page.
fn linked(page: &Page<'_>, region: &Region<'_, '_>, house: &House) -> Option<Vec<String>> {
    let names: Vec<String> = page
        .anchors
        .iter()
        .filter(|anchor| leads_to_author(anchor.href))
        .map(|anchor| text_of(anchor.node))
        .collect();
    let mut lines = region.lines();
    let line = lines.find(|line| names.contains(line) && !house.is(line))?;
    Some(vec![line])
}

/// The names by which the publisher goes, in letters only.
struct House(Vec<String>);

impl House {
    fn of(page: &Page<'_>, meta: &Meta) -> Self {
        let host = page.base.host_str().unwrap_or_default();
        let host = host.trim_start_matches("www.");
        let label = host.split('.').next().unwrap_or_default();
        let sites = page.metas.iter().filter(|(name, _)| {
            ["og:site_name", "application-name", "publisher", "copyright"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own))
        });
        let names = sites
            .map(|(_, content)| *content)
            .chain(meta.publisher.as_deref())
            .chain([host, label])
            .map(letters)
            .filter(|name| name.chars().count() >= 3);
        Self(names.collect())
    }

    /// Whether a name is the house's, or has it in it: `Gazette newsroom`.
    fn is(&self, name: &str) -> bool {
        let name = letters(name);
        self.0.iter().any(|house| {
            name == *house || (house.chars().count() >= 6 && name.contains(house.as_str()))
        })
    }

    /// The persons of a byline, if it names any.
    fn without(&self, line: &str) -> Option<Vec<String>> {
        let found: Vec<String> = persons(line).filter(|name| !self.is(name)).collect();
        (!found.is_empty()).then_some(found)
    }
}

/// Longest line that is a byline, in bytes.
const LONGEST_LINE: usize = 160;

fn letters(text: &str) -> String {
    let all = text.chars().filter(|c| c.is_alphanumeric());
    all.flat_map(char::to_lowercase).collect()
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

/// The names that metadata gives; of the words before them only those that are no part of
/// any name are taken off.
fn declared(line: &str) -> impl Iterator<Item = String> + '_ {
    let bare = line.trim();
    let mut opener = ["By ", "by ", "BY ", "بقلم"].iter();
    let bare = opener
        .find_map(|opener| bare.strip_prefix(opener))
        .unwrap_or(bare);
    names_in(bare.trim_start_matches([':', ' ']))
}

/// The names in a byline: `By A and B`, `بقلم: أ`.
fn persons(line: &str) -> impl Iterator<Item = String> + '_ {
    let bare = wording::opens_byline(line);
    // What follows begins small where it is no name: `By Ada Quill, in News, Sport`.
    let opened = bare.is_some();
    let names = names_in(bare.unwrap_or(line.trim()));
    let mut first = true;
    names.take_while(move |name| {
        let begins = std::mem::take(&mut first);
        begins || !opened || !name.starts_with(char::is_lowercase)
    })
}

fn names_in(bare: &str) -> impl Iterator<Item = String> + '_ {
    // What follows a comma or bar in a byline is a date or an office as often as a name.
    let pieces = before_date(bare).split([',', '،', '、', '|', ';', '/', '•', '·', '&']);
    let names = pieces.flat_map(|piece| {
        const JOINERS: [&str; 6] = [" and ", " und ", " et ", " och ", " og ", " и "];
        let joiner = JOINERS.into_iter().find(|joiner| piece.contains(joiner));
        piece.split(joiner.unwrap_or(" and "))
    });
    names
        .map(|name| name.trim().to_owned())
        .filter(|name| is_name(name))
}

/// A byline up to the date behind it: `lupa am 26. Oktober`.
fn before_date(line: &str) -> &str {
    const ON: [&str; 8] = [
        " am ", " on ", " le ", " el ", " op ", " den ", " em ", " il ",
    ];
    let dated = |at: usize, word: &str| {
        let behind = &line[at + word.len()..];
        behind.starts_with(|c: char| c.is_numeric()) || date::parse(behind).is_some()
    };
    let mut cuts = ON.iter().filter_map(|word| {
        let at = line.find(word)?;
        dated(at, word).then_some(at)
    });
    cuts.next().map_or(line, |at| &line[..at])
}

/// Whether a text can be a person's name.
fn is_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    (1..=6).contains(&words)
        && letters >= 2
        && digits <= 2
        && text.len() <= 100
        && !text.contains(['@', ':', '<'])
        && !is_office(text)
        && date::parse(text).is_none()
}

/// Whether a text says what somebody is and not who.
fn is_office(text: &str) -> bool {
    const OFFICES: [&str; 24] = [
        "admin",
        "assistant",
        "associate",
        "author",
        "autor",
        "autorin",
        "by",
        "chief",
        "contributor",
        "correspondent",
        "desk",
        "editor",
        "freelance",
        "journalist",
        "managing",
        "redaktion",
        "reporter",
        "reporters",
        "senior",
        "staff",
        "team",
        "von",
        "web",
        "writer",
    ];
    let mut words = text.split([' ', '-']).filter(|word| !word.is_empty());
    words.all(|word| {
        let word = word.to_lowercase();
        OFFICES.binary_search(&word.as_str()).is_ok()
    })
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
            ("كتبت: ليلى الحداد", &["ليلى الحداد"]),
            ("نویسنده: مریم کاظمی", &["مریم کاظمی"]),
            ("تحریر: عائشہ خان", &["عائشہ خان"]),
            ("מאת: נועה לוי", &["נועה לוי"]),
            ("By Ada Quill, Staff Writer", &["Ada Quill"]),
            ("Von Ada Quill und Bo Diddley", &["Ada Quill", "Bo Diddley"]),
            ("von lupa am 26. Oktober 2013", &["lupa"]),
            ("Posted on September 21, 2020 by Ada Quill", &["Ada Quill"]),
            ("AuthorAda Quill", &["Ada Quill"]),
            ("Vonnegut", &["Vonnegut"]),
            ("By Ada Quill, in News, Sport · 0 Comments", &["Ada Quill"]),
            ("Do 25.04.24 | 14:07 Uhr | Von Ada Quill", &["Ada Quill"]),
            ("Staff", &[]),
            ("17 January 2025", &[]),
            ("desk@news.example", &[]),
        ];
        for (line, names) in rows {
            assert_eq!(&persons(line).collect::<Vec<_>>(), names, "{line}");
        }
    }
}
