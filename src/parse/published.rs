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

/// The date that a text begins with: `27.1.2022 – The board voted`.
fn dateline(text: &str) -> Option<(Moment, &'static str)> {
    let start = &text[..text.floor_char_boundary(DATELINE)];
    let dash = [" – ", " — ", " - ", " -- "];
    let end = dash.iter().filter_map(|dash| start.find(dash)).min()?;
    date::parse(&start[..end]).map(|moment| (moment, "visible"))
}

/// A line outside of the story's head that says when it appeared.
fn stated(region: &Region<'_, '_>) -> Option<(Moment, &'static str)> {
    let mut lines = region.short_lines().filter(|line| says_published(line));
    let found = lines.find_map(|line| date::parse(&line));
    found.map(|moment| (moment, "visible"))
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
