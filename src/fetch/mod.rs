//! One GET: a permit in, what came of it out, as data.
//!
//! Nothing is followed, retried or decoded behind our back; a redirect, a refusal and a
//! failure are outcomes like any other. Robots rules, gaps and retries are left to others.

mod answer;
mod body;
mod budget;
mod client;
mod coding;
mod conditional;
mod cookies;
mod failure;
mod fetcher;
mod media;
mod request;
mod resolve;

pub use body::decoded;
pub use conditional::Validators;
pub use fetcher::Fetcher;
pub use request::user_agent;

use crate::clock::Millis;
use crate::identity::IdentityError;
use crate::normal::NormalUrl;
use crate::politeness::Permit;
use bytes::Bytes;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Who asks: real servers, or a simulation.
pub trait Fetch: Send + Sync + 'static {
    /// Sends the one request that `permit` is for. Never fails: a failure is an outcome.
    fn fetch(&self, permit: Permit, ask: Ask) -> impl Future<Output = FetchOutcome> + Send;

    /// Asks for the addresses of `host`; `Err` says why there are none.
    fn resolve(&self, host: &str) -> impl Future<Output = Result<Vec<IpAddr>, String>> + Send;

    /// Bytes of bodies in memory, those included that are still coming. A capture's bytes count
    /// until the last handle to them is dropped. A simulation need not count.
    fn held(&self) -> u64 {
        0
    }
}

/// What is asked, besides the URL.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The most bytes of the body, after decoding.
    pub max_body: u64,
    /// What the answer is wanted for.
    pub wants: Wants,
    /// Ask only whether the page has changed since it had these.
    pub validators: Option<Validators>,
    /// Headers of the site's own `[[site]]` section.
    pub headers: Vec<(String, String)>,
    /// Cookies of the site's own `[[site]]` section, as a `Cookie` value.
    pub cookies: Option<String>,
}

/// What an answer is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A page, a feed or a sitemap: other types and bodies too large are not read at all.
    Page,
    /// A robots.txt: any type, and of a large one the beginning.
    Robots,
}

/// Why a fetcher cannot be made: a setting is wrong.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// `fetch.tls_ca_file` is not a file of certificates.
    #[error("`fetch.tls_ca_file` cannot be used: `{path}`: {what}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// `fetch.proxy` is not the URL of a proxy. The URL may hold a password and is not shown.
    #[error("`fetch.proxy` is not the URL of a proxy")]
    Proxy(#[source] reqwest::Error),
    /// A setting's value has characters that no header can hold.
    #[error("`{key}` cannot be sent in a header: `{value}`")]
    Value {
        /// The setting.
        key: &'static str,
        /// The header's value.
        value: String,
        /// What the header type said.
        source: http::header::InvalidHeaderValue,
    },
    /// A header of a `[[site]]` is malformed or one of those that are ours alone.
    #[error("header `{name}` of site `{site}` cannot be set")]
    Header {
        /// The site.
        site: String,
        /// The header, or `cookies`.
        name: String,
    },
    /// Requests are to be signed and cannot be.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Client(#[source] reqwest::Error),
}

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
    /// The request's head, up to and including the empty line: as sent, but for cookies and the
    /// headers of a `[[site]]`, which may be secrets and are left out.
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

impl Cut {
    /// The word under which it is counted and kept.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::TooLarge => "too large",
            Self::Deadline => "deadline",
            Self::ConnectionLost => "truncated",
            Self::UnwantedType => "unwanted type",
            Self::BadCoding => "bad content coding",
        }
    }
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
