//! What a crawl of the demo brought, for a person.

use super::Demo;
use super::site::Site;
use crate::dedup::Fingerprint;
use crate::normal::NormalUrl;
use crate::store::{ArticleRow, Reader, StoreError, UrlRow};
use crate::terminal::{Shown, plural, table};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Two stories whose fingerprints differ in at most so many of 64 bits are copies of one;
/// unrelated ones differ in about 32.
const NEAR: u32 = 10;

/// A line that is shown: what it is about, and the text.
type Note = (&'static str, String);

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
        notes.push(unchanged(reader)?);
        let notes = notes
            .into_iter()
            .map(|(what, text)| vec![what.to_owned(), text]);
        let notes = table("  ", "<<", &notes.collect::<Vec<_>>());
        Ok(format!("{}and besides\n{notes}", by_language(&stories)))
    }

    /// Nothing but the sites' own books can say what they were not asked for.
    fn closed(&self) -> Vec<Note> {
        let sites = self.sites.iter();
        let line = |site: &Arc<Site>| {
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

fn copies(stories: &[Told]) -> Vec<Note> {
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

fn about_stories(stories: &[Told]) -> Vec<Note> {
    let mut notes = Vec::new();
    for Told { row, title } in stories {
        if row.versions > 1 {
            let versions = plural(row.versions, "version");
            notes.push(("updated", format!("“{title}”: {versions} are kept")));
        }
        if let Some(charset) = row.charset.as_deref().filter(|charset| *charset != "UTF-8") {
            notes.push(("encoding", format!("“{title}” came in {charset}")));
        }
    }
    notes
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
        text.extend([name_of(language), format!(" ({} stories)\n", lines.len())]);
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

fn moved(site: &Site, reader: &Reader) -> Result<Option<Note>, StoreError> {
    let path = site.paper.edition.words().moved;
    let page = known(site, reader, path)?.filter(|row| row.status == Some(301));
    Ok(page.map(|_| ("moved", format!("{path} led to a story: stored once"))))
}

fn missing(site: &Site, reader: &Reader) -> Result<Option<Note>, StoreError> {
    let path = site.paper.edition.words().missing;
    let none = |row: &UrlRow| matches!(row.status, Some(200 | 304)) && row.article.is_none();
    let text = || format!("{path} says that it is not there, with status 200");
    Ok(known(site, reader, path)?
        .filter(none)
        .map(|_| ("no story", text())))
}

fn known(site: &Site, reader: &Reader, path: &str) -> Result<Option<UrlRow>, StoreError> {
    let url = NormalUrl::from_url(site.paper.url(path)).ok();
    url.map_or(Ok(None), |url| reader.url(&url))
}

fn unchanged(reader: &Reader) -> Result<Note, StoreError> {
    let outcomes = reader.totals()?.outcomes;
    let same = outcomes.iter().filter(|(what, ..)| what == "not_modified");
    let pages = plural(same.map(|(.., count)| count).sum(), "page");
    let text = format!("{pages} of the second visit came as 304, without a body");
    Ok(("unchanged", text))
}
