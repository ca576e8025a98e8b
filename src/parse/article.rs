//! A page as a story: whether it is one, and the record of it.

use super::blocks::{self, Written};
use super::body::{self, Body};
use super::byline;
use super::gate;
use super::headline;
use super::language;
use super::meta::Meta;
use super::page::Page;
use super::published;
use super::region::Region;
use super::related;
use super::spread::is_wide;
use super::{Article, Block, Image};
use crate::normal::NormalUrl;

/// The story of a page, if it is one.
pub(super) fn extract(page: &Page<'_>, meta: Meta, url: &NormalUrl) -> Option<Article> {
    let live = meta.types.iter().any(|name| name == "LiveBlogPosting");
    let body = body::find(page);
    let story = |body: &Body| gate::no_story(page, &meta, body, url).is_none();
    if !live && !body.as_ref().is_some_and(story) {
        return None;
    }
    let mut written = body
        .as_ref()
        .map(|body| blocks::write(page, body))
        .unwrap_or_default();
    let head = std::mem::take(&mut written.head);
    let headline = headline::find(page, &meta, body.as_ref())
        .map(|found| headline::as_shown(found, &written.blocks));
    let region = Region::of(page, headline.as_ref(), body.as_ref(), &head);
    let authors = byline::authors(page, &meta, &region);
    let title = headline.map(|found| found.text);
    headline::trim(&mut written.blocks, title.as_deref(), &authors);
    let mut article = Article {
        title,
        authors,
        text: joined(&written.blocks),
        ..Article::default()
    };
    if !is_written(&article.text) && !live {
        return None;
    }
    published::date_story(&mut article, &meta, &region, url);
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

fn joined(blocks: &[Block]) -> String {
    let texts = blocks
        .iter()
        .map(|block| block.text.as_str())
        .filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n\n")
}

/// Whether a third of what is visible are letters and digits: marks alone are noise that was
/// served as a page.
fn is_written(text: &str) -> bool {
    let visible = text.chars().filter(|c| !c.is_whitespace()).count();
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    letters > 0 && letters * 3 >= visible
}

/// Words, and characters of scripts that are written without spaces.
fn word_count(text: &str) -> usize {
    let (mut count, mut in_word) = (0, false);
    for c in text.chars() {
        let alphanumeric = c.is_alphanumeric();
        let wide = alphanumeric && !c.is_ascii() && is_wide(c);
        let word = alphanumeric && !wide;
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
}
