//! An HTTP answer as an archive keeps it: status line, headers, body (RFC 9112).

use bytes::Bytes;
use http::header::TRANSFER_ENCODING;
use http::{HeaderMap, HeaderName, HeaderValue};

/// An answer whose transfer coding is undone; its content coding is not.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Reads an answer; `None` when it does not begin with a status line.
pub(super) fn answer(block: &Bytes) -> Option<Answer> {
    let (head, body) = split_head(block);
    let mut lines = lines(head);
    let status = status(lines.next()?)?;
    let headers = headers(lines);
    let chunked = headers.get_all(TRANSFER_ENCODING).iter().any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value
            .split(|byte| *byte == b',')
            .any(|coding| coding.trim_ascii() == b"chunked")
    });
    let body = block.slice_ref(body);
    // Some archivers undo the chunks and keep the header.
    let joined = if chunked { joined(&body) } else { None };
    Some(Answer {
        status,
        headers,
        body: joined.map_or(body, Bytes::from),
    })
}

/// Name and value of header lines; a folded line goes on with the one above it. What is no
/// header is passed over.
pub(super) fn headers<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut open: Option<(HeaderName, Vec<u8>)> = None;
    for line in lines {
        if let (Some((_, value)), Some(b' ' | b'\t')) = (&mut open, line.first()) {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
        } else {
            keep(&mut headers, open.take());
            open = header(line);
        }
    }
    keep(&mut headers, open);
    headers
}

/// The lines of a head, without their ends.
pub(super) fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn header(line: &[u8]) -> Option<(HeaderName, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(line[..colon].trim_ascii()).ok()?;
    Some((name, line[colon + 1..].trim_ascii().to_vec()))
}

fn keep(headers: &mut HeaderMap, header: Option<(HeaderName, Vec<u8>)>) {
    let Some((name, value)) = header else {
        return;
    };
    if let Ok(value) = HeaderValue::from_bytes(&value) {
        // A map that is full (32,768 headers) keeps what it has.
        let _ = headers.try_append(name, value);
    }
}

/// Head and body, at the first empty line.
fn split_head(block: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = block[start..].iter().position(|byte| *byte == b'\n') {
        let line = &block[start..start + length];
        let next = start + length + 1;
        if start > 0 && (line.is_empty() || line == b"\r") {
            return (&block[..start], &block[next..]);
        }
        start = next;
    }
    (block, &block[block.len()..])
}

fn status(line: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let version = words.next()?;
    let code = words.next()?.parse().ok()?;
    (version.starts_with("HTTP/") && (100..1000).contains(&code)).then_some(code)
}

/// Undoes the chunked coding (RFC 9112 7.1); of a body that is cut, what came. `None` when
/// there are no chunks.
fn joined(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let Some((size, after)) = chunk_size(rest) else {
            return (rest.len() < body.len()).then_some(out);
        };
        if size == 0 {
            return Some(out);
        }
        let size = size.min(after.len());
        out.extend_from_slice(&after[..size]);
        rest = after_line_end(&after[size..]);
    }
}

/// The size that a chunk's line tells, and what follows the line.
fn chunk_size(rest: &[u8]) -> Option<(usize, &[u8])> {
    let end = rest.iter().take(1 << 12).position(|byte| *byte == b'\n')?;
    let line = &rest[..end];
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok()?;
    let size = usize::from_str_radix(digits, 16).ok()?;
    Some((size, &rest[end + 1..]))
}

/// What follows one line end.
fn after_line_end(rest: &[u8]) -> &[u8] {
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    rest.strip_prefix(b"\n").unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_many_archivers() {
        let rows: [(&str, Option<(u16, &str)>); 11] = [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", Some((200, "body"))),
            ("HTTP/1.1 200\nA: b\n\nbody\n", Some((200, "body\n"))),
            ("HTTP/2 404 \r\n\r\n", Some((404, ""))),
            ("HTTP/1.1 200 OK\r\n\r\n", Some((200, ""))),
            ("HTTP/1.1 200 OK\r\nA: b", Some((200, ""))),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n",
                Some((200, "Wikipedia")),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n50\r\nped",
                Some((200, "Wikiped")),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<p>joined already",
                Some((200, "<p>joined already")),
            ),
            ("<html>", None),
            ("HTTP/1.1 many\r\n\r\n", None),
            ("", None),
        ];
        for (block, expected) in rows {
            let found = answer(&Bytes::from_static(block.as_bytes()));
            let found = found.map(|answer| (answer.status, answer.body));
            let expected =
                expected.map(|(status, body)| (status, Bytes::from_static(body.as_bytes())));
            assert_eq!(found, expected, "{block:?}");
        }
    }

    #[test]
    fn header_lines() {
        let text = b"Content-Type: text/html;\r\n charset=x\r\nno header\r\nA b: c\r\nX: 1\r\nx: 2";
        let headers = headers(lines(text));
        assert_eq!(headers["content-type"], "text/html; charset=x");
        let all: Vec<_> = headers.get_all("x").iter().collect();
        assert_eq!(all, ["1", "2"]);
        assert_eq!(headers.len(), 3);
    }
}
