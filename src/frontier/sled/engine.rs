//! sled itself, held at arm's length: opened, asked and closed without its panics.
//!
//! sled's flusher thread stays off (`flush_every_ms(None)`): each commit flushes by itself, and
//! when that thread dies of damaged files, closing the database waits for it for ever. Garbage
//! is collected by writes as well.

use super::guard::guarded;
use crate::frontier::FrontierError;
use ::sled::{Batch, Config, Db, IVec};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// sled's page cache; its default is 1 GB.
const CACHE_BYTES: u64 = 64 << 20;
/// The visit log can make up for what a power cut takes from the frontier: no need to wait for
/// the disk at each commit.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// A database that was just dropped may be locked for a moment by sled's last write.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// One open sled database.
pub(super) struct Engine {
    path: PathBuf,
    /// `None` only while it is being dropped.
    db: Option<Db>,
    file: File,
    synced: Mutex<Instant>,
}

impl Engine {
    /// Opens the database in the folder `path`, made if it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, FrontierError> {
        let disk = |error| disk_failed(path, error);
        remove_unfinished_snapshots(path).map_err(disk)?;
        let db = open_unlocked(path)?;
        let file = OpenOptions::new().write(true).open(path.join("db"));
        Ok(Self {
            path: path.to_owned(),
            db: Some(db),
            file: file.map_err(disk)?,
            synced: Mutex::new(Instant::now()),
        })
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, FrontierError> {
        self.ask(|db| db.get(key))
    }

    /// Hands every key that begins with `prefix`, in order, and its value to `visit`.
    pub(super) fn scan(
        &self,
        prefix: &[u8],
        mut visit: impl FnMut(&[u8], IVec) -> Result<(), FrontierError>,
    ) -> Result<(), FrontierError> {
        self.ask(|db| {
            for pair in db.scan_prefix(prefix) {
                let (key, value) = pair?;
                if let Err(error) = visit(&key, value) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Writes a batch that may still be lost whole.
    pub(super) fn apply(&self, batch: Batch) -> Result<(), FrontierError> {
        self.ask(|db| db.apply_batch(batch))
    }

    /// Writes a batch so that it outlives the process; a power cut may take the last second.
    pub(super) fn commit(&self, batch: Batch) -> Result<(), FrontierError> {
        self.ask(|db| {
            db.apply_batch(batch)?;
            db.flush().map(drop)
        })?;
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if synced.elapsed() >= SYNC_EVERY {
            self.file
                .sync_data()
                .map_err(|error| disk_failed(&self.path, error))?;
            *synced = Instant::now();
        }
        Ok(())
    }

    /// An error that says what does not fit in what is stored.
    pub(super) fn damaged(&self, what: impl Into<String>) -> FrontierError {
        damaged(&self.path, what)
    }

    /// The error of all commits after one that failed: the disk is to be looked at, the files
    /// may well be whole.
    pub(super) fn failed_before(&self) -> FrontierError {
        disk_failed(&self.path, io::Error::other("an earlier commit failed"))
    }

    fn ask<R>(&self, question: impl FnOnce(&Db) -> ::sled::Result<R>) -> Result<R, FrontierError> {
        let db = self.db.as_ref();
        let db = db.ok_or_else(|| self.damaged("closed"))?;
        match guarded(|| question(db)) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failed(&self.path, error)),
            Err(panic) => Err(self.damaged(format!("sled panicked: {panic}"))),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // sled flushes once more when its last handle goes. What was committed is flushed
        // already, so there is nobody whom an error would concern.
        let db = self.db.take();
        let _ = guarded(move || drop(db));
    }
}

/// A kill while sled opens can leave a partial one, with which every later open fails.
fn remove_unfinished_snapshots(path: &Path) -> io::Result<()> {
    let files = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        files => files?,
    };
    for file in files {
        let file = file?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

fn open_unlocked(path: &Path) -> Result<Db, FrontierError> {
    let config = Config::new()
        .path(path)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None);
    for _ in 0..LOCK_TRIES {
        match guarded(|| config.open()) {
            Ok(Err(error)) if is_lock(&error) => thread::sleep(LOCK_PAUSE),
            Ok(opened) => return opened.map_err(|error| failed(path, error)),
            Err(panic) => return Err(damaged(path, format!("sled panicked: {panic}"))),
        }
    }
    let held = io::Error::new(io::ErrorKind::WouldBlock, "locked by another process");
    Err(disk_failed(path, held))
}

fn is_lock(error: &::sled::Error) -> bool {
    matches!(error, ::sled::Error::Io(error) if error.to_string().contains("could not acquire lock"))
}

/// An error of the disk at `path`.
pub(super) fn disk_failed(path: &Path, error: io::Error) -> FrontierError {
    failed(path, ::sled::Error::Io(error))
}

fn damaged(path: &Path, what: impl Into<String>) -> FrontierError {
    FrontierError::Damaged {
        path: path.to_owned(),
        what: what.into(),
    }
}

/// Tells a disk that fails (nothing to rebuild on) from files that make no sense.
fn failed(path: &Path, error: ::sled::Error) -> FrontierError {
    match error {
        ::sled::Error::Io(error) if senseless(error.kind()) => damaged(path, error.to_string()),
        ::sled::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
            let path = path.to_owned();
            FrontierError::Full { path }
        }
        source @ ::sled::Error::Io(_) => FrontierError::Engine {
            path: path.to_owned(),
            source,
        },
        other => damaged(path, other.to_string()),
    }
}

fn senseless(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
    matches!(kind, InvalidData | InvalidInput | NotFound | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_snapshot_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        drop(Engine::open(folder.path()).unwrap());
        let unfinished = folder.path().join("snap.00000000000001F4.generating");
        fs::write(&unfinished, b"half").unwrap();
        Engine::open(folder.path()).unwrap();
        assert!(!unfinished.exists());
    }

    #[test]
    fn a_file_in_the_folders_place_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Engine::open(file.path()).is_err());
    }

    #[test]
    fn a_panic_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(folder.path()).unwrap();
        let answer: Result<(), _> = engine.ask(|_| panic!("segment 7"));
        let text = answer.unwrap_err().to_string();
        assert!(
            text.ends_with("damaged: sled panicked: segment 7"),
            "{text}"
        );
    }
}
