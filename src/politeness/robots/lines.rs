//! The lines of a robots.txt, each read by the `robotstxt` crate's line parser.
//!
//! That parser wants UTF-8 and loses things on the way: a real byte order mark, a malformed
//! escape beside a good one, a blank before a word without a colon, all of a line after 16 KB
//! (or it panics there). So each line is handed over alone, as ASCII, its other octets
//! percent-encoded as RFC 9309 2.2.2 wants them for matching anyway.

use super::octets;
use robotstxt::RobotsParseHandler;
use std::borrow::Cow;

/// What a line says, and the value that it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Agent,
    Allow,
    Disallow,
    Sitemap,
    CrawlDelay,
    RequestRate,
    VisitTime,
    ContentUsage,
    ContentSignal,
    License,
    LlmPolicy,
}

/// Up to this length the crate keeps a line whole (Google cuts at 16,664 octets).
const WHOLE: usize = 16_000;

/// Calls `each` with the number (from 1), field and value of every line that says something.
pub(super) fn read(body: &[u8], mut each: impl FnMut(u32, Field, &str)) {
    let body = without_bom(body);
    let mut line = String::new();
    for (number, raw) in (1..).zip(split(&body)) {
        prepare(raw, &mut line);
        if let Some((field, value)) = record(&line) {
            each(number, field, &value);
        }
    }
}

/// Strips a whole or a broken-off UTF-8 mark; decodes UTF-16 that has one.
fn without_bom(body: &[u8]) -> Cow<'_, [u8]> {
    let units = |unit: fn([u8; 2]) -> u16| {
        let units = body[2..]
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect();
        Cow::Owned(text.into_bytes())
    };
    match body {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] | [0xEF, 0xBB, rest @ ..] | [0xEF, rest @ ..] => rest.into(),
        _ => body.into(),
    }
}

/// Lines end with LF, CR or CRLF, as editors count them.
fn split(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            rest = None;
            return Some(text);
        };
        let after = if text[end..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        rest = Some(&text[end + after..]);
        Some(&text[..end])
    })
}

/// Makes a line ASCII: NULs dropped, octets from 0x80 escaped, hex digits upper case.
fn prepare(raw: &[u8], line: &mut String) {
    line.clear();
    let mut rest = raw.trim_ascii();
    while let Some((&first, after)) = rest.split_first() {
        if let Some(octet) = octets::escaped(rest) {
            octets::push_escape(line, octet);
            rest = &rest[3..];
            continue;
        }
        match first {
            0 => {}
            0x80.. => octets::push_escape(line, first),
            _ => line.push(char::from(first)),
        }
        rest = after;
    }
}

/// Reads one prepared line.
fn record(line: &str) -> Option<(Field, Cow<'_, str>)> {
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let mut heard = Heard::default();
    robotstxt::parse_robotstxt(line, &mut heard);
    let (key, value) = heard.0?;
    let field = key.field(line)?;
    if line.len() > WHOLE {
        return Some((field, Cow::Borrowed(long_value(line))));
    }
    let value = match field {
        Field::Disallow => path_before_colon(line).map_or(value, str::to_owned),
        _ => value,
    };
    Some((field, Cow::Owned(value)))
}

/// `Disallow /wiki/Special:Search`: the colon that the parser found belongs to the path.
fn path_before_colon(line: &str) -> Option<&str> {
    let line = line.split('#').next().unwrap_or_default();
    let (word, path) = line.split_once([' ', '\t'])?;
    let path = path.trim();
    let lost = path.starts_with('/') && !word.contains(':') && path.contains(':');
    (lost && !path.contains([' ', '\t'])).then_some(path)
}

fn long_value(line: &str) -> &str {
    let line = line.split('#').next().unwrap_or_default();
    line.split_once(':').map_or("", |(_, value)| value.trim())
}

/// What the crate called a line.
enum Key {
    Agent,
    Allow,
    Disallow,
    Sitemap,
    Other(String),
}

impl Key {
    /// Misspelt wishes to be left alone are obeyed; a misspelt `Allow` opens nothing.
    fn field(self, line: &str) -> Option<Field> {
        match self {
            Self::Agent => Some(Field::Agent),
            Self::Disallow => Some(Field::Disallow),
            Self::Sitemap => Some(Field::Sitemap),
            Self::Allow => is_allow(line).then_some(Field::Allow),
            Self::Other(name) => nearly(&name.to_ascii_lowercase()),
        }
    }
}

/// The crate takes any word that begins with `allow`.
fn is_allow(line: &str) -> bool {
    let word = line.split([':', ' ', '\t']).next().unwrap_or_default();
    word.eq_ignore_ascii_case("allow")
}

fn nearly(name: &str) -> Option<Field> {
    let known = [
        ("disallow", 2, Field::Disallow),
        ("user-agent", 2, Field::Agent),
        ("crawl-delay", 2, Field::CrawlDelay),
        ("request-rate", 1, Field::RequestRate),
        ("visit-time", 1, Field::VisitTime),
        ("sitemap", 1, Field::Sitemap),
        ("content-usage", 1, Field::ContentUsage),
        ("content-signal", 1, Field::ContentSignal),
        ("license", 1, Field::License),
        ("llm-policy", 1, Field::LlmPolicy),
    ];
    let close = |(word, most, _): &(&str, usize, Field)| {
        name.len().abs_diff(word.len()) <= *most && distance(name, word) <= *most
    };
    known.into_iter().find(close).map(|(.., field)| field)
}

/// Insertions, deletions, replacements and swaps of neighbours between two short words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut this = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut fewest = replaced.min(last[j] + 1).min(this[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                fewest = fewest.min(before[j - 2] + 1);
            }
            this.push(fewest);
        }
        before = std::mem::replace(&mut last, this);
    }
    last[b.len()]
}

/// The crate's callbacks, for the one line that it was given.
#[derive(Default)]
struct Heard(Option<(Key, String)>);

impl Heard {
    fn note(&mut self, key: Key, value: &str) {
        self.0 = Some((key, value.to_owned()));
    }
}

impl RobotsParseHandler for Heard {
    fn handle_robots_start(&mut self) {}
    fn handle_robots_end(&mut self) {}
    fn handle_user_agent(&mut self, _line: u32, value: &str) {
        self.note(Key::Agent, value);
    }
    fn handle_allow(&mut self, _line: u32, value: &str) {
        self.note(Key::Allow, value);
    }
    fn handle_disallow(&mut self, _line: u32, value: &str) {
        self.note(Key::Disallow, value);
    }
    fn handle_sitemap(&mut self, _line: u32, value: &str) {
        self.note(Key::Sitemap, value);
    }
    fn handle_unknown_action(&mut self, _line: u32, action: &str, value: &str) {
        self.note(Key::Other(action.to_owned()), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &[u8]) -> Vec<(u32, Field, String)> {
        let mut found = Vec::new();
        read(body, |line, field, value| {
            found.push((line, field, value.to_owned()));
        });
        found
    }

    #[test]
    fn one_line_each() {
        for (line, field, value) in [
            ("Disallow: /a", Field::Disallow, "/a"),
            (" \t Disallow\t:\t/x \t", Field::Disallow, "/x"),
            ("  disallow /no-colon", Field::Disallow, "/no-colon"),
            (
                "Disallow /wiki/Special:Search",
                Field::Disallow,
                "/wiki/Special:Search",
            ),
            ("Disallow: /a /b:c", Field::Disallow, "/a /b:c"),
            ("Desallow: /a", Field::Disallow, "/a"),
            ("useg-agent: b", Field::Agent, "b"),
            ("User agent: b", Field::Agent, "b"),
            ("ALLOW: /x#c", Field::Allow, "/x"),
            ("crawl delay: 4", Field::CrawlDelay, "4"),
            ("Crawl-delay 6", Field::CrawlDelay, "6"),
            ("site map: /s.xml", Field::Sitemap, "/s.xml"),
            ("Disallow: /é%zz%2f", Field::Disallow, "/%C3%A9%zz%2F"),
            ("Disallow: /a\0b\0\0", Field::Disallow, "/ab"),
        ] {
            let expected = vec![(1, field, value.to_owned())];
            assert_eq!(all(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn lines_that_say_nothing() {
        for line in [
            "",
            "#",
            "# Disallow: /",
            "Disallow /two words",
            "dissallow/b",
            "Allowed: /x",
            "Alow: /x",
            "Noindex: /x",
            "<p>Disallow: /",
            "https://n.example/s.xml",
            ": /x",
        ] {
            assert_eq!(all(line.as_bytes()), [], "{line}");
        }
    }

    #[test]
    fn line_ends_and_numbers() {
        let expected = |line| {
            vec![
                (1, Field::Agent, "*".into()),
                (line, Field::Disallow, "/".into()),
            ]
        };
        for (end, line) in [
            ("\n", 3),
            ("\r", 3),
            ("\r\n", 3),
            ("\r\r\n", 5),
            ("\n\r", 4),
        ] {
            let body = format!("User-agent: *{end}{end}Disallow: /{end}");
            assert_eq!(all(body.as_bytes()), expected(line), "{end:?}");
        }
    }

    #[test]
    fn marks_at_the_start() {
        let utf16 =
            |unit: fn(u16) -> [u8; 2]| "\u{feff}Allow: /".encode_utf16().flat_map(unit).collect();
        let plain = |mark: &[u8]| [mark, b"Allow: /"].concat();
        let bodies: [Vec<u8>; 5] = [
            plain(b"\xEF\xBB\xBF"),
            plain(b"\xEF\xBB"),
            plain(b"\xEF"),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ];
        for body in bodies {
            assert_eq!(all(&body), [(1, Field::Allow, "/".into())], "{body:?}");
        }
        assert_eq!(all(b"\xEF\x11\xBFAllow: /"), []);
    }

    #[test]
    fn a_long_line_stays_whole() {
        for unit in ["a", "é"] {
            let path = unit.repeat(20_000);
            let found = all(format!("Disallow: /{path}/end # c").as_bytes());
            assert!(found[0].2.ends_with("/end") && found[0].2.len() > 20_000);
        }
    }
}
