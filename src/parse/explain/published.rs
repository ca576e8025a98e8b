//! Times of publication, in the order in which their sources are asked.

use super::{Candidate, Read};
use crate::parse::date;
use crate::parse::date_numbers;
use crate::parse::meta::is_publication;
use crate::parse::page::MarkKind;
use crate::parse::published::says_updated;
use crate::parse::walk::text_of;

pub(super) fn candidates(read: &Read<'_, '_>) -> Vec<Candidate> {
    let mut found: Vec<(String, String)> = Vec::new();
    for typed in read
        .json
        .objects()
        .iter()
        .filter(|typed| typed.is_article())
    {
        let text = typed.text("datePublished");
        found.extend(text.map(|text| (text, "json-ld datePublished".to_owned())));
    }
    let metas = read.page.metas.iter();
    let metas = metas.filter(|(name, _)| is_publication(&name.trim().to_ascii_lowercase()));
    found.extend(metas.map(|(name, content)| ((*content).to_owned(), format!("meta {name}"))));
    for mark in &read.page.marks {
        let source = match mark.kind {
            MarkKind::Property if mark.attributes.itemprop_is("datePublished") => "microdata",
            MarkKind::Time => "time",
            MarkKind::Date => "visible",
            _ => continue,
        };
        let given = mark.attributes.datetime.map(str::to_owned);
        let text = given.unwrap_or_else(|| text_of(mark.node));
        found.push((text, source.to_owned()));
    }
    let in_path = date_numbers::in_path(read.url.url().path());
    found.extend(in_path.map(|moment| (moment.text, "url".to_owned())));
    let article = read.parsed.article.as_ref();
    let taken = article.and_then(|article| article.published.as_deref());
    let mut settled = false;
    let candidates = found.into_iter().map(|(value, source)| {
        let moment = date::parse(&value);
        let is_taken = moment.is_some_and(|moment| Some(moment.text.as_str()) == taken);
        let lost = if is_taken && !settled {
            None
        } else {
            Some(lost(&value, is_taken))
        };
        settled |= lost.is_none();
        Candidate::new(value, source, lost)
    });
    candidates.collect()
}

fn lost(value: &str, is_taken: bool) -> &'static str {
    if is_taken {
        "a better source says the same"
    } else if date::parse(value).is_none() {
        "no date that can be read without guessing"
    } else if says_updated(value) {
        "speaks of a change"
    } else {
        "a better source has one, or it stands far from the headline"
    }
}
