//! Which files a path stands for: itself, or the pages and archives below a folder.

use super::{ExtractError, Gone, STDIN};
use std::fs;
use std::path::{Path, PathBuf};

/// What the names of pages and archives end in, below a folder; `.gz` may follow.
const ENDINGS: [&str; 4] = [".html", ".htm", ".xhtml", WARC];
const WARC: &str = ".warc";

/// What the name of an archive ends in that a crawl is at work on.
const OPEN: &str = "open";

/// Hands each file that `path` stands for to `take`: a file by itself whatever its name, of a
/// folder all that bear a known one, by name, subfolders among them. Links to folders are not
/// followed, so that a walk ends.
pub(super) fn each(
    path: &Path,
    take: &mut dyn FnMut(Result<PathBuf, ExtractError>) -> Result<(), Gone>,
) -> Result<(), Gone> {
    if path.as_os_str() == STDIN || !path.is_dir() {
        return take(Ok(path.to_owned()));
    }
    let mut found = 0;
    walk(path, &mut |input| {
        found += 1;
        take(input)
    })?;
    if found == 0 {
        let path = path.to_owned();
        return take(Err(ExtractError::EmptyFolder { path }));
    }
    Ok(())
}

fn walk(
    folder: &Path,
    take: &mut dyn FnMut(Result<PathBuf, ExtractError>) -> Result<(), Gone>,
) -> Result<(), Gone> {
    let entries = match entries(folder) {
        Ok(entries) => entries,
        Err(source) => {
            let path = folder.to_owned();
            return take(Err(ExtractError::Read { path, source }));
        }
    };
    for (path, is_folder) in entries {
        if is_folder {
            walk(&path, take)?;
        } else if is_named_so(&path) {
            take(Ok(path))?;
        }
    }
    Ok(())
}

/// What stands in a folder, by name, and whether it is a folder itself.
fn entries(folder: &Path) -> std::io::Result<Vec<(PathBuf, bool)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        found.push((entry.path(), entry.file_type()?.is_dir()));
    }
    found.sort();
    Ok(found)
}

fn is_named_so(path: &Path) -> bool {
    ENDINGS
        .iter()
        .any(|ending| bare_name(path).ends_with(ending))
}

/// Whether a file's name says that it is an archive.
pub(super) fn is_named_warc(path: &Path) -> bool {
    bare_name(path).ends_with(WARC)
}

/// Whether a crawl still writes to a file, or broke off: its last record need not be whole.
pub(super) fn is_open(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == OPEN)
}

/// A file's name in lower case, without `.gz` and what a crawl adds to an archive at work.
fn bare_name(path: &Path) -> String {
    let path = if is_open(path) {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    name.strip_suffix(".gz").unwrap_or(&name).to_owned()
}
