//! What is kept: the visit log and the articles in `articles.db`, the exchanges in WARC files.
//!
//! Handed finished visits in groups; for each group appends to the WARC segment, makes that
//! durable, and then commits one SQLite transaction that also says how long the segment is. So
//! a kill at any instant leaves whole visits only. The log is the truth: what the frontier
//! holds can be replayed or rebuilt from it. `export` and the questions of `status` and `why`
//! are answered through a [`Reader`] of its own connection; whose turn it is to be fetched is
//! left to others.

mod articles;
mod codec;
mod database;
mod error;
mod evidence;
pub(crate) mod folder;
mod found;
mod gzip;
mod labels;
mod log;
mod pages;
mod quotas;
mod reader;
mod reads;
mod redirects;
mod robots;
mod runs;
mod schema;
mod segment;
mod tdmrep;
mod urls;
mod visits;
mod warc;

#[cfg(test)]
mod tests;

pub use articles::identity;
pub use error::StoreError;
pub use evidence::{LoggedRequest, Pace, RobotsVersion, SitePace, Sitting};
pub use found::Found;
pub use log::Replayed;
pub use reader::{ArticleRow, Reader, Totals, UrlRow, VisitRow};
pub use runs::{Run, RunState, StoredSeed};
pub use schema::SCHEMA;
pub use tdmrep::TdmrepCopy;

use crate::clock::Millis;
use crate::config;
use crate::dedup::Fingerprint;
use crate::fetch::Capture;
use crate::frontier::{Link, Settled};
use crate::normal::{NormalUrl, RobotsUnit};
use crate::parse::{Article, Kind};
use crate::politeness::{Charge, RobotsCopy, UnitState};
use crate::rights::Rights;
use codec::{Packer, uint};
use rusqlite::{Connection, TransactionBehavior};
use segment::Archive;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use visits::Writer;

/// The database's name in the data folder.
const DATABASE: &str = "articles.db";
/// The WARC files' folder in the data folder.
const WARC: &str = "warc";
/// The frontier's folder in the data folder.
pub(crate) const FRONTIER: &str = "frontier";

/// One finished visit, as it is to be kept.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What was visited.
    pub link: Link,
    /// A visit to a robots.txt: logged, but not one of the crawl's URLs.
    pub robots: bool,
    /// When it began.
    pub started: Millis,
    /// When it ended.
    pub ended: Millis,
    /// `ok`, `not_modified`, `moved`, `refused`, `failed` or `skipped`.
    pub outcome: &'static str,
    /// Why, where the outcome does not say it all (`too_large`, `robots`, `dns`).
    pub reason: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// A redirect's target.
    pub moved_to: Option<NormalUrl>,
    /// The exchange.
    pub capture: Option<Capture>,
    /// Whether the exchange may be kept in WARC files.
    pub archive: bool,
    /// What the body is.
    pub kind: Option<Kind>,
    /// The body's character encoding.
    pub charset: Option<&'static str>,
    /// The story, where the page is one that may be kept.
    pub article: Option<Article>,
    /// What is said of the page's use, where there was an answer.
    pub rights: Option<Rights>,
    /// Of the story's text; made here when it is missing.
    pub fingerprint: Option<Fingerprint>,
    /// The links that this visit admitted for the first time.
    pub outlinks: Vec<Link>,
    /// What the frontier does with the URL.
    pub settled: Settled,
    /// When a settled URL is to be visited again.
    pub next_due: Option<Millis>,
    /// The budget unit's state after the visit.
    pub unit: Option<UnitState>,
    /// Where a robots.txt was asked for: whose rules it was to be.
    pub rules_for: Option<RobotsUnit>,
    /// The robots.txt that was settled by this visit.
    pub robots_copy: Option<RobotsCopy>,
    /// What a request for a tdmrep.json came to.
    pub tdmrep_copy: Option<TdmrepCopy>,
}

impl Finished {
    /// A good visit of `link` that settles it, and about which nothing else is known yet.
    #[must_use]
    pub fn new(link: Link, started: Millis, ended: Millis) -> Self {
        Self {
            link,
            robots: false,
            started,
            ended,
            outcome: "ok",
            reason: None,
            status: None,
            moved_to: None,
            capture: None,
            archive: true,
            kind: None,
            charset: None,
            article: None,
            rights: None,
            fingerprint: None,
            outlinks: Vec::new(),
            settled: Settled::Done,
            next_due: None,
            unit: None,
            rules_for: None,
            robots_copy: None,
            tdmrep_copy: None,
        }
    }
}

/// What a group brought; once it is handed out, a kill cannot take it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The highest visit number.
    pub mark: u64,
    /// Stories that were not known before.
    pub new_articles: u64,
    /// New versions of known stories.
    pub new_versions: u64,
}

/// The one writer of a data folder.
pub struct Store {
    conn: Connection,
    path: PathBuf,
    archive: Archive,
    /// Whether exchanges go into WARC files.
    warc: bool,
    packer: Packer,
    salt: u64,
    /// The run that visits are logged under; 0 before one was started.
    run: u64,
    /// The highest visit number that is committed.
    mark: u64,
    notices: Vec<String>,
    /// Rows of `urls` that [`Store::due`] handed out and that were not visited since.
    recalled: HashSet<i64>,
}

impl Store {
    /// Opens the data folder `data`, makes it when there is none, brings its schema up to date
    /// and cuts the WARC files back to what was committed.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or what is in it is damaged, newer or not
    /// ours. Nothing is overwritten then.
    pub fn open(data: &Path, config: &config::Store, now: Millis) -> Result<Self, StoreError> {
        folder::make(data).map_err(|e| StoreError::io(data, "create", e))?;
        let path = data.join(DATABASE);
        let conn = database::open(&path)?;
        let sql = |e| StoreError::sql(&path, "open", e);
        let salt = read_salt(&conn).map_err(sql)?;
        let mark = read_mark(&conn).map_err(sql)?;
        let mut notices = Vec::new();
        let warc = data.join(WARC);
        let limit = config.warc_segment;
        let archive = Archive::recover(&conn, &path, warc, limit, salt, &mut notices)?;
        runs::note_interrupted(&conn, now).map_err(sql)?;
        let packer = Packer::new().map_err(|e| StoreError::io(&path, "open", e))?;
        Ok(Self {
            conn,
            archive,
            warc: config.warc,
            packer,
            salt,
            run: 0,
            mark,
            notices,
            recalled: HashSet::new(),
            path,
        })
    }

    /// Whether `data` holds what [`Store::open`] would open, whole or not.
    #[must_use]
    pub fn is_in(data: &Path) -> bool {
        data.join(DATABASE).exists() || database::remains(data).is_some()
    }

    /// What [`Store::open`] had to give up, in words for people.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Seed of the URL hashes: differs between data folders, so that no page can craft
    /// collisions.
    #[must_use]
    pub fn salt(&self) -> u64 {
        self.salt
    }

    /// The highest visit number that is committed. A frontier whose mark is higher covers
    /// visits that are lost, and must be rebuilt.
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.mark
    }

    /// Keeps a group of visits, all of it or nothing.
    ///
    /// # Errors
    /// When the disk fails or is full. Nothing of the group is kept then, and the same group
    /// may be handed in again.
    pub fn append(&mut self, group: &[Finished]) -> Result<Receipt, StoreError> {
        self.append_charged(group, &[])
    }

    /// Keeps a group of visits, and what is charged for pages to come; all of it or nothing.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_charged(
        &mut self,
        group: &[Finished],
        charges: &[Charge],
    ) -> Result<Receipt, StoreError> {
        let archived = self.warc && group.iter().any(|v| v.archive && v.capture.is_some());
        if archived {
            let now = group.iter().map(|v| v.ended).max().unwrap_or_default();
            self.archive.begin(&self.conn, &self.path, now)?;
        }
        let result = self.write(archived, |writer, mark, receipt| {
            for (number, visit) in (mark + 1..).zip(group) {
                writer.write(number, visit, receipt)?;
                receipt.mark = number;
            }
            let database = writer.database;
            charges
                .iter()
                .try_for_each(|charge| writer.charge(charge))
                .map_err(|e| StoreError::sql(database, "write", e))
        });
        if result.is_ok() && !self.recalled.is_empty() {
            for visit in group {
                self.recalled
                    .remove(&urls::url_id(self.salt, &visit.link.url));
            }
        }
        result
    }

    /// Logs links that entered without a visit: seeds, and `Sitemap:` lines of a robots.txt.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn admit(&mut self, links: &[Link], now: Millis) -> Result<Receipt, StoreError> {
        self.write(false, |writer, mark, receipt| {
            if links.is_empty() {
                return Ok(());
            }
            receipt.mark = mark + 1;
            let database = writer.database;
            writer
                .admitted(receipt.mark, links, now)
                .map_err(|e| StoreError::sql(database, "write", e))
        })
    }

    /// One transaction around `fill`, which is told the highest visit number so far. What goes
    /// into WARC files is durable before the transaction is.
    fn write(
        &mut self,
        archived: bool,
        fill: impl FnOnce(&mut Writer<'_>, u64, &mut Receipt) -> Result<(), StoreError>,
    ) -> Result<Receipt, StoreError> {
        let result = self.transact(archived, fill);
        match &result {
            Ok(receipt) => {
                self.mark = receipt.mark;
                self.archive.committed();
            }
            Err(_) => self.archive.give_up(),
        }
        result
    }

    fn transact(
        &mut self,
        archived: bool,
        fill: impl FnOnce(&mut Writer<'_>, u64, &mut Receipt) -> Result<(), StoreError>,
    ) -> Result<Receipt, StoreError> {
        let path = &self.path;
        let sql = |e| StoreError::sql(path, "write", e);
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let mut receipt = Receipt {
            mark: self.mark,
            ..Receipt::default()
        };
        let mut writer = Writer {
            tx: &tx,
            database: path,
            salt: self.salt,
            run: self.run,
            packer: &mut self.packer,
            archive: archived.then_some(&mut self.archive),
        };
        fill(&mut writer, self.mark, &mut receipt)?;
        if archived {
            self.archive.sync(&tx, path)?;
        }
        tx.commit().map_err(sql)?;
        Ok(receipt)
    }
}

fn read_salt(conn: &Connection) -> rusqlite::Result<u64> {
    let salt: i64 = conn.query_row("SELECT value FROM meta WHERE key = 'salt'", [], |row| {
        row.get(0)
    })?;
    Ok(salt.cast_unsigned())
}

fn read_mark(conn: &Connection) -> rusqlite::Result<u64> {
    let mark: Option<i64> = conn.query_row("SELECT max(id) FROM visits", [], |row| row.get(0))?;
    Ok(mark.map_or(0, uint))
}
