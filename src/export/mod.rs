//! Stored articles as files: the newest version of each story, in the order of first storing.
//!
//! Handed a [`Reader`], a [`Selection`] and a [`Format`], writes records to stdout or to a file
//! that appears only when it is whole. Reading the database is left to `store`; each format has
//! a file of its own here.

mod csv;
mod jsonl;
mod record;
mod selection;
mod site;
mod target;
#[cfg(test)]
mod tests;

pub use csv::Sheet;
pub use record::{FIELDS, Known, Record};
pub use selection::{Bound, BoundError, Selection};
pub use site::{SiteChoice, SiteError};
pub use target::Target;

use crate::store::{Reader, StoreError};
use jiff::Timestamp;
use jsonl::Lines;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines: one object a line, UTF-8.
    Jsonl,
    /// Comma-separated values (RFC 4180), UTF-8, safe to open in a spreadsheet.
    Csv,
}

impl Format {
    /// All of them, by the names that `--format` takes.
    pub const ALL: [(&'static str, Self); 2] = [("jsonl", Self::Jsonl), ("csv", Self::Csv)];
}

impl FromStr for Format {
    type Err = ExportError;

    fn from_str(name: &str) -> Result<Self, ExportError> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, format)| *format)
            .ok_or_else(|| ExportError::Format(name.to_owned()))
    }
}

/// Writes records in one format.
trait Exporter {
    fn record(&mut self, record: &Record) -> io::Result<()>;
    fn finish(&mut self) -> io::Result<()>;
}

/// What was exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Articles written.
    pub articles: u64,
    /// Articles that the selection left out.
    pub left_out: u64,
    /// Whoever read our output closed it before its end, which is no error (`… | head`).
    pub closed: bool,
}

/// Why nothing, or not all, was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The data folder could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target could not be written; an older file of that name is as it was.
    #[error(
        "cannot write `{target}`\nhint: name a file with `-o` where there is room and you may write; nothing there was changed"
    )]
    Write {
        /// The file, or `stdout`.
        target: String,
        /// What the system said.
        source: io::Error,
    },
    /// The folder that the file is to stand in does not exist.
    #[error(
        "there is no folder `{folder}` to write in\nhint: make the folder, or name a file elsewhere with `-o`"
    )]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// No such format.
    #[error("no format `{0}`: there are `jsonl` and `csv`")]
    Format(String),
}

/// Exports what `selection` selects.
///
/// # Errors
/// When the data folder cannot be read or the target not be written. A file appears under its
/// name only when it is whole and on disk.
pub fn run(
    reader: &Reader,
    selection: &Selection,
    format: Format,
    target: &Target,
) -> Result<Summary, ExportError> {
    let mut summary = Summary::default();
    let wrote = target.write(|out| write_all(reader, selection, format, out, &mut summary));
    match wrote {
        Err(ExportError::Write { source, .. })
            if is_closed(&source) && *target == Target::Stdout =>
        {
            summary.closed = true;
            Ok(summary)
        }
        other => other.map(|()| summary),
    }
}

/// Why writing stopped half-way.
enum Stop {
    Store(StoreError),
    Write(io::Error),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

fn write_all(
    reader: &Reader,
    selection: &Selection,
    format: Format,
    out: &mut dyn Write,
    summary: &mut Summary,
) -> Result<(), Stop> {
    let mut exporter: Box<dyn Exporter + '_> = match format {
        Format::Jsonl => Box::new(Lines::new(out)),
        Format::Csv => Box::new(Sheet::new(out, &FIELDS)?),
    };
    let now = Timestamp::now();
    for row in reader.articles()? {
        let row = row?;
        if !selection.takes(&row) {
            summary.left_out += 1;
            continue;
        }
        let mut record = Record::of(&row)?;
        if !selection.takes_rights(&record, now) {
            summary.left_out += 1;
            continue;
        }
        if !selection.paywalled_text {
            record = record.without_paywalled_text();
        }
        exporter.record(&record)?;
        summary.articles += 1;
    }
    Ok(exporter.finish()?)
}

fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}
