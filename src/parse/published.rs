//! When a story appeared and when it was changed.

use super::Article;
use super::date::{self, Moment};
use super::date_numbers;
use super::meta::Meta;
use super::page::MarkKind;
use super::region::Region;
use super::walk::text_of;
use crate::normal::NormalUrl;

/// Publication and modification: metadata, then marked times near the headline, then a
/// visible line, then the day in the address.
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
        .or_else(|| date_numbers::in_path(url.url().path()).map(|moment| (moment, "url")));
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
        .map(|mark| text_of(mark.node))
        .filter(|text| !says_updated(text));
    let line = region
        .lines()
        .filter(|line| !(has_modified && says_updated(line)));
    marked
        .chain(line.filter(|line| !says_updated(line)))
        .find_map(|line| date::parse(&line))
        .map(|moment| (moment, "visible"))
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
