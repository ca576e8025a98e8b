//! When a story appeared and when it was changed.

use super::Article;
use super::date::{self, Moment};
use super::date_numbers;
use super::meta::Meta;
use super::page::{Mark, MarkKind};
use super::region::Region;
use super::walk::text_of;
use crate::normal::NormalUrl;

/// Publication and modification: metadata, then marked times near the headline, then a
/// visible line, then the dateline of the text, then the day in the address, then a
/// line anywhere that says when the story appeared.
pub(super) fn date_story(
    article: &mut Article,
    meta: &Meta,
    region: &Region<'_, '_>,
    url: &NormalUrl,
) {
    article.modified = meta.modified.as_ref().map(|moment| moment.text.clone());
    let published = meta
        .published
        .clone()
        .or_else(|| visible_date(region, article.modified.is_some()))
        .or_else(|| dateline(&article.text))
        .or_else(|| date_numbers::in_path(url.url().path()).map(|moment| (moment, "url")))
        .or_else(|| stated(region));
    if let Some((moment, source)) = published {
        article.published = Some(moment.text);
        article.published_precision = Some(moment.precision.to_owned());
        article.published_source = Some(source.to_owned());
    }
}

fn visible_date(region: &Region<'_, '_>, has_modified: bool) -> Option<(Moment, &'static str)> {
    let times = region
        .page
        .marks
        .iter()
        .filter(|mark| mark.kind == MarkKind::Time && region.holds(mark.place));
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
    let marked = region
        .page
        .marks
        .iter()
        .filter(|mark| mark.kind == MarkKind::Date && region.holds(mark.place))
        .filter(|mark| !says_updated(mark.attributes.class))
        .map(Mark::value)
        .filter(|text| !says_updated(text));
    let line = region
        .lines()
        .filter(|line| !(has_modified && says_updated(line)));
    marked
        .chain(line.filter(|line| !says_updated(line)))
        .find_map(|line| date::parse(&line))
        .map(|moment| (moment, "visible"))
}

/// Longest dateline, in bytes.
const DATELINE: usize = 60;
/// How many paragraphs may have it.
const FIRST: usize = 4;

/// The date that one of the first paragraphs is or begins with: `27.1.2022 – The board voted`.
fn dateline(text: &str) -> Option<(Moment, &'static str)> {
    const DASHES: [&str; 4] = [" – ", " — ", " - ", " -- "];
    let mut paragraphs = text.split("\n\n").take(FIRST);
    let found = paragraphs.find_map(|paragraph| {
        let start = &paragraph[..paragraph.floor_char_boundary(DATELINE)];
        let dash = DASHES.iter().filter_map(|dash| start.find(dash)).min();
        let whole = (paragraph.len() <= DATELINE / 2).then_some(start.len());
        date::parse(&start[..dash.or(whole)?])
    });
    found.map(|moment| (moment, "visible"))
}

/// A line outside of the story's head that says when it appeared.
fn stated(region: &Region<'_, '_>) -> Option<(Moment, &'static str)> {
    let found = region.short_lines().find_map(|line| {
        let (_, stated) = line.split_at(statement(&line)?);
        date::parse(&stated[..stated.floor_char_boundary(DATELINE)])
    });
    found.map(|moment| (moment, "visible"))
}

/// Where a line says that something was published: at its start, or behind what else it says.
fn statement(line: &str) -> Option<usize> {
    let mut words = line.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some(start)
    });
    words.find(|&start| says_published(&line[start..]))
}

/// Whether a line begins by saying that something was published.
pub(super) fn says_published(line: &str) -> bool {
    let lower = line.trim_start().to_lowercase();
    [
        "publish",
        "posted on",
        "first published",
        "veröffentlicht",
        "erschienen",
        "publié",
        "publicado",
        "pubblicato",
        "gepubliceerd",
        "publicerad",
        "publisert",
        "udgivet",
        "опубликовано",
        "опубліковано",
        "opublikowano",
        "نشر في",
        "نُشر في",
        "تاريخ النشر",
        "تاریخ انتشار",
    ]
    .iter()
    .any(|word| lower.starts_with(word))
}

/// Whether a line speaks of a change rather than of publication.
pub(super) fn says_updated(line: &str) -> bool {
    let lower = line.to_lowercase();
    [
        "updated",
        "modified",
        "تحديث",
        "آخر تعديل",
        "mis à jour",
        "aktualisiert",
        "letzte änderung",
        "actualizado",
        "aggiornato",
        "bijgewerkt",
        "обновлено",
    ]
    .iter()
    .any(|word| lower.contains(word))
}
