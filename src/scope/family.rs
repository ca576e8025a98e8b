//! Families of URLs: those that differ in numbers, tokens and values only, and that a program
//! may therefore make without end.

use super::rejection::Trap;
use crate::normal::NormalUrl;
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Segments from which a path counts as deep.
const DEEP: usize = 5;
/// Characters of the shortest token.
const TOKEN: usize = 8;

/// Names of parameters and segments that number the pages of a list.
const PAGING: [&str; 11] = [
    "after", "before", "cursor", "from", "offset", "p", "page", "paged", "pg", "skip", "start",
];
/// And of those that name a time.
const DATING: [&str; 10] = [
    "archive", "calendar", "date", "day", "event", "events", "month", "week", "when", "year",
];

/// A family that a URL belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// Its members have this in common.
    pub(super) key: u64,
    /// What it is when it has no end.
    pub(super) trap: Trap,
    /// What tells its members apart, where that is a token.
    token: Option<Token>,
}

/// Where a token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// In the segment that follows this path.
    Segment(String),
    /// In the value of this parameter.
    Value(String),
}

/// The families of a URL; none for most, which are of their own kind.
pub(super) fn families(url: &NormalUrl) -> Vec<Family> {
    let host = url.url().host_str();
    let path = url.url().path().trim_matches('/');
    let names: Vec<Cow<'_, str>> = url.url().query_pairs().map(|(name, _)| name).collect();
    let shapes: Vec<Cow<'_, str>> = path.split('/').map(shape).collect();
    let mut found = Vec::new();
    if shapes.iter().any(|shape| shape.contains(['#', '*'])) || !names.is_empty() {
        found.push(family(
            (host, &shapes, sorted(&names)),
            kind(&shapes, &names),
            None,
        ));
    }
    if names.len() > 1 {
        found.push(family((host, &shapes, "several"), Trap::Parameters, None));
    }
    if shapes.len() >= DEEP {
        found.push(family(
            (host, shapes[0].as_ref(), "deep"),
            Trap::Deepening,
            None,
        ));
    }
    found.extend(tokens(url, path));
    found
}

/// Families by a token alone, whatever else differs: each visitor may be given another.
fn tokens(url: &NormalUrl, path: &str) -> Option<Family> {
    let host = url.url().host_str();
    let in_value = url.url().query_pairs().find(|(_, value)| is_token(value));
    if let Some((name, _)) = in_value {
        let token = Token::Value(name.to_string());
        return Some(family(
            (host, "value", &*name),
            Trap::SessionId,
            Some(token),
        ));
    }
    let mut before = 0;
    for segment in path.split('/') {
        if is_token(segment) {
            let head = &path[..before];
            let token = Token::Segment(head.to_owned());
            return Some(family(
                (host, "segment", head),
                Trap::SessionId,
                Some(token),
            ));
        }
        before += segment.len() + 1;
    }
    None
}

impl Family {
    /// A link as it counts for this family: without the token that its members differ in.
    pub(super) fn seen<'a>(&self, url: &'a NormalUrl) -> Cow<'a, str> {
        match &self.token {
            None => url.as_str().into(),
            Some(Token::Value(name)) => {
                let mut bare = url.url().clone();
                let others = url.url().query_pairs().filter(|(other, _)| other != name);
                bare.query_pairs_mut().clear().extend_pairs(others);
                String::from(bare).into()
            }
            Some(Token::Segment(head)) => {
                let path = url.url().path().trim_start_matches('/');
                match path.strip_prefix(head.as_str()) {
                    Some(rest) => rest.split_once('/').map_or("", |(_, after)| after).into(),
                    None => url.as_str().into(),
                }
            }
        }
    }
}

fn family(members: impl Hash, trap: Trap, token: Option<Token>) -> Family {
    let mut hasher = DefaultHasher::new();
    members.hash(&mut hasher);
    Family {
        key: hasher.finish(),
        trap,
        token,
    }
}

fn sorted<'a>(names: &'a [Cow<'a, str>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names
}

/// What a family is, by the words and numbers that its members share.
fn kind(shapes: &[Cow<'_, str>], names: &[Cow<'_, str>]) -> Trap {
    let words = || shapes.iter().chain(names).map(AsRef::as_ref);
    if words().any(|word: &str| PAGING.binary_search(&word).is_ok()) {
        return Trap::Pagination;
    }
    let numbers = shapes.iter().filter(|shape| *shape == "#").count();
    let dated = shapes.iter().any(|shape| shape.starts_with("#-#"));
    if words().any(|word: &str| DATING.binary_search(&word).is_ok()) || dated || numbers > 1 {
        return Trap::Calendar;
    }
    if names.len() > 1 {
        return Trap::Parameters;
    }
    Trap::Barren
}

/// A segment with its numbers as `#`; a token as `*`.
fn shape(segment: &str) -> Cow<'_, str> {
    if is_token(segment) {
        return "*".into();
    }
    if !segment.bytes().any(|byte| byte.is_ascii_digit()) {
        return segment.into();
    }
    let mut shape = String::with_capacity(segment.len());
    for c in segment.chars() {
        if !c.is_ascii_digit() {
            shape.push(c);
        } else if !shape.ends_with('#') {
            shape.push('#');
        }
    }
    shape.into()
}

/// Letters and digits mixed as in no word and no number (`budget2026`, `b2b`): an identifier
/// made by a machine.
fn is_token(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let digit = |byte: &u8| byte.is_ascii_digit();
    let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let turns = bytes
        .windows(2)
        .filter(|two| digit(&two[0]) != digit(&two[1]));
    // With hyphens it may be a slug: `g7-2026-in-4k`.
    let longest = text.split('-').map(str::len).max().unwrap_or_default();
    plain && longest >= TOKEN && turns.count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Vec<Family> {
        families(&NormalUrl::parse(&format!("https://n.example{path}")).unwrap())
    }

    fn share(one: &str, other: &str) -> Option<Trap> {
        let (one, other) = (of(one), of(other));
        let shared = one
            .iter()
            .find(|it| other.iter().any(|its| its.key == it.key));
        shared.map(|family| family.trap)
    }

    #[test]
    fn lists_of_words_can_be_searched() {
        assert!(PAGING.is_sorted() && DATING.is_sorted());
    }

    #[test]
    fn members_of_a_family() {
        for (one, other, trap) in [
            (
                "/calendar/2031/5",
                "/calendar/1998/12",
                Some(Trap::Calendar),
            ),
            ("/events/2031-05", "/events/2040-11", Some(Trap::Calendar)),
            ("/x?month=2031-05", "/x?month=2031-06", Some(Trap::Calendar)),
            ("/news?page=2", "/news?page=31", Some(Trap::Pagination)),
            ("/news/page/2/", "/news/page/3/", Some(Trap::Pagination)),
            (
                "/a?sid=8f3a9c2b7d",
                "/b?sid=17cc0a2b1e",
                Some(Trap::SessionId),
            ),
            ("/s/8f3a9c2b7d/a", "/s/17cc0a2b1e/b", Some(Trap::SessionId)),
            ("/l?a=1&b=2", "/l?c=1&d=2&e=3", Some(Trap::Parameters)),
            ("/m/a/b/c/d", "/m/x/y/z/a/b", Some(Trap::Deepening)),
            ("/photo/1", "/photo/2", Some(Trap::Barren)),
            ("/news?page=2", "/sport?page=2", None),
            ("/tag/a", "/tag/b", None),
            ("/2026/11/25/one-story", "/2026/11/25/another", None),
            ("/s/budget2026", "/s/election2026", None),
            (
                "/s/550e8400-e29b-41d4-a716-446655440000/a",
                "/s/7d444840-9dc0-11d1-b245-5ffdce74fad2/b",
                Some(Trap::SessionId),
            ),
            ("/", "/", None),
        ] {
            assert_eq!(share(one, other), trap, "{one} {other}");
        }
    }

    #[test]
    fn hosts_have_families_of_their_own() {
        let of = |host: &str| {
            families(&NormalUrl::parse(&format!("https://{host}.example/a?p=1")).unwrap())
        };
        assert_ne!(of("n")[0].key, of("m")[0].key);
    }

    #[test]
    fn links_without_their_token() {
        let url = |path: &str| NormalUrl::parse(&format!("https://n.example{path}")).unwrap();
        let seen = |page: &str, link: &str| {
            let family = of(page).pop().unwrap();
            family.seen(&url(link)).into_owned()
        };
        let (one, two) = ("/a?x=1&sid=8f3a9c2b7d", "/a?x=1&sid=17cc0a2b1e");
        assert_eq!(seen("/?sid=8f3a9c2b7d", one), seen("/?sid=8f3a9c2b7d", two));
        let page = "/s/8f3a9c2b7d/list";
        assert_eq!(seen(page, "/s/8f3a9c2b7d/a"), seen(page, "/s/17cc0a2b1e/a"));
        assert_ne!(seen(page, "/s/8f3a9c2b7d/a"), seen(page, "/s/8f3a9c2b7d/b"));
        assert_ne!(seen(page, "/x/8f3a9c2b7d"), seen(page, "/x/17cc0a2b1e"));
    }
}
