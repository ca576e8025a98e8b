//! Reading a body to its end, its cap or its deadline, whichever comes first.
//!
//! Handed an answer whose head has come; returns the bytes as sent, the bytes decoded and, if
//! they are not whole, why. What had come before a cut is kept. A body that is not read to its
//! end is not drained either: its connection closes.

use super::Cut;
use super::budget::Budget;
use super::coding::{Chain, Stop};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Version};
use reqwest::Response;
use std::error::Error;
use std::io;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Decoded bytes for one coded byte of a typical page, to make room once.
const USUAL_RATIO: usize = 5;
/// The most room made on the word of a `Content-Length`.
const MOST_ROOM: u64 = 1 << 20;

/// A body, whole or not.
#[derive(Debug)]
pub(super) struct Body {
    /// As sent, content coding kept.
    pub(super) sent: Bytes,
    /// Content coding undone.
    pub(super) decoded: Bytes,
    /// Why it is not whole.
    pub(super) cut: Option<Cut>,
}

/// How the end of a body is known (RFC 9112 6.3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// A length, chunks or an HTTP/2 stream's end.
    Declared,
    /// The connection's end.
    Close,
}

/// What came of waiting for a piece of a body.
enum More {
    /// A piece, which was taken.
    Came,
    /// The end, or what cut it short.
    Ended(Option<Cut>),
}

/// Undoes the content coding of a body that is here as a whole, in the way of the fetcher: what
/// `headers` declare is believed when the bytes agree. Of what is not whole, the beginning and why.
#[must_use]
pub fn decoded(headers: &HeaderMap, sent: Bytes, cap: u64) -> (Bytes, Option<Cut>) {
    let mut reading = Reading::new(headers, Version::HTTP_2, cap);
    let cut = reading.take(sent).err().map(Cut::from);
    let body = reading.finish(cut);
    (body.decoded, body.cut)
}

/// The part of a body that has come.
struct Reading {
    first: Bytes,
    rest: Vec<u8>,
    chain: Chain,
    cap: usize,
    /// Bytes to expect, by the head.
    about: usize,
    framing: Framing,
}

impl Body {
    /// No body, because none was read.
    pub(super) fn unread(cut: Cut) -> Self {
        Self {
            sent: Bytes::new(),
            decoded: Bytes::new(),
            cut: Some(cut),
        }
    }

    /// Reads the body of `response`, whose head was `headers`: at most `cap` bytes, and of those
    /// no more than have come by `deadline`. They count in `budget` until nobody has them any more;
    /// the time for which it makes the reader wait is not the server's.
    pub(super) async fn read(
        mut response: Response,
        headers: &HeaderMap,
        cap: u64,
        deadline: Instant,
        budget: &Arc<Budget>,
    ) -> Self {
        let mut reading = Reading::new(headers, response.version(), cap);
        let mut held = budget.body();
        let mut deadline = deadline;
        let mut overdraft = None;
        let cut = loop {
            match timeout_at(deadline, reading.more_of(&mut response)).await {
                Ok(More::Came) => held.set(reading.held()),
                Ok(More::Ended(cut)) => break cut,
                Err(_) => break Some(Cut::Deadline),
            }
            if overdraft.is_none() && budget.is_full() {
                let since = Instant::now();
                overdraft = budget.room().await;
                deadline += since.elapsed();
            }
        };
        let Self { sent, decoded, cut } = reading.finish(cut);
        let (sent, decoded) = held.bind(sent, decoded);
        Self { sent, decoded, cut }
    }
}

impl Reading {
    fn new(headers: &HeaderMap, version: Version, cap: u64) -> Self {
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        let length = content_length(headers);
        let chunked = headers.contains_key(TRANSFER_ENCODING);
        let declared = length.is_some() || chunked || version >= Version::HTTP_2;
        Self {
            first: Bytes::new(),
            rest: Vec::new(),
            chain: Chain::of(headers, cap),
            cap,
            about: usize::try_from(length.unwrap_or(0).min(MOST_ROOM)).unwrap_or(0),
            framing: if declared {
                Framing::Declared
            } else {
                Framing::Close
            },
        }
    }

    async fn more_of(&mut self, response: &mut Response) -> More {
        match response.chunk().await {
            Ok(Some(chunk)) => match self.take(chunk) {
                Ok(()) => More::Came,
                Err(stop) => More::Ended(Some(stop.into())),
            },
            Ok(None) => More::Ended(None),
            Err(error) if self.ended_without_notice(&error) => More::Ended(None),
            Err(_) => More::Ended(Some(Cut::ConnectionLost)),
        }
    }

    /// Bytes in memory, as sent and decoded.
    fn held(&self) -> usize {
        self.len() + self.chain.given()
    }

    fn take(&mut self, mut chunk: Bytes) -> Result<(), Stop> {
        let room = self.cap - self.len();
        let over = chunk.len() > room;
        chunk.truncate(room);
        if self.len() == 0 {
            let ratio = if self.chain.is_plain() {
                1
            } else {
                USUAL_RATIO
            };
            self.chain.begin(&chunk, self.about * ratio);
        }
        let decoded = if self.chain.is_plain() {
            Ok(())
        } else {
            self.chain.push(&chunk)
        };
        self.keep(chunk);
        match decoded {
            Ok(()) if over => Err(Stop::Full),
            other => other,
        }
    }

    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// Keeps the bytes as sent; a body that came in one piece is never copied.
    fn keep(&mut self, chunk: Bytes) {
        if self.len() == 0 {
            self.first = chunk;
            return;
        }
        if self.rest.is_empty() {
            let begun = self.first.len() + chunk.len();
            self.rest.reserve(self.about.max(begun));
            self.rest.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.rest.extend_from_slice(&chunk);
    }

    /// Many servers close a TLS connection without the closing notice. Where only the close
    /// marks the end of the body we cannot know that it was not cut; markup that ends with a
    /// closed element was not.
    fn ended_without_notice(&self, error: &(dyn Error + 'static)) -> bool {
        let last = self.rest.trim_ascii_end().last();
        self.framing == Framing::Close
            && is_unexpected_end(error)
            && self.chain.is_plain()
            && last.or(self.first.trim_ascii_end().last()) == Some(&b'>')
    }

    fn finish(mut self, cut: Option<Cut>) -> Body {
        let ended = match cut {
            None | Some(Cut::ConnectionLost | Cut::Deadline) => self.chain.finish(),
            Some(_) => Ok(()),
        };
        let cut = cut.or(match ended {
            Ok(()) => None,
            Err(Stop::Broken) if self.framing == Framing::Close => Some(Cut::ConnectionLost),
            Err(stop) => Some(stop.into()),
        });
        let sent = if self.rest.is_empty() {
            self.first
        } else {
            Bytes::from(self.rest)
        };
        let decoded = if self.chain.is_plain() {
            sent.clone()
        } else {
            Bytes::from(self.chain.into_output())
        };
        Body { sent, decoded, cut }
    }
}

impl From<Stop> for Cut {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Full => Self::TooLarge,
            Stop::Broken => Self::BadCoding,
        }
    }
}

/// The length that a head declares.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    text.split(',').next()?.trim().parse().ok()
}

fn is_unexpected_end(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}
