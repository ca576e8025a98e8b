//! Where a crawl begins.

use crate::normal::NormalUrl;
use std::path::PathBuf;

/// A URL to begin at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The URL.
    pub url: NormalUrl,
    /// Links followed from it; the configuration's number where none is given.
    pub depth: Option<u8>,
    /// Pages that may descend from it in a run.
    pub max_pages: Option<u64>,
    /// The seed file; none for an argument.
    pub file: Option<PathBuf>,
    /// The line in the file, from 1; the argument's position otherwise.
    pub line: usize,
}
