//! Which story a page tells, and whether it tells it anew.
//!
//! A story's key is its canonical URL when that is believable (same budget unit, not the home
//! page, not shared by different stories), else the page's own URL. The `id` is a hash of the
//! key at first storing and stays. A re-visit whose text or headline changed adds a version;
//! nothing is overwritten. A copy of a story at another URL (AMP, print) adds nothing.

use super::codec::{Packer, base32, encode_article, int};
use crate::clock::Millis;
use crate::dedup::Fingerprint;
use crate::normal::NormalUrl;
use crate::parse::Article;
use crate::rights::Rights;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use sha1::{Digest, Sha1};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Simhash bits in which two texts of one story may differ: unrelated texts differ in 32 of
/// 64, with a standard deviation of 4.
const SAME_STORY: u32 = 18;

/// A page that tells a story.
pub(super) struct Story<'a> {
    pub(super) url: &'a NormalUrl,
    pub(super) article: &'a Article,
    pub(super) rights: Option<&'a Rights>,
    pub(super) print: Fingerprint,
    /// The visit that brought it.
    pub(super) visit: i64,
    pub(super) at: Millis,
    pub(super) via: &'static str,
    /// The story (`articles.seq`) that this URL told before.
    pub(super) known: Option<i64>,
    /// The story that a URL told before which now redirects here.
    pub(super) moved_from: Option<i64>,
}

/// What was kept of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// A new story.
    New,
    /// A new version of a known story.
    Version,
    /// Nothing: unchanged, or a copy.
    Same,
}

/// Of headline and text, to the letter: a corrected quotation mark is a new version, though
/// the fingerprint does not see it.
fn exact_hash(article: &Article) -> i64 {
    let title = article.title.as_deref().unwrap_or_default();
    xxh3_64_with_seed(article.text.as_bytes(), xxh3_64(title.as_bytes())).cast_signed()
}

type Key = [u8; 16];

/// A stored story, with what its latest version looked like.
struct Known {
    seq: i64,
    url: String,
    key: Key,
    versions: i64,
    exact: i64,
    print: Fingerprint,
}

/// Stores what is new about a story; returns its `articles.seq`.
pub(super) fn keep(
    tx: &Connection,
    packer: &mut Packer,
    story: &Story<'_>,
) -> rusqlite::Result<(i64, Kept)> {
    let (seq, kept) = place(tx, packer, story)?;
    tx.prepare_cached("UPDATE articles SET withdrawn = 0 WHERE seq = ?1 AND withdrawn = 1")?
        .execute([seq])?;
    Ok((seq, kept))
}

/// A page may no longer be shown: the story that it tells is not exported until it may again.
pub(super) fn withdraw(tx: &Connection, url: &NormalUrl, seq: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE articles SET withdrawn = 1 WHERE seq = ?1 AND url = ?2")?
        .execute(params![seq, url.as_str()])?;
    Ok(())
}

fn place(tx: &Connection, packer: &mut Packer, story: &Story<'_>) -> rusqlite::Result<(i64, Kept)> {
    let own = key_of(story.url.as_str());
    let canonical = believable(story.url, story.article);
    let wanted = canonical.as_ref().map_or(own, |c| key_of(c.as_str()));
    if let Some(known) = by_key(tx, &wanted)? {
        if known.url == story.url.as_str() || !known.differs(story) {
            return known.renew(tx, packer, story, canonical.as_ref());
        }
        if wanted == own {
            known.give_back_key(tx)?;
        } else {
            return keep_as_own(tx, packer, story, own);
        }
    }
    if let Some(known) = before(tx, story)? {
        return known.renew(tx, packer, story, canonical.as_ref());
    }
    insert(tx, packer, story, &wanted, canonical.as_ref())
}

/// The canonical URL is shared by another story, so it says nothing about this one.
fn keep_as_own(
    tx: &Connection,
    packer: &mut Packer,
    story: &Story<'_>,
    own: Key,
) -> rusqlite::Result<(i64, Kept)> {
    let known = match by_key(tx, &own)? {
        Some(known) => Some(known),
        None => before(tx, story)?,
    };
    match known {
        Some(known) => known.renew(tx, packer, story, None),
        None => insert(tx, packer, story, &own, None),
    }
}

/// The story that this URL, or one that redirects to it, told before, if it is still the same
/// one: a page such as `/latest` tells another story each day.
fn before(tx: &Connection, story: &Story<'_>) -> rusqlite::Result<Option<Known>> {
    for seq in [story.known, story.moved_from].into_iter().flatten() {
        if let Some(known) = by_seq(tx, seq)?
            && !known.differs(story)
        {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

/// The `id` of a story that is read at `url`, as a crawl that stores it first gives it, and the
/// canonical URL that it is believed to have.
#[must_use]
pub fn identity(url: &NormalUrl, article: &Article) -> (String, Option<NormalUrl>) {
    let canonical = believable(url, article);
    let key = key_of(canonical.as_ref().unwrap_or(url).as_str());
    (base32(&key), canonical)
}

/// The canonical URL, if it can be the story's: of the same budget unit, and not the home page.
fn believable(url: &NormalUrl, article: &Article) -> Option<NormalUrl> {
    let canonical = NormalUrl::parse(article.canonical_url.as_deref()?).ok()?;
    let home = canonical.url().path() == "/" && canonical.url().query().is_none();
    (!home && canonical.site() == url.site()).then_some(canonical)
}

fn key_of(url: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&Sha1::digest(url)[..16]);
    key
}

const KNOWN: &str = "SELECT a.seq, a.url, a.key, a.versions, v.exact, v.text_hash, v.simhash
  FROM articles a JOIN versions v ON v.id = a.latest WHERE ";

fn by_key(tx: &Connection, key: &Key) -> rusqlite::Result<Option<Known>> {
    tx.prepare_cached(&format!("{KNOWN} a.key = ?1"))?
        .query_row([key], Known::read)
        .optional()
}

fn by_seq(tx: &Connection, seq: i64) -> rusqlite::Result<Option<Known>> {
    tx.prepare_cached(&format!("{KNOWN} a.seq = ?1"))?
        .query_row([seq], Known::read)
        .optional()
}

impl Known {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            url: row.get(1)?,
            key: row.get(2)?,
            versions: row.get(3)?,
            exact: row.get(4)?,
            print: Fingerprint {
                text_hash: row.get::<_, i64>(5)?.cast_unsigned(),
                simhash: row.get::<_, i64>(6)?.cast_unsigned(),
            },
        })
    }

    fn differs(&self, story: &Story<'_>) -> bool {
        self.print.text_hash != story.print.text_hash
            && self.print.distance(story.print) > SAME_STORY
    }

    fn changed(&self, story: &Story<'_>) -> bool {
        self.exact != exact_hash(story.article)
    }

    /// Whether `story` is the page that speaks for this story: the one that did before, the
    /// canonical one, or the one that it has moved to.
    fn is_told_by(&self, story: &Story<'_>) -> bool {
        self.url == story.url.as_str()
            || self.key == key_of(story.url.as_str())
            || story.moved_from == Some(self.seq)
    }

    fn renew(
        &self,
        tx: &Connection,
        packer: &mut Packer,
        story: &Story<'_>,
        canonical: Option<&NormalUrl>,
    ) -> rusqlite::Result<(i64, Kept)> {
        if !self.is_told_by(story) {
            return Ok((self.seq, Kept::Same));
        }
        let canonical = canonical.map(NormalUrl::as_str);
        if !self.changed(story) {
            if self.url != story.url.as_str() {
                tx.prepare_cached(
                    "UPDATE articles SET url = ?2, canonical_url = ?3 WHERE seq = ?1",
                )?
                .execute(params![self.seq, story.url.as_str(), canonical])?;
            }
            return Ok((self.seq, Kept::Same));
        }
        insert_version(tx, packer, story, self.seq, self.versions + 1)?;
        tx.prepare_cached(
            "UPDATE articles SET url = ?2, canonical_url = ?3, latest = ?4, versions = ?5
             WHERE seq = ?1",
        )?
        .execute(params![
            self.seq,
            story.url.as_str(),
            canonical,
            story.visit,
            self.versions + 1
        ])?;
        Ok((self.seq, Kept::Version))
    }

    /// This story had named another's page as its canonical URL: its own URL is its key.
    fn give_back_key(&self, tx: &Connection) -> rusqlite::Result<()> {
        let mut key = key_of(&self.url);
        if by_key(tx, &key)?.is_some() {
            key = key_of(&format!("{} {}", self.url, self.seq));
        }
        tx.execute(
            "UPDATE articles SET key = ?2, canonical_url = NULL WHERE seq = ?1",
            params![self.seq, key],
        )?;
        Ok(())
    }
}

fn insert(
    tx: &Connection,
    packer: &mut Packer,
    story: &Story<'_>,
    key: &Key,
    canonical: Option<&NormalUrl>,
) -> rusqlite::Result<(i64, Kept)> {
    let seq = match insert_article(tx, story, key, &base32(key), canonical) {
        // The id was given to a story that had to give its key back.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            let other = key_of(&format!("{} {}", base32(key), story.visit));
            insert_article(tx, story, key, &base32(&other), canonical)?
        }
        other => other?,
    };
    insert_version(tx, packer, story, seq, 1)?;
    Ok((seq, Kept::New))
}

fn insert_article(
    tx: &Connection,
    story: &Story<'_>,
    key: &Key,
    id: &str,
    canonical: Option<&NormalUrl>,
) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO articles (id, key, url, canonical_url, site, first_seen, via, latest, versions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
    )?
    .insert(params![
        id,
        key,
        story.url.as_str(),
        canonical.map(NormalUrl::as_str),
        story.url.site(),
        int(story.at),
        story.via,
        story.visit,
    ])
}

fn insert_version(
    tx: &Connection,
    packer: &mut Packer,
    story: &Story<'_>,
    seq: i64,
    version: i64,
) -> rusqlite::Result<()> {
    let article = story.article;
    tx.prepare_cached(
        "INSERT INTO versions (id, article, version, fetched_at, title, language, published,
         text_hash, simhash, exact, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        story.visit,
        seq,
        version,
        int(story.at),
        article.title,
        article.language,
        article.published,
        story.print.text_hash.cast_signed(),
        story.print.simhash.cast_signed(),
        exact_hash(article),
        packer.pack(&encode_article(article, story.rights)?)?,
    ])?;
    Ok(())
}
