//! Pages of a news site: stories that are taken for articles, and fronts that list them.

use super::site::Site;

/// A story as its publisher has it.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) path: String,
    pub(crate) title: String,
    /// `en`, `ar`: what `<html lang>` says.
    pub(crate) language: &'static str,
    /// A day, `2026-01-31`.
    pub(crate) published: String,
    pub(crate) paragraphs: Vec<String>,
}

impl Story {
    /// An English story that is like no other.
    pub(crate) fn at(path: &str) -> Self {
        let told = |what: &str| {
            format!("The {what} report of {path} was read to the council, which put off its vote. ")
                .repeat(3)
                .trim_end()
                .to_owned()
        };
        Self {
            path: path.to_owned(),
            title: format!("Council hears the report of {path}"),
            language: "en",
            published: "2026-01-31".to_owned(),
            paragraphs: ["first", "second", "third"].map(told).into(),
        }
    }

    /// The story's page.
    pub(crate) fn html(&self) -> String {
        self.html_with("")
    }

    /// The story's page, with more below the story.
    pub(crate) fn html_with(&self, below: &str) -> String {
        let direction = if self.language == "ar" { "rtl" } else { "ltr" };
        let (title, published) = (&self.title, &self.published);
        let paragraphs: Vec<String> = self
            .paragraphs
            .iter()
            .map(|text| format!("<p>{text}</p>"))
            .collect();
        format!(
            "<!doctype html><html lang='{}' dir='{direction}'><head><title>{title}</title>\
             <meta property='og:type' content='article'>\
             <meta property='article:published_time' content='{published}'></head>\
             <body><article><h1>{title}</h1><time datetime='{published}'>{published}</time>\n{}\n\
             </article>{below}</body></html>",
            self.language,
            paragraphs.join("\n")
        )
    }

    /// A link to it, as fronts have it.
    pub(crate) fn link(&self) -> String {
        format!("<li><a href='{}'>{}</a></li>", self.path, self.title)
    }

    /// The text that an export is to hold.
    pub(crate) fn text(&self) -> String {
        self.paragraphs.join("\n\n")
    }
}

/// Stories `/story/0` and on.
pub(crate) fn stories(number: usize) -> Vec<Story> {
    (0..number)
        .map(|n| Story::at(&format!("/story/{n}")))
        .collect()
}

/// A page that lists stories.
pub(crate) fn front(stories: &[Story]) -> String {
    let links: Vec<String> = stories.iter().map(Story::link).collect();
    format!(
        "<title>Front</title><h1>Today</h1><ul>{}</ul>",
        links.join("\n")
    )
}

/// An RSS feed of stories, by absolute URLs below `base`.
pub(crate) fn rss(base: &str, stories: &[Story]) -> String {
    let items: Vec<String> = stories
        .iter()
        .map(|story| {
            let (title, path) = (&story.title, &story.path);
            format!("<item><title>{title}</title><link>{base}{path}</link></item>")
        })
        .collect();
    format!(
        "<?xml version='1.0'?><rss version='2.0'><channel><title>News</title><link>{base}/</link>\
         <description>All news</description>{}</channel></rss>",
        items.join("")
    )
}

/// A sitemap of paths below `base`.
pub(crate) fn sitemap<S: AsRef<str>>(base: &str, paths: &[S]) -> String {
    let entry = |path: &S| format!("<url><loc>{base}{}</loc></url>", path.as_ref());
    let entries: Vec<String> = paths.iter().map(entry).collect();
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\
         <urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>",
        entries.join("")
    )
}

impl Site {
    /// A front at `/` and the pages that it lists.
    pub(crate) fn news(self, stories: &[Story]) -> Self {
        self.page("/", &front(stories)).stories(stories)
    }

    /// The pages of stories, which nothing leads to.
    pub(crate) fn stories(self, stories: &[Story]) -> Self {
        stories
            .iter()
            .fold(self, |site, story| site.page(&story.path, &story.html()))
    }
}
