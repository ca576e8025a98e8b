//! An answer of the scripted site: pieces of bytes, pauses between them, and what follows.

use std::time::Duration;

/// One answer, down to its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Bytes to write, each after a pause.
    pub(crate) pieces: Vec<(Duration, Vec<u8>)>,
    /// What becomes of the connection.
    pub(crate) then: Then,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It waits for the next request.
    Keep,
    /// It is closed in good order.
    Close,
    /// It is gone without a TLS closing notice.
    Drop,
    /// It is reset.
    Reset,
}

impl Answer {
    /// A status, headers as lines, and a body with its length declared.
    pub(crate) fn of(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!("HTTP/1.1 {status} Status\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        let declared = |name: &str| {
            headers
                .iter()
                .any(|header| header.0.eq_ignore_ascii_case(name))
        };
        if status != 304 && !declared("Content-Length") && !declared("Transfer-Encoding") {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Self::bytes(bytes, Then::Keep)
    }

    /// A page of HTML.
    pub(crate) fn html(body: impl AsRef<[u8]>) -> Self {
        Self::of(200, &[("Content-Type", "text/html; charset=utf-8")], body)
    }

    /// Exactly these bytes.
    pub(crate) fn bytes(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        Self {
            pieces: vec![(Duration::ZERO, bytes.into())],
            then,
        }
    }

    /// The connection ends without a byte.
    pub(crate) fn nothing(then: Then) -> Self {
        Self {
            pieces: Vec::new(),
            then,
        }
    }

    /// `start` at once, then `rest` over and over, one byte a `gap`.
    pub(crate) fn drip(start: &str, rest: &str, gap: Duration) -> Self {
        let bytes = rest.bytes().cycle().take(10_000);
        let mut pieces = vec![(Duration::ZERO, start.as_bytes().to_vec())];
        pieces.extend(bytes.map(|byte| (gap, vec![byte])));
        Self {
            pieces,
            then: Then::Close,
        }
    }

    /// The same answer after a pause.
    pub(crate) fn after(mut self, pause: Duration) -> Self {
        if self.pieces.is_empty() {
            self.pieces.push((Duration::ZERO, Vec::new()));
        }
        self.pieces[0].0 += pause;
        self
    }

    /// The same answer with one more header line.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let head = self.pieces.first_mut().expect("an answer with a head");
        let end = head.1.windows(2).position(|pair| pair == b"\r\n");
        let at = end.expect("an answer with a status line") + 2;
        let line = format!("{name}: {value}\r\n").into_bytes();
        head.1.splice(at..at, line);
        self
    }

    /// The same answer with another end.
    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }
}
