//! Crawl state: what to fetch next, per budget unit.
//!
//! Handed links that passed `scope` and outcomes of visits; returns entries to visit. The
//! visit log in the store is the truth; a frontier is an index over it and can be rebuilt.
//! Politeness and the order among budget units are left to others.

mod codec;
#[cfg(test)]
mod conformance;
mod entry;
mod sled;

pub use self::sled::{Logged, RebuildError, SledFrontier};
pub use codec::{CodecError, decode_links, encode_links};
pub use entry::{Entry, Link, Settled, Via};

use crate::clock::Millis;
use crate::normal::BudgetUnit;
use std::future::Future;
use std::path::PathBuf;

/// What a claim found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A link to visit now; it stays claimed until it is settled or the process ends.
    Entry(Entry),
    /// Nothing now; the first link of this unit is due then.
    Later(Millis),
    /// Nothing is queued for this unit (claimed links apart).
    Empty,
}

/// Why the frontier could not do as asked: always our own disk or our own bug.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// The storage engine failed.
    #[error("the frontier in `{path}` failed")]
    Engine {
        /// The frontier's folder.
        path: PathBuf,
        /// What the engine said.
        source: ::sled::Error,
    },
    /// No room is left; the visit log can make up for what was not written.
    #[error(
        "no space left on the disk that holds `{path}`\nhint: free some space and start again: what was acknowledged is safe"
    )]
    Full {
        /// The frontier's folder.
        path: PathBuf,
    },
    /// What is stored is not what was written: rebuild it from the visit log.
    #[error("the frontier in `{path}` is damaged: {what}")]
    Damaged {
        /// The frontier's folder.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
}

/// The queue of a crawl. `admit` and `settle` are idempotent and take effect on disk with the
/// next [`Frontier::commit`], all or nothing; no atomicity across hosts is promised to other
/// implementations.
pub trait Frontier: Send + Sync + 'static {
    /// Queues the links that were never admitted before, and returns them.
    fn admit(
        &self,
        links: Vec<Link>,
    ) -> impl Future<Output = Result<Vec<Link>, FrontierError>> + Send;

    /// Queues links that were admitted and settled before, and are due for another visit. They
    /// are held until they are settled or the process ends; the store remembers what is due.
    fn recall(&self, links: Vec<Link>) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Takes a finished visit's URL out of the queue, or puts it back for later.
    fn settle(
        &self,
        link: &Link,
        outcome: Settled,
    ) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Makes all that was admitted and settled so far durable, together with `mark`, the highest
    /// visit number that it covers.
    fn commit(&self, mark: u64) -> impl Future<Output = Result<(), FrontierError>> + Send;

    /// Takes the next link of a budget unit: what has become due first joins what is ready.
    fn claim(
        &self,
        unit: &BudgetUnit,
        now: Millis,
    ) -> impl Future<Output = Result<Claim, FrontierError>> + Send;

    /// Every budget unit with something queued, and when its first link is due (0: ready).
    fn units(
        &self,
    ) -> impl Future<Output = Result<Vec<(BudgetUnit, Millis)>, FrontierError>> + Send;

    /// Links queued, claimed ones included.
    fn queued(&self) -> u64;
}
