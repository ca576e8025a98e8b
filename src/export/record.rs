//! The article record: the same field names in every format, each of them always there.

use crate::clock::Millis;
use crate::dedup::Fingerprint;
use crate::normal::NormalUrl;
use crate::parse::Article;
use crate::rights::Rights;
use crate::store::{self, ArticleRow, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

/// The record's fields, in their order.
pub const FIELDS: [&str; 40] = [
    "id",
    "url",
    "canonical_url",
    "site",
    "publisher",
    "title",
    "subtitle",
    "authors",
    "published",
    "published_precision",
    "published_source",
    "modified",
    "section",
    "tags",
    "language",
    "direction",
    "lead",
    "text",
    "blocks",
    "images",
    "links",
    "content_type",
    "updates",
    "paywalled",
    "agency",
    "corrections",
    "rights",
    "word_count",
    "text_hash",
    "simhash",
    "cluster",
    "version",
    "versions",
    "first_seen",
    "fetched_at",
    "discovered_via",
    "http",
    "warc",
    "sources",
    "confidence",
];

/// One article, as it is exported.
#[derive(Clone, Debug, PartialEq)]
pub struct Record(Vec<Value>);

/// What is known of an article besides what its page says.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The same for all versions.
    pub id: Option<String>,
    /// Where it is read.
    pub url: Option<String>,
    /// Its canonical URL, where that is believed.
    pub canonical_url: Option<String>,
    /// Its budget unit.
    pub site: Option<String>,
    /// Of its text.
    pub fingerprint: Option<Fingerprint>,
    /// Which of its versions this is, from 1.
    pub version: Option<u64>,
    /// How many there are.
    pub versions: Option<u64>,
    /// When it was first stored.
    pub first_seen: Option<Timestamp>,
    /// When this version was fetched.
    pub fetched_at: Option<Timestamp>,
    /// How it was found.
    pub discovered_via: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's `Content-Type`.
    pub content_type: Option<String>,
    /// The body's character encoding.
    pub charset: Option<String>,
    /// Where the exchange is kept: file, byte offset, record id.
    pub warc: Option<(String, u64, Option<String>)>,
    /// What is said of its use; none where the fields of the story have it.
    pub rights: Option<Rights>,
}

impl Known {
    /// What follows from the page itself, read at `url`: the `id` is that of a crawl which stores
    /// it first.
    #[must_use]
    pub fn of_page(url: &NormalUrl, article: Option<&Article>) -> Self {
        let identity = article.map(|article| store::identity(url, article));
        let (id, canonical) = identity.unzip();
        Self {
            id,
            url: Some(url.as_str().to_owned()),
            canonical_url: canonical.flatten().map(|url| url.as_str().to_owned()),
            site: Some(url.site().into_owned()),
            ..Self::default()
        }
    }

    fn of_row(row: &ArticleRow) -> Self {
        let warc = row.warc.clone();
        Self {
            id: Some(row.id.clone()),
            url: Some(row.url.clone()),
            canonical_url: row.canonical_url.clone(),
            site: Some(row.site.clone()),
            fingerprint: Some(Fingerprint {
                text_hash: row.text_hash,
                simhash: row.simhash,
            }),
            version: Some(row.version),
            versions: Some(row.versions),
            first_seen: time(row.first_seen),
            fetched_at: time(row.fetched_at),
            discovered_via: Some(row.via.clone()),
            status: row.status,
            content_type: row.content_type.clone(),
            charset: row.charset.clone(),
            warc: warc.map(|(file, offset, id)| (file, offset, Some(id))),
            rights: None,
        }
    }

    fn into_fields(self) -> impl Iterator<Item = (String, Value)> {
        let hash = |of: fn(&Fingerprint) -> u64| {
            let print = self.fingerprint.as_ref();
            json!(print.map(|print| format!("{:016x}", of(print))))
        };
        let http = json!({
            "status": self.status,
            "content_type": self.content_type,
            "charset": self.charset,
        });
        let warc = self
            .warc
            .map(|(file, offset, id)| json!({ "file": file, "offset": offset, "record_id": id }));
        let fields = [
            ("text_hash", hash(|print| print.text_hash)),
            ("simhash", hash(|print| print.simhash)),
            ("id", json!(self.id)),
            ("url", json!(self.url)),
            ("canonical_url", json!(self.canonical_url)),
            ("site", json!(self.site)),
            ("version", json!(self.version)),
            ("versions", json!(self.versions)),
            ("first_seen", written(self.first_seen)),
            ("fetched_at", written(self.fetched_at)),
            ("discovered_via", json!(self.discovered_via)),
            ("http", http),
            ("warc", json!(warc)),
        ];
        let rights = self.rights.map(|rights| ("rights", json!(rights)));
        fields
            .into_iter()
            .chain(rights)
            .map(|(name, value)| (name.to_owned(), value))
    }
}

impl Record {
    /// The record of a stored article. What the store knows comes from its columns, all else
    /// from the article itself; what neither knows is null.
    ///
    /// # Errors
    /// When what is stored is not what was written.
    pub fn of(row: &ArticleRow) -> Result<Self, StoreError> {
        Ok(Self::with(row.fields()?, Known::of_row(row)))
    }

    /// The record of a page, whose story `article` is, if it tells one.
    #[must_use]
    pub fn of_page(article: Option<&Article>, known: Known) -> Self {
        // A story is a struct of texts, numbers and lists: it always is a JSON object.
        let fields = match serde_json::to_value(article) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Self::with(fields, known)
    }

    fn with(mut fields: Map<String, Value>, known: Known) -> Self {
        let published_source = fields.get("published_source").cloned();
        if let Some(source) = published_source.filter(|s| !s.is_null()) {
            fields
                .entry("sources")
                .or_insert_with(|| json!({ "published": source }));
        }
        fields.extend(known.into_fields());
        let values = FIELDS.map(|name| fields.remove(name).unwrap_or(Value::Null));
        Self(values.into())
    }

    /// What is said of its use, where it was asked.
    #[must_use]
    pub fn rights(&self) -> Option<Rights> {
        let at = FIELDS.iter().position(|name| *name == "rights")?;
        let rights = self.0.get(at).filter(|rights| !rights.is_null())?;
        Rights::deserialize(rights).ok()
    }

    /// Leaves out blocks that stand behind the publisher's paywall, and their text.
    #[must_use]
    pub fn without_paywalled_text(mut self) -> Self {
        let at = |name: &str| FIELDS.iter().position(|own| *own == name);
        let (Some(text_at), Some(blocks_at)) = (at("text"), at("blocks")) else {
            return self;
        };
        let Some(Value::Array(blocks)) = self.0.get_mut(blocks_at) else {
            return self;
        };
        let before = blocks.len();
        blocks.retain(|block| block["paywalled"] != true);
        if blocks.len() < before {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
            self.0[text_at] = texts.join("\n\n").into();
        }
        self
    }

    /// The values, in the order of [`FIELDS`].
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter()
    }
}

fn time(millis: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}

/// RFC 3339, UTC.
fn written(time: Option<Timestamp>) -> Value {
    json!(time.map(|time| time.to_string()))
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len()))?;
        for (name, value) in FIELDS.iter().zip(&self.0) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
