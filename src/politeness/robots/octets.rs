//! The one form in which rules and URLs are compared: ASCII, octet by octet (RFC 9309 2.2.2).
//!
//! Escapes of unreserved characters are undone, all others are kept in upper-case hex, and
//! whatever can't stand in a URI is escaped. `*` and `$` mean something in a rule, so an octet
//! of that value is always written as an escape here; `'` too, since URL parsers escape it in
//! queries. A `%` that begins no escape stays as it is.

use std::borrow::Cow;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The normal form of a URL's path and query.
pub(super) fn target(path_and_query: &str) -> Cow<'_, str> {
    if path_and_query.bytes().all(stays) {
        return Cow::Borrowed(path_and_query);
    }
    let mut normal = String::with_capacity(path_and_query.len() + 16);
    push(&mut normal, path_and_query.as_bytes());
    Cow::Owned(normal)
}

/// Appends the normal form of `raw` to `out`.
pub(super) fn push(out: &mut String, raw: &[u8]) {
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        if let Some(octet) = escaped(rest) {
            push_octet(out, octet, is_unreserved(octet));
            rest = &rest[3..];
        } else {
            push_octet(out, first, first == b'%' || stays(first));
            rest = after;
        }
    }
}

/// Appends `octet` as `%XX`.
pub(super) fn push_escape(out: &mut String, octet: u8) {
    out.push('%');
    out.push(char::from(HEX[usize::from(octet >> 4)]));
    out.push(char::from(HEX[usize::from(octet & 15)]));
}

/// The octet that an escape at the start of `raw` stands for.
pub(super) fn escaped(raw: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = raw else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

fn push_octet(out: &mut String, octet: u8, plain: bool) {
    if plain {
        out.push(char::from(octet));
    } else {
        push_escape(out, octet);
    }
}

/// RFC 3986 2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Stands for itself in the normal form, whether raw in a rule or in a URL.
fn stays(byte: u8) -> bool {
    STAYS[usize::from(byte)]
}

/// A table, since every octet of every URL is looked up.
const STAYS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let reserved = matches!(
            byte,
            b':' | b'/' | b'?' | b'@' | b'!' | b'&' | b'(' | b')' | b'+' | b',' | b';' | b'='
        );
        table[byte as usize] = reserved || is_unreserved(byte);
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_all_spellings() {
        for (raw, normal) in [
            ("/a/b?c=d&e", "/a/b?c=d&e"),
            ("/%7euser", "/~user"),
            ("/a%2fb", "/a%2Fb"),
            ("/é", "/%C3%A9"),
            ("/%c3%A9", "/%C3%A9"),
            ("/a b<c\"|\\^`{}[]", "/a%20b%3Cc%22%7C%5C%5E%60%7B%7D%5B%5D"),
            ("/50%", "/50%"),
            ("/x%zz%4", "/x%zz%4"),
            ("/$*'", "/%24%2A%27"),
            ("/%24%2a%27", "/%24%2A%27"),
            ("/%%41", "/%A"),
            ("/a+b%2Bc", "/a+b%2Bc"),
        ] {
            assert_eq!(target(raw), normal, "{raw}");
        }
    }
}
