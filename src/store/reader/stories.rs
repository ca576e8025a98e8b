//! Stories, read back for the export.

use super::Reader;
use crate::clock::Millis;
use crate::store::DATABASE;
use crate::store::codec::{Unpacker, decode_article, uint};
use crate::store::error::StoreError;
use crate::store::pages::Pages;
use crate::store::warc::response_id;
use rusqlite::Row;

/// The newest version of a story, as it is stored.
#[derive(Clone, Debug)]
pub struct ArticleRow {
    /// 26 base-32 characters, the same for all versions.
    pub id: String,
    /// Where it is read.
    pub url: String,
    /// Its canonical URL, where that is believed.
    pub canonical_url: Option<String>,
    /// Its budget unit.
    pub site: String,
    /// When it was first stored.
    pub first_seen: Millis,
    /// How it was found.
    pub via: String,
    /// How many versions there are.
    pub versions: u64,
    /// Which of them this is, from 1.
    pub version: u64,
    /// When this version was fetched.
    pub fetched_at: Millis,
    /// BCP 47.
    pub language: Option<String>,
    /// As the article has it.
    pub published: Option<String>,
    /// Hash of the text.
    pub text_hash: u64,
    /// Near-duplicate fingerprint of the text.
    pub simhash: u64,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's `Content-Type`.
    pub content_type: Option<String>,
    /// The body's character encoding.
    pub charset: Option<String>,
    /// Where the exchange is kept: file, byte offset, record id.
    pub warc: Option<(String, u64, String)>,
    visit: u64,
    packed: Vec<u8>,
}

impl Reader {
    /// The newest version of each story that is stored by now, in the order of first storing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn articles(
        &self,
    ) -> Result<impl Iterator<Item = Result<ArticleRow, StoreError>> + '_, StoreError> {
        let last = self.ask("SELECT coalesce(max(seq), 0) FROM articles")?;
        let salt = self.salt;
        let pages = Pages::new(&self.conn, &self.path, ARTICLES, read_article).until(last);
        Ok(pages.map(move |row| row.map(|row| row.with_record_id(salt))))
    }
}

impl ArticleRow {
    /// The article's own fields, as JSON.
    ///
    /// # Errors
    /// When what is stored is not what was written.
    pub fn fields(&self) -> Result<serde_json::Map<String, serde_json::Value>, StoreError> {
        let damaged = |what: String| StoreError::Damaged {
            path: DATABASE.into(),
            what: format!("article {}: {what}", self.id),
        };
        let json = Unpacker::default()
            .unpack(0, &self.packed)
            .map_err(|e| damaged(e.to_string()))?;
        decode_article(&json).map_err(|e| damaged(e.to_string()))
    }

    fn with_record_id(mut self, salt: u64) -> Self {
        if let Some((_, _, id)) = &mut self.warc {
            *id = response_id(salt, self.visit);
        }
        self
    }
}

const ARTICLES: &str = "
SELECT a.seq, a.id, a.url, a.canonical_url, a.site, a.first_seen, a.via, a.versions, v.version,
  v.fetched_at, v.language, v.published, v.text_hash, v.simhash, t.status, t.content_type,
  t.charset, s.name, t.warc_offset, v.id, v.record
FROM articles a JOIN versions v ON v.id = a.latest
  LEFT JOIN visits t ON t.id = v.id LEFT JOIN segments s ON s.id = t.segment
WHERE a.seq BETWEEN ?1 AND ?2 AND a.withdrawn = 0 ORDER BY a.seq LIMIT ?3";

fn read_article(_: &mut Unpacker, row: &Row<'_>) -> rusqlite::Result<ArticleRow> {
    let file: Option<String> = row.get(17)?;
    let offset: Option<i64> = row.get(18)?;
    Ok(ArticleRow {
        id: row.get(1)?,
        url: row.get(2)?,
        canonical_url: row.get(3)?,
        site: row.get(4)?,
        first_seen: uint(row.get(5)?),
        via: row.get(6)?,
        versions: uint(row.get(7)?),
        version: uint(row.get(8)?),
        fetched_at: uint(row.get(9)?),
        language: row.get(10)?,
        published: row.get(11)?,
        text_hash: row.get::<_, i64>(12)?.cast_unsigned(),
        simhash: row.get::<_, i64>(13)?.cast_unsigned(),
        status: row.get(14)?,
        content_type: row.get(15)?,
        charset: row.get(16)?,
        warc: file
            .zip(offset)
            .map(|(file, at)| (file, uint(at), String::new())),
        visit: uint(row.get(19)?),
        packed: row.get(20)?,
    })
}
