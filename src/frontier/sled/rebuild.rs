//! A new frontier in the place of a damaged one, out of what the visit log says.

use super::commit::Prepared;
use super::engine::Engine;
use super::keys::Order;
use super::origins::Origins;
use super::record::{Pack, Packer};
use super::seen::UrlHash;
use super::state::State;
use super::{SledFrontier, aside, engine};
use crate::clock::Millis;
use crate::frontier::FrontierError;
use crate::frontier::codec::{CodecError, LinkReader};
use crate::frontier::entry::Link;
use crate::normal::StoredUrl;
use std::mem;
use std::path::Path;

/// Bytes of links that wait to be packed with others.
const PACKING_BYTES: usize = 32 << 20;
/// Records in a batch.
const BATCH: usize = 1_000;

/// What the visit log says, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// A URL that was visited, by its [`crate::normal::salted_hash`]. They all come before
    /// anything else, so that no link to them is queued.
    Visited(u64),
    /// Links that a visit admitted.
    Admitted {
        /// The visit's number.
        visit: u64,
        /// The links, as [`crate::frontier::encode_links`] makes them.
        links: Vec<u8>,
    },
    /// A visited link that is to be tried again.
    Again {
        /// The link.
        link: Link,
        /// Wall time from which it may be claimed again.
        due: Millis,
        /// Visits that have failed.
        failures: u8,
    },
}

/// Why a frontier could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError<E: std::error::Error + 'static> {
    /// The new frontier could not be written.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The visit log could not be read.
    #[error("the visit log could not be read")]
    Log(#[source] E),
    /// What a visit admitted is no list of links.
    #[error("the links of visit {visit} are damaged")]
    Links {
        /// The visit's number.
        visit: u64,
        /// What is wrong with them.
        source: CodecError,
    },
}

/// Builds a frontier in `path` out of the log, covering `mark`.
pub(super) fn rebuild<E: std::error::Error + 'static>(
    path: &Path,
    salt: u64,
    log: impl Iterator<Item = Result<Logged, E>>,
    mark: u64,
) -> Result<SledFrontier, RebuildError<E>> {
    aside::set_aside(path).map_err(|error| engine::disk_failed(path, error))?;
    let mut builder = Builder {
        engine: Engine::open(path)?,
        state: State::new(salt),
        packer: Packer::default(),
        origins: Origins::default(),
        prepared: Prepared::default(),
    };
    for logged in log {
        match logged.map_err(RebuildError::Log)? {
            Logged::Visited(hash) => builder.visited(hash),
            Logged::Admitted { visit, links } => {
                let admitted = builder.admitted(&links);
                admitted.map_err(|source| RebuildError::Links { visit, source })?;
                builder.put_packed()?;
            }
            Logged::Again {
                link,
                due,
                failures,
            } => builder.again(&link, due, failures)?,
        }
    }
    Ok(builder.finish(mark)?)
}

struct Builder {
    engine: Engine,
    state: State,
    packer: Packer,
    origins: Origins,
    prepared: Prepared,
}

impl Builder {
    fn visited(&mut self, hash: u64) {
        self.state.seen.insert(UrlHash::stored(hash), false);
    }

    /// Packs the links that no visit or link before them has. Their URLs are not parsed: that
    /// they were normal when they were stored is what a checked text and origin have to show.
    fn admitted(&mut self, links: &[u8]) -> Result<(), CodecError> {
        let mut links = LinkReader::new(links, 0)?;
        while links.advance()? {
            let hash = UrlHash::of(links.text(), self.state.salt);
            if self.state.seen.insert(hash, true) {
                let url = StoredUrl::new(links.text()).ok_or(CodecError::Garbled("no URL"))?;
                self.packer.push(self.origins.unit(url)?, links.raw()?);
            }
        }
        Ok(())
    }

    /// A link that waits is younger than those of its unit and priority that came before it.
    fn again(&mut self, link: &Link, due: Millis, failures: u8) -> Result<(), FrontierError> {
        let hash = self.state.hash(link);
        if self.state.seen.queued(hash) {
            return Ok(());
        }
        self.state.seen.set_queued(hash, true);
        let unit = link.url.budget_unit();
        if let Some(before) = self.packer.take(&unit, link.priority) {
            self.put(before, Order::Ready(link.priority))?;
        }
        let pack = Pack::single(unit, link, failures);
        self.put(pack, Order::Later(due))
    }

    fn put_packed(&mut self) -> Result<(), FrontierError> {
        let packs = if self.packer.bytes() > PACKING_BYTES {
            self.packer.take_all()
        } else {
            self.packer.take_full()
        };
        self.put_all(packs)
    }

    fn put_all(&mut self, packs: Vec<Pack>) -> Result<(), FrontierError> {
        for pack in packs {
            let order = Order::Ready(pack.priority);
            self.put(pack, order)?;
        }
        Ok(())
    }

    fn put(&mut self, pack: Pack, order: Order) -> Result<(), FrontierError> {
        self.state.count_in(pack.unit.clone(), pack.links);
        let put = self.state.put(&mut self.prepared, pack, order);
        put.map_err(|error: CodecError| self.engine.damaged(error.to_string()))?;
        if self.prepared.fresh.len() >= BATCH {
            let Prepared { batch, fresh } = mem::take(&mut self.prepared);
            self.engine.apply(batch)?;
            self.state.publish(fresh);
        }
        Ok(())
    }

    /// Writes the figures last: without them the folder counts as damaged.
    fn finish(mut self, mark: u64) -> Result<SledFrontier, FrontierError> {
        let packs = self.packer.take_all();
        self.put_all(packs)?;
        let Prepared { mut batch, fresh } = self.prepared;
        self.state.put_figures(&mut batch, mark);
        self.engine.commit(batch)?;
        self.state.publish(fresh);
        Ok(SledFrontier::of(self.engine, self.state))
    }
}
