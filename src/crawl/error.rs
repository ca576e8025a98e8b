//! Why a crawl can break off.

use std::path::PathBuf;

/// Why a crawl stopped that was not asked to: always our own disk, settings or code.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The frontier failed.
    #[error(transparent)]
    Frontier(#[from] crate::frontier::FrontierError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The fetcher could not be set up.
    #[error(transparent)]
    Fetch(#[from] crate::fetch::FetchError),
    /// A stored unit is damaged.
    #[error("a stored URL is damaged")]
    Url(#[source] crate::normal::UrlError),
    /// A task broke off.
    #[error("a task broke off")]
    Task(#[source] tokio::task::JoinError),
    /// The writer broke off.
    #[error("the writer broke off")]
    Writer(#[source] tokio::task::JoinError),
    /// The data folder can't be used.
    #[error("cannot use the data folder `{}`\nhint: name a folder that can be written, with `--data`", path.display())]
    Folder {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process is crawling into this folder.
    #[error("another crawl works on `{}`: {holder}\nhint: `gleaner status --data {}` tells how far it is; another `--data` names another folder", path.display(), path.parent().unwrap_or(path).display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote about itself.
        holder: String,
    },
    /// A crawl is at work that asks this site, and a site has one request open at a time.
    #[error(
        "a crawl is at work and asks `{site}` itself\nhint: `gleaner why URL` tells what it knows of a URL; or wait for its end"
    )]
    AtWork {
        /// The site.
        site: String,
    },
    /// Nothing can be resumed where nothing was begun.
    #[error("no crawl was begun in `{}` yet\nhint: `gleaner crawl SEEDS` begins one; `--data` names another folder", data.display())]
    NotBegun {
        /// The data folder.
        data: PathBuf,
    },
    /// The frontier could not be rebuilt from the log.
    #[error(
        "cannot rebuild the frontier\nhint: a part of the visit log is damaged; put a good copy of articles.db in place"
    )]
    Rebuild(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nothing to begin with.
    #[error("no seeds")]
    NoSeeds,
}
