//! Percent-encoding in one form (RFC 3986 2 and 6.2.2): upper-case hex, no unreserved octet
//! encoded, none raw that no URL may hold.

/// Whether `text` (a path or a query) is in that form already.
pub(super) fn are_normal(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if !is_raw(byte) {
            match (byte, escape(&bytes[at..])) {
                (b'%', None) => {} // a stray one stays
                (b'%', Some(octet)) if !is_unreserved(octet) && is_upper(&bytes[at..]) => at += 2,
                _ => return false,
            }
        }
        at += 1;
    }
    true
}

/// Brings a path or query into that form.
///
/// A `%` that begins no escape stays, and so does an escape right behind it that would decode to
/// a hex digit: `%%37E` must not become `%7E`, which would be a third URL.
pub(crate) fn normalise(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut stray = Stray::None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = if byte == b'%' {
            escape(&bytes[at..])
        } else {
            None
        };
        let (octet, length) = escaped.map_or((byte, 1), |octet| (octet, 3));
        at += length;
        let decodes = is_unreserved(octet) && !(stray != Stray::None && octet.is_ascii_hexdigit());
        let stands = if escaped.is_some() {
            decodes
        } else {
            byte == b'%' || is_raw(byte)
        };
        if stands {
            out.push(char::from(octet));
        } else {
            push_escape(&mut out, octet);
        }
        stray = match stray {
            _ if escaped.is_none() && byte == b'%' => Stray::Percent,
            Stray::Percent if stands && octet.is_ascii_hexdigit() => Stray::PercentAndDigit,
            _ => Stray::None,
        };
    }
    out
}

/// What the text written so far ends with, as far as it could become an escape.
#[derive(PartialEq)]
enum Stray {
    None,
    Percent,
    PercentAndDigit,
}

fn push_escape(out: &mut String, octet: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(HEX[usize::from(octet >> 4)]));
    out.push(char::from(HEX[usize::from(octet & 15)]));
}

/// The octet that an escape at the start of `bytes` stands for.
fn escape(bytes: &[u8]) -> Option<u8> {
    let &[_, high, low, ..] = bytes else {
        return None;
    };
    Some(hex(high)? << 4 | hex(low)?)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn is_upper(escape: &[u8]) -> bool {
    !escape.iter().take(3).any(u8::is_ascii_lowercase)
}

/// RFC 3986 2.3.
const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

/// Octets that a path or query may hold raw: unreserved and reserved (RFC 3986 2.2).
const RAW: [bool; 256] = {
    let mut raw = [false; 256];
    let mut octet = 0;
    while octet < 128 {
        raw[octet as usize] = is_unreserved(octet)
            || matches!(octet, b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@')
            || matches!(octet, b'!' | b'$' | b'&' | b'\'' | b'(' | b')')
            || matches!(octet, b'*' | b'+' | b',' | b';' | b'=');
        octet += 1;
    }
    raw
};

fn is_raw(octet: u8) -> bool {
    RAW[usize::from(octet)]
}
