//! HTML character references: as WHATWG HTML reads them in pages, and only with their
//! semicolon in text that is not HTML to the parser that met it (JSON-LD, feeds, sitemaps).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use std::borrow::Cow;

/// Longest name of a character reference, and then some.
const LONGEST: usize = 34;

/// Undoes one layer of character references. What is none stays as it is.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len());
    out.push_str(plain);
    replace(&mut out, rest, reference);
    Cow::Owned(out)
}

/// Where in a page a reference stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In text.
    Text,
    /// In an attribute, where `&copy=` is a parameter of a query.
    Attribute,
}

/// Undoes the character references of HTML (WHATWG HTML 13.2.5.72 to 80).
pub(super) fn decode_html(text: &str, place: Place) -> String {
    let mut out = String::with_capacity(text.len());
    replace(&mut out, text, |rest| html_reference(rest, place));
    out
}

/// Appends `rest` with what `find` finds at each `&` in place of it.
fn replace(out: &mut String, mut rest: &str, find: impl Fn(&str) -> Option<(Characters, usize)>) {
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if let Some((characters, length)) = find(rest) {
            characters.push_to(out);
            length
        } else {
            out.push('&');
            1
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
}

/// As [`reference()`]; the semicolon may be missing.
fn html_reference(text: &str, place: Place) -> Option<(Characters, usize)> {
    let body = &text[1..];
    if let Some(number) = body.strip_prefix('#') {
        return numeric_prefix(number).map(|(c, length)| (Characters(c, None), length + 2));
    }
    // The commonest are whole and have a semicolon.
    let end = body
        .bytes()
        .take(LONGEST)
        .position(|b| !b.is_ascii_alphanumeric());
    if let Some(end) = end.filter(|&end| body.as_bytes()[end] == b';')
        && let Some(characters) = named(&body[..=end])
    {
        return Some((characters, end + 2));
    }
    let run = body
        .bytes()
        .take(LONGEST)
        .take_while(u8::is_ascii_alphanumeric);
    let longest = (1..=run.count()).rev();
    let (characters, length) = longest
        .into_iter()
        .find_map(|length| Some((named(&body[..length])?, length)))?;
    let behind = body.as_bytes().get(length);
    let is_parameter = behind.is_some_and(|&b| b == b'=' || b.is_ascii_alphanumeric());
    (place == Place::Text || !is_parameter).then_some((characters, length + 1))
}

/// The number at the start of a text, behind its `&#`, as a character.
fn numeric_prefix(text: &str) -> Option<(char, usize)> {
    let (digits, radix) = match text.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let count = digits.chars().take_while(|c| c.is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let mut length = text.len() - digits.len() + count;
    let character = numeric(&text[..length]).unwrap_or(char::REPLACEMENT_CHARACTER);
    length += usize::from(text.as_bytes().get(length) == Some(&b';'));
    Some((character, length))
}

/// What a reference stands for: one or two characters.
struct Characters(char, Option<char>);

impl Characters {
    fn push_to(&self, out: &mut String) {
        out.push(self.0);
        out.extend(self.1);
    }
}

/// The reference at the start of `text`, and its length in bytes.
fn reference(text: &str) -> Option<(Characters, usize)> {
    let window = text.as_bytes();
    let end = window.iter().take(LONGEST).position(|&b| b == b';')?;
    let body = text.get(1..end)?;
    let characters = match body.strip_prefix('#') {
        Some(number) => Characters(numeric(number)?, None),
        None => named(text.get(1..=end)?)?,
    };
    Some((characters, end + 1))
}

fn named(name: &str) -> Option<Characters> {
    let (first, second) = NAMED_ENTITIES.get(name)?;
    let first = char::from_u32(*first).filter(|&c| c != '\0')?;
    Some(Characters(
        first,
        char::from_u32(*second).filter(|&c| c != '\0'),
    ))
}

/// A numeric reference; those of windows-1252 that nobody means are read as meant (WHATWG
/// HTML 13.2.5.80).
fn numeric(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    if let Some(slot) = code.checked_sub(0x80)
        && let Some(Some(replacement)) = usize::try_from(slot)
            .ok()
            .and_then(|slot| C1_REPLACEMENTS.get(slot))
    {
        return Some(*replacement);
    }
    char::from_u32(code).filter(|&c| c != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let rows = [
            ("a &amp; b", "a & b"),
            ("&amp;amp;", "&amp;"),
            ("Council&#8217;s &ldquo;x&rdquo; &#x41;", "Council’s “x” A"),
            ("caf&eacute;&nbsp;x", "café\u{a0}x"),
            ("it&#146;s", "it’s"),
            ("a & b &unknown; &;", "a & b &unknown; &;"),
            ("?a=1&b=2&copy=3", "?a=1&b=2&copy=3"),
            (
                "&#0;&#x110000;&#99999999999;",
                "&#0;&#x110000;&#99999999999;",
            ),
            ("&é;", "&é;"),
        ];
        for (raw, text) in rows {
            assert_eq!(decode(raw), text, "{raw}");
        }
    }
}
