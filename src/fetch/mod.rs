//! One GET: a permit in, what came of it out, as data.
//!
//! Nothing is followed, retried or decoded behind our back; a redirect, a refusal and a
//! failure are outcomes like any other. Robots rules, gaps and retries are left to others.

mod conditional;

pub use conditional::Validators;

use crate::clock::Millis;
use crate::normal::NormalUrl;
use bytes::Bytes;
use std::net::SocketAddr;

/// What came of one GET.
#[derive(Debug)]
pub enum FetchOutcome {
    /// A 2xx answer; `capture.cut` says whether the body is whole.
    Fetched(Capture),
    /// 304: the page is as it was.
    NotModified(Capture),
    /// 3xx with a usable `Location`, resolved but not yet judged by anyone.
    Moved {
        /// Where to.
        to: NormalUrl,
        /// The answer itself.
        capture: Capture,
    },
    /// Any other answer.
    Refused(Capture),
    /// No answer.
    Failed {
        /// Why.
        kind: Failure,
        /// When the request began.
        started: Millis,
        /// When it was given up.
        ended: Millis,
        /// What the network stack said, for the log.
        detail: String,
    },
}

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The URL asked for.
    pub url: NormalUrl,
    /// When the request began.
    pub started: Millis,
    /// When the last byte that we read had come.
    pub ended: Millis,
    /// The address that answered.
    pub address: Option<SocketAddr>,
    /// The request's head as sent, up to and including the empty line.
    pub request: Bytes,
    /// The answer's HTTP version.
    pub version: http::Version,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub headers: http::HeaderMap,
    /// The body as sent: content coding kept, transfer coding undone.
    pub sent: Bytes,
    /// The body with its content coding undone (shares `sent` where there was none).
    pub body: Bytes,
    /// Why the body is not whole, if it is not.
    pub cut: Option<Cut>,
}

/// Why a body was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// More bytes than allowed, after decoding.
    TooLarge,
    /// The page's deadline passed.
    Deadline,
    /// The connection ended before the body did.
    ConnectionLost,
    /// The type is one that we do not read.
    UnwantedType,
    /// The content coding is broken or unknown to us.
    BadCoding,
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The name has no address.
    Dns,
    /// Nothing listens there, or the network is unreachable.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// No answer in time.
    Timeout,
    /// The connection closed before an answer came.
    Closed,
    /// The answer is not HTTP.
    Protocol,
}
