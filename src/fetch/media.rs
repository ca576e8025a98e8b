//! Which types of body are read.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// Whether a body is worth its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// It may be a page, a feed or a sitemap.
    Read,
    /// It is none of these.
    Leave,
}

/// Main types of which no subtype is read.
const MAIN: [&str; 6] = ["image", "video", "audio", "font", "model", "message"];

/// Types that are not read, whatever the URL.
const FULL: [&str; 8] = [
    "application/pdf",
    "application/zip",
    "application/msword",
    "application/javascript",
    "application/wasm",
    "text/css",
    "text/javascript",
    "text/vcard",
];

/// Types that say nothing; the URL decides.
const BLANK: [&str; 5] = [
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/x-download",
    "application/download",
];

/// Ends of paths of what is read although its type says nothing.
const NAMES: [&str; 11] = [
    ".xml", ".gz", ".rss", ".atom", ".rdf", ".html", ".htm", ".xhtml", ".txt", ".json", "/",
];

/// Judges a body by its type, and by its URL's path where the type says nothing. A missing or
/// malformed type is read: the parser looks at the bytes.
pub(super) fn judge(headers: &HeaderMap, path: &str) -> Worth {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or("").split(';').next().unwrap_or("").trim();
    let essence = essence.to_ascii_lowercase();
    let main = essence.split('/').next().unwrap_or("");
    let named = NAMES
        .iter()
        .any(|end| path.to_ascii_lowercase().ends_with(end));
    let left = MAIN.contains(&main)
        || FULL.contains(&essence.as_str())
        || essence.starts_with("application/vnd.") && !essence.contains('+')
        || BLANK.contains(&essence.as_str()) && !named;
    if left { Worth::Leave } else { Worth::Read }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn types_and_their_worth() {
        let rows = [
            ("text/html; charset=utf-8", "/a", Worth::Read),
            ("TEXT/HTML", "/a.jpg", Worth::Read),
            ("", "/a", Worth::Read),
            ("html", "/a", Worth::Read),
            ("application/rss+xml", "/feed", Worth::Read),
            ("application/x-gzip", "/sitemap.xml.gz", Worth::Read),
            ("application/vnd.example+xml", "/feed", Worth::Read),
            ("application/vnd.ms-excel", "/a", Worth::Leave),
            ("image/svg+xml", "/a", Worth::Leave),
            ("Video/MP4", "/a", Worth::Leave),
            ("application/pdf", "/a.html", Worth::Leave),
            ("application/octet-stream", "/a", Worth::Leave),
            ("application/octet-stream", "/Sitemap.XML.GZ", Worth::Read),
            ("application/octet-stream", "/feed.rss", Worth::Read),
        ];
        for (value, path, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(judge(&headers, path), expected, "{value} {path}");
        }
        assert_eq!(judge(&HeaderMap::new(), "/a"), Worth::Read);
    }
}
