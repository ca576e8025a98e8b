//! The article record: the same field names in every format, each of them always there.

use crate::rights::Rights;
use crate::store::{ArticleRow, StoreError};
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

impl Record {
    /// The record of a stored article. What the store knows comes from its columns, all else
    /// from the article itself; what neither knows is null.
    ///
    /// # Errors
    /// When what is stored is not what was written.
    pub fn of(row: &ArticleRow) -> Result<Self, StoreError> {
        let mut fields = row.fields()?;
        let published_source = fields.get("published_source").cloned();
        if let Some(source) = published_source.filter(|s| !s.is_null()) {
            fields
                .entry("sources")
                .or_insert_with(|| json!({ "published": source }));
        }
        fields.extend(known_to_store(row));
        let values = FIELDS.map(|name| fields.remove(name).unwrap_or(Value::Null));
        Ok(Self(values.into()))
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

fn known_to_store(row: &ArticleRow) -> Map<String, Value> {
    let warc = row
        .warc
        .as_ref()
        .map(|(file, offset, id)| json!({ "file": file, "offset": offset, "record_id": id }));
    let known = [
        ("id", json!(row.id)),
        ("url", json!(row.url)),
        ("canonical_url", json!(row.canonical_url)),
        ("site", json!(row.site)),
        ("text_hash", json!(format!("{:016x}", row.text_hash))),
        ("simhash", json!(format!("{:016x}", row.simhash))),
        ("version", json!(row.version)),
        ("versions", json!(row.versions)),
        ("first_seen", json!(time(row.first_seen))),
        ("fetched_at", json!(time(row.fetched_at))),
        ("discovered_via", json!(row.via)),
        (
            "http",
            json!({
                "status": row.status,
                "content_type": row.content_type,
                "charset": row.charset,
            }),
        ),
        ("warc", json!(warc)),
    ];
    known
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// RFC 3339, UTC.
fn time(millis: u64) -> Option<String> {
    let millis = i64::try_from(millis).ok()?;
    Some(jiff::Timestamp::from_millisecond(millis).ok()?.to_string())
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
