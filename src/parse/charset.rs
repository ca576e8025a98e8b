//! Which encoding a body is in: byte order mark, then header, then the page's own word,
//! then the bytes themselves (WHATWG HTML 13.2.3.2), and what a declaration that the
//! bytes contradict is worth.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How much of a body the statistics look at, in bytes.
const GUESSED_FROM: usize = 64 << 10;
/// How far a declaration is looked for, in bytes; it belongs into the first 1,024, and
/// browsers take a later one too.
const PRESCAN: usize = 16 << 10;

/// A body as text.
pub(super) struct Decoded<'b> {
    /// The text, without byte order mark.
    pub(super) text: Cow<'b, str>,
    /// WHATWG name of the encoding that was used.
    pub(super) charset: &'static str,
    /// What was wrong, where something was.
    pub(super) fault: Option<String>,
}

/// Turns bytes into text. `header` is the `Content-Type` header, `tld` the last label of the
/// host name, a hint for the statistics.
pub(super) fn decode<'b>(body: &'b [u8], header: Option<&str>, tld: Option<&str>) -> Decoded<'b> {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return by(encoding, &body[length..], None);
    }
    let header = header.and_then(header_charset);
    match std::str::from_utf8(body) {
        Ok(text) => valid_utf8(body, text, header.or_else(|| own_word(body))),
        Err(_) => other(body, header, own_word(body), tld),
    }
}

/// The body is valid UTF-8, which text in another encoding hardly ever is by chance.
fn valid_utf8<'b>(
    body: &'b [u8],
    text: &'b str,
    declared: Option<&'static Encoding>,
) -> Decoded<'b> {
    let mut fault = None;
    if let Some(declared) = declared.filter(|declared| *declared != UTF_8) {
        let sequences = text.chars().filter(|c| !c.is_ascii()).take(3).count();
        if sequences < 3 {
            return by(declared, body, None);
        }
        fault = Some(contradiction(declared, UTF_8));
    }
    Decoded {
        text: Cow::Borrowed(text),
        charset: UTF_8.name(),
        fault,
    }
}

/// The body is not valid UTF-8 as a whole.
fn other<'b>(
    body: &'b [u8],
    header: Option<&'static Encoding>,
    own: Option<&'static Encoding>,
    tld: Option<&str>,
) -> Decoded<'b> {
    let declared = header.or(own);
    if declared.is_none_or(|encoding| encoding == UTF_8) && mostly_utf8(body) {
        return by(UTF_8, body, Some("bytes that are not UTF-8".to_owned()));
    }
    let Some(declared) = declared else {
        return by(guess(body, tld), body, None);
    };
    if let (Some(header), Some(own)) = (header, own)
        && header != own
        && header == WINDOWS_1252
        && guess(body, tld) == own
    {
        // A server's default for all its files, against the page's own word.
        return by(own, body, Some(contradiction(header, own)));
    }
    if declared != UTF_8 && fits(declared, body) {
        return by(declared, body, None);
    }
    let better = guess(body, tld);
    if better != declared && fits(better, body) {
        return by(better, body, Some(contradiction(declared, better)));
    }
    by(declared, body, None)
}

fn by<'b>(encoding: &'static Encoding, body: &'b [u8], fault: Option<String>) -> Decoded<'b> {
    // GB2312 and GBK are both read as the GBK index by WHATWG; GB18030 reads all of it and
    // its four-byte forms besides.
    let (text, errors) = encoding.decode_without_bom_handling(body);
    let fault = fault.or_else(|| errors.then(|| format!("bytes that are not {}", encoding.name())));
    Decoded {
        text,
        charset: encoding.name(),
        fault,
    }
}

fn contradiction(declared: &'static Encoding, found: &'static Encoding) -> String {
    let (declared, found) = (declared.name(), found.name());
    format!("declared as {declared}, but the bytes are {found}")
}

/// Whether a decoder makes sense of the bytes, but for one sequence in fifty.
fn fits(encoding: &'static Encoding, body: &[u8]) -> bool {
    let part = &body[..body.len().min(GUESSED_FROM)];
    let (text, errors) = encoding.decode_without_bom_handling(part);
    if !errors {
        return true;
    }
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    let broken = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER);
    broken.count() * 50 <= foreign + 50
}

/// Whether the bytes are UTF-8 but for a stray byte here and there.
fn mostly_utf8(body: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in body.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && bad * 10 <= good + 9
}

fn guess(body: &[u8], tld: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&body[..body.len().min(GUESSED_FROM)], true);
    let tld = tld.filter(|tld| !tld.is_empty() && tld.bytes().all(|b| b.is_ascii_lowercase()));
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Deny)
}

/// The charset parameter of a `Content-Type` header (RFC 9110 8.3.1), oddities allowed.
fn header_charset(header: &str) -> Option<&'static Encoding> {
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

/// The encoding that a label means: WHATWG's table, and near misses that sites write.
fn label(raw: &[u8]) -> Option<&'static Encoding> {
    if let Some(encoding) = Encoding::for_label(raw) {
        return Some(encoding);
    }
    let mut plain = String::from_utf8_lossy(raw).to_ascii_lowercase();
    plain.retain(|c| c.is_ascii_alphanumeric());
    let plain = plain.as_str();
    if plain.starts_with("utf8") {
        return Some(UTF_8);
    }
    let number = ["windows", "win", "cp", "msansi", "ansi"]
        .iter()
        .find_map(|prefix| plain.strip_prefix(prefix))?;
    if number == "936" {
        return Some(GBK);
    }
    Encoding::for_label(format!("windows-{number}").as_bytes())
}

/// What the body itself declares: an XML declaration or a meta element. A document that
/// could be read so far is not UTF-16, whatever it says.
fn own_word(body: &[u8]) -> Option<&'static Encoding> {
    let start = &body[..body.len().min(PRESCAN)];
    let encoding = xml_declaration(start).or_else(|| prescan(start))?;
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return Some(UTF_8);
    }
    Some(encoding)
}

fn xml_declaration(start: &[u8]) -> Option<&'static Encoding> {
    let at = find(&start[..start.len().min(1_024)], b"<?xml ")?;
    let end = find(&start[at..], b"?>")?;
    let declaration = &start[at..at + end];
    let value = declaration[find(declaration, b"encoding")? + 8..].trim_ascii_start();
    label(unquoted(value.strip_prefix(b"=")?.trim_ascii_start()))
}

/// WHATWG's prescan, which besides skips the text of scripts and styles.
fn prescan(mut rest: &[u8]) -> Option<&'static Encoding> {
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            rest = &rest[4 + find(&rest[4..], b"-->")?..];
            continue;
        }
        let name_length = rest[1..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let name = &rest[1..=name_length];
        let (attributes, after) = attributes(&rest[1 + name_length..]);
        if name.eq_ignore_ascii_case(b"meta")
            && let Some(encoding) = of_meta(&attributes)
        {
            return Some(encoding);
        }
        if name.eq_ignore_ascii_case(b"body") {
            return None;
        }
        rest = if name.eq_ignore_ascii_case(b"script") || name.eq_ignore_ascii_case(b"style") {
            &after[find_ignoring_case(after, &[b"</", name].concat())?..]
        } else {
            after
        };
        rest = rest.strip_prefix(b"<").unwrap_or(rest);
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    const ARABIC: &str = "أعلنت بلدية الميناء القديم إعادة فتح سوق السمك بعد أعمال ترميم";

    fn page(meta: &str, text: &str, encoding: &'static Encoding) -> Vec<u8> {
        let page = format!("<html><head>{meta}<title>{text}</title></head><p>{text}</p></html>");
        encoding.encode(&page).0.into_owned()
    }

    #[test]
    fn declarations() {
        let rows: &[(&str, &str, &'static Encoding, &str)] = &[
            (
                "text/html; charset=windows-1256",
                "",
                encoding_rs::WINDOWS_1256,
                "header",
            ),
            (
                "text/html; charset=\"Windows-1256\"",
                "",
                encoding_rs::WINDOWS_1256,
                "quoted",
            ),
            (
                "text/html; charset=charset=cp1256",
                "",
                encoding_rs::WINDOWS_1256,
                "twice",
            ),
            (
                "text/html",
                "<meta charset=windows-1256>",
                encoding_rs::WINDOWS_1256,
                "meta",
            ),
            (
                "text/html",
                "<META content='text/html; CHARSET = windows-1256' HTTP-EQUIV=content-type>",
                encoding_rs::WINDOWS_1256,
                "pragma",
            ),
            (
                "text/html",
                "<!-- <meta charset=gbk> --><script>'<meta charset=gbk>'</script><script src=\"/t.js?charset=utf-7\"></script><meta charset=windows1256>",
                encoding_rs::WINDOWS_1256,
                "not in comments or scripts",
            ),
            (
                "text/html; charset=iso-8859-1",
                "",
                UTF_8,
                "the bytes are UTF-8",
            ),
            (
                "text/html; charset=utf8",
                "<meta charset=gbk>",
                UTF_8,
                "header over meta",
            ),
            ("", "", UTF_8, "nothing declared"),
            (
                "",
                "",
                encoding_rs::WINDOWS_1256,
                "nothing declared, statistics",
            ),
            (
                "text/html; charset=utf-8",
                "",
                encoding_rs::WINDOWS_1256,
                "a lie",
            ),
            (
                "text/html; charset=iso-8859-1",
                "<meta charset=windows-1256>",
                encoding_rs::WINDOWS_1256,
                "a server's default",
            ),
        ];
        for (header, meta, encoding, why) in rows {
            let body = page(meta, ARABIC, encoding);
            let decoded = decode(&body, Some(header), Some("example"));
            assert!(decoded.text.contains(ARABIC), "{why}: {}", decoded.charset);
            assert_eq!(decoded.charset, encoding.name(), "{why}");
        }
    }

    #[test]
    fn a_mark_beats_the_header_and_leaves_no_trace() {
        let body = ["\u{feff}".as_bytes(), ARABIC.as_bytes()].concat();
        let decoded = decode(&body, Some("text/html; charset=windows-1256"), None);
        assert_eq!((decoded.text.as_ref(), decoded.charset), (ARABIC, "UTF-8"));
    }

    #[test]
    fn one_bad_byte_is_one_replacement() {
        for header in ["text/html; charset=utf-8", "text/html"] {
            let body = [ARABIC.as_bytes(), b"\xc3 ", ARABIC.as_bytes()].concat();
            let decoded = decode(&body, Some(header), None);
            assert_eq!(decoded.charset, "UTF-8");
            assert_eq!(decoded.text.matches('\u{fffd}').count(), 1);
            assert!(decoded.fault.is_some());
        }
    }

    #[test]
    fn gb2312_reads_what_only_gbk_has() {
        let body = page(
            "<meta http-equiv=Content-Type content=\"charset=gb2312\">",
            "镕城车站改名，市民直呼囧",
            GBK,
        );
        let decoded = decode(&body, Some("text/html"), None);
        assert!(decoded.text.contains("市民直呼囧"));
        assert!(!decoded.text.contains('\u{fffd}'));
    }

    #[test]
    fn xml_declarations_and_utf_16() {
        let xml = "<?xml version='1.0' encoding='windows-1256'?><rss><title>أخبار</title></rss>";
        let body = encoding_rs::WINDOWS_1256.encode(xml).0.into_owned();
        assert!(decode(&body, Some("text/xml"), None).text.contains("أخبار"));
        let mut wide: Vec<u8> = vec![0xff, 0xfe];
        wide.extend(xml.encode_utf16().flat_map(u16::to_le_bytes));
        let decoded = decode(&wide, None, None);
        assert!(decoded.text.contains("أخبار"));
        assert_eq!(decoded.charset, "UTF-16LE");
    }
}
