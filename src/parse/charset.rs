//! Which encoding a body is in: byte order mark, then header, then the page's own word,
//! then the bytes themselves (WHATWG HTML 13.2.3.2), and what a declaration that the
//! bytes contradict is worth.

use super::declared::{header_charset, own_word};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// How much of a body the statistics look at, in bytes.
const GUESSED_FROM: usize = 64 << 10;
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

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::GBK;

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
