//! Where a damaged frontier goes: beside the new one, for whoever wants to look at it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Renames a damaged folder to `<name>.damaged-<n>` beside it, and deletes those of before.
pub(super) fn set_aside(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(());
    }
    let before = damaged_folders(path)?;
    let newest = before.iter().map(|(number, _)| *number).max();
    let number = newest.unwrap_or_default().saturating_add(1);
    fs::rename(path, damaged_name(path, number))?;
    for (_, folder) in before {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn damaged_name(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{number}"));
    name.into()
}

/// The real folders beside `path` that bear a name of [`damaged_name`], to the letter.
fn damaged_folders(path: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    let mut beginning = path.file_name().map(OsString::from).unwrap_or_default();
    beginning.push(".damaged-");
    let beginning = beginning.to_string_lossy().into_owned();
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    for entry in fs::read_dir(parent.unwrap_or(Path::new(".")))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name
            .strip_prefix(&beginning)
            .and_then(|digits| digits.parse().ok());
        if let Some(number) = number
            && entry.file_type()?.is_dir()
            && damaged_name(path, number).file_name() == Some(&entry.file_name())
        {
            found.push((number, damaged_name(path, number)));
        }
    }
    Ok(found)
}
