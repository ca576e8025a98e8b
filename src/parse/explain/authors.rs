//! Persons: metadata, then marked bylines.

use super::{Candidate, Read};
use crate::parse::json_ld;
use crate::parse::page::MarkKind;
use crate::parse::walk::spaced;

pub(super) fn candidates(read: &Read<'_, '_>) -> Vec<Candidate> {
    let article = read.parsed.article.as_ref();
    let taken = article.map_or(&[][..], |article| &article.authors);
    let mut found = Vec::new();
    let mut add = |value: String, source: String, reason: &str| {
        let named = taken.iter().any(|author| value.contains(author.as_str()));
        let known = found.iter().any(|other: &Candidate| {
            other.reason_lost.is_none() && (other.value == value || value.contains(&other.value))
        });
        let lost = match (named, known) {
            (true, false) => None,
            (true, true) => Some("named by a better source"),
            (false, _) => Some(reason),
        };
        found.push(Candidate::new(value, source, lost));
    };
    let objects = read.json.objects();
    let by_id = json_ld::named(&objects);
    for typed in objects.iter().filter(|typed| typed.is_article()) {
        for (name, organisation) in json_ld::names(typed.object.get("author"), &by_id) {
            let reason = if organisation {
                "the publisher itself"
            } else {
                "no name of a person, or JSON-LD for another story"
            };
            add(name, "json-ld author".to_owned(), reason);
        }
    }
    for (name, content) in &read.page.metas {
        if is_author(name) {
            let reason = if content.starts_with("http") {
                "an address and no name"
            } else {
                "no name of a person, or JSON-LD has the names"
            };
            add(spaced(content), format!("meta {name}"), reason);
        }
    }
    for mark in &read.page.marks {
        let microdata = mark.attributes.itemprop_is("author");
        if mark.kind == MarkKind::Author || microdata {
            let reason = if read.meta.authors.is_empty() {
                "no name of a person, or far from the headline"
            } else {
                "metadata has authors"
            };
            let source = if microdata {
                "itemprop author"
            } else {
                "byline"
            };
            add(spaced(&mark.value()), source.to_owned(), reason);
        }
    }
    found
}

fn is_author(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "author" | "article:author" | "parsely-author" | "dc.creator" | "sailthru.author" | "byl"
    )
}
