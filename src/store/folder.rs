//! Names in folders: made so that they survive a power cut.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Makes the folder `path` and those that lead to it.
///
/// # Errors
/// When one of them cannot be made or written through to the disk.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    let unnamed = |p: &&Path| !p.as_os_str().is_empty() && !p.exists();
    let new: Vec<&Path> = path.ancestors().take_while(unnamed).collect();
    fs::create_dir_all(path)?;
    new.into_iter().try_for_each(sync_parent)
}

/// Makes what was made, renamed or removed at `path` survive a power cut.
///
/// # Errors
/// When its folder cannot be written through to the disk.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => sync(Path::new(".")),
        Some(folder) => sync(folder),
        None => Ok(()),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// `path` with something added to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
