//! What is done to segment files; errors name the file.

use crate::store::error::StoreError;
use crate::store::folder;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The names in a folder, if there is one.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let name =
        |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(name).collect(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e),
    }
    .map_err(|e| StoreError::io(folder, "read", e))
}

/// The length of a file, if there is one.
pub(super) fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(meta) => Ok(Some(meta.len())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io(path, "read", e)),
    }
}

pub(super) fn cut(path: &Path, length: u64) -> Result<(), StoreError> {
    let file = File::options().write(true).open(path);
    file.and_then(|f| f.set_len(length).and_then(|()| f.sync_all()))
        .map_err(|e| StoreError::io(path, "cut", e))
}

pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(|e| StoreError::io(path, "remove", e))
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to)
        .and_then(|()| folder::sync_parent(to))
        .map_err(|e| StoreError::io(from, "rename", e))
}
