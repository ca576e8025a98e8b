//! The pages as HTML: stories, fronts, sections, the page that is not there.

use super::edition::Edition;
use super::story::{Block, Story};
use serde_json::json;
use url::Url;

/// One paper with its addresses.
pub(super) struct Paper {
    pub(super) edition: Edition,
    pub(super) stories: Vec<Story>,
    /// `http://127.0.0.1:8800/`.
    pub(super) base: Url,
    /// The other paper's front.
    pub(super) other: Url,
}

impl Paper {
    /// The address of a path, its letters percent-encoded.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// What an update of a story looks like, or the story before it.
    pub(super) fn story(&self, story: &Story, updated: bool) -> String {
        let english = story.has("en");
        let edition = if english {
            Edition::English
        } else {
            self.edition
        };
        let words = edition.words();
        let (title, subtitle) = (escaped(story.title), escaped(story.subtitle));
        let body: String = story
            .blocks
            .iter()
            .map(|block| block_html(*block, updated))
            .collect();
        let main = format!(
            "<article><h1>{title}</h1>\n<p class=\"standfirst\">{subtitle}</p>\n\
             <p class=\"byline\"><span class=\"author\">{} {}</span></p>\n<p class=\"date\">{}</p>\n\
             <div class=\"body\">\n{body}</div>\n</article>\n<aside class=\"related\"><h2>{}</h2>{}</aside>",
            words.by,
            escaped(story.author),
            edition.day(story),
            words.related,
            self.list(&self.related(story), false),
        );
        let charset = if story.has("legacy") {
            "windows-1256"
        } else {
            "utf-8"
        };
        self.page(
            edition,
            charset,
            &title,
            &self.metadata(story, updated),
            &main,
        )
    }

    /// The two stories that follow it.
    fn related(&self, story: &Story) -> Vec<&Story> {
        let at = self.stories.iter().position(|own| own == story);
        let around = self.stories.iter().cycle().skip(at.unwrap_or(0) + 1);
        around.take(2).collect()
    }

    fn metadata(&self, story: &Story, updated: bool) -> String {
        if story.has("bare") {
            return String::new();
        }
        let url = self.url(story.path);
        let mut meta = format!(
            "<link rel=\"canonical\" href=\"{url}\">\n<meta property=\"og:type\" content=\"article\">\n\
             <meta property=\"og:title\" content=\"{}\">\n<meta name=\"author\" content=\"{}\">\n\
             <meta property=\"article:published_time\" content=\"{}\">\n",
            escaped(story.title),
            escaped(story.author),
            story.published,
        );
        if story.has("json") {
            let data = self.json_ld(story, updated).to_string();
            // The one sequence that would end the element.
            let data = data.replace("</", "<\\/");
            meta.extend([
                "<script type=\"application/ld+json\">",
                &data,
                "</script>\n",
            ]);
        }
        meta
    }

    fn json_ld(&self, story: &Story, updated: bool) -> serde_json::Value {
        let mut data = json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": story.title,
            "alternativeHeadline": story.subtitle,
            "datePublished": story.published,
            "author": { "@type": "Person", "name": story.author },
            "publisher": { "@type": "Organization", "name": self.edition.words().name },
            "articleSection": Edition::section(story.section()),
            "mainEntityOfPage": self.url(story.path).as_str(),
        });
        if updated && story.is_updated() {
            data["dateModified"] = json!("2026-01-15T13:10:00+00:00");
        }
        data
    }

    /// The front: every story, a link to an old address, one to a page that is gone, and one
    /// into the folder that robots.txt closes.
    pub(super) fn front(&self) -> String {
        let words = self.edition.words();
        let all: Vec<&Story> = self.stories.iter().collect();
        let main = format!(
            "<h1>{}</h1>\n<h2>{}</h2>\n{}\n<ul><li><a href=\"{}\">{}</a></li>\n\
             <li><a href=\"{}\">{}</a></li></ul>",
            words.name,
            words.latest,
            self.list(&all, true),
            self.url(words.moved).path(),
            words.related,
            self.url(words.missing).path(),
            words.missing_link,
        );
        let feed = format!(
            "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed.xml\" title=\"{}\">\n",
            words.name
        );
        self.page(self.edition, "utf-8", words.name, &feed, &main)
    }

    /// A section's stories.
    pub(super) fn section(&self, section: &str) -> String {
        let stories = self.stories.iter();
        let own: Vec<&Story> = stories.filter(|story| story.section() == section).collect();
        let name = Edition::section(section);
        let main = format!("<h1>{name}</h1>\n{}", self.list(&own, true));
        let title = format!("{name} | {}", self.edition.words().name);
        self.page(self.edition, "utf-8", &title, "", &main)
    }

    /// What is shown, with status 200, where a story was withdrawn.
    pub(super) fn missing(&self) -> String {
        let words = self.edition.words();
        let latest: Vec<&Story> = self.stories.iter().take(4).collect();
        let main = format!(
            "<article><h1>{}</h1>\n<p>{}</p></article>\n<h2>{}</h2>\n{}",
            words.missing_title,
            words.missing_text,
            words.latest,
            self.list(&latest, false)
        );
        self.page(self.edition, "utf-8", words.missing_title, "", &main)
    }

    /// A page of the closed folder. It would pass for a story, if somebody were to ask for it.
    pub(super) fn closed(&self) -> String {
        let words = self.edition.words();
        let text = self.stories.first().map(|story| story.subtitle);
        let text = escaped(text.unwrap_or_default());
        let main = format!("<article><h1>{}</h1>\n<p>{text}</p></article>", words.desk);
        self.page(self.edition, "utf-8", words.desk, "", &main)
    }

    fn list(&self, stories: &[&Story], teasers: bool) -> String {
        let items = stories.iter().map(|story| {
            let (path, title) = (self.url(story.path), escaped(story.title));
            let teaser = if teasers {
                format!("<p>{}</p>", escaped(story.subtitle))
            } else {
                String::new()
            };
            format!("<li><a href=\"{}\">{title}</a>{teaser}</li>\n", path.path())
        });
        format!("<ul>\n{}</ul>", items.collect::<String>())
    }

    fn page(&self, edition: Edition, charset: &str, title: &str, head: &str, main: &str) -> String {
        let words = edition.words();
        let own = self.edition.words();
        let link = |section| {
            let (url, name) = (self.url(&format!("{section}/")), Edition::section(section));
            format!("<a href=\"{}\">{name}</a>\n", url.path())
        };
        let sections: Vec<String> = self.sections().into_iter().map(link).collect();
        let sections = sections.concat();
        format!(
            "<!doctype html>\n<html lang=\"{}\" dir=\"{}\">\n<head>\n<meta charset=\"{charset}\">\n\
             <title>{title}</title>\n{head}</head>\n<body>\n<header><nav><a href=\"/\">{}</a>\n\
             {sections}<a href=\"{}\">{}</a></nav></header>\n<main>\n{main}\n</main>\n\
             <footer><p><a href=\"{}\">{}</a></p><p>{}</p></footer>\n</body>\n</html>\n",
            words.language,
            words.direction,
            own.name,
            self.other,
            own.other,
            self.url(&format!("{}rota", own.closed)).path(),
            own.desk,
            own.rights,
        )
    }

    /// The sections, in the order of their first stories.
    pub(super) fn sections(&self) -> Vec<&'static str> {
        let mut sections = Vec::new();
        for story in &self.stories {
            if !sections.contains(&story.section()) {
                sections.push(story.section());
            }
        }
        sections
    }
}

fn block_html(block: Block, updated: bool) -> String {
    match block {
        Block::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
        Block::Subhead(text) => format!("<h2>{}</h2>\n", escaped(text)),
        Block::Update(text) if updated => format!("<p>{}</p>\n", escaped(text)),
        Block::Update(_) => String::new(),
    }
}

/// Text as it may stand in HTML and XML, in attributes too.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
