//! The encodings that a header, an XML declaration or a meta element declares.

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

/// How far a declaration is looked for, in bytes; it belongs into the first 1,024, and
/// browsers take a later one too.
const PRESCAN: usize = 64 << 10;
/// Most declarations of one body that are looked at.
const MOST: usize = 4;

/// The charset parameter of a `Content-Type` header (RFC 9110 8.3.1), oddities allowed.
pub(super) fn header_charset(header: &str) -> Option<&'static Encoding> {
    label(charset_in(header.as_bytes())?)
}

/// What follows `charset=` wherever it stands in a value (WHATWG "extracting a character
/// encoding from a meta element").
fn charset_in(value: &[u8]) -> Option<&[u8]> {
    let mut rest = value;
    loop {
        let at = find_ignoring_case(rest, b"charset")?;
        rest = rest[at + 7..].trim_ascii_start();
        let Some(after) = rest.strip_prefix(b"=") else {
            continue;
        };
        let after = after.trim_ascii_start();
        if after.len() >= 7 && after[..7].eq_ignore_ascii_case(b"charset") {
            continue;
        }
        return Some(unquoted(after));
    }
}

fn unquoted(value: &[u8]) -> &[u8] {
    let value = match value {
        [b'"' | b'\'', rest @ ..] => rest,
        all => all,
    };
    let end = value
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b';' | b',' | b'"' | b'\''));
    &value[..end.unwrap_or(value.len())]
}

/// The encoding that a label means: WHATWG's table, and near misses that sites write. One
/// that WHATWG refuses to decode (ISO-2022-KR, HZ) is as good as none.
fn label(raw: &[u8]) -> Option<&'static Encoding> {
    let known = Encoding::for_label(raw).or_else(|| near_miss(raw));
    known.filter(|encoding| *encoding != REPLACEMENT)
}

fn near_miss(raw: &[u8]) -> Option<&'static Encoding> {
    let mut plain = String::from_utf8_lossy(raw).to_ascii_lowercase();
    plain.retain(|c| c.is_ascii_alphanumeric());
    let plain = plain.as_str();
    if plain.starts_with("utf8") {
        return Some(UTF_8);
    }
    let number = ["windows", "win", "cp", "msansi", "ansi", "ms", "ibm", "xcp"]
        .iter()
        .find_map(|prefix| plain.strip_prefix(prefix));
    let meant = match number.unwrap_or(plain) {
        "932" | "31j" | "sjis" | "shiftjis" | "xshiftjis" => "shift_jis",
        "936" => "gbk",
        "949" | "51949" | "ksc" | "ksc5601" | "ks" => "euc-kr",
        "950" => "big5",
        "20866" | "koi8" => "koi8-r",
        "21866" => "koi8-u",
        "20932" | "51932" | "eucjpms" => "euc-jp",
        "50220" | "50221" | "50222" => "iso-2022-jp",
        "54936" => "gb18030",
        "65001" => "utf-8",
        _ => return Encoding::for_label(format!("windows-{}", number?).as_bytes()),
    };
    Encoding::for_label(meant.as_bytes())
}

/// What the body itself declares, in order: an XML declaration and meta elements. A document
/// that could be read so far is not UTF-16, whatever it says.
pub(super) fn own_words(body: &[u8]) -> Vec<&'static Encoding> {
    let start = &body[..body.len().min(PRESCAN)];
    let mut found: Vec<_> = xml_declaration(start).into_iter().collect();
    prescan(start, &mut found);
    for encoding in &mut found {
        if *encoding == UTF_16LE || *encoding == UTF_16BE {
            *encoding = UTF_8;
        }
    }
    found
}

fn xml_declaration(start: &[u8]) -> Option<&'static Encoding> {
    let at = find(&start[..start.len().min(1_024)], b"<?xml ")?;
    let end = find(&start[at..], b"?>")?;
    let declaration = &start[at..at + end];
    let value = declaration[find(declaration, b"encoding")? + 8..].trim_ascii_start();
    label(unquoted(value.strip_prefix(b"=")?.trim_ascii_start()))
}

/// WHATWG's prescan, which besides skips the text of scripts and styles, and goes on behind
/// the first declaration to the end of the head.
fn prescan(mut rest: &[u8], found: &mut Vec<&'static Encoding>) {
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            let Some(end) = find(&rest[4..], b"-->") else {
                return;
            };
            rest = &rest[4 + end..];
            continue;
        }
        let name_length = rest[1..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        if name_length == 0 && !matches!(rest.get(1), Some(b'/' | b'!' | b'?')) {
            rest = &rest[1..];
            continue;
        }
        let name = &rest[1..=name_length];
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        if is(b"body") && !found.is_empty() {
            return;
        }
        let (attributes, after) = attributes(&rest[1 + name_length..]);
        if is(b"meta") {
            found.extend(of_meta(&attributes));
            if found.len() >= MOST {
                return;
            }
        }
        rest = after;
        if is(b"script") || is(b"style") {
            let end = find_ignoring_case(after, &[b"</", name].concat());
            rest = &after[end.unwrap_or(after.len())..];
        }
    }
}

type RawAttribute<'b> = (&'b [u8], &'b [u8]);

fn of_meta(attributes: &[RawAttribute<'_>]) -> Option<&'static Encoding> {
    let get = |name: &[u8]| {
        let mut all = attributes.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    };
    if let Some(value) = get(b"charset") {
        return label(charset_in(value).unwrap_or(unquoted(value.trim_ascii())));
    }
    let pragma = get(b"http-equiv")?.trim_ascii();
    if !pragma.eq_ignore_ascii_case(b"content-type") {
        return None;
    }
    label(charset_in(get(b"content")?)?)
}

/// The attributes of a tag, from behind its name, and what follows the tag.
fn attributes(mut rest: &[u8]) -> (Vec<RawAttribute<'_>>, &[u8]) {
    let mut found = Vec::new();
    loop {
        while let [b'/' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c', after @ ..] = rest {
            rest = after;
        }
        match rest {
            [] => return (found, rest),
            [b'>', after @ ..] => return (found, after),
            _ => {}
        }
        let end = rest
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/'));
        let name_length = end.unwrap_or(rest.len()).max(1);
        let name = &rest[..name_length];
        rest = &rest[name_length..];
        let value_at = rest.trim_ascii_start();
        let (value, after) = match value_at.strip_prefix(b"=") {
            Some(raw) => attribute_value(raw.trim_ascii_start()),
            None => (&rest[..0], rest),
        };
        found.push((name, value));
        rest = after;
    }
}

fn attribute_value(raw: &[u8]) -> (&[u8], &[u8]) {
    if let [quote @ (b'"' | b'\''), inner @ ..] = raw {
        let end = inner.iter().position(|b| b == quote);
        let end = end.unwrap_or(inner.len());
        return (&inner[..end], inner.get(end + 1..).unwrap_or_default());
    }
    let end = raw
        .iter()
        .position(|&b| b.is_ascii_whitespace() || b == b'>');
    raw.split_at(end.unwrap_or(raw.len()))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

fn find_ignoring_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|w| w.eq_ignore_ascii_case(needle))
}
