//! Which outcome an answer is.

use super::{Capture, FetchOutcome};
use crate::normal::NormalUrl;
use http::header::LOCATION;
use std::fmt::Write;

/// The outcome that `capture` is; `conditional` says whether the request held validators.
///
/// A 206 answers a question that was not asked, and a 304 without validators says nothing:
/// both count as refusals (RFC 9110 15.3.7, 15.4.5).
pub(super) fn classify(capture: Capture, conditional: bool) -> FetchOutcome {
    match capture.status {
        206 => FetchOutcome::Refused(capture),
        200..=299 => FetchOutcome::Fetched(capture),
        304 if conditional => FetchOutcome::NotModified(capture),
        304..=306 => FetchOutcome::Refused(capture),
        300..=399 => match target(&capture) {
            Some(to) => FetchOutcome::Moved { to, capture },
            None => FetchOutcome::Refused(capture),
        },
        _ => FetchOutcome::Refused(capture),
    }
}

/// Where the first `Location` leads, if it is a URL that can be asked for.
fn target(capture: &Capture) -> Option<NormalUrl> {
    let location = capture.headers.get(LOCATION)?.as_bytes().trim_ascii();
    if location.is_empty() {
        return None;
    }
    NormalUrl::join(capture.url.url(), &ascii(location)).ok()
}

/// Raw bytes of a non-English path, in whatever charset, stay the bytes that they are.
fn ascii(location: &[u8]) -> String {
    let mut text = String::with_capacity(location.len());
    for byte in location {
        if byte.is_ascii() {
            text.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Version};

    fn answer(status: u16, location: Option<&[u8]>, conditional: bool) -> FetchOutcome {
        let mut headers = HeaderMap::new();
        if let Some(location) = location {
            headers.insert(LOCATION, HeaderValue::from_bytes(location).unwrap());
        }
        let capture = Capture {
            url: NormalUrl::parse("https://news.example/a/b?c").unwrap(),
            started: 0,
            ended: 0,
            address: None,
            request: Bytes::new(),
            version: Version::HTTP_11,
            status,
            headers,
            sent: Bytes::new(),
            body: Bytes::new(),
            cut: None,
        };
        classify(capture, conditional)
    }

    #[test]
    fn a_location_is_resolved_as_browsers_do() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"/x", Some("https://news.example/x")),
            (b"x", Some("https://news.example/a/x")),
            (b"?d", Some("https://news.example/a/b?d")),
            (b"//other.example/x", Some("https://other.example/x")),
            (
                b"http://other.example:8080/x#top",
                Some("http://other.example:8080/x"),
            ),
            (b" /x y ", Some("https://news.example/x%20y")),
            (
                "/أخبار".as_bytes(),
                Some("https://news.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
            ),
            (b"/caf\xe9", Some("https://news.example/caf%E9")),
            (
                "https://مثال.example/".as_bytes(),
                Some("https://xn--mgbh0fb.example/"),
            ),
            (b"", None),
            (b"mailto:a@b.example", None),
            (b"https://", None),
            (b"http://[::1", None),
        ];
        for (location, expected) in rows {
            let outcome = answer(302, Some(location), false);
            let to = match &outcome {
                FetchOutcome::Moved { to, .. } => Some(to.as_str()),
                FetchOutcome::Refused(_) => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(to, *expected, "{}", String::from_utf8_lossy(location));
        }
    }

    #[test]
    fn statuses_and_their_outcomes() {
        let here: Option<&[u8]> = Some(b"/x");
        let rows: &[(u16, Option<&[u8]>, bool, &str)] = &[
            (200, None, false, "fetched"),
            (203, None, false, "fetched"),
            (204, None, false, "fetched"),
            (206, None, false, "refused"),
            (300, here, false, "moved"),
            (301, here, false, "moved"),
            (301, None, false, "refused"),
            (304, here, false, "refused"),
            (304, None, true, "not modified"),
            (305, here, false, "refused"),
            (307, here, true, "moved"),
            (308, here, false, "moved"),
            (404, here, false, "refused"),
            (503, None, false, "refused"),
            (999, None, false, "refused"),
        ];
        for (status, location, conditional, expected) in rows {
            let label = match answer(*status, *location, *conditional) {
                FetchOutcome::Fetched(_) => "fetched",
                FetchOutcome::NotModified(_) => "not modified",
                FetchOutcome::Moved { .. } => "moved",
                FetchOutcome::Refused(_) => "refused",
                FetchOutcome::Failed { .. } => "failed",
            };
            assert_eq!(label, *expected, "{status}");
        }
    }
}
