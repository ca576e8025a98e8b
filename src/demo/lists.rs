//! What a paper has for programs: the feed, the news sitemap, robots.txt.

use super::page::{Paper, escaped};
use super::story::Story;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;

impl Paper {
    /// RSS 2.0, without the `bare` stories: those are found by way of the front and the sections.
    pub(super) fn feed(&self) -> String {
        let words = self.edition.words();
        let listed = self.stories.iter().filter(|story| !story.has("bare"));
        let items = listed.map(|story| {
            let url = self.url(story.path);
            format!(
                "<item><title>{}</title><link>{url}</link><guid>{url}</guid>\
                 <pubDate>{}</pubDate></item>\n",
                escaped(story.title),
                rfc_822(story),
            )
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>\n\
             <title>{0}</title><link>{1}</link><description>{0}</description>\
             <language>{2}</language>\n{3}</channel></rss>\n",
            words.name,
            self.base,
            words.language,
            items.collect::<String>(),
        )
    }

    /// A sitemap with the elements of Google News.
    pub(super) fn sitemap(&self) -> String {
        let words = self.edition.words();
        let entries = self.stories.iter().map(|story| {
            format!(
                "<url><loc>{}</loc><news:news><news:publication><news:name>{}</news:name>\
                 <news:language>{}</news:language></news:publication>\
                 <news:publication_date>{}</news:publication_date>\
                 <news:title>{}</news:title></news:news></url>\n",
                self.url(story.path),
                words.name,
                words.language,
                story.published,
                escaped(story.title),
            )
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
             xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n{}</urlset>\n",
            entries.collect::<String>()
        )
    }

    /// One folder closed, a delay, and where the sitemap is (RFC 9309).
    pub(super) fn robots(&self) -> String {
        format!(
            "User-agent: *\nDisallow: {}\nCrawl-delay: 0.1\n\nSitemap: {}\n",
            self.edition.words().closed,
            self.url("news-sitemap.xml"),
        )
    }
}

/// `Wed, 14 Jan 2026 08:20:00 +0000`; the first moment of the day where no time is known.
fn rfc_822(story: &Story) -> String {
    let day = || story.published.parse::<Date>().ok();
    let Ok(pieces) = Pieces::parse(story.published) else {
        return String::new();
    };
    let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
        return day().map_or_else(String::new, |day| {
            day.strftime("%a, %d %b %Y 00:00:00 +0000").to_string()
        });
    };
    let zoned = pieces.date().to_datetime(time);
    let shown = zoned.strftime("%a, %d %b %Y %H:%M:%S").to_string();
    let minutes = offset.seconds() / 60;
    format!("{shown} +{:02}{:02}", minutes / 60, minutes % 60)
}
