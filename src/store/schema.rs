//! The tables of `articles.db`, and the steps that led to them.
//!
//! `PRAGMA user_version` holds the number of steps that a database has seen. A change of the
//! tables is a new step at the end of [`STEPS`]; steps that were released never change.

use super::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

/// Forward migrations, oldest first.
const STEPS: &[&str] = &[FIRST, QUOTAS, GIVEN, RIGHTS, TDMREP, EVIDENCE];

/// The schema number that this program writes.
pub const SCHEMA: i64 = STEPS.len().cast_signed() as i64;

/// Times are milliseconds since 1970. `urls.id` is the URL's hash, salted per data folder;
/// `visits.id` is the visit number; `versions.id` is the number of the visit that brought it.
const FIRST: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER,
  state TEXT NOT NULL, why TEXT
);
CREATE TABLE seeds (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, depth INTEGER, max_pages INTEGER,
  file TEXT, line INTEGER NOT NULL, retired INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE segments (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, length INTEGER NOT NULL, open INTEGER NOT NULL
);
CREATE TABLE visits (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, url TEXT, unit TEXT, robots INTEGER NOT NULL,
  seed INTEGER, depth INTEGER, hops INTEGER, via TEXT, priority INTEGER,
  started INTEGER NOT NULL, ended INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT,
  status INTEGER, moved_to TEXT, kind TEXT, charset TEXT, content_type TEXT,
  segment INTEGER, warc_offset INTEGER, warc_length INTEGER,
  bytes_sent INTEGER, bytes_body INTEGER, links BLOB, due INTEGER, failures INTEGER,
  previous INTEGER
);
CREATE TABLE urls (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL, kind TEXT,
  seed INTEGER NOT NULL, depth INTEGER NOT NULL, hops INTEGER NOT NULL, via TEXT NOT NULL,
  priority INTEGER NOT NULL, failures INTEGER NOT NULL, due INTEGER, next_due INTEGER,
  etag TEXT, last_modified TEXT, last_visit INTEGER NOT NULL, last_status INTEGER, reason TEXT,
  moved_to INTEGER, article INTEGER, digest BLOB, digest_visit INTEGER
);
CREATE INDEX urls_next_due ON urls (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX urls_retry ON urls (state) WHERE state = 'retry';
CREATE INDEX urls_moved_to ON urls (moved_to) WHERE moved_to IS NOT NULL;
CREATE INDEX urls_hubs ON urls (kind) WHERE kind IN ('feed', 'sitemap', 'html');
CREATE TABLE articles (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key BLOB NOT NULL UNIQUE,
  url TEXT NOT NULL, canonical_url TEXT, site TEXT NOT NULL, first_seen INTEGER NOT NULL,
  via TEXT NOT NULL, latest INTEGER NOT NULL, versions INTEGER NOT NULL
);
CREATE TABLE versions (
  id INTEGER PRIMARY KEY, article INTEGER NOT NULL, version INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL, title TEXT, language TEXT, published TEXT,
  text_hash INTEGER NOT NULL, simhash INTEGER NOT NULL, exact INTEGER NOT NULL,
  record BLOB NOT NULL
);
CREATE INDEX versions_article ON versions (article);
CREATE TABLE units (
  unit TEXT PRIMARY KEY, next_allowed INTEGER NOT NULL, last_response INTEGER NOT NULL,
  refusals INTEGER NOT NULL, failures INTEGER NOT NULL, pause INTEGER NOT NULL,
  parked INTEGER NOT NULL, requests INTEGER NOT NULL, pages INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE robots (
  unit TEXT PRIMARY KEY, fetched INTEGER, expires INTEGER, status INTEGER, body BLOB,
  etag TEXT, last_modified TEXT, last_visit INTEGER NOT NULL
);
";

/// Pages charged ahead; `payer` is `site UNIT` or `seed NUMBER`.
const QUOTAS: &str = "
CREATE TABLE quotas (
  run INTEGER NOT NULL, payer TEXT NOT NULL, pages INTEGER NOT NULL, PRIMARY KEY (run, payer)
) WITHOUT ROWID;
";

/// The flags that a run was begun with.
const GIVEN: &str = "ALTER TABLE runs ADD COLUMN given TEXT NOT NULL DEFAULT ''";

/// What is said of the use of pages whose body was not kept, as JSON; stories that may no longer
/// be shown.
const RIGHTS: &str = "
ALTER TABLE visits ADD COLUMN rights TEXT;
ALTER TABLE articles ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
";

/// Each tdmrep.json as it was last asked for.
const TDMREP: &str = "
CREATE TABLE tdmrep (
  unit TEXT PRIMARY KEY, asked INTEGER NOT NULL, status INTEGER, body BLOB NOT NULL
) WITHOUT ROWID;
";

/// What gaps and permits can be recomputed with: the settings of each process, each version of each
/// robots.txt (from and to the visits that brought and last confirmed it), and of some visits what
/// they were for and what they were told.
const EVIDENCE: &str = "
CREATE TABLE sittings (
  id INTEGER PRIMARY KEY, first_visit INTEGER NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL,
  settings TEXT NOT NULL
);
CREATE TABLE robots_versions (
  id INTEGER PRIMARY KEY, unit TEXT NOT NULL, first_visit INTEGER NOT NULL,
  last_visit INTEGER NOT NULL, fetched INTEGER NOT NULL, expires INTEGER NOT NULL,
  status INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (unit, first_visit)
);
INSERT INTO robots_versions (unit, first_visit, last_visit, fetched, expires, status, body)
  SELECT unit, last_visit, last_visit, fetched, expires, status, body FROM robots
  WHERE fetched IS NOT NULL;
CREATE TABLE evidence (
  visit INTEGER PRIMARY KEY, rules_for TEXT, good_until INTEGER, retry_after TEXT
);
";

/// Brings a database up to [`SCHEMA`] in one transaction; gives a new one its salt.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    migrate_by(conn, path, STEPS)
}

fn migrate_by(conn: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), StoreError> {
    let found = number(conn, path)?;
    let known = steps.len().cast_signed() as i64;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let Some(missing) = steps.get(done..) else {
        return Err(newer(path, found, known));
    };
    if missing.is_empty() {
        return Ok(());
    }
    run(conn, missing, known).map_err(|e| StoreError::sql(path, "bring up to date", e))
}

fn run(conn: &mut Connection, missing: &[&str], known: i64) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in missing {
        tx.execute_batch(step)?;
    }
    tx.execute(
        "INSERT OR IGNORE INTO meta (key, value) VALUES ('salt', ?1)",
        [random().cast_signed()],
    )?;
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()
}

/// A number that no page can foresee: the standard library keys its hash maps from the
/// system's random source.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// For readers, which cannot migrate: refuses a database of another number.
pub(super) fn expect_current(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    match number(conn, path)? {
        SCHEMA => Ok(()),
        found if found > SCHEMA => Err(newer(path, found, SCHEMA)),
        found => Err(StoreError::Older {
            path: path.to_owned(),
            found,
            known: SCHEMA,
        }),
    }
}

fn newer(path: &Path, found: i64, known: i64) -> StoreError {
    StoreError::Newer {
        path: path.to_owned(),
        found,
        known,
    }
}

fn number(conn: &Connection, path: &Path) -> Result<i64, StoreError> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|e| StoreError::sql(path, "read", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_an_older_number_is_migrated_and_keeps_its_rows() {
        let path = Path::new("articles.db");
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, path).unwrap();
        let salt = |conn: &Connection| -> i64 {
            conn.query_row("SELECT value FROM meta WHERE key = 'salt'", [], |r| {
                r.get(0)
            })
            .unwrap()
        };
        let before = salt(&conn);
        let later = [STEPS, &["ALTER TABLE runs ADD COLUMN note TEXT"]].concat();
        migrate_by(&mut conn, path, &later).unwrap();
        assert_eq!(number(&conn, path).unwrap(), SCHEMA + 1);
        assert_eq!(salt(&conn), before);
        conn.execute("UPDATE runs SET note = 'x'", []).unwrap();
    }

    #[test]
    fn robots_txts_of_an_older_database_are_their_first_versions() {
        let path = Path::new("articles.db");
        let mut conn = Connection::open_in_memory().unwrap();
        migrate_by(&mut conn, path, &STEPS[..5]).unwrap();
        conn.execute_batch(
            "INSERT INTO robots (unit, fetched, expires, status, body, last_visit)
             VALUES ('http://a.example:80', 5, 9, 200, x'00', 3);
             INSERT INTO robots (unit, last_visit) VALUES ('http://b.example:80', 4);",
        )
        .unwrap();
        migrate(&mut conn, path).unwrap();
        let sql = "SELECT group_concat(unit || ' ' || first_visit || ' ' || expires)
                   FROM robots_versions";
        let found: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(found, "http://a.example:80 3 9");
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let path = Path::new("articles.db");
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, path).unwrap();
        let later = [STEPS, &["CREATE TABLE half (x)", "no SQL at all"]].concat();
        migrate_by(&mut conn, path, &later).unwrap_err();
        assert_eq!(number(&conn, path).unwrap(), SCHEMA);
        conn.execute("SELECT * FROM half", []).unwrap_err();
    }

    #[test]
    fn a_newer_number_is_an_error_that_names_file_and_both_numbers() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut conn, Path::new("d/articles.db")).unwrap_err();
        let text = error.to_string();
        for part in ["d/articles.db", "99", &SCHEMA.to_string(), "hint:"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
