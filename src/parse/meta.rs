//! What a page says about itself for machines: meta elements, OpenGraph, JSON-LD, microdata,
//! `rel=canonical`; and what it asks of robots.

use super::date::{self, Moment};
use super::entities;
use super::imprint::{self, Imprint};
use super::json_ld::{self, JsonLd, Typed};
use super::page::{MarkKind, Page};
use super::walk::spaced;
use crate::normal::NormalUrl;

/// Most tags or authors that are kept.
const MOST: usize = 100;

/// A page's own account of itself. Every text has its white space run together.
#[derive(Default)]
pub(super) struct Meta {
    /// Whether JSON-LD or microdata has a story for this page.
    pub(super) article: bool,
    /// Whether OpenGraph says `article`.
    pub(super) og_article: bool,
    /// Types of that story, or else of the page.
    pub(super) types: Vec<String>,
    /// Headlines, best first.
    pub(super) headlines: Vec<String>,
    pub(super) subtitle: Option<String>,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<(Moment, &'static str)>,
    pub(super) modified: Option<Moment>,
    pub(super) section: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) canonical: Option<NormalUrl>,
    pub(super) image: Option<String>,
    pub(super) paywalled: Option<bool>,
    pub(super) imprint: Imprint,
    /// JSON-LD scripts that could not be read.
    pub(super) broken: usize,
}

/// Reads a page's metadata. `url` is the page's own address.
pub(super) fn read(page: &Page<'_>, url: &NormalUrl) -> Meta {
    let mut meta = Meta {
        canonical: canonical(page),
        ..Meta::default()
    };
    let json = JsonLd::read(&page.json_ld);
    meta.broken = json.broken;
    let objects = json.objects();
    let chosen = meta.chosen(page, url, &objects);
    meta.imprint = imprint::read(page, &objects, chosen);
    meta.paywalled = meta.imprint.access.is_free.map(|free| !free);
    meta.add_json_ld(chosen, &objects);
    meta.add_elements(page);
    meta.add_microdata(page);
    meta
}

/// The canonical URL, unless two that differ cancel each other.
fn canonical(page: &Page<'_>) -> Option<NormalUrl> {
    let links = page.links.iter();
    let canonical = links.filter(|(attributes, _)| attributes.rel_is("canonical"));
    let mut urls = canonical.filter_map(|(_, href)| NormalUrl::join(&page.base, href).ok());
    let first = urls.next()?;
    urls.all(|other| other == first).then_some(first)
}

impl Meta {
    fn add_json_ld(&mut self, chosen: Option<Typed<'_>>, objects: &[Typed<'_>]) {
        let by_id = json_ld::named(objects);
        let publisher_of = |key, typed: &Typed<'_>| {
            let names = json_ld::names(typed.object.get(key), &by_id);
            names.into_iter().next().map(|(name, _)| name)
        };
        let Some(article) = chosen else {
            let top = objects.iter().filter(|typed| !typed.listed);
            self.types = top
                .flat_map(|typed| typed.types())
                .map(str::to_owned)
                .collect();
            let site = objects
                .iter()
                .find(|t| t.types().any(|name| name == "WebSite"));
            self.publisher = site.and_then(|site| site.text("name"));
            return;
        };
        self.article = true;
        self.types = article.types().map(str::to_owned).collect();
        self.headlines
            .extend(article.text("headline").or_else(|| article.text("name")));
        self.subtitle = article
            .text("alternativeHeadline")
            .or_else(|| article.text("alternateName"));
        self.description = article.text("description");
        self.publisher = publisher_of("publisher", &article);
        let authors = json_ld::names(article.object.get("author"), &by_id);
        let publisher = self.publisher.as_deref();
        let persons = authors
            .iter()
            .filter(|(name, org)| !org || Some(name.as_str()) != publisher);
        self.authors = persons.map(|(name, _)| name.clone()).collect();
        let moment = |key| article.text(key).and_then(|text| date::parse(&text));
        self.published = moment("datePublished").map(|moment| (moment, "json-ld"));
        self.modified = moment("dateModified");
        self.section = article.text("articleSection");
        self.tags = article.texts("keywords");
        self.language = article.text("inLanguage");
    }

    /// The story that JSON-LD has for this page: the one that names the page's address, else
    /// the only one outside of lists, else the one with the page's title.
    fn chosen<'v>(
        &self,
        page: &Page<'_>,
        url: &NormalUrl,
        objects: &[Typed<'v>],
    ) -> Option<Typed<'v>> {
        let articles: Vec<_> = objects.iter().filter(|typed| typed.is_article()).collect();
        let mut own = vec![bare(url.as_str())];
        own.extend(self.canonical.as_ref().map(|url| bare(url.as_str())));
        let named_here = articles.iter().find(|typed| {
            let mut addresses = typed.addresses().into_iter();
            addresses.any(|address| {
                let joined = NormalUrl::join(&page.base, address);
                joined.is_ok_and(|address| own.contains(&bare(address.as_str())))
            })
        });
        if let Some(named_here) = named_here {
            return Some(**named_here);
        }
        let top: Vec<_> = articles.iter().filter(|typed| !typed.listed).collect();
        if let [only] = top[..] {
            return Some(**only);
        }
        let title = page.title.as_deref().unwrap_or_default();
        let og = property(page, "og:title").unwrap_or_default();
        let titled = top.iter().find(|typed| {
            let headline = typed.text("headline").unwrap_or_default();
            !headline.is_empty() && (title.contains(&headline) || og == headline)
        });
        titled.map(|typed| ***typed)
    }

    fn add_elements(&mut self, page: &Page<'_>) {
        let mut og_title = None;
        // JSON-LD has names one by one; a meta element often has them all in one, in another
        // order, or the house instead.
        let named = !self.authors.is_empty();
        for (name, content) in &page.metas {
            let content = spaced(&entities::decode(content));
            if content.is_empty() {
                continue;
            }
            match name.trim().to_ascii_lowercase().as_str() {
                "og:title" => og_title = og_title.or(Some(content)),
                "twitter:title" | "parsely-title" | "dc.title" | "headline" => {
                    self.headlines.push(content);
                }
                "og:type" => self.og_article |= content.eq_ignore_ascii_case("article"),
                "og:site_name" => keep(&mut self.publisher, content),
                "og:description" | "description" | "twitter:description" => {
                    keep(&mut self.description, content);
                }
                "og:image" | "og:image:url" => keep(&mut self.image, content),
                "author" | "article:author" | "parsely-author" | "dc.creator"
                | "sailthru.author" | "byl" => {
                    if !named {
                        self.add_author(&content);
                    }
                }
                "article:section" | "parsely-section" => keep(&mut self.section, content),
                "article:tag" | "keywords" | "news_keywords" | "parsely-tags" => {
                    self.add_tags(&content);
                }
                "content-language" | "og:locale" => {
                    keep(&mut self.language, content.replace('_', "-"));
                }
                name => self.date_element(name, &content),
            }
        }
        let at = self.headlines.len().min(1);
        if let Some(og_title) = og_title {
            self.headlines.insert(at, og_title);
        }
    }

    fn date_element(&mut self, name: &str, content: &str) {
        match name {
            name if is_publication(name) => {
                let read = || date::parse(content).map(|moment| (moment, "meta"));
                self.published = self.published.take().or_else(read);
            }
            "article:modified_time"
            | "og:updated_time"
            | "datemodified"
            | "lastmod"
            | "last-modified"
            | "dcterms.modified"
            | "article.updated" => {
                self.modified = self.modified.take().or_else(|| date::parse(content));
            }
            _ => {}
        }
    }

    fn add_author(&mut self, content: &str) {
        if content.starts_with("http:") || content.starts_with("https:") {
            return;
        }
        let known = self
            .authors
            .iter()
            .any(|author| author.eq_ignore_ascii_case(content));
        let within = self
            .authors
            .iter()
            .any(|author| content.contains(author.as_str()));
        if !known && !within && self.authors.len() < MOST {
            self.authors.push(content.to_owned());
        }
    }

    fn add_tags(&mut self, content: &str) {
        for tag in content.split([',', '،', ';']) {
            let tag = tag.trim();
            if !tag.is_empty() && self.tags.len() < MOST && !self.tags.iter().any(|own| own == tag)
            {
                self.tags.push(tag.to_owned());
            }
        }
    }

    fn add_microdata(&mut self, page: &Page<'_>) {
        let properties = page
            .marks
            .iter()
            .filter(|mark| mark.kind == MarkKind::Property);
        for mark in properties {
            match mark.attributes.itemprop.trim() {
                "articleBody" => self.article = true,
                "headline" if self.headlines.is_empty() => {
                    self.headlines.push(spaced(&mark.value()));
                }
                "datePublished" if self.published.is_none() => {
                    self.published = date::parse(&mark.value()).map(|moment| (moment, "microdata"));
                }
                "dateModified" if self.modified.is_none() => {
                    self.modified = date::parse(&mark.value());
                }
                "articleSection" => keep(&mut self.section, spaced(&mark.value())),
                _ => {}
            }
        }
    }
}

/// Whether a meta element of this name, in lower case, says when a story appeared.
pub(super) fn is_publication(name: &str) -> bool {
    matches!(
        name,
        "article:published_time"
            | "og:published_time"
            | "datepublished"
            | "parsely-pub-date"
            | "publishdate"
            | "pubdate"
            | "publish_date"
            | "publish-date"
            | "sailthru.date"
            | "dc.date.issued"
            | "dcterms.created"
            | "dc.date"
            | "date"
            | "article.published"
            | "cxenseparse:recs:publishtime"
    )
}

fn keep(slot: &mut Option<String>, value: String) {
    if slot.is_none() && !value.is_empty() {
        *slot = Some(value);
    }
}

fn property<'t>(page: &Page<'t>, name: &str) -> Option<&'t str> {
    let mut all = page.metas.iter();
    all.find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, content)| *content)
}

/// An address without what two names of one page may differ in.
fn bare(url: &str) -> String {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.strip_prefix("www.").unwrap_or(url);
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url[..end].trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn of(head: &str) -> Meta {
        let url = NormalUrl::parse("https://news.example/2026/03/toads.html").unwrap();
        let (html, _) = tree::build(head);
        read(&Page::read(&html, url.url()), &url)
    }

    #[test]
    fn the_object_that_names_the_page_is_chosen() {
        let meta = of(r#"<title>Toads</title>
            <script type="application/ld+json">{"@type":"ItemList","itemListElement":[
              {"@type":"ListItem","item":{"@type":"NewsArticle","headline":"Other","url":"https://news.example/o"}}]}</script>
            <script type="application/ld+json">{"@type":"NewsArticle","headline":"First","url":"/x"}</script>
            <script type="application/ld+json">{"@type":"NewsArticle","headline":"Toads",
              "mainEntityOfPage":{"@type":"WebPage","@id":"https://news.example/2026/03/toads.html/?ref=home"}}</script>"#);
        assert_eq!(meta.headlines, ["Toads"]);
    }

    #[test]
    fn a_list_of_stories_is_no_story() {
        let meta = of(
            r#"<script type="application/ld+json">{"@type":"CollectionPage","hasPart":[
            {"@type":"NewsArticle","headline":"A"},{"@type":"NewsArticle","headline":"B"}]}</script>"#,
        );
        assert!(!meta.article);
        assert_eq!(meta.types, ["CollectionPage"]);
    }

    #[test]
    fn two_canonicals_cancel_each_other() {
        let two = "<link rel=canonical href=/a><link rel=canonical href=/b>";
        assert_eq!(of(two).canonical, None);
        let twice =
            "<link rel=canonical href=/a><link rel='CANONICAL' href=https://news.example/a#x>";
        assert_eq!(
            of(twice).canonical.unwrap().as_str(),
            "https://news.example/a"
        );
    }

    #[test]
    fn meta_elements() {
        let meta = of("<meta property=og:type content=article><meta property=og:title content='A &amp; B'>
            <meta name=author content='Ada'><meta property='article:author' content='https://social.example/ada'>
            <meta name=keywords content='x, y,x'><meta property='article:published_time' content='2026-03-02T21:40:00'>");
        assert!(meta.og_article && !meta.article);
        assert_eq!(meta.headlines, ["A & B"]);
        assert_eq!(meta.authors, ["Ada"]);
        assert_eq!(meta.tags, ["x", "y"]);
        let (moment, source) = meta.published.unwrap();
        assert_eq!(
            (moment.text.as_str(), source),
            ("2026-03-02T21:40:00", "meta")
        );
    }
}
