//! The file `articles.db`: made whole or not at all, looked at before SQLite touches it.
//!
//! SQLite takes an empty file for a new database and then deletes the write-ahead log beside
//! it, and reads a file that was cut inside a page as if it ended in zeros. Both would lose
//! stored visits without a word, so the file is checked first.

use super::error::StoreError;
use super::folder::{self, beside};
use super::schema;
use super::{DATABASE, FRONTIER, WARC};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// "glnr": tells our databases from others (`PRAGMA application_id`).
const APPLICATION_ID: u32 = 0x676c_6e72;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const BUSY: Duration = Duration::from_secs(30);

/// Opens the database at `path` for writing, makes it when there is none, and brings its
/// schema up to date.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    if path
        .try_exists()
        .map_err(|e| StoreError::io(path, "open", e))?
    {
        check(path)?;
    } else {
        create(path)?;
    }
    // SQLite would fall back to reading, and say later and less clearly that it cannot write.
    File::options()
        .append(true)
        .open(path)
        .map_err(|e| StoreError::io(path, "write", e))?;
    let sql = |e| StoreError::sql(path, "open", e);
    let mut conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(sql)?;
    conn.busy_timeout(BUSY).map_err(sql)?;
    conn.set_prepared_statement_cache_capacity(64);
    // Without it a join is planned anew each time its parameters are bound: a tenth of all.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(sql)?;
    schema::migrate(&mut conn, path)?;
    conn.pragma_update(None, "journal_mode", "WAL")
        .map_err(sql)?;
    conn.pragma_update(None, "synchronous", "FULL")
        .map_err(sql)?;
    conn.pragma_update(None, "foreign_keys", false)
        .map_err(sql)?;
    conn.pragma_update(None, "temp_store", "MEMORY")
        .map_err(sql)?;
    conn.pragma_update(None, "cache_size", -16_000)
        .map_err(sql)?;
    Ok(conn)
}

/// Opens the database at `path` for reading; the crawler may be writing meanwhile.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path
        .try_exists()
        .map_err(|e| StoreError::io(path, "open", e))?
    {
        return Err(StoreError::Missing {
            path: path.to_owned(),
        });
    }
    check(path)?;
    let sql = |e| StoreError::sql(path, "read", e);
    let conn = read_only(path, "").map_err(sql)?;
    let usable = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    let log = beside(path, "-wal");
    let conn = match usable {
        // A folder that cannot be written has no room for SQLite's shared memory; without a
        // log there is nothing to share.
        Err(_) if length(&log) == 0 => read_only(path, "?immutable=1").map_err(sql)?,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            let path = path.to_owned();
            return Err(StoreError::Unread { path, log });
        }
        _ => conn,
    };
    conn.busy_timeout(BUSY).map_err(sql)?;
    schema::expect_current(&conn, path)?;
    Ok(conn)
}

fn read_only(path: &Path, query: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if query.is_empty() {
        return Connection::open_with_flags(path, flags);
    }
    let name = path.to_string_lossy();
    let name = name
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let uri = format!("file:{name}{query}");
    Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
}

/// What is in the data folder `data` only where there is, or was, a database too: its log, WARC
/// files, the frontier.
pub(super) fn remains(data: &Path) -> Option<PathBuf> {
    let log = beside(&data.join(DATABASE), "-wal");
    let folders = [WARC, FRONTIER].map(|name| data.join(name));
    let found = [log].into_iter().filter(|log| length(log) > 0);
    found
        .chain(folders.into_iter().filter(|folder| folder.exists()))
        .next()
}

/// Makes a new database under another name and moves it in place, so that a kill leaves
/// either none or a whole one.
fn create(path: &Path) -> Result<(), StoreError> {
    if let Some(left) = path.parent().and_then(remains) {
        let what = format!("it is missing, but `{}` is there", left.display());
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            what,
        });
    }
    let new = beside(path, ".new");
    for leftover in [new.clone(), beside(&new, "-journal")] {
        match fs::remove_file(&leftover) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io(&leftover, "remove", e));
            }
            _ => {}
        }
    }
    let sql = |e| StoreError::sql(&new, "create", e);
    let mut conn = Connection::open(&new).map_err(sql)?;
    conn.pragma_update(None, "synchronous", "FULL")
        .map_err(sql)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(sql)?;
    schema::migrate(&mut conn, &new)?;
    conn.close().map_err(|(_, e)| sql(e))?;
    fs::rename(&new, path).map_err(|e| StoreError::io(path, "create", e))?;
    folder::sync_parent(path).map_err(|e| StoreError::io(path, "create", e))
}

/// What the first 100 bytes say (SQLite file format, 1.3).
struct Header {
    page_size: u64,
    pages: u64,
    application_id: u32,
}

impl Header {
    fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(100);
        File::open(path)?.take(100).read_to_end(&mut bytes)?;
        if bytes.len() < 100 || !bytes.starts_with(MAGIC) {
            return Ok(None);
        }
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            size => u64::from(size),
        };
        Ok(Some(Self {
            page_size,
            pages: u64::from(word(&bytes, 28)),
            application_id: word(&bytes, 68),
        }))
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    if let Some(found) = bytes.get(at..at + 4) {
        four.copy_from_slice(found);
    }
    u32::from_be_bytes(four)
}

/// Refuses a file that SQLite would misunderstand.
fn check(path: &Path) -> Result<(), StoreError> {
    let damaged = |what: String| StoreError::Damaged {
        path: path.to_owned(),
        what,
    };
    let size = length(path);
    if size == 0 {
        return Err(damaged("it is empty".into()));
    }
    let header = Header::read(path).map_err(|e| StoreError::io(path, "read", e))?;
    let Some(header) = header else {
        return Err(damaged("it does not begin like an SQLite database".into()));
    };
    if header.application_id != APPLICATION_ID {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
            what: "an SQLite database of another program",
        });
    }
    let whole = header.page_size * header.pages;
    if size < whole && !log_holds_rest(path, &header, size) {
        return Err(damaged(format!("it is cut short, {size} of {whole} bytes")));
    }
    Ok(())
}

/// Whether each page that is missing at the end of the file is in the write-ahead log: then a
/// checkpoint was interrupted, and SQLite makes it good (SQLite file format, 4.1).
fn log_holds_rest(path: &Path, header: &Header, size: u64) -> bool {
    let missing = size / header.page_size.max(1) + 1..=header.pages;
    let held = log_pages(&beside(path, "-wal"), header.page_size).unwrap_or_default();
    missing.into_iter().all(|page| held.contains(&page))
}

/// The page numbers in the frames of a write-ahead log whose salts are the log's own.
fn log_pages(log: &Path, page_size: u64) -> io::Result<std::collections::HashSet<u64>> {
    let mut file = io::BufReader::new(File::open(log)?);
    let mut head = [0; 32];
    file.read_exact(&mut head)?;
    let mut pages = std::collections::HashSet::new();
    let mut frame = [0; 24];
    while file.read_exact(&mut frame).is_ok() {
        let body = io::copy(&mut (&mut file).take(page_size), &mut io::sink())?;
        if body < page_size || frame[8..16] != head[16..24] {
            break;
        }
        pages.insert(u64::from(word(&frame, 0)));
    }
    Ok(pages)
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |m| m.len())
}
