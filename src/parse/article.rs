//! A page as a story: whether it is one, and the record of it.

use super::blocks::{self, Written};
use super::body::{self, Body};
use super::date::{self, Moment};
use super::headline::{self, Headline};
use super::language;
use super::meta::Meta;
use super::page::{MarkKind, Page, is_wide};
use super::related;
use super::walk::{spaced, text_of};
use super::{Article, Block, Image};
use crate::normal::NormalUrl;

/// Text that a page must have to be a story when nothing but its text says so, counted as in
/// `page::Spread`.
const ENOUGH: usize = 220;
/// The same below a headline: two short paragraphs.
const ENOUGH_HEADED: usize = 110;
/// The same when the page says that it is a story.
const ENOUGH_DECLARED: usize = 30;

/// The story of a page, if it is one.
pub(super) fn extract(page: &Page<'_>, meta: Meta, url: &NormalUrl) -> Option<Article> {
    let live = meta.types.iter().any(|name| name == "LiveBlogPosting");
    let body = body::find(page);
    let story = |body: &Body| is_story(page, &meta, body, url);
    if !live && !body.as_ref().is_some_and(story) {
        return None;
    }
    let mut written = body
        .as_ref()
        .map(|body| blocks::write(page, body))
        .unwrap_or_default();
    let headline = headline::find(page, &meta, body.as_ref())
        .map(|found| headline::as_shown(found, &written.blocks));
    let region = Region::of(page, headline.as_ref(), body.as_ref());
    let authors = authors(page, &meta, &region);
    let title = headline.map(|found| found.text);
    headline::trim(&mut written.blocks, title.as_deref(), &authors);
    let mut article = Article {
        title,
        authors,
        text: joined(&written.blocks),
        ..Article::default()
    };
    if article.text.is_empty() && !live {
        return None;
    }
    dates(&mut article, &meta, &region);
    from_text(&mut article, page, &meta);
    article.links = related::labelled(page, body.as_ref(), &written.inline);
    article.images = images(page, &meta, &region, &written);
    article.blocks = written.blocks;
    article.content_type = content_type(&meta, &article);
    from_meta(&mut article, page, meta);
    Some(article)
}

fn from_text(article: &mut Article, page: &Page<'_>, meta: &Meta) {
    let said = meta.language.as_deref().or(page.lang);
    article.language = language::of(&article.text, article.title.as_deref(), said);
    article.direction = language::direction(&article.text, article.title.as_deref());
    article.word_count = word_count(&article.text);
}

fn from_meta(article: &mut Article, page: &Page<'_>, meta: Meta) {
    let by_title = || headline::site_name(page, article.title.as_deref());
    article.publisher = meta.publisher.or_else(by_title);
    article.lead = meta.description;
    article.canonical_url = meta.canonical.map(|url| url.as_str().to_owned());
    article.subtitle = meta.subtitle;
    article.section = meta.section;
    article.tags = meta.tags;
    article.paywalled = meta.paywalled;
}

/// Whether a page with this body is a story. Fronts, sections and tags show many stories;
/// their own text is short or linked.
fn is_story(page: &Page<'_>, meta: &Meta, body: &Body, url: &NormalUrl) -> bool {
    let listing = body.teasers >= 3 && body.teasers * 2 >= body.paragraphs;
    let linked = body.linked * 10 > body.text * 4;
    let home = url.url().path() == "/" && url.url().query().is_none();
    if meta.article {
        return body.text >= ENOUGH_DECLARED && !(home && (listing || linked));
    }
    let is_list = |name: &String| {
        let lists = [
            "CollectionPage",
            "SearchResultsPage",
            "ProfilePage",
            "AboutPage",
            "ContactPage",
        ];
        lists.contains(&name.as_str())
    };
    if listing || linked || home || meta.types.iter().any(is_list) {
        return false;
    }
    if meta.og_article {
        return body.text >= ENOUGH_DECLARED * 2;
    }
    let declared = body.hint > 0 || page.blocks[body.block].tag == "article";
    let headed = page
        .marks
        .iter()
        .any(|mark| mark.kind == MarkKind::Heading(1));
    let enough = if declared || headed {
        ENOUGH_HEADED
    } else {
        ENOUGH
    };
    body.text >= enough && !is_about_the_site(url)
}

/// Pages that every site has and that are no story.
fn is_about_the_site(url: &NormalUrl) -> bool {
    const NAMES: [&str; 18] = [
        "about",
        "about-us",
        "aboutus",
        "contact",
        "contact-us",
        "contactus",
        "cookie-policy",
        "cookies",
        "faq",
        "help",
        "impressum",
        "imprint",
        "legal",
        "privacy",
        "privacy-policy",
        "terms",
        "terms-of-service",
        "terms-of-use",
    ];
    let mut segments = url.url().path().trim_end_matches('/').rsplit('/');
    let last = segments.next().unwrap_or_default();
    let name = last.split('.').next().unwrap_or_default();
    NAMES.binary_search(&name).is_ok()
}

/// What stands between the headline and the body: byline, date, standfirst.
struct Region<'p, 't> {
    page: &'p Page<'t>,
    start: usize,
    end: usize,
    body_end: usize,
}

impl<'p, 't> Region<'p, 't> {
    fn of(page: &'p Page<'t>, headline: Option<&Headline>, body: Option<&Body>) -> Self {
        let headline = headline.and_then(|found| found.block);
        let (body_start, body_end) = body.map_or((page.blocks.len(), page.blocks.len()), |body| {
            (body.block, body::end_of(&page.blocks, body.block))
        });
        let start = headline.unwrap_or(body_start);
        // A headline inside the body has its byline there too, before the first paragraph.
        let end = if start < body_start {
            body_start
        } else {
            let long = |at: &usize| page.blocks[*at].own >= 100 && *at > start;
            (start..body_end).find(long).unwrap_or(body_end)
        };
        Self {
            page,
            start,
            end,
            body_end,
        }
    }

    fn holds(&self, block: usize) -> bool {
        (self.start..=self.end).contains(&block)
    }

    /// The first figure in it.
    fn picture(&self) -> Option<Image> {
        let blocks = &self.page.blocks;
        let mut inside = self.start..self.end.min(blocks.len());
        inside.find_map(|at| {
            let figure = blocks[at].tag == "figure";
            let node = figure.then(|| self.page.html.tree.get(blocks[at].node));
            node.flatten()
                .and_then(|node| blocks::image_in(self.page, node))
        })
    }

    /// The short lines of text in it, without the headline.
    fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let blocks = &self.page.blocks;
        let tree = &self.page.html.tree;
        (self.start + 1..self.end.min(blocks.len())).filter_map(move |at| {
            let short = (1..100).contains(&blocks[at].own) && blocks[at].total == blocks[at].own;
            short
                .then(|| tree.get(blocks[at].node).map(text_of))
                .flatten()
        })
    }
}

/// The authors: metadata first, then a visible byline.
fn authors(page: &Page<'_>, meta: &Meta, region: &Region<'_, '_>) -> Vec<String> {
    if !meta.authors.is_empty() {
        return meta.authors.iter().flat_map(|line| persons(line)).collect();
    }
    let marked = page
        .marks
        .iter()
        .filter(|mark| region.holds(mark.block))
        .filter(|mark| mark.kind == MarkKind::Author || mark.attributes.itemprop_is("author"));
    let marked: Vec<String> = marked
        .map(super::page::Mark::value)
        .find_map(|line| {
            let found: Vec<String> = persons(&spaced(&line)).collect();
            (!found.is_empty()).then_some(found)
        })
        .unwrap_or_default();
    if !marked.is_empty() {
        return marked;
    }
    // A line that is also the text of a link to an author's page.
    let names: Vec<String> = page
        .anchors
        .iter()
        .filter(|anchor| leads_to_author(anchor.href))
        .map(|anchor| text_of(anchor.node))
        .collect();
    let line = region.lines().find(|line| names.contains(line));
    line.into_iter().collect()
}

fn leads_to_author(href: &str) -> bool {
    let lower = href.to_ascii_lowercase();
    [
        "/author/",
        "/authors/",
        "/writer/",
        "/writers/",
        "/journalist/",
        "/by/",
        "/profile/",
    ]
    .iter()
    .any(|part| lower.contains(part))
}

/// The names in a byline: `By A and B`, `بقلم: أ`.
fn persons(line: &str) -> impl Iterator<Item = String> + '_ {
    const OPENERS: [&str; 8] = [
        "By ",
        "by ",
        "BY ",
        "بقلم:",
        "بقلم",
        "كتب:",
        "كتبت:",
        "Von ",
    ];
    let mut bare = line.trim();
    if let Some(after) = OPENERS.iter().find_map(|opener| bare.strip_prefix(opener)) {
        bare = after.trim_start_matches([':', ' ']);
    }
    // What follows a comma or bar in a byline is a date or an office as often as a name.
    let pieces = bare
        .split(" and ")
        .flat_map(|part| part.split([',', '،', '|', ';', '/', '•', '·']));
    pieces
        .map(|name| name.trim().to_owned())
        .filter(|name| is_name(name))
}

/// Whether a text can be a person's name.
fn is_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (1..=6).contains(&words)
        && letters >= 2
        && text.len() <= 100
        && !text.contains(['@', ':', '<'])
        && date::parse(text).is_none()
}

/// Publication and modification: metadata, then marked times near the headline, then a
/// visible line.
fn dates(article: &mut Article, meta: &Meta, region: &Region<'_, '_>) {
    article.modified = meta.modified.as_ref().map(|moment| moment.text.clone());
    let published = meta
        .published
        .clone()
        .or_else(|| visible_date(region, article.modified.is_some()));
    if let Some((moment, source)) = published {
        article.published = Some(moment.text);
        article.published_precision = Some(moment.precision.to_owned());
        article.published_source = Some(source.to_owned());
    }
}

fn visible_date(region: &Region<'_, '_>, has_modified: bool) -> Option<(Moment, &'static str)> {
    let near = |block: usize| region.holds(block) && block < region.body_end;
    let times = region
        .page
        .marks
        .iter()
        .filter(|mark| mark.kind == MarkKind::Time && near(mark.block));
    for mark in times {
        let updated =
            says_updated(mark.attributes.class) || mark.attributes.itemprop_is("dateModified");
        let moment = mark.attributes.datetime.and_then(date::parse);
        if let Some(moment) = moment.or_else(|| date::parse(&text_of(mark.node)))
            && !updated
        {
            return Some((moment, "time"));
        }
    }
    let line = region
        .lines()
        .filter(|line| !(has_modified && says_updated(line)));
    line.filter(|line| !says_updated(line))
        .find_map(|line| date::parse(&line))
        .map(|moment| (moment, "visible"))
}

/// Whether a line speaks of a change rather than of publication.
fn says_updated(line: &str) -> bool {
    let lower = line.to_lowercase();
    [
        "updated",
        "modified",
        "تحديث",
        "آخر تعديل",
        "mis à jour",
        "aktualisiert",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

fn joined(blocks: &[Block]) -> String {
    let texts = blocks
        .iter()
        .map(|block| block.text.as_str())
        .filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n\n")
}

/// Words, and characters of scripts that are written without spaces.
fn word_count(text: &str) -> usize {
    let (mut count, mut in_word) = (0, false);
    for c in text.chars() {
        let wide = is_wide(c) && c.is_alphanumeric();
        let word = c.is_alphanumeric() && !wide;
        count += usize::from(wide || (word && !in_word));
        in_word = word || (in_word && !c.is_whitespace() && !wide);
    }
    count
}

/// The pictures of the body, else the one above it, else the one that metadata names.
fn images(
    page: &Page<'_>,
    meta: &Meta,
    region: &Region<'_, '_>,
    written: &Written<'_>,
) -> Vec<Image> {
    let mut images = written.images.clone();
    if images.is_empty() {
        images.extend(region.picture());
    }
    if images.is_empty()
        && let Some(url) = meta
            .image
            .as_deref()
            .and_then(|raw| NormalUrl::join(&page.base, raw).ok())
    {
        images.push(Image {
            url: url.as_str().to_owned(),
            ..Image::default()
        });
    }
    images
}

fn content_type(meta: &Meta, article: &Article) -> String {
    let has = |name: &str| meta.types.iter().any(|own| own == name);
    let kind = if has("LiveBlogPosting") {
        "live"
    } else if has("OpinionNewsArticle") {
        "opinion"
    } else if meta.types.iter().any(|own| own.ends_with("NewsArticle")) {
        "news"
    } else if has("ImageGallery") {
        "gallery"
    } else if has("VideoObject") && article.word_count < 100 {
        "video"
    } else {
        "unknown"
    };
    kind.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_any_script() {
        let rows = [
            ("one two, three-four it's", 4),
            ("وقع الرئيسان الروسي", 3),
            ("夜间渡轮，将继续", 7),
            ("", 0),
            ("- — …", 0),
        ];
        for (text, count) in rows {
            assert_eq!(word_count(text), count, "{text}");
        }
    }

    #[test]
    fn bylines() {
        let rows: &[(&str, &[&str])] = &[
            (
                "By Ada Lovelace and Bo Diddley",
                &["Ada Lovelace", "Bo Diddley"],
            ),
            ("By Reporter 1, 2025-05-31T23:40:00Z", &["Reporter 1"]),
            ("بقلم: نيوزاليست", &["نيوزاليست"]),
            ("17 January 2025", &[]),
            ("desk@news.example", &[]),
        ];
        for (line, names) in rows {
            assert_eq!(&persons(line).collect::<Vec<_>>(), names, "{line}");
        }
    }
}
