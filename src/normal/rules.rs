//! The rules that the WHATWG parser leaves to us. A URL that breaks none, as nearly all do, is
//! scanned once and given back as it is.

use super::parameters::{Parameters, starts_with};
use super::{UrlError, octets};
use url::{Host, Position, Url};

/// Brings a parsed http or https URL into the normal form.
pub(super) fn apply(mut url: Url) -> Result<Url, UrlError> {
    url.set_fragment(None);
    loop {
        check_host(&url)?;
        if is_normal(&url) {
            return Ok(url);
        }
        // Parsed again, since taking a piece out may leave a dot segment (`/a/..;jsessionid=1/b`).
        // It ends: each round takes pieces out or brings escapes into their only form.
        let next = Url::parse(&rewritten(&url))?;
        if next == url {
            return Ok(url);
        }
        url = next;
    }
}

fn check_host(url: &Url) -> Result<(), UrlError> {
    let Some(Host::Domain(name)) = url.host() else {
        return Ok(());
    };
    if name.starts_with('.') || name.contains("..") {
        return Err(UrlError::Host(name.to_owned()));
    }
    Ok(())
}

fn is_normal(url: &Url) -> bool {
    let path = url.path();
    url.username().is_empty()
        && url.password().is_none()
        && !url.host_str().is_some_and(|host| host.ends_with('.'))
        && octets::are_normal(path)
        && !path.split(';').skip(1).any(is_path_session)
        && url.query().is_none_or(is_normal_query)
}

fn is_normal_query(query: &str) -> bool {
    octets::are_normal(query) && Parameters::of(query).all_stay()
}

fn rewritten(url: &Url) -> String {
    let mut text = String::with_capacity(url.as_str().len());
    text.push_str(&url[..Position::BeforeUsername]);
    let host = url.host_str().unwrap_or_default();
    text.push_str(host.strip_suffix('.').unwrap_or(host));
    text.push_str(&url[Position::AfterHost..Position::BeforePath]);
    push_path(&mut text, &octets::normalise(url.path()));
    if let Some(query) = url.query() {
        push_query(&mut text, &octets::normalise(query));
    }
    text
}

fn push_path(text: &mut String, path: &str) {
    let mut parts = path.split(';');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        if is_path_session(part) {
            // What follows the parameter's segment stays.
            text.push_str(part.find('/').map_or("", |slash| &part[slash..]));
        } else {
            text.push(';');
            text.push_str(part);
        }
    }
}

/// Servlet containers put the session id into the path where cookies are off; a node's name may
/// follow a dot (`;jsessionid=1F2.node1`).
fn is_path_session(part: &str) -> bool {
    starts_with(part, "jsessionid=") || starts_with(part, "phpsessid=")
}

fn push_query(text: &mut String, query: &str) {
    for (n, part) in Parameters::of(query).staying().enumerate() {
        text.push(if n == 0 { '?' } else { '&' });
        text.push_str(part);
    }
}
