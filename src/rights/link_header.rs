//! `Link` headers (RFC 8288): the targets of those with `rel=license`.

use super::lines;
use crate::parse::LicenceLink;
use http::HeaderMap;
use url::Url;

/// Licences that the headers name, absolute.
pub(super) fn licences(headers: &HeaderMap, base: &Url) -> Vec<LicenceLink> {
    let mut found = Vec::new();
    for line in lines(headers, "link") {
        let mut rest = line.as_ref();
        while let Some((target, parameters, after)) = next_link(rest) {
            rest = after;
            let licence = parameter(parameters, "rel").is_some_and(|rel| {
                let mut words = rel.split_ascii_whitespace();
                words.any(|word| word.eq_ignore_ascii_case("license"))
            });
            let url = base.join(target.trim()).ok().filter(|_| licence);
            let kind = parameter(parameters, "type").unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or_default().trim();
            found.extend(url.map(|url| LicenceLink {
                url: url.into(),
                rsl: kind.eq_ignore_ascii_case("application/rsl+xml"),
            }));
        }
    }
    found
}

/// A link's target, its parameters, and what follows it.
fn next_link(field: &str) -> Option<(&str, &str, &str)> {
    let start = field.find('<')? + 1;
    let end = start + field[start..].find('>')?;
    let after = &field[end + 1..];
    let (parameters, rest) = after.split_at(unquoted(after, ',').unwrap_or(after.len()));
    Some((&field[start..end], parameters, rest))
}

/// The first value of a parameter (RFC 8288 3.3: later ones are ignored).
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let at = unquoted(rest, ';')?;
        rest = &rest[at + 1..];
        let one = &rest[..unquoted(rest, ';').unwrap_or(rest.len())];
        let (key, value) = one.split_once('=').unwrap_or((one, ""));
        if key.trim().eq_ignore_ascii_case(name) {
            let value = value.trim();
            let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            return Some(inner.unwrap_or(value).replace('\\', ""));
        }
    }
}

/// Where a character first stands outside of quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        let was_escaped = escaped;
        escaped = quoted && c == '\\' && !was_escaped;
        quoted ^= c == '"' && !was_escaped;
        (c == wanted && !quoted).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_apart() {
        let base = Url::parse("https://n.example/a/b").unwrap();
        let rows = [
            ("</l>; rel=license", "https://n.example/l"),
            (
                "<l,x>; title=\"a, b; rel=license\"; rel=\"next License\"; type=\"application/rsl+xml; v=1\"",
                "https://n.example/a/l,x rsl",
            ),
            (
                "<x>; rel=next, <https://l.example/>; REL=LICENSE; type=text/html",
                "https://l.example/",
            ),
            ("<x>; rel=next; rel=license", ""),
            ("<x>; title=\"open, <y>; rel=license", ""),
            ("no link", ""),
        ];
        for (field, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert("link", field.parse().unwrap());
            let found = licences(&headers, &base);
            let shown =
                |link: &LicenceLink| format!("{}{}", link.url, if link.rsl { " rsl" } else { "" });
            let shown: Vec<_> = found.iter().map(shown).collect();
            assert_eq!(shown.join(" "), expected, "{field}");
        }
    }
}
