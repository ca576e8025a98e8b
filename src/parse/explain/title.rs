//! Headlines: headings, metadata, the title of the page.

use super::{Candidate, Read, settle};
use crate::parse::headline;

pub(super) fn candidates(read: &Read<'_, '_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (level, text) in headline::headings(read.page, read.body) {
        let reason = if headline::is_known(read.page, read.meta, &text) {
            "another heading was nearer to the story"
        } else {
            "no metadata knows this heading"
        };
        found.push((text, format!("h{level}"), reason));
    }
    for typed in read.json.objects() {
        if typed.is_article()
            && let Some(text) = typed.text("headline")
        {
            let own = read.meta.headlines.contains(&text);
            let reason = if own {
                "the page shows another form of it"
            } else {
                "JSON-LD for another story"
            };
            found.push((text, "json-ld headline".to_owned(), reason));
        }
    }
    let metas = read.page.metas.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        matches!(
            name.as_str(),
            "og:title" | "twitter:title" | "parsely-title" | "dc.title" | "headline"
        )
    });
    for (name, content) in metas {
        let reason = "a better source has a headline";
        found.push(((*content).to_owned(), format!("meta {name}"), reason));
    }
    if let Some(title) = &read.page.title {
        let reason = "holds more than the headline, or other words";
        found.push((title.clone(), "title".to_owned(), reason));
    }
    let article = read.parsed.article.as_ref();
    let title = article.and_then(|article| article.title.as_deref());
    settle(found, |value| Some(value) == title)
}
