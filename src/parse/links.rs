//! A page's links as outlinks: what is worth following, each URL once, in page order.

use super::page::Page;
use super::walk::Attributes;
use super::{Outlink, Role};
use crate::normal::NormalUrl;
use std::collections::HashSet;

/// The outlinks of the page at `url`.
pub(super) fn outlinks(page: &Page<'_>, url: &NormalUrl) -> Vec<Outlink> {
    let mut found = Found {
        page,
        links: Vec::with_capacity(page.anchors.len()),
        hrefs: HashSet::with_capacity(page.anchors.len()),
        urls: HashSet::with_capacity(page.anchors.len()),
    };
    found.urls.insert(url.clone());
    for (attributes, href) in &page.links {
        if let Some(role) = head_role(attributes, page.amp) {
            found.add(href, role);
        }
    }
    for address in &page.elsewhere {
        found.add(address, Role::Page);
    }
    for anchor in &page.anchors {
        if !is_disowned(&anchor.attributes) {
            let next = anchor.attributes.rel_is("next");
            found.add(anchor.href, if next { Role::Next } else { Role::Page });
        }
    }
    found.links
}

struct Found<'p, 't> {
    page: &'p Page<'t>,
    links: Vec<Outlink>,
    hrefs: HashSet<&'t str>,
    urls: HashSet<NormalUrl>,
}

impl<'t> Found<'_, 't> {
    fn add(&mut self, href: &'t str, role: Role) {
        let href = href.trim();
        if is_no_page(href) || !self.hrefs.insert(href) {
            return;
        }
        if let Ok(url) = NormalUrl::join(&self.page.base, href)
            && !self.urls.contains(&url)
        {
            self.urls.insert(url.clone());
            self.links.push(Outlink { url, role });
        }
    }
}

/// What a `link` element of the head leads to, where we follow it. The canonical copy is
/// followed from an AMP page only: elsewhere it is this page, or a lie.
fn head_role(attributes: &Attributes<'_>, amp: bool) -> Option<Role> {
    if attributes.rel_is("next") || attributes.rel_is("prev") {
        return Some(Role::Next);
    }
    if amp && attributes.rel_is("canonical") {
        return Some(Role::Page);
    }
    let is_feed = attributes.rel_is("alternate") && is_feed_type(attributes.kind);
    is_feed.then_some(Role::Feed)
}

fn is_feed_type(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
    ]
    .iter()
    .any(|feed| kind.eq_ignore_ascii_case(feed))
}

/// Links that the page does not vouch for.
fn is_disowned(attributes: &Attributes<'_>) -> bool {
    !attributes.rel.is_empty()
        && (attributes.rel_is("nofollow")
            || attributes.rel_is("ugc")
            || attributes.rel_is("sponsored"))
}

/// A place on the page itself, or a scheme that leads to no page.
fn is_no_page(href: &str) -> bool {
    if href.is_empty() || href.starts_with('#') {
        return true;
    }
    let Some((scheme, _)) = href.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.len() < 16 && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    is_scheme && !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https")
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn found(html: &str) -> Vec<String> {
        let url = NormalUrl::parse("https://news.example/a/b/c.html").unwrap();
        let (tree, _) = tree::build(html);
        let page = Page::read(&tree, url.url());
        let links = outlinks(&page, &url);
        let text = |link: &Outlink| format!("{:?} {}", link.role, link.url);
        links.iter().map(text).collect()
    }

    #[test]
    fn kinds_of_links() {
        let rows: &[(&str, &[&str])] = &[
            ("<a href=d.html>", &["Page https://news.example/a/b/d.html"]),
            ("<area href=/d>", &["Page https://news.example/d"]),
            (
                "<a href=' \n/d '><a href=/d#x><a href=d>",
                &[
                    "Page https://news.example/d",
                    "Page https://news.example/a/b/d",
                ],
            ),
            ("<a href=#top><a href=''><a><a href=c.html>", &[]),
            (
                "<a href=javascript:x()><a href=MAILTO:a@b><a href=tel:1><a href=data:,x>",
                &[],
            ),
            (
                "<a rel='nofollow me' href=/d><a rel=ugc href=/e><a rel=Sponsored href=/f>",
                &[],
            ),
            (
                "<a rel=nofollow href=/d><a href=/d>",
                &["Page https://news.example/d"],
            ),
            (
                "<noscript><a href=/d></noscript><template><a href=/d></template><!--<a href=/d>--><script>'<a href=/d>'</script>",
                &[],
            ),
            (
                "<link rel=alternate type='application/rss+xml' href=/feed>",
                &["Feed https://news.example/feed"],
            ),
            (
                "<link rel=alternate type='text/html' href=/x><link rel=amphtml href=/y><link rel=canonical href=/z>",
                &[],
            ),
            (
                "<html amp><link rel=canonical href=/z>",
                &["Page https://news.example/z"],
            ),
            (
                "<link rel=next href=?page=2><a rel=next href=?page=3>",
                &[
                    "Next https://news.example/a/b/c.html?page=2",
                    "Next https://news.example/a/b/c.html?page=3",
                ],
            ),
            (
                "<base target=_top><base href='../../'><base href=/other/><a href=story/1.html>",
                &["Page https://news.example/story/1.html"],
            ),
            (
                "<a href=d><base href=//other.example/x/>",
                &["Page https://other.example/x/d"],
            ),
            (
                "<base href=''><base href=/x/><a href=d>",
                &["Page https://news.example/a/b/d"],
            ),
            (
                "<base href='javascript:x'><a href=d>",
                &["Page https://news.example/a/b/d"],
            ),
            (
                "<template><base href=/x/></template><!--<base href=/y/>--><base href=' /z/ '><a href=d>",
                &["Page https://news.example/z/d"],
            ),
            (
                "<frameset cols=1,2><frame src=menu.html><frame src=/main.html><noframes><a href=/n></noframes></frameset>",
                &[
                    "Page https://news.example/a/b/menu.html",
                    "Page https://news.example/main.html",
                ],
            ),
            (
                "<meta http-equiv=Refresh content=\"0; URL='/d?a=1&amp;b=2'\"><meta http-equiv=refresh content=300>",
                &["Page https://news.example/d?a=1&b=2"],
            ),
            (
                "<a href=/d?a=1&copy=2&amp;b=3>",
                &["Page https://news.example/d?a=1&copy=2&b=3"],
            ),
            (
                "<a href='/d\n/e'><a href=\\f>",
                &[
                    "Page https://news.example/d/e",
                    "Page https://news.example/f",
                ],
            ),
            (
                "<form><form><a href=/d></form><a href=/e></form>",
                &["Page https://news.example/d", "Page https://news.example/e"],
            ),
            ("<p hidden><a href=/d>", &["Page https://news.example/d"]),
        ];
        for (html, expected) in rows {
            assert_eq!(&found(html), expected, "{html}");
        }
    }
}
