//! What a crawl of the demo brought, for a person.

use super::Demo;
use super::site::Site;
use crate::dedup::Fingerprint;
use crate::normal::NormalUrl;
use crate::store::{ArticleRow, Reader, StoreError};
use crate::terminal::{Shown, plural, table};
use std::collections::BTreeMap;

/// Two stories whose fingerprints differ in at most so many of 64 bits are copies of one;
/// unrelated ones differ in about 32.
const NEAR: u32 = 10;

/// A story as it is shown.
struct Told {
    row: ArticleRow,
    title: String,
}

impl Demo {
    /// What a crawl brought: the stories by language with their days and titles, and then what
    /// was not asked for, moved, told twice, changed, and no story.
    ///
    /// # Errors
    /// When the data folder cannot be read.
    pub fn found(&self, reader: &Reader) -> Result<String, StoreError> {
        let stories = reader
            .articles()?
            .map(|row| Told::of(row?))
            .collect::<Result<Vec<Told>, StoreError>>()?;
        let mut notes = self.closed();
        for site in &self.sites {
            notes.extend(moved(site, reader)?);
            notes.extend(missing(site, reader)?);
        }
        notes.extend(copies(&stories));
        notes.extend(about_stories(&stories));
        notes.extend(unchanged(reader)?);
        let notes = notes
            .into_iter()
            .map(|(what, text)| vec![what.to_owned(), text]);
        let notes = table("  ", "<<", &notes.collect::<Vec<_>>());
        Ok(format!("{}and besides\n{notes}", by_language(&stories)))
    }

    /// Nothing but the sites' own books can say what they were not asked for.
    fn closed(&self) -> Vec<(&'static str, String)> {
        let sites = self.sites.iter();
        let line = |site: &std::sync::Arc<Site>| {
            let folder = site.paper.edition.words().closed;
            let url = site.paper.url(folder);
            let asked = site.asked();
            let times = asked.iter().filter(|path| path.starts_with(url.path()));
            let times = plural(times.count() as u64, "request");
            let text = format!("{folder} is closed by robots.txt and linked to: {times}");
            ("robots", text)
        };
        sites.map(line).collect()
    }
}

impl Told {
    fn of(row: ArticleRow) -> Result<Self, StoreError> {
        let fields = row.fields()?;
        let title = fields.get("title").and_then(|title| title.as_str());
        let title = title.unwrap_or(&row.url).to_owned();
        Ok(Self { row, title })
    }

    fn print(&self) -> Fingerprint {
        Fingerprint {
            text_hash: self.row.text_hash,
            simhash: self.row.simhash,
        }
    }
}

fn copies(stories: &[Told]) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    for (at, one) in stories.iter().enumerate() {
        for other in &stories[at + 1..] {
            if one.print().distance(other.print()) <= NEAR {
                let text = format!(
                    "“{}” is agency copy that both papers print: both are kept",
                    other.title
                );
                notes.push(("told twice", text));
            }
        }
    }
    notes
}

fn about_stories(stories: &[Told]) -> Vec<(&'static str, String)> {
    let changed = stories.iter().filter(|story| story.row.versions > 1);
    let changed = changed.map(|story| {
        let versions = plural(story.row.versions, "version");
        ("updated", format!("“{}”: {versions} are kept", story.title))
    });
    let legacy = stories.iter().filter(|story| {
        let charset = story.row.charset.as_deref().unwrap_or("UTF-8");
        !charset.eq_ignore_ascii_case("utf-8")
    });
    let legacy = legacy.map(|story| {
        let charset = story.row.charset.as_deref().unwrap_or_default();
        ("encoding", format!("“{}” came in {charset}", story.title))
    });
    changed.chain(legacy).collect()
}

fn by_language(stories: &[Told]) -> String {
    let mut languages: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for story in stories {
        let published = story.row.published.as_deref().unwrap_or_default();
        let day = published.get(..10).unwrap_or(published);
        let language = story.row.language.as_deref().unwrap_or("unknown");
        let line = (day, story.title.as_str());
        languages.entry(language).or_default().push(line);
    }
    let mut text = String::new();
    for (language, mut lines) in languages {
        lines.sort_unstable();
        let count = match lines.len() {
            1 => "1 story".to_owned(),
            more => format!("{more} stories"),
        };
        text.extend([name_of(language), format!(" ({count})\n")]);
        let told = |(day, title)| format!("  {:10}  {}\n", Shown(day), Shown(title));
        text.extend(lines.into_iter().map(told));
        text.push('\n');
    }
    text
}

fn name_of(language: &str) -> String {
    match language {
        "ar" => "Arabic".to_owned(),
        "en" => "English".to_owned(),
        other => Shown(other).to_string(),
    }
}

fn moved(site: &Site, reader: &Reader) -> Result<Option<(&'static str, String)>, StoreError> {
    let path = site.paper.edition.words().moved;
    let to = known(site, reader, path)?;
    Ok(to
        .filter(|row| row.status == Some(301))
        .map(|_| ("moved", format!("{path} led to a story: stored once"))))
}

fn missing(site: &Site, reader: &Reader) -> Result<Option<(&'static str, String)>, StoreError> {
    let path = site.paper.edition.words().missing;
    let page = known(site, reader, path)?;
    let page = page.filter(|row| matches!(row.status, Some(200 | 304)) && row.article.is_none());
    Ok(page.map(|_| {
        let text = format!("{path} says that it is not there, with status 200");
        ("no story", text)
    }))
}

fn known(
    site: &Site,
    reader: &Reader,
    path: &str,
) -> Result<Option<crate::store::UrlRow>, StoreError> {
    match NormalUrl::from_url(site.paper.url(path)) {
        Ok(url) => reader.url(&url),
        Err(_) => Ok(None),
    }
}

fn unchanged(reader: &Reader) -> Result<Option<(&'static str, String)>, StoreError> {
    let outcomes = reader.totals()?.outcomes;
    let same = outcomes.iter().filter(|(what, ..)| what == "not_modified");
    let same: u64 = same.map(|(.., count)| count).sum();
    Ok((same > 0).then(|| {
        let pages = plural(same, "page");
        (
            "unchanged",
            format!("{pages} of the second visit came as 304, without a body"),
        )
    }))
}
