//! What a process's exit code says.

use crate::config::ConfigError;
use crate::crawl::CrawlError;
use crate::export::ExportError;
use crate::extract::ExtractError;
use crate::seeds::SeedError;
use crate::store::StoreError;
use std::path::PathBuf;
use std::process::ExitCode;

/// What a process's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line or the configuration is wrong; nothing was begun.
    WrongUse = 2,
    /// Finished, but some sites failed.
    SomeSitesFailed = 3,
    /// Interrupted; what was collected is kept.
    Interrupted = 130,
}

/// A command that can't be begun.
#[derive(Debug, thiserror::Error)]
pub enum WrongUse {
    /// Nothing to begin with.
    #[error(
        "there are no seeds\nhint: name a URL or a seed file, or seed files in crawl.toml: `gleaner crawl https://example.com/`"
    )]
    NoSeeds,
    /// Public hosts are to be asked, and nobody to write to is named.
    #[error(
        "no contact is set, and without one no public host is asked for anything\nhint: set `contact` in crawl.toml or `--contact` to a URL or a mailbox that publishers can write to"
    )]
    NoContact,
    /// There is no data folder.
    #[error("there is no data folder `{}`\nhint: `gleaner crawl` makes one, `--data` names another", data.display())]
    NoData {
        /// Where it was looked for.
        data: PathBuf,
    },
    /// The demo was crawled into this folder before, from ports that are no more.
    #[error(
        "the demo is already in `{0}`\nhint: `gleaner export --data {0}` brings out what it found, `gleaner demo --data {0} --fresh` begins anew", data.display()
    )]
    DemoDone {
        /// The data folder.
        data: PathBuf,
    },
    /// A file that a command is about can't be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or folder can't be written.
    #[error("cannot write `{}`\nhint: name a place where you may write and where there is room", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Questions are to be asked, and there is no terminal.
    #[error(
        "there is no terminal to ask on\nhint: `gleaner init --contact you@example.org --seeds https://example.com/`"
    )]
    NobodyToAsk,
    /// What was given as a seed is none.
    #[error("not a seed: `{text}`: {why}")]
    NoSeed {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that a command would write is there already.
    #[error("`{}` is there already\nhint: `--force` writes over it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

impl Exit {
    /// What an error means: its own kind, or any of its causes', counts.
    #[must_use]
    pub fn of_error(error: &anyhow::Error) -> Self {
        let wrong_use = error.chain().any(|cause| {
            let export = matches!(cause.downcast_ref(), Some(ExportError::NoFolder { .. }));
            let store = matches!(cause.downcast_ref(), Some(StoreError::Missing { .. }));
            let crawl = matches!(
                cause.downcast_ref(),
                Some(CrawlError::NotBegun { .. } | CrawlError::Fetch(_))
            );
            let before =
                cause.is::<ConfigError>() || cause.is::<WrongUse>() || cause.is::<SeedError>();
            let extract = matches!(cause.downcast_ref(), Some(ExtractError::UrlForMany { .. }));
            before || export || extract || store || crawl
        });
        if wrong_use {
            Self::WrongUse
        } else {
            Self::Failed
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
