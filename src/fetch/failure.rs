//! Why no answer came, read off the chain of errors that the network stack returns.

use super::Failure;
use std::error::Error;
use std::io;

/// The kind of `error`, and what it and its causes say.
pub(super) fn of(error: &reqwest::Error) -> (Failure, String) {
    (kind(error), told(error))
}

fn kind(error: &reqwest::Error) -> Failure {
    if error.is_dns() {
        Failure::Dns
    } else if error.is_timeout() || io_kind(error) == Some(io::ErrorKind::TimedOut) {
        Failure::Timeout
    } else if causes(error).any(is_tls) {
        Failure::Tls
    } else if error.is_connect() {
        of_connection(error)
    } else if causes(error).any(is_not_http) {
        Failure::Protocol
    } else {
        Failure::Closed
    }
}

/// A connection that opened and then ended was ended by a TLS handshake.
fn of_connection(error: &reqwest::Error) -> Failure {
    match io_kind(error) {
        Some(
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe,
        ) => Failure::Tls,
        _ => Failure::Connect,
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The kind of the innermost I/O error: connectors wrap them in each other.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut found: &io::Error = causes(error).find_map(|error| error.downcast_ref())?;
    while let Some(inner) = found.get_ref().and_then(|inner| inner.downcast_ref()) {
        found = inner;
    }
    Some(found.kind())
}

/// rustls hides its errors inside of I/O errors, one or two deep, whose `source` skips them.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || matches!(inner, Some(inner) if is_tls(inner))
}

fn is_not_http(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<hyper::Error>()
        .is_some_and(hyper::Error::is_parse)
}

/// The messages of an error and its causes, without the URL and without repetitions.
fn told(error: &reqwest::Error) -> String {
    let mut told = String::new();
    for cause in causes(error).skip(1) {
        let message = cause.to_string();
        if told.ends_with(&message) {
            continue;
        }
        if !told.is_empty() {
            told.push_str(": ");
        }
        told.push_str(&message);
    }
    if told.is_empty() {
        error.to_string()
    } else {
        told
    }
}
