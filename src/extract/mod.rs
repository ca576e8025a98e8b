//! Articles out of local files: HTML pages and WARC archives, packed or not, one record a line.
//!
//! Handed paths and a place to write to; returns how much came of them. `inputs` finds files,
//! `source` undoes gzip and knows where in the file it is, `warc` and `http` take archives
//! apart, `page` reads one page as the crawler does, `pipeline` does that on all cores and
//! writes in the order of the input. Nothing holds more than a few pages in memory. What is
//! wrong with a file or a page is told and the others go on.

mod http;
mod inputs;
mod page;
mod pipeline;
mod source;
#[cfg(test)]
mod tests;
mod warc;

use crate::normal::NormalUrl;
use pipeline::Feeder;
use source::Source;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The path that stands for standard input.
const STDIN: &str = "-";

/// How pages are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the one HTML page that is given comes from.
    pub url: Option<NormalUrl>,
    /// Add `ms` to each record: the milliseconds that decoding and reading the page took.
    pub timing: bool,
    /// Add `explain` to each record: the candidates for each field, and why each lost. Pages that
    /// tell no story have a record too, which says why.
    pub explain: bool,
    /// The most bytes of a page, decoded.
    pub max_body: u64,
    /// Pages that are read at once; 0 for as many as there are cores.
    pub threads: usize,
}

/// What came of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pages read.
    pub pages: u64,
    /// Stories among them: the records written.
    pub articles: u64,
    /// Files and pages that could not be read.
    pub faults: u64,
    /// Whoever read our output closed it before its end, which is no error (`… | head`).
    pub closed: bool,
}

/// Why a file, or a page in it, was not read.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// A file can't be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said, or the decoder.
        source: io::Error,
    },
    /// A folder that has no page in it.
    #[error("`{}` holds no .html, .html.gz, .warc or .warc.gz file", path.display())]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A WARC file is damaged; what stands before the place was read, and what follows was not.
    #[error("`{}`, byte {offset}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the record begins; in a gzip file where its member begins.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// One page can't be read; the rest of its file was.
    #[error("`{}`, {place}: {what}", path.display())]
    Page {
        /// The file.
        path: PathBuf,
        /// Which page.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// A URL was given for what is not one page.
    #[error("`--url` says where one HTML page comes from, and `{}` is {what}\nhint: leave `--url` out: WARC files name the URL of each page, HTML files by their canonical link", path.display())]
    UrlForMany {
        /// The path.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
}

/// Reads what lies at `paths` and writes a line a story to `out`, in their order; `complain` is
/// told of each fault, in that order too.
///
/// # Errors
/// When `out` can't be written.
pub fn run(
    paths: &[PathBuf],
    options: &Options,
    out: &mut dyn Write,
    complain: &mut dyn FnMut(&ExtractError),
) -> io::Result<Summary> {
    pipeline::run(
        options,
        |feeder| {
            for path in paths {
                let fed = inputs::each(path, &mut |input| match input {
                    Ok(file) => feed(&file, options, feeder),
                    Err(fault) => feeder.fault(fault),
                });
                if fed.is_err() {
                    return;
                }
            }
        },
        out,
        complain,
    )
}

/// Nobody takes pages any more.
#[derive(Debug)]
struct Gone;

/// Hands on what a file holds, told by its content: an archive's pages, or itself as a page. One
/// that is called an archive and is none is damaged.
fn feed(path: &Path, options: &Options, feeder: &Feeder) -> Result<(), Gone> {
    let mut source = match Source::open(path) {
        Ok(source) => source,
        Err(source) => {
            let path = path.to_owned();
            return feeder.fault(ExtractError::Read { path, source });
        }
    };
    let is_warc = inputs::is_named_warc(path) || source.is_warc().unwrap_or(false);
    if is_warc && options.url.is_some() {
        return feeder.fault(ExtractError::UrlForMany {
            path: path.to_owned(),
            what: "a WARC file",
        });
    }
    if is_warc {
        return warc::feed(path, source, options, feeder);
    }
    match page::whole(path, &mut source, options) {
        Ok(page) => feeder.page(page),
        Err(fault) => feeder.fault(fault),
    }
}
