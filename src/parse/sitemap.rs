//! Sitemaps and sitemap indexes, XML or text (sitemaps.org protocol), as outlinks.

use super::xml::{self, Name, Piece, Pieces};
use super::{Outlink, Role};
use crate::normal::NormalUrl;
use std::collections::HashSet;

/// Most entries that one file may have (sitemaps.org, "Sitemap index files").
const MAX_ENTRIES: usize = 50_000;

/// What a sitemap yielded.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) links: Vec<Outlink>,
    pub(super) fault: Option<String>,
    seen: HashSet<NormalUrl>,
}

impl Entries {
    /// False when the file is full.
    fn add(&mut self, base: &NormalUrl, location: &str, role: Role) -> bool {
        if self.links.len() >= MAX_ENTRIES {
            self.fault = Some(format!(
                "more than {MAX_ENTRIES} entries: the rest was not read"
            ));
            return false;
        }
        // An ampersand that was escaped once for HTML and once for XML is still one.
        let location = location.trim().replace("&amp;", "&");
        if let Ok(url) = NormalUrl::join(base.url(), &location)
            && self.seen.insert(url.clone())
        {
            self.links.push(Outlink { url, role });
        }
        true
    }
}

/// Reads an XML sitemap, up to its end or where it breaks.
pub(super) fn xml(text: &str, url: &NormalUrl) -> Entries {
    let clean = xml::cleaned(text);
    let mut pieces = Pieces::of(&clean);
    let mut entries = Entries::default();
    let mut entry = Entry::default();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Open(tag) => entry.open(tag.name()),
            Piece::Text(text) => entry.text(&text),
            Piece::Close(name) => {
                if let Some((location, role)) = entry.close(name)
                    && !entries.add(url, &location, role)
                {
                    return entries;
                }
            }
        }
    }
    entries.fault = pieces
        .fault
        .take()
        .map(|why| format!("sitemap broken: {why}"));
    entries
}

/// Reads a text sitemap: one URL a line.
pub(super) fn text(text: &str, url: &NormalUrl) -> Entries {
    let mut entries = Entries::default();
    for line in text.lines().map(str::trim) {
        let is_url = line.starts_with("http://") || line.starts_with("https://");
        if is_url && !entries.add(url, line, Role::Page) {
            break;
        }
    }
    entries
}

/// The entry that is being read. Names are compared without their prefix, since any may be
/// bound to the protocol's namespace; what counts is that `loc` is a child of the entry and
/// shares its prefix, which `image:loc` does not.
#[derive(Default)]
struct Entry {
    inside: Option<Role>,
    prefix: String,
    /// Elements open inside the entry.
    depth: usize,
    in_location: bool,
    location: String,
    news: bool,
}

impl Entry {
    fn open(&mut self, name: Name<'_>) {
        let role = role_of(name.local);
        if let Some(role) = role
            && (self.inside.is_none() || name.prefix == self.prefix)
        {
            *self = Self {
                inside: Some(role),
                prefix: name.prefix.to_owned(),
                ..Self::default()
            };
        } else if self.inside.is_some() {
            self.depth += 1;
            self.news |= name.local.eq_ignore_ascii_case("news");
            let is_location = name.local.eq_ignore_ascii_case("loc");
            self.in_location = self.depth == 1 && is_location && name.prefix == self.prefix;
            if self.in_location {
                self.location.clear();
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_location {
            self.location.push_str(text);
        }
    }

    fn close(&mut self, name: Name<'_>) -> Option<(String, Role)> {
        self.in_location = false;
        let role = self.inside?;
        if !(name.prefix == self.prefix && role_of(name.local).is_some()) {
            self.depth = self.depth.saturating_sub(1);
            return None;
        }
        let entry = std::mem::take(self);
        let role = if entry.news { Role::Story } else { role };
        (!entry.location.trim().is_empty()).then_some((entry.location, role))
    }
}

/// What the entries of an element of this name are.
fn role_of(name: &str) -> Option<Role> {
    if name.eq_ignore_ascii_case("url") {
        return Some(Role::Page);
    }
    name.eq_ignore_ascii_case("sitemap")
        .then_some(Role::Sitemap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let url = NormalUrl::parse("https://a.example/maps/sitemap.xml").unwrap();
        let links = xml(text, &url).links;
        links
            .iter()
            .map(|link| {
                format!(
                    "{:?} {}",
                    link.role,
                    link.url.as_str().trim_start_matches("https://a.example/")
                )
            })
            .collect()
    }

    #[test]
    fn dialects() {
        let rows: &[(&str, &[&str])] = &[
            (
                "<urlset><url><loc>https://a.example/1</loc></url></urlset>",
                &["Page 1"],
            ),
            (
                "<s:urlset xmlns:s='x'><s:url><s:loc>https://a.example/1</s:loc></s:url></s:urlset>",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>\n https://a.example/1?a=1&amp;b=2 \n</loc></url></urlset>",
                &["Page 1?a=1&b=2"],
            ),
            (
                "<urlset><url><loc><![CDATA[https://a.example/1]]></loc></url></urlset>",
                &["Page 1"],
            ),
            (
                "<urlset><url><image:image><image:loc>https://a.example/i</image:loc></image:image><loc>https://a.example/1</loc></url></urlset>",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>https://a.example/1</loc><image:loc>https://a.example/i</image:loc></url></urlset>",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>https://a.example/1</loc><n:news><n:title>x</n:title></n:news></url><url><loc>/2</loc></url></urlset>",
                &["Story 1", "Page 2"],
            ),
            (
                "<sitemapindex><sitemap><loc>https://a.example/m.xml</loc></sitemap></sitemapindex>",
                &["Sitemap m.xml"],
            ),
            (
                "<URLSET><URL><LOC>https://a.example/1</LOC></URL></URLSET>",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>https://a.example/1?a=1&amp;amp;b=2</loc><lastmod>yesterday</lastmod></url></urlset>",
                &["Page 1?a=1&b=2"],
            ),
            (
                "<urlset><url><loc>https://a.example/1?a=1&b=2</loc></url></urlset>",
                &["Page 1?a=1&b=2"],
            ),
            (
                "<urlset xmlns:xhtml='x'><url><xhtml:link rel='alternate' hreflang='ar' href='https://a.example/ar'/><loc>https://a.example/1</loc></url></urlset>",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>https://a.example/1</loc><video:video><video:content_loc>https://a.example/v.mp4</video:content_loc></video:video></url></urlset>",
                &["Page 1"],
            ),
            (
                "<!DOCTYPE urlset [<!ENTITY a 'https://a.example/'><!ENTITY b '&a;&a;&a;&a;'>]><urlset><url><loc>https://a.example/1</loc></url><url><loc>/&b;</loc></url></urlset>",
                &["Page 1", "Page &b;"],
            ),
            (
                "<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.example/1</loc></url></urlset>",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.ex",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.example/2</loc></url",
                &["Page 1"],
            ),
            (
                "<urlset><url><loc></loc></url><url><loc>mailto:x@y</loc></url></urlset>",
                &[],
            ),
            (
                "<urlset><url><loc>https://a.example/1?x&y=2</loc></url></urlset>",
                &["Page 1?x&y=2"],
            ),
        ];
        for (xml, expected) in rows {
            assert_eq!(&found(xml), expected, "{xml}");
        }
    }

    #[test]
    fn entries_are_limited() {
        let entry = |n: u32| {
            [
                "<url><loc>/".to_owned(),
                n.to_string(),
                "</loc></url>".to_owned(),
            ]
        };
        let many: String = (0..60_000).flat_map(entry).collect();
        let url = NormalUrl::parse("https://a.example/").unwrap();
        let entries = xml(&format!("<urlset>{many}</urlset>"), &url);
        assert_eq!(entries.links.len(), MAX_ENTRIES);
        assert!(entries.fault.is_some());
    }

    #[test]
    fn text_files() {
        let url = NormalUrl::parse("https://a.example/").unwrap();
        let entries = text("https://a.example/1\r\n\r\nhttps://a.example/2\n", &url);
        assert_eq!(entries.links.len(), 2);
    }
}
