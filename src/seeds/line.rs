//! One line of a seed file: a URL, options, a comment.

use crate::config::nearest;
use crate::normal::{NormalUrl, UrlError};
use url::Host;

const OPTIONS: [&str; 2] = ["depth", "max_pages"];

/// A line that names a seed.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) url: NormalUrl,
    pub(super) depth: Option<u8>,
    pub(super) max_pages: Option<u64>,
}

/// Whether `text` begins as http and https URLs do.
pub(super) fn is_url(text: &str) -> bool {
    let scheme = text
        .trim_start()
        .split_once("://")
        .map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

/// Parses a line; `None` for one that holds nothing but white space and a comment.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Option<Line>, String> {
    // A mark at a line's start is left over from files that were put together.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut words = without_comment(text).split_whitespace();
    let Some(first) = words.next() else {
        return Ok(None);
    };
    let mut line = Line {
        url: url(first)?,
        depth: None,
        max_pages: None,
    };
    for word in words {
        option(&mut line, word)?;
    }
    Ok(Some(line))
}

/// A `#` begins a comment at the start and after white space; elsewhere it is a URL's fragment.
fn without_comment(text: &str) -> &str {
    let mut before = ' ';
    let starts = |&(_, c): &(usize, char)| {
        let starts = c == '#' && before.is_whitespace();
        before = c;
        starts
    };
    let comment = text.char_indices().find(starts);
    comment.map_or(text, |(at, _)| &text[..at])
}

fn url(text: &str) -> Result<NormalUrl, String> {
    if text.contains("://") || has_scheme(text) {
        return NormalUrl::parse(text).map_err(|why| why.to_string());
    }
    let bare = text.strip_prefix("//").unwrap_or(text);
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() {
        return Err("no host name".to_owned());
    }
    if host.contains('@') {
        return Err("an address for mail, not a URL".to_owned());
    }
    let whole = format!("https://{bare}");
    let url = NormalUrl::parse(&whole).map_err(|why: UrlError| why.to_string())?;
    match url.url().host() {
        Some(Host::Domain(name)) if !name.contains('.') && name != "localhost" => {
            Err(format!("not a URL: write `{url}` if `{name}` is a host"))
        }
        _ => Ok(url),
    }
}

/// `mailto:desk` has one, `localhost:8800` has none.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let is_port = rest.starts_with(|c: char| c.is_ascii_digit());
        let is_name = scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'));
        is_name && !scheme.is_empty() && !is_port
    })
}

fn option(line: &mut Line, word: &str) -> Result<(), String> {
    let Some((name, value)) = word.split_once('=') else {
        return Err(format!("`{word}` is not an option: {}", all_options()));
    };
    match name {
        "depth" => set(
            &mut line.depth,
            value.parse().ok(),
            word,
            "a number from 0 to 255",
        ),
        "max_pages" => {
            let number = value.parse().ok().filter(|&pages| pages > 0);
            set(&mut line.max_pages, number, word, "a number from 1")
        }
        _ => Err(match nearest(name, OPTIONS.into_iter()) {
            Some(meant) => format!("unknown option `{name}`; did you mean `{meant}`?"),
            None => format!("unknown option `{name}`: {}", all_options()),
        }),
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>, word: &str, kind: &str) -> Result<(), String> {
    if place.is_some() {
        return Err(format!("`{word}` is given a second time"));
    }
    *place = value;
    if place.is_some() {
        Ok(())
    } else {
        Err(format!("`{word}` is not {kind}"))
    }
}

fn all_options() -> String {
    let all: Vec<String> = OPTIONS.iter().map(|name| format!("`{name}=…`")).collect();
    format!("the options are {}", all.join(" and "))
}
