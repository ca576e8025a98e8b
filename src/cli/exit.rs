//! What a process's exit code says.

use crate::config::ConfigError;
use crate::crawl::CrawlError;
use crate::export::ExportError;
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
            before || export || store || crawl
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
