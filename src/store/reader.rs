//! A second, read-only connection: what `export`, `status` and `why` ask, also while a crawl
//! is writing.

use super::codec::{Unpacker, decode_article, uint};
use super::error::StoreError;
use super::pages::Pages;
use super::reads;
use super::robots;
use super::runs::{self, Run};
use super::tdmrep::{self, TdmrepCopy};
use super::urls::url_id;
use super::warc::response_id;
use super::{DATABASE, database, read_salt};
use crate::clock::Millis;
use crate::fetch::Validators;
use crate::normal::{NormalUrl, RobotsUnit};
use crate::politeness::{RobotsCopy, UnitState};
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::{Path, PathBuf};

/// Reads a data folder.
pub struct Reader {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
    salt: u64,
}

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

/// What a URL's state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlRow {
    /// The URL.
    pub url: String,
    /// `retry`, `done`, `skipped`, `gone` or `failed`.
    pub state: String,
    /// What its body was.
    pub kind: Option<String>,
    /// How it was found.
    pub via: String,
    /// Links followed since the seed.
    pub depth: u8,
    /// The seed that it descends from.
    pub seed: u32,
    /// Visits that failed since the last good one.
    pub failures: u8,
    /// When it is tried again.
    pub due: Option<Millis>,
    /// When it is visited again.
    pub next_due: Option<Millis>,
    /// The last answer's status.
    pub status: Option<u16>,
    /// Why it stands as it does, where the state does not say it.
    pub reason: Option<String>,
    /// The story that it told (`id`).
    pub article: Option<String>,
    last_visit: i64,
}

/// One visit of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRow {
    /// Its number.
    pub visit: u64,
    /// The run that it belongs to.
    pub run: u64,
    /// When it began.
    pub started: Millis,
    /// When it ended.
    pub ended: Millis,
    /// As [`super::Finished::outcome`].
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// A redirect's target.
    pub moved_to: Option<String>,
    /// What the body was.
    pub kind: Option<String>,
    /// Bytes of the body as sent.
    pub bytes_sent: Option<u64>,
    /// Bytes of the body decoded.
    pub bytes_body: Option<u64>,
    previous: Option<i64>,
}

/// What a data folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Visits, robots.txt files included.
    pub visits: u64,
    /// Stories.
    pub articles: u64,
    /// Versions of them.
    pub versions: u64,
    /// Bytes of bodies as sent.
    pub bytes_sent: u64,
    /// URLs by state, most first.
    pub states: Vec<(String, u64)>,
    /// Visits by outcome and reason, most first.
    pub outcomes: Vec<(String, Option<String>, u64)>,
    /// Stories by site, most first.
    pub sites: Vec<(String, u64)>,
}

impl Reader {
    /// Opens the data folder `data` for reading.
    ///
    /// # Errors
    /// When there is none, or it is damaged, or its schema number is another.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(DATABASE);
        let conn = database::open_to_read(&path)?;
        let salt = read_salt(&conn).map_err(|e| StoreError::sql(&path, "read", e))?;
        Ok(Self { conn, path, salt })
    }

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

    /// What is known of `url`, if it was visited.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn url(&self, url: &NormalUrl) -> Result<Option<UrlRow>, StoreError> {
        let found = self
            .conn
            .query_row(URL, [url_id(self.salt, url)], read_url_row);
        found.optional().map_err(|e| self.error(e))
    }

    /// The visits that `url` had, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visits(&self, url: &NormalUrl) -> Result<Vec<VisitRow>, StoreError> {
        let mut next = self.url(url)?.map(|row| row.last_visit);
        let mut visits = Vec::new();
        while let Some(number) = next {
            let visit = self.conn.query_row(VISIT, [number], read_visit);
            let Some(visit) = visit.optional().map_err(|e| self.error(e))? else {
                break;
            };
            // Only ever an earlier one: a damaged table cannot send us round in circles.
            next = visit.previous.filter(|earlier| *earlier < number);
            visits.push(visit);
        }
        Ok(visits)
    }

    /// What the folder holds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn totals(&self) -> Result<Totals, StoreError> {
        self.count().map_err(|e| self.error(e))
    }

    fn count(&self) -> rusqlite::Result<Totals> {
        let count = |sql| self.conn.query_row(sql, [], |row| row.get(0).map(uint));
        let pair = |row: &Row<'_>| Ok((row.get(0)?, uint(row.get(1)?)));
        Ok(Totals {
            visits: count("SELECT count(*) FROM visits WHERE url IS NOT NULL")?,
            articles: count("SELECT count(*) FROM articles")?,
            versions: count("SELECT count(*) FROM versions")?,
            bytes_sent: count("SELECT coalesce(sum(bytes_sent), 0) FROM visits")?,
            states: self.list(
                "SELECT state, count(*) AS n FROM urls GROUP BY state ORDER BY n DESC, state",
                pair,
            )?,
            outcomes: self.list(
                "SELECT outcome, reason, count(*) AS n FROM visits WHERE url IS NOT NULL
                 GROUP BY outcome, reason ORDER BY n DESC, outcome, reason",
                |row| Ok((row.get(0)?, row.get(1)?, uint(row.get(2)?))),
            )?,
            sites: self.list(
                "SELECT site, count(*) AS n FROM articles GROUP BY site ORDER BY n DESC, site",
                pair,
            )?,
        })
    }

    fn list<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.conn.prepare(sql)?.query_map([], read)?.collect()
    }

    /// The last run, if there was one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_run(&self) -> Result<Option<Run>, StoreError> {
        runs::last_run(&self.conn).map_err(|e| self.error(e))
    }

    /// What is known of every budget unit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unit_states(&self) -> Result<Vec<UnitState>, StoreError> {
        reads::unit_states(&self.conn).map_err(|e| self.error(e))
    }

    /// The robots.txt of a unit as it was last settled.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn robots_copy(&self, unit: &RobotsUnit) -> Result<Option<RobotsCopy>, StoreError> {
        robots::robots_copy(&self.conn, unit).map_err(|e| self.error(e))
    }

    /// What a unit was last heard to reserve.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn tdmrep_copy(&self, unit: &RobotsUnit) -> Result<Option<TdmrepCopy>, StoreError> {
        tdmrep::tdmrep_copy(&self.conn, unit).map_err(|e| self.error(e))
    }

    /// What a request for `url` may be conditional on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn validators(&self, url: &NormalUrl) -> Result<Option<Validators>, StoreError> {
        reads::validators(&self.conn, self.salt, url).map_err(|e| self.error(e))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    pub(super) fn database(&self) -> &Path {
        &self.path
    }

    /// Of what is stored, something is not what was written.
    pub(crate) fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            what,
        }
    }

    fn ask(&self, sql: &str) -> Result<i64, StoreError> {
        let answer = self.conn.query_row(sql, [], |row| row.get(0));
        answer.map_err(|e| self.error(e))
    }

    fn error(&self, error: rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, "read", error)
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

const URL: &str = "
SELECT u.url, u.state, u.kind, u.via, u.depth, u.seed, u.failures, u.due, u.next_due,
  u.last_status, u.reason, a.id, u.last_visit
FROM urls u LEFT JOIN articles a ON a.seq = u.article WHERE u.id = ?1";

fn read_url_row(row: &Row<'_>) -> rusqlite::Result<UrlRow> {
    Ok(UrlRow {
        url: row.get(0)?,
        state: row.get(1)?,
        kind: row.get(2)?,
        via: row.get(3)?,
        depth: row.get(4)?,
        seed: row.get(5)?,
        failures: row.get(6)?,
        due: row.get::<_, Option<i64>>(7)?.map(uint),
        next_due: row.get::<_, Option<i64>>(8)?.map(uint),
        status: row.get(9)?,
        reason: row.get(10)?,
        article: row.get(11)?,
        last_visit: row.get(12)?,
    })
}

const VISIT: &str = "
SELECT id, run, started, ended, outcome, reason, status, moved_to, kind, bytes_sent, bytes_body,
  previous
FROM visits WHERE id = ?1";

fn read_visit(row: &Row<'_>) -> rusqlite::Result<VisitRow> {
    Ok(VisitRow {
        visit: uint(row.get(0)?),
        run: uint(row.get(1)?),
        started: uint(row.get(2)?),
        ended: uint(row.get(3)?),
        outcome: row.get(4)?,
        reason: row.get(5)?,
        status: row.get(6)?,
        moved_to: row.get(7)?,
        kind: row.get(8)?,
        bytes_sent: row.get::<_, Option<i64>>(9)?.map(uint),
        bytes_body: row.get::<_, Option<i64>>(10)?.map(uint),
        previous: row.get(11)?,
    })
}
