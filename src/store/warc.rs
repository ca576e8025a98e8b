//! WARC/1.1 records: warcinfo, request, response and revisit, each a gzip member of its own.
//!
//! Handed a capture and its visit number, appends bytes; files and offsets are left to
//! `segment`. Bodies are kept as sent: content coding stays, transfer coding is undone and its
//! header renamed, so that header and body of a record agree.

use super::codec::base32;
use super::gzip::Gzip;
use crate::clock::Millis;
use crate::fetch::{Capture, Cut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, StatusCode, Version};
use sha1::{Digest, Sha1};
use std::fmt::{Display, Write};
use xxhash_rust::xxh3::xxh3_128_with_seed;

const IDENTICAL: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// SHA-1 of a payload.
pub(super) type PayloadDigest = [u8; 20];

/// Which record of a visit (or segment) an id is made for.
#[derive(Clone, Copy)]
enum Part {
    Info = 0,
    Request = 1,
    Response = 2,
}

/// An earlier response record of the same URL.
#[derive(Clone, Copy, Debug)]
pub(super) struct Earlier {
    /// Its visit.
    pub(super) visit: u64,
    /// When it was captured.
    pub(super) at: Millis,
    /// Of its payload.
    pub(super) digest: PayloadDigest,
}

/// Makes records. The salt of the data folder makes their ids differ from other folders'.
pub(super) struct Records {
    salt: u64,
    gzip: Gzip,
}

impl Records {
    pub(super) fn new(salt: u64) -> Self {
        Self {
            salt,
            gzip: Gzip::new(),
        }
    }

    /// The record that opens segment number `segment`.
    pub(super) fn info(&mut self, out: &mut Vec<u8>, segment: u64, name: &str, at: Millis) {
        let block = format!(
            "software: gleaner/{}\r\nformat: WARC File Format 1.1\r\nconformsTo: \
             https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
            env!("CARGO_PKG_VERSION")
        );
        let mut head = Head::new("warcinfo");
        head.field("WARC-Record-ID", id(self.salt, segment, Part::Info));
        head.field("WARC-Date", date(at));
        head.field("WARC-Filename", name);
        head.field("Content-Type", "application/warc-fields");
        head.field("WARC-Block-Digest", labelled(&Sha1::digest(&block)));
        self.record(out, head, [block.as_bytes(), &[]], false);
    }

    /// The request of a visit.
    pub(super) fn request(&mut self, out: &mut Vec<u8>, visit: u64, capture: &Capture) {
        let mut head = Head::of("request", self.salt, visit, Part::Request, capture);
        head.field("WARC-Concurrent-To", id(self.salt, visit, Part::Response));
        head.field("Content-Type", "application/http; msgtype=request");
        head.field(
            "WARC-Block-Digest",
            labelled(&Sha1::digest(&capture.request)),
        );
        self.record(out, head, [&capture.request, &[]], false);
    }

    /// The answer of a visit, or that it was as `earlier`. Returns the payload's digest where
    /// the payload itself was written, whole.
    pub(super) fn answer(
        &mut self,
        out: &mut Vec<u8>,
        visit: u64,
        capture: &Capture,
        earlier: Option<Earlier>,
    ) -> Option<PayloadDigest> {
        let digest: PayloadDigest = Sha1::digest(&capture.sent).into();
        if capture.status == StatusCode::NOT_MODIFIED.as_u16() {
            self.revisit(out, visit, capture, NOT_MODIFIED, earlier, None);
            return None;
        }
        let whole = capture.cut.is_none() && !capture.sent.is_empty();
        let same = earlier.filter(|e| whole && e.digest == digest);
        if same.is_some() {
            self.revisit(out, visit, capture, IDENTICAL, same, Some(&digest));
            return None;
        }
        self.response(out, visit, capture, &digest);
        whole.then_some(digest)
    }

    fn response(
        &mut self,
        out: &mut Vec<u8>,
        visit: u64,
        capture: &Capture,
        payload: &PayloadDigest,
    ) {
        let block = http_head(capture, true);
        let digest = Sha1::new().chain_update(&block).chain_update(&capture.sent);
        let mut head = Head::of("response", self.salt, visit, Part::Response, capture);
        head.field("Content-Type", "application/http; msgtype=response");
        head.field("WARC-Block-Digest", labelled(&digest.finalize()));
        head.field("WARC-Payload-Digest", labelled(payload));
        if let Some(cut) = capture.cut {
            head.field("WARC-Truncated", truncated(cut));
        }
        self.record(out, head, [&block, &capture.sent], is_coded(capture));
    }

    /// A response whose payload is kept with an earlier record (WARC 1.1, 6.7).
    fn revisit(
        &mut self,
        out: &mut Vec<u8>,
        visit: u64,
        capture: &Capture,
        profile: &str,
        earlier: Option<Earlier>,
        payload: Option<&PayloadDigest>,
    ) {
        let block = http_head(capture, false);
        let mut head = Head::of("revisit", self.salt, visit, Part::Response, capture);
        head.field("WARC-Profile", profile);
        head.field("WARC-Refers-To-Target-URI", &capture.url);
        if let Some(earlier) = earlier {
            head.field(
                "WARC-Refers-To",
                id(self.salt, earlier.visit, Part::Response),
            );
            head.field("WARC-Refers-To-Date", date(earlier.at));
        }
        head.field("Content-Type", "application/http; msgtype=response");
        head.field("WARC-Block-Digest", labelled(&Sha1::digest(&block)));
        if let Some(payload) = payload {
            head.field("WARC-Payload-Digest", labelled(payload));
        }
        self.record(out, head, [&block, &[]], false);
    }

    fn record(&mut self, out: &mut Vec<u8>, mut head: Head, block: [&[u8]; 2], coded: bool) {
        let [first, body] = block;
        head.field("Content-Length", first.len() + body.len());
        let mut head = head.0.into_bytes();
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(first);
        self.gzip.member(out, [&head, body, b"\r\n\r\n"], coded);
    }
}

/// The record id of the response (or revisit) of a visit.
pub(crate) fn response_id(salt: u64, visit: u64) -> String {
    id(salt, visit, Part::Response)
}

/// A UUID of version 8 (RFC 9562 5.8) out of a hash, so that the same visit has the same id.
fn id(salt: u64, number: u64, part: Part) -> String {
    let mut name = [0; 9];
    name[..8].copy_from_slice(&number.to_le_bytes());
    name[8] = part as u8;
    let bits = xxh3_128_with_seed(&name, salt);
    let bits = bits & !(0xf << 76) | 0x8 << 76;
    let bits = bits & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let (low, rest) = hex.split_at(8);
    format!(
        "<urn:uuid:{low}-{}-{}-{}-{}>",
        &rest[..4],
        &rest[4..8],
        &rest[8..12],
        &rest[12..]
    )
}

/// The header of a record, up to its length.
struct Head(String);

impl Head {
    fn new(kind: &str) -> Self {
        let mut head = Self(String::with_capacity(640));
        head.0.push_str("WARC/1.1\r\n");
        head.field("WARC-Type", kind);
        head
    }

    fn of(kind: &str, salt: u64, visit: u64, part: Part, capture: &Capture) -> Self {
        let mut head = Self::new(kind);
        head.field("WARC-Record-ID", id(salt, visit, part));
        head.field("WARC-Target-URI", &capture.url);
        head.field("WARC-Date", date(capture.started));
        if let Some(address) = capture.address {
            head.field("WARC-IP-Address", address.ip().to_canonical());
        }
        if capture.version == Version::HTTP_2 {
            head.field("WARC-Protocol", "h2");
        }
        head
    }

    fn field(&mut self, name: &str, value: impl Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{name}: {value}\r\n");
    }
}

/// The answer's status line and headers, as HTTP/1 would send them, up to and including the
/// empty line. With `body`, those that do not describe the body that follows are renamed.
fn http_head(capture: &Capture, body: bool) -> Vec<u8> {
    let reason = StatusCode::from_u16(capture.status).ok();
    let reason = reason
        .and_then(|s| s.canonical_reason())
        .unwrap_or_default();
    let version = match capture.version {
        Version::HTTP_09 | Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let mut head = format!("{version} {} {reason}\r\n", capture.status).into_bytes();
    let true_of_body = |name, value: &HeaderValue| !body || describes(name, value, capture);
    for (name, value) in &capture.headers {
        if true_of_body(name, value) {
            push_header(&mut head, name.as_str(), value.as_bytes());
        } else {
            push_header(&mut head, &renamed(name), value.as_bytes());
        }
    }
    let mut lengths = capture.headers.get_all(CONTENT_LENGTH).iter().peekable();
    if lengths.peek().is_some() && !lengths.any(|value| true_of_body(&CONTENT_LENGTH, value)) {
        let length = capture.sent.len().to_string();
        push_header(&mut head, "content-length", length.as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The name of a header that no longer describes the body: `X-Crawler-Transfer-Encoding`.
fn renamed(name: &HeaderName) -> String {
    let mut renamed = String::from("X-Crawler");
    for word in name.as_str().split('-') {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        renamed.push('-');
        renamed.push_str(&first.to_ascii_uppercase());
        renamed.push_str(rest);
    }
    renamed
}

fn push_header(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

/// Whether a header is true of the body as we keep it: not chunked, this long, and gzip only
/// if it is (servers lie about that).
fn describes(name: &HeaderName, value: &HeaderValue, capture: &Capture) -> bool {
    if name == TRANSFER_ENCODING {
        return false;
    }
    if name == CONTENT_LENGTH {
        return value == capture.sent.len().to_string().as_str();
    }
    let says_gzip = value.as_bytes().to_ascii_lowercase().ends_with(b"gzip");
    !(name == CONTENT_ENCODING && says_gzip) || is_gzip(&capture.sent)
}

/// Whether the body is compressed already.
fn is_coded(capture: &Capture) -> bool {
    let coding = capture.headers.get(CONTENT_ENCODING);
    let other = coding.is_some_and(|value| value == "br" || value == "zstd");
    other || is_gzip(&capture.sent)
}

fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b])
}

/// WARC 1.1, 5.13.
fn truncated(cut: Cut) -> &'static str {
    match cut {
        Cut::TooLarge => "length",
        Cut::Deadline => "time",
        Cut::ConnectionLost => "disconnect",
        Cut::UnwantedType | Cut::BadCoding => "unspecified",
    }
}

fn labelled(sha1: &[u8]) -> String {
    format!("sha1:{}", base32(sha1).to_ascii_uppercase())
}

/// UTC with milliseconds (WARC 1.1, 5.4).
pub(super) fn date(at: Millis) -> String {
    let at = i64::try_from(at).ok();
    let at = at.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    format!("{:.3}", at.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::tests::capture;
    use super::*;
    use bytes::Bytes;
    use std::io::Read;

    const AT: &str = "http://a.example/%D8%AE%D8%A8%D8%B1";

    fn inflate(out: &[u8]) -> String {
        let mut bytes = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(out);
        reader.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn answer(capture: &Capture, earlier: Option<Earlier>) -> (String, Option<PayloadDigest>) {
        let mut out = Vec::new();
        let digest = Records::new(7).answer(&mut out, 5, capture, earlier);
        (inflate(&out), digest)
    }

    fn head_of(record: &str) -> Vec<&str> {
        record.split("\r\n\r\n").next().unwrap().lines().collect()
    }

    #[test]
    fn the_head_of_a_response_agrees_with_the_body_as_it_is_kept() {
        let gzip = "\u{1f}";
        for (body, given, wanted) in [
            (
                "abc",
                ("transfer-encoding", "chunked"),
                "X-Crawler-Transfer-Encoding: chunked\r\n",
            ),
            ("abc", ("content-length", "3"), "\r\ncontent-length: 3\r\n"),
            (
                "abc",
                ("content-length", "9"),
                "X-Crawler-Content-Length: 9\r\ncontent-length: 3\r\n",
            ),
            (
                "abc",
                ("content-length", "+3"),
                "X-Crawler-Content-Length: +3\r\ncontent-length: 3\r\n",
            ),
            (
                "abc",
                ("content-encoding", "gzip"),
                "X-Crawler-Content-Encoding: gzip\r\n",
            ),
            (
                "abc",
                ("content-encoding", "X-GZIP"),
                "X-Crawler-Content-Encoding: X-GZIP\r\n",
            ),
            (
                gzip,
                ("content-encoding", "br"),
                "\r\ncontent-encoding: br\r\n",
            ),
        ] {
            let (record, _) = answer(&capture(AT, body, &[given]), None);
            assert!(record.contains(wanted), "{given:?}: {record}");
            assert!(record.ends_with(&format!("\r\n\r\n{body}\r\n\r\n")));
        }
    }

    #[test]
    fn a_body_that_was_sent_as_gzip_stays_so_and_its_digest_is_that_of_the_coded_bytes() {
        let mut coded = Vec::new();
        Gzip::new().member(&mut coded, [b"story", &[], &[]], false);
        let mut capture = capture(AT, "story", &[("content-encoding", "gzip")]);
        capture.sent = Bytes::from(coded.clone());
        let mut out = Vec::new();
        let digest = Records::new(7).answer(&mut out, 5, &capture, None).unwrap();
        assert_eq!(digest, <[u8; 20]>::from(Sha1::digest(&coded)));
        let kept = out.windows(coded.len()).any(|window| window == coded);
        assert!(kept, "the body is not compressed twice");
        let record = inflate(&out);
        let line = format!("WARC-Payload-Digest: {}", labelled(&digest));
        assert!(head_of(&record).contains(&line.as_str()), "{record}");
        assert!(record.contains("\r\ncontent-encoding: gzip\r\n"));
    }

    #[test]
    fn a_cut_body_says_why_and_is_never_referred_to() {
        for (cut, word) in [
            (Cut::TooLarge, "length"),
            (Cut::Deadline, "time"),
            (Cut::ConnectionLost, "disconnect"),
            (Cut::UnwantedType, "unspecified"),
            (Cut::BadCoding, "unspecified"),
        ] {
            let mut capture = capture(AT, "abc", &[("content-length", "9")]);
            capture.cut = Some(cut);
            let (record, digest) = answer(&capture, None);
            let line = format!("WARC-Truncated: {word}");
            assert!(head_of(&record).contains(&line.as_str()), "{record}");
            assert_eq!(digest, None);
        }
    }

    #[test]
    fn what_is_as_before_becomes_a_revisit_of_the_earlier_record() {
        let first = capture(AT, "abc", &[("content-type", "text/html")]);
        let (_, digest) = answer(&first, None);
        let earlier = Earlier {
            visit: 2,
            at: 1_780_000_000_000,
            digest: digest.unwrap(),
        };
        let (same, written) = answer(&first, Some(earlier));
        assert_eq!(written, None);
        let unchanged = Capture {
            status: 304,
            sent: Bytes::new(),
            ..first.clone()
        };
        let (unchanged, written) = answer(&unchanged, Some(earlier));
        assert_eq!(written, None);
        for (record, profile) in [(&same, IDENTICAL), (&unchanged, NOT_MODIFIED)] {
            let head = head_of(record);
            for line in [
                "WARC-Type: revisit".to_owned(),
                format!("WARC-Profile: {profile}"),
                format!("WARC-Refers-To: {}", response_id(7, 2)),
                format!("WARC-Refers-To-Target-URI: {AT}"),
                "WARC-Refers-To-Date: 2026-05-28T20:26:40.000Z".to_owned(),
            ] {
                assert!(head.contains(&line.as_str()), "{line} in {record}");
            }
            assert!(!record.contains("abc"));
        }
        let (changed, written) = answer(&capture(AT, "abd", &[]), Some(earlier));
        assert!(changed.contains("WARC-Type: response") && written.is_some());
        let (empty, _) = answer(&capture(AT, "", &[]), None);
        assert!(empty.contains("WARC-Type: response"));
    }

    #[test]
    fn ids_are_uuids_that_differ_between_folders_visits_and_parts() {
        let ids: std::collections::HashSet<String> = [(1, 1), (1, 2), (2, 1)]
            .into_iter()
            .flat_map(|(salt, visit)| {
                [Part::Info, Part::Request, Part::Response].map(|p| id(salt, visit, p))
            })
            .collect();
        assert_eq!(ids.len(), 9);
        for id in ids {
            assert_eq!((id.len(), &id[23..25]), (47, "-8"), "{id}");
        }
    }
}
