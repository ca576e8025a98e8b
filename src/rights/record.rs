//! The `rights` object of an article record. Field names are those of the export.

use super::uses::Uses;
use crate::parse::{Credit, Directives};
use serde::{Deserialize, Serialize};

/// What a publisher says about the use of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// The version of this object's form.
    pub v: u8,
    /// When the signals were read: RFC 3339.
    pub checked: String,
    /// Each use with its answer.
    pub uses: Uses,
    /// `immediate`, `reference` or `full` (Content-Signal `use`).
    pub max_use: Option<String>,
    /// What of the page is stored.
    pub store: Stored,
    /// Why not all of it is.
    pub reason: Option<String>,
    /// What was said, as it was said.
    pub statements: Vec<Statement>,
    /// The reservation of text and data mining.
    pub tdm: Tdm,
    /// Licences that are named.
    pub licences: Vec<Licence>,
    /// What the page asks of robots.
    pub robots: RobotsRules,
    /// AI agents that the robots.txt shuts out by name; unknown without a robots.txt.
    pub ai_blocks: Option<AiBlocks>,
    /// Who may read the page.
    pub access: Access,
    /// Whose it is.
    pub credit: Credit,
    /// The robots.txt in force when the page was asked for.
    pub robots_txt: Option<RobotsTxt>,
}

/// What of a page is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stored {
    /// All of it.
    Full,
    /// Its address and this record, no body.
    Metadata,
    /// Nothing: there was no page to be had.
    None,
}

/// One statement, raw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// `aipref`, `content-signal`, `llm-policy`, `robots-meta`, `rsl` or `policy-token`.
    pub signal: String,
    /// `robots`, `header`, `meta`, `html-inline` or `rss`.
    pub via: String,
    /// `group:*`, `group:gleaner`, `global` or `resource`.
    pub scope: String,
    /// The path that it names.
    pub path: Option<String>,
    /// Its words.
    pub raw: String,
}

/// The reservation of text and data mining (`TDMRep`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tdm {
    /// 1 reserved, 0 not.
    pub reservation: Option<u8>,
    /// Where its terms are.
    pub policy: Option<String>,
    /// `file`, `header` or `meta`.
    pub via: Option<String>,
}

/// A licence that is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// `rsl`, `cc` or `other`.
    pub kind: String,
    /// Where it is; terms that stand in the page or feed have no address.
    pub url: Option<String>,
    /// `robots`, `link-header`, `html-link`, `html-inline`, `rss` or `jsonld`.
    pub via: String,
    /// `global`, `group` or `resource`.
    pub scope: String,
}

/// What a page asks of robots, as far as it concerns its use.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a rule of its own that a page may set"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RobotsRules {
    /// No body is kept, no story exported.
    pub noindex: bool,
    /// No link of it is followed.
    pub nofollow: bool,
    /// No raw copy is kept.
    pub noarchive: bool,
    /// No excerpt is shown.
    pub nosnippet: bool,
    /// No picture is listed.
    pub noimageindex: bool,
    /// Most characters of an excerpt; -1 for no limit.
    pub max_snippet: Option<i64>,
    /// `none`, `standard` or `large`.
    pub max_image_preview: Option<String>,
    /// When it is to be forgotten: RFC 3339.
    pub unavailable_after: Option<String>,
    /// Not for AI.
    pub noai: bool,
    /// Pictures not for AI.
    pub noimageai: bool,
}

/// AI agents that a robots.txt shuts out by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AiBlocks {
    /// Their tokens, sorted.
    pub blocked: Vec<String>,
    /// `allowed` or `disallowed`: what holds for us.
    #[serde(rename = "self")]
    pub own: String,
}

/// Who may read a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Whether everybody may.
    pub is_free: Option<bool>,
    /// CSS selectors of what is not free.
    pub paywalled_selectors: Vec<String>,
    /// What is to be paid for it; nothing was.
    pub payment: Option<Payment>,
}

/// A demand to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Whether the page is to be had only for it.
    pub required: bool,
    /// `cloudflare-pay-per-crawl`, `x402`, `rsl-cap` or `unknown`.
    pub scheme: Option<String>,
    /// What it costs.
    pub price: Option<Price>,
    /// The error that the payment service names.
    pub error: Option<String>,
    /// `stop` or `continue`.
    pub action: String,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Three capital letters (ISO 4217).
    pub currency: String,
    /// A decimal number, as written.
    pub amount: String,
}

/// The robots.txt in force when a page was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RobotsTxt {
    /// When it came, or was last confirmed: RFC 3339.
    pub fetched: String,
    /// Hash of its body, in hex.
    pub sha256: String,
    /// Its status.
    pub status: u16,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Agents that it names and that are not known: what they mean may be known later.
    pub agents: Vec<String>,
}

impl From<&Directives> for RobotsRules {
    fn from(asked: &Directives) -> Self {
        Self {
            noindex: asked.noindex,
            nofollow: asked.nofollow,
            noarchive: asked.noarchive,
            nosnippet: asked.nosnippet,
            noimageindex: asked.noimageindex,
            max_snippet: asked.max_snippet,
            max_image_preview: asked.max_image_preview.map(|size| size.name().to_owned()),
            unavailable_after: asked.unavailable_after.map(|until| until.to_string()),
            noai: asked.noai,
            noimageai: asked.noimageai,
        }
    }
}

impl Rights {
    /// Whether something is reserved: mining, or any use with a no.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.tdm.reservation == Some(1) || self.uses.any_refused()
    }
}
