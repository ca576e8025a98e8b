//! What a body is: its content first, its declared type where the content leaves it open.

use super::Kind;
use crate::normal::NormalUrl;
use std::path::Path;

/// How far junk before an XML document is looked through, in bytes.
const JUNK: usize = 4 << 10;

/// How a body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    XmlFeed,
    JsonFeed,
    XmlSitemap,
    TextSitemap,
    Robots,
    Other,
}

impl Form {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Html => Kind::Html,
            Self::XmlFeed | Self::JsonFeed => Kind::Feed,
            Self::XmlSitemap | Self::TextSitemap => Kind::Sitemap,
            Self::Robots => Kind::Robots,
            Self::Other => Kind::Other,
        }
    }
}

/// Tells a body's form, and where in the text the document begins: some servers print
/// notices before it.
pub(super) fn form<'t>(
    text: &'t str,
    content_type: Option<&str>,
    url: &NormalUrl,
) -> (Form, &'t str) {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if url.url().path() == "/robots.txt" && !text.starts_with('<') {
        return (Form::Robots, text);
    }
    let media = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if text.starts_with('{') {
        // The version may be the last key, and its slashes escaped.
        let feed = media == "application/feed+json" || text.contains("jsonfeed.org");
        return (if feed { Form::JsonFeed } else { Form::Other }, text);
    }
    let start = head(text, JUNK);
    if let Some(form) = root_form(text) {
        return (form, text);
    }
    if let Some((form, at)) = behind_junk(start) {
        return (form, &text[at..]);
    }
    let named_text = Path::new(url.url().path()).extension();
    let named_text = named_text.is_some_and(|name| name.eq_ignore_ascii_case("txt"));
    if is_url_list(text) && (media != "text/html" || named_text) {
        return (Form::TextSitemap, text);
    }
    let html = is_binary(start)
        .then_some(false)
        .or_else(|| declared_html(&media));
    let html = html.unwrap_or_else(|| looks_like_html(start));
    (if html { Form::Html } else { Form::Other }, text)
}

/// The first bytes of a text, cut between characters.
fn head(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

/// The form by the root element of a document that begins here.
fn root_form(text: &str) -> Option<Form> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = &comment[comment.find("-->")? + 3..];
        } else if let Some(doctype) = rest.strip_prefix("<!") {
            let name = doctype.get(..12).unwrap_or_default().to_ascii_lowercase();
            if name == "doctype html" {
                return Some(Form::Html);
            }
            rest = after_doctype(doctype)?;
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            rest = &instruction[instruction.find('>')? + 1..];
        } else {
            return form_of(root_name(rest.strip_prefix('<')?));
        }
    }
}

/// A document type may hold declarations between brackets.
fn after_doctype(doctype: &str) -> Option<&str> {
    let end = doctype.find('>')?;
    let end = match doctype[..end].find('[') {
        Some(_) => {
            let declared = doctype.find(']')?;
            declared + doctype[declared..].find('>')?
        }
        None => end,
    };
    Some(&doctype[end + 1..])
}

/// An element's name without its prefix.
fn root_name(tag: &str) -> &str {
    let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    let name = &tag[..end.unwrap_or(tag.len())];
    name.rsplit(':').next().unwrap_or(name)
}

fn form_of(root: &str) -> Option<Form> {
    match root.to_ascii_lowercase().as_str() {
        "urlset" | "sitemapindex" => Some(Form::XmlSitemap),
        "rss" | "feed" | "rdf" => Some(Form::XmlFeed),
        "html" | "head" | "body" => Some(Form::Html),
        _ => None,
    }
}

/// A feed or sitemap behind something that is no HTML page of its own.
fn behind_junk(start: &str) -> Option<(Form, usize)> {
    let lower = start.to_ascii_lowercase();
    if ["<html", "<body", "<head", "<!doctype"]
        .iter()
        .any(|tag| lower.contains(tag))
    {
        return None;
    }
    let opens = lower.match_indices('<').map(|(at, _)| at);
    let mut candidates = opens.filter(|&at| {
        lower[at..].starts_with("<?xml ") || form_of(root_name(&lower[at + 1..])).is_some()
    });
    candidates.find_map(|at| root_form(&start[at..]).map(|form| (form, at)))
}

/// A text sitemap: one absolute URL a line and nothing else (sitemaps.org, "Text file"), but
/// for a stray line in ten.
fn is_url_list(text: &str) -> bool {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty()).take(20);
    let (mut urls, mut others) = (0_usize, 0_usize);
    for line in lines {
        let is_url = line.starts_with("http://") || line.starts_with("https://");
        let is_url = is_url && !line.contains(char::is_whitespace);
        urls += usize::from(is_url);
        others += usize::from(!is_url);
    }
    urls > others * 9
}

fn declared_html(media: &str) -> Option<bool> {
    match media {
        "text/html" | "application/xhtml+xml" => Some(true),
        _ if media.starts_with("image/")
            || media.starts_with("video/")
            || media.starts_with("audio/") =>
        {
            Some(false)
        }
        _ => None,
    }
}

fn is_binary(start: &str) -> bool {
    let control = |c: &char| c.is_control() && !c.is_whitespace();
    start.starts_with("%PDF-") || start.chars().take(512).filter(control).count() > 8
}

fn looks_like_html(start: &str) -> bool {
    const TAGS: [&str; 15] = [
        "<html", "<body", "<title", "<meta", "<link", "<script", "<div", "<span", "<p>", "<p ",
        "<a href", "<h1", "<article", "<table", "<ul",
    ];
    let lower = start.to_ascii_lowercase();
    TAGS.iter().any(|tag| lower.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let rows = [
            ("<!DOCTYPE html><p>x", "text/plain", Form::Html),
            (
                "<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>",
                "",
                Form::Html,
            ),
            ("plain words", "text/html", Form::Html),
            ("plain words", "text/plain", Form::Other),
            ("words <div>x</div>", "", Form::Html),
            ("<rss version='2.0'>", "text/html", Form::XmlFeed),
            (
                "<?xml version='1.0'?><!-- x --><?xml-stylesheet x?><feed xmlns='x'>",
                "text/xml",
                Form::XmlFeed,
            ),
            (
                "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a '>'>]><rss>",
                "",
                Form::XmlFeed,
            ),
            ("<rdf:RDF xmlns:rdf='x'>", "", Form::XmlFeed),
            (
                "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}",
                "application/json",
                Form::JsonFeed,
            ),
            ("{\"a\":1}", "application/json", Form::Other),
            ("<sm:urlset xmlns:sm='x'>", "", Form::XmlSitemap),
            ("<sitemapindex>", "text/plain", Form::XmlSitemap),
            (
                "\u{feff}\n<br />\n<b>Notice</b>: x<br />\n<?xml version='1.0'?>\n<urlset>",
                "",
                Form::XmlSitemap,
            ),
            (
                "Warning: x in y\n<rss version='2.0'><channel>",
                "text/html",
                Form::XmlFeed,
            ),
            ("<html><body>&lt;rss> <rss></body>", "text/html", Form::Html),
            (
                "https://a.example/1\n\nhttps://a.example/2\n",
                "text/plain",
                Form::TextSitemap,
            ),
            ("https://a.example/1 and words", "text/plain", Form::Other),
            (
                "{\"items\":[{\"url\":\"https:\\/\\/a.example\\/1\"}],\"version\":\"https:\\/\\/jsonfeed.org\\/version\\/1\"}",
                "application/json",
                Form::JsonFeed,
            ),
            ("%PDF-1.4 <p>", "", Form::Other),
            ("", "", Form::Other),
        ];
        let url = NormalUrl::parse("https://a.example/x").unwrap();
        for (text, media, expected) in rows {
            assert_eq!(form(text, Some(media), &url).0, expected, "{text}");
        }
        let robots = NormalUrl::parse("https://a.example/robots.txt").unwrap();
        assert_eq!(form("User-agent: *", None, &robots).0, Form::Robots);
        assert_eq!(form("<!doctype html>", None, &robots).0, Form::Html);
    }
}
