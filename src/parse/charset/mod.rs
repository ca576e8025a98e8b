//! Which encoding a body is in: byte order mark, then header, then the page's own word,
//! then the bytes themselves (WHATWG HTML 13.2.3.2), and what a declaration that the
//! bytes contradict is worth.

mod declared;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use declared::{header_charset, own_words};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How much of a body the statistics look at, in bytes.
const GUESSED_FROM: usize = 64 << 10;
/// How much of a body tells whether its units are two bytes wide.
const WIDTH_FROM: usize = 2 << 10;

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
    if let Some(encoding) = wide(body) {
        return by(encoding, body, None);
    }
    // What has no zero bytes is not UTF-16, whatever is said of it.
    let header = header
        .and_then(header_charset)
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE);
    match std::str::from_utf8(body) {
        Ok(text) => valid_utf8(body, text, header),
        Err(_) => other(body, header, tld),
    }
}

/// UTF-16 without a mark: the ASCII of the markup has a zero in every other byte.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    let start = &body[..body.len().min(WIDTH_FROM)];
    let zeros = |first: usize| start.iter().skip(first).step_by(2).filter(|b| **b == 0);
    let (even, odd) = (zeros(0).count(), zeros(1).count());
    let least = start.len() / 12;
    if odd > least && even * 8 < odd {
        return Some(UTF_16LE);
    }
    (even > least && odd * 8 < even).then_some(UTF_16BE)
}

/// The body is valid UTF-8, which text in another encoding hardly ever is by chance; that
/// of ISO-2022-JP always is.
fn valid_utf8<'b>(body: &'b [u8], text: &'b str, header: Option<&'static Encoding>) -> Decoded<'b> {
    let declared = header.or_else(|| own_words(body).first().copied());
    let escaped = ["\u{1b}$B", "\u{1b}$@"]
        .iter()
        .any(|escape| text.contains(escape));
    if escaped && text.is_ascii() {
        return by(ISO_2022_JP, body, None);
    }
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
fn other<'b>(body: &'b [u8], header: Option<&'static Encoding>, tld: Option<&str>) -> Decoded<'b> {
    let own = own_words(body);
    let Some(declared) = header.or(own.first().copied()) else {
        let found = if mostly_utf8(body, 10) {
            UTF_8
        } else {
            guess(body, tld)
        };
        return by(found, body, (found == UTF_8).then(|| NOT_UTF_8.to_owned()));
    };
    if declared == UTF_8 && mostly_utf8(body, 10) {
        return by(UTF_8, body, Some(NOT_UTF_8.to_owned()));
    }
    if declared != UTF_8 && mostly_utf8(body, 50) {
        return by(UTF_8, body, Some(contradiction(declared, UTF_8)));
    }
    let found = believable(body, declared, &own, tld);
    let fault = (found != declared).then(|| contradiction(declared, found));
    by(found, body, fault)
}

const NOT_UTF_8: &str = "bytes that are not UTF-8";

/// What is declared, unless the bytes contradict it: then another declaration that they
/// bear out, else what they look like.
fn believable(
    body: &[u8],
    declared: &'static Encoding,
    own: &[&'static Encoding],
    tld: Option<&str>,
) -> &'static Encoding {
    let others = || own.iter().copied().filter(|other| *other != declared);
    let fits_them = declared != UTF_8 && fits(declared, body);
    if fits_them && declared != WINDOWS_1252 && others().next().is_none() {
        return declared;
    }
    let looks = guess(body, tld);
    if others().any(|other| other == looks && other != UTF_8) {
        return looks;
    }
    if fits_them {
        // The default of many servers and editors. Few letters of Latin scripts are beyond
        // ASCII, and hardly ever two in a row; in others nearly all are.
        let foreign = declared == WINDOWS_1252 && in_long_runs(body) && fits(looks, body);
        return if foreign { looks } else { declared };
    }
    if let Some(other) = others().find(|other| *other != UTF_8 && fits(other, body)) {
        return other;
    }
    if fits(looks, body) { looks } else { declared }
}

/// Whether bytes beyond ASCII stand together, two and more at a time.
fn in_long_runs(body: &[u8]) -> bool {
    let (mut runs, mut bytes, mut inside) = (0_usize, 0_usize, false);
    for b in &body[..body.len().min(GUESSED_FROM)] {
        let high = !b.is_ascii();
        runs += usize::from(high && !inside);
        bytes += usize::from(high);
        inside = high;
    }
    bytes >= 40 && bytes >= runs * 2
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

/// Whether the bytes are UTF-8 but for a stray one in so many characters beyond ASCII.
fn mostly_utf8(body: &[u8], share: usize) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in body.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && bad * share < good + share
}

fn guess(body: &[u8], tld: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&body[..body.len().min(GUESSED_FROM)], true);
    let tld = tld.filter(|tld| !tld.is_empty() && tld.bytes().all(|b| b.is_ascii_lowercase()));
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Deny)
}

#[cfg(test)]
mod tests;
