//! Enum values as the words that stand in columns and exports.

use super::codec::bad_value;
use crate::frontier::Via;
use crate::parse::Kind;

pub(crate) fn via(via: Via) -> &'static str {
    match via {
        Via::Seed => "seed",
        Via::Feed => "feed",
        Via::Sitemap => "sitemap",
        Via::Front => "front",
        Via::Article => "article",
    }
}

/// The way back from [`via`]; `column` is where the word stood.
pub(super) fn read_via(column: usize, word: &str) -> rusqlite::Result<Via> {
    Ok(match word {
        "seed" => Via::Seed,
        "feed" => Via::Feed,
        "sitemap" => Via::Sitemap,
        "front" => Via::Front,
        "article" => Via::Article,
        other => {
            return Err(bad_value(
                column,
                format!("no way to find a URL: `{other}`"),
            ));
        }
    })
}

/// Also tells pages that are a story (`article`) from other pages (`html`).
pub(super) fn kind(kind: Kind, is_story: bool) -> &'static str {
    match kind {
        Kind::Html if is_story => "article",
        Kind::Html => "html",
        Kind::Feed => "feed",
        Kind::Sitemap => "sitemap",
        Kind::Robots => "robots",
        Kind::Other => "other",
    }
}
