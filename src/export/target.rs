//! Where an export goes: stdout, or a file that appears only when it is whole.

use super::{ExportError, Stop};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where an export goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file; one of that name is replaced when the new one is whole and on disk.
    File(PathBuf),
}

impl Target {
    pub(super) fn write(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), Stop>,
    ) -> Result<(), ExportError> {
        let (name, result) = match self {
            Self::Stdout => {
                let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
                let result = fill(&mut out).and_then(|()| Ok(out.flush()?));
                // What is left in the buffer of a closed pipe must not be tried again.
                let _ = out.into_parts();
                ("stdout".to_owned(), result)
            }
            Self::File(path) => (path.display().to_string(), to_file(path, fill)?),
        };
        result.map_err(|stop| match stop {
            Stop::Store(error) => error.into(),
            Stop::Write(source) => ExportError::Write {
                target: name,
                source,
            },
        })
    }
}

fn to_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), Stop>,
) -> Result<Result<(), Stop>, ExportError> {
    // A link stays a link; a device or pipe is written to as it is.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    if !folder.is_dir() {
        return Err(ExportError::NoFolder { folder });
    }
    if path.exists() && !path.is_file() {
        return Ok(File::options()
            .write(true)
            .open(&path)
            .map_err(Stop::from)
            .and_then(|file| fill_file(&file, fill)));
    }
    let new = temporary(&path);
    let result = File::create(&new)
        .map_err(Stop::from)
        .and_then(|file| {
            fill_file(&file, fill)?;
            Ok(file.sync_all()?)
        })
        .and_then(|()| Ok(fs::rename(&new, &path)?))
        .and_then(|()| Ok(File::open(&folder)?.sync_all()?));
    if result.is_err() {
        // Half a file helps nobody; that it cannot be removed is the lesser trouble.
        let _ = fs::remove_file(&new);
    }
    Ok(result)
}

fn fill_file(
    file: &File,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Beside the target, so that the renaming stays on one file system; with our process id, so
/// that two exports do not write to the same one.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}
