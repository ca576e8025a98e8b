//! Where a crawl begins: seed files and arguments.
//!
//! Handed paths or arguments; returns seeds, and the lines that are none, each with its place
//! and what is wrong with it. A bad line never stops the rest. What a seed is (home page, story,
//! feed, sitemap, robots.txt) is told by its content once it is fetched; whether there are seeds
//! at all is for the caller to see.
//!
//! A seed file holds one URL a line, in UTF-8:
//!
//! ```text
//! # a comment
//! https://www.example.com/news/           depth=2 max_pages=500   # another one
//! example.org
//! ```

mod line;
#[cfg(test)]
mod tests;

use crate::normal::NormalUrl;
use encoding_rs::Encoding;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

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

/// What seed files and arguments hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedList {
    /// The seeds in the order in which they stand; of a URL that stands twice, the first.
    pub seeds: Vec<Seed>,
    /// The lines that are no seeds.
    pub bad: Vec<BadLine>,
}

/// A line that is no seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The seed file; none for an argument.
    pub file: Option<PathBuf>,
    /// The line in the file, from 1; the argument's position otherwise.
    pub line: usize,
    /// The line, with `�` for what is not UTF-8.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Why there are no seeds: a file that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A seed file can't be read.
    #[error("cannot read the seed file `{}`: {why}\nhint: {hint}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
        /// What to do about it.
        hint: String,
    },
}

/// Reads seed files.
///
/// # Errors
/// When a file can't be read.
pub fn read(paths: &[PathBuf]) -> Result<SeedList, SeedError> {
    let mut reading = Reading::default();
    for path in paths {
        reading.file(path)?;
    }
    Ok(reading.list)
}

/// Reads arguments: what begins with `http://` or `https://` is a URL (with options behind it,
/// when it is quoted), all else the path of a seed file.
///
/// # Errors
/// When a file can't be read.
pub fn from_args<S: AsRef<str>>(args: &[S]) -> Result<SeedList, SeedError> {
    let mut reading = Reading::default();
    for (arg, position) in args.iter().map(AsRef::as_ref).zip(1..) {
        if line::is_url(arg) {
            reading.line(arg, None, position);
        } else {
            reading.file(Path::new(arg))?;
        }
    }
    Ok(reading.list)
}

#[derive(Default)]
struct Reading {
    list: SeedList,
    seen: HashSet<NormalUrl>,
}

impl Reading {
    fn file(&mut self, path: &Path) -> Result<(), SeedError> {
        let bytes = fs::read(path).map_err(|why| SeedError::Read {
            hint: hint(path, &why),
            path: path.to_owned(),
            why,
        })?;
        let bytes = utf_8(bytes);
        for (bytes, number) in bytes.split(|&byte| byte == b'\n').zip(1..) {
            match str::from_utf8(bytes) {
                Ok(text) => self.line(text, Some(path), number),
                Err(_) => self.bad(
                    &String::from_utf8_lossy(bytes),
                    "not UTF-8".to_owned(),
                    Some(path),
                    number,
                ),
            }
        }
        Ok(())
    }

    fn line(&mut self, text: &str, file: Option<&Path>, line: usize) {
        match line::parse(text) {
            Ok(Some(parsed)) if self.seen.insert(parsed.url.clone()) => {
                self.list.seeds.push(Seed {
                    url: parsed.url,
                    depth: parsed.depth,
                    max_pages: parsed.max_pages,
                    file: file.map(Path::to_owned),
                    line,
                });
            }
            Ok(_) => {}
            Err(why) => self.bad(text, why, file, line),
        }
    }

    fn bad(&mut self, text: &str, why: String, file: Option<&Path>, line: usize) {
        self.list.bad.push(BadLine {
            file: file.map(Path::to_owned),
            line,
            text: text.trim().to_owned(),
            why,
        });
    }
}

/// Some editors write UTF-16, with a mark at its start. That of UTF-8, three bytes long, is left
/// to the first line.
fn utf_8(bytes: Vec<u8>) -> Vec<u8> {
    match Encoding::for_bom(&bytes) {
        None | Some((_, 3)) => bytes,
        Some((encoding, _)) => encoding.decode(&bytes).0.into_owned().into_bytes(),
    }
}

fn hint(path: &Path, why: &io::Error) -> String {
    if path.is_dir() {
        return "this is a folder: name the file in it".to_owned();
    }
    let text = path.to_string_lossy();
    match (why.kind(), line::parse(&text)) {
        (io::ErrorKind::NotFound, Ok(Some(meant))) => {
            format!(
                "write `{}` if this is a site, or the path of a file",
                meant.url
            )
        }
        (io::ErrorKind::NotFound, _) => {
            "check the path; a seed file holds one URL a line".to_owned()
        }
        (io::ErrorKind::PermissionDenied, _) => "let this user read it (`chmod`)".to_owned(),
        _ => "check the file and its disk".to_owned(),
    }
}

impl fmt::Display for BadLine {
    /// `seeds.txt:3: why: text`, the text cut to what a terminal line holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 120;
        match &self.file {
            Some(file) => write!(f, "{}:{}: ", file.display(), self.line)?,
            None => write!(f, "argument {}: ", self.line)?,
        }
        let shown: String = self.text.chars().take(SHOWN).collect();
        let more = if shown.len() < self.text.len() {
            "…"
        } else {
            ""
        };
        write!(f, "{}: `{}{more}`", self.why, shown.escape_debug())
    }
}
