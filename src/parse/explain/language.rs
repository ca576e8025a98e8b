//! Languages: what the page declares, and what its text is in.

use super::{Candidate, Read};
use crate::parse::language;

pub(super) fn candidates(read: &Read<'_, '_>) -> Vec<Candidate> {
    let article = read.parsed.article.as_ref();
    let taken = article.and_then(|article| article.language.as_deref());
    let text = article.map_or("", |article| article.text.as_str());
    let title = article.and_then(|article| article.title.as_deref());
    let found = [
        (read.meta.language.clone(), "metadata"),
        (read.page.lang.map(str::to_owned), "html lang"),
        (language::of(text, title, None), "text"),
    ];
    let candidates = found.into_iter().filter_map(|(tag, source)| {
        let tag = tag?;
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let fits = taken.is_some_and(|taken| primary.eq_ignore_ascii_case(taken));
        let lost = (!fits).then_some(match source {
            "text" => "the page declares another that the text can be in",
            _ => "the text is in another",
        });
        Some(Candidate::new(tag, source, lost))
    });
    candidates.collect()
}
