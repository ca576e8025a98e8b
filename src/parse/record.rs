//! The record of a story, as it is stored and exported.

use serde::{Deserialize, Serialize};

/// A story: what users came for. Field names are those of the export.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Article {
    /// `rel=canonical` as the page gives it, resolved and normalised; believed or not is not decided here.
    pub canonical_url: Option<String>,
    /// The publisher's name.
    pub publisher: Option<String>,
    /// The headline that the reader sees.
    pub title: Option<String>,
    /// The line below it.
    pub subtitle: Option<String>,
    /// Persons.
    pub authors: Vec<String>,
    /// RFC 3339, with less where less is known (`2025-01-17`, `2026-01`).
    pub published: Option<String>,
    /// `instant`, `minute`, `day` or `month`.
    pub published_precision: Option<String>,
    /// Where `published` came from.
    pub published_source: Option<String>,
    /// As `published`.
    pub modified: Option<String>,
    /// The publisher's section.
    pub section: Option<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// BCP 47, from the text.
    pub language: Option<String>,
    /// `ltr` or `rtl`.
    pub direction: Option<String>,
    /// The standfirst.
    pub lead: Option<String>,
    /// The blocks' text joined by blank lines, without captions and embeds.
    pub text: String,
    /// The body in reading order.
    pub blocks: Vec<Block>,
    /// Pictures of the story.
    pub images: Vec<Image>,
    /// Links of the story, labelled.
    pub links: Vec<LabelledLink>,
    /// `news`, `opinion`, `live`, `gallery`, `video` or `unknown`.
    pub content_type: String,
    /// Whether the publisher marks it as not free.
    pub paywalled: Option<bool>,
    /// What the publisher corrected, in its words.
    pub corrections: Vec<String>,
    /// Words of `text` (CJK: characters).
    pub word_count: usize,
}

/// One block of a body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// `paragraph`, `heading`, `quote`, `list_item`, `table`, `image` or `embed`.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// Heading level.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<u8>,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// What stands below it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caption: Option<String>,
    /// Whether it stands behind the publisher's paywall.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub paywalled: bool,
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Where it is.
    pub url: String,
    /// What stands below it.
    pub caption: Option<String>,
    /// Whose it is.
    pub credit: Option<String>,
}

/// A link with what it is to the story.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelledLink {
    /// Where to.
    pub url: String,
    /// Its text.
    pub text: String,
    /// `related`, `inline`, `previous` or `next`.
    pub kind: String,
}
