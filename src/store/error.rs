//! Why the store could not do as asked: always our own disk, or something that is not ours on it.

use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do as asked. Nothing half-written is visible after any of these.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be used.
    #[error("cannot {doing} `{path}`")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite could not do as asked.
    #[error("cannot {doing} `{path}`")]
    Database {
        /// The database file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// No room is left; what was acknowledged is safe.
    #[error(
        "no space left on the disk that holds `{path}`\nhint: free some space and start again: what was acknowledged is safe"
    )]
    Full {
        /// What was being written.
        path: PathBuf,
    },
    /// The data folder has no database.
    #[error(
        "`{path}` does not exist\nhint: `gleaner crawl` makes a data folder, `--data` names one"
    )]
    Missing {
        /// The database file.
        path: PathBuf,
    },
    /// The newest visits stand in SQLite's log, and it can't be taken in where nothing may be
    /// written.
    #[error(
        "`{path}` can't be read where nothing may be written: its newest visits are in `{}` still\nhint: copy the data folder to a place where you may write, and name that with `--data`", log.display()
    )]
    Unread {
        /// The database file.
        path: PathBuf,
        /// Its log.
        log: PathBuf,
    },
    /// The file is not what was written. It is left as it is.
    #[error(
        "`{path}` is damaged: {what}\nhint: put a good copy of it in place, or begin anew with `gleaner crawl --fresh`, which moves the data folder aside"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// A file of that name that gleaner did not make. It is left as it is.
    #[error(
        "`{path}` was not made by gleaner: {what}\nhint: name another data folder with `--data`, or move the file away"
    )]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// The data folder was written by an older gleaner, and reading alone cannot change it.
    #[error(
        "`{path}` has schema number {found}, this gleaner reads number {known}\nhint: `gleaner crawl` or `gleaner resume` brings it up to date"
    )]
    Older {
        /// The database file.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// The number known here.
        known: i64,
    },
    /// The data folder was written by a newer gleaner.
    #[error(
        "`{path}` has schema number {found}, this gleaner knows numbers up to {known}\nhint: use the gleaner that wrote it or a newer one, or another data folder with `--data`"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// The highest number known here.
        known: i64,
    },
}

impl StoreError {
    /// An error of the file system while `doing` something to `path`.
    pub(super) fn io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::StorageFull {
            return Self::Full { path };
        }
        Self::Io {
            path,
            doing,
            source,
        }
    }

    /// An error of SQLite while `doing` something to the database at `path`.
    pub(super) fn sql(path: &Path, doing: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let what = source.to_string();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ if lacks_room(&source) => Self::Full { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, what }
            }
            None if is_bad_value(&source) => Self::Damaged { path, what },
            _ => Self::Database {
                path,
                doing,
                source,
            },
        }
    }

    /// Whether freeing space is all that is needed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}

/// Whether SQLite found no room for its shared memory, which it tells from a full disk.
fn lacks_room(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    code == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

/// Whether a value that was read cannot have been written by us.
fn is_bad_value(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..)
    )
}
