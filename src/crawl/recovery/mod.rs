//! The frontier brought up to the log: what it has not seen is replayed, and a frontier that is
//! lost, torn or too far behind is built anew out of the log, which has all that it had.

#[cfg(test)]
mod tests;

use super::start::{lock, open_store};
use super::{CrawlError, Observer};
use crate::clock::Millis;
use crate::frontier::{Frontier, FrontierError, Logged, RebuildError, SledFrontier};
use crate::stats::{Activity, Rebuilding};
use crate::store::{FRONTIER, Replayed, Store, StoreError};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Visits above the frontier's mark that are replayed one by one; with more, a rebuild is faster.
const REPLAY_AT_MOST: u64 = 50_000;
/// What is read from the log at a time, and how often that may be ahead of the frontier: enough
/// that neither waits for long, and some MB at most.
const CHUNK: usize = 256;
const CHUNKS_AHEAD: usize = 8;
/// How often it is shown how far a rebuild is.
const SHOWN_EVERY: Duration = Duration::from_secs(1);

/// Rebuilds the frontier from the visit log (`gleaner repair`); returns how many links it holds.
///
/// # Errors
/// When no crawl was begun in the folder, it is in use, or the log itself is damaged.
pub fn repair(
    data: &Path,
    config: &crate::config::Store,
    now: Millis,
    observer: &mut Observer,
) -> Result<u64, CrawlError> {
    if !Store::is_in(data) {
        return Err(CrawlError::NotBegun {
            data: data.to_owned(),
        });
    }
    let _lock = lock(data)?;
    let store = open_store(data, config, now)?;
    Ok(rebuild(&store, &data.join(FRONTIER), observer)?.queued())
}

/// Opens the frontier and brings it up to the log: replays what it has not seen, rebuilds it
/// when it is damaged or does not fit.
pub(super) async fn open_frontier(
    store: &Store,
    data: &Path,
    observer: &mut Observer,
) -> Result<SledFrontier, CrawlError> {
    let path = data.join(FRONTIER);
    let newest = store.mark();
    match SledFrontier::open(&path, store.salt()) {
        Ok((frontier, mark)) if fits(mark, newest) => {
            catch_up(store, &frontier, mark).await?;
            return Ok(frontier);
        }
        Ok((_, mark)) if mark > newest => {
            // The log is written first: only what is done to its file leaves it behind.
            tracing::warn!(path = %path.display(), mark, newest, "the last visits are gone from articles.db: it was cut, or an older copy was put in place; rebuilding the frontier, their pages are fetched again");
        }
        Ok((_, mark)) => {
            tracing::warn!(path = %path.display(), mark, newest, "the frontier does not fit the visit log; rebuilding it");
        }
        Err(why @ FrontierError::Damaged { .. }) => tracing::warn!(%why, "rebuilding the frontier"),
        Err(why) => return Err(why.into()),
    }
    rebuild(store, &path, observer)
}

/// Whether the visits between the two marks can be replayed. A frontier without a mark, with a
/// log that has visits, was lost.
fn fits(mark: u64, newest: u64) -> bool {
    mark == newest || (0 < mark && mark < newest && newest - mark <= REPLAY_AT_MOST)
}

async fn catch_up(store: &Store, frontier: &SledFrontier, mark: u64) -> Result<(), CrawlError> {
    for url in store.visited() {
        frontier.note_seen(url?);
    }
    let mut last = None;
    for visit in store.replay(mark) {
        let Replayed {
            visit,
            settled,
            outlinks,
        } = visit?;
        frontier.admit(outlinks).await?;
        if let Some((link, settled)) = settled {
            frontier.settle(&link, settled).await?;
        }
        last = Some(visit);
    }
    match last {
        Some(last) => Ok(frontier.commit(last).await?),
        None => Ok(()),
    }
}

/// One thread builds what this one reads: the two take about as long.
fn rebuild(
    store: &Store,
    path: &Path,
    observer: &mut Observer,
) -> Result<SledFrontier, CrawlError> {
    let (salt, mark) = (store.salt(), store.mark());
    let (chunks, log) = sync_channel(CHUNKS_AHEAD);
    let built = thread::scope(|threads| {
        let builder = threads.spawn(move || build(path, salt, log, mark));
        read(store, &chunks, observer);
        drop(chunks);
        builder.join().unwrap_or_else(|panic| resume_unwind(panic))
    });
    built.map_err(|why| match why {
        RebuildError::Frontier(why) => CrawlError::from(why),
        RebuildError::Log(why) => why.into(),
        why @ RebuildError::Links { .. } => CrawlError::Rebuild(Box::new(why)),
    })
}

type Chunk = Vec<Result<Logged, StoreError>>;

fn build(
    path: &Path,
    salt: u64,
    log: Receiver<Chunk>,
    mark: u64,
) -> Result<SledFrontier, RebuildError<StoreError>> {
    SledFrontier::rebuild(path, salt, log.into_iter().flatten(), mark)
}

/// Hands the log on until its end or its first error, or until nobody wants more of it.
fn read(store: &Store, chunks: &SyncSender<Chunk>, observer: &mut Observer) {
    let mut shown = Shown::new(store.mark());
    let mut chunk = Chunk::with_capacity(CHUNK);
    for logged in store.logged() {
        let logged = logged.map(|(visit, logged)| {
            shown.visit = visit;
            logged
        });
        chunk.push(logged);
        if chunk.len() == CHUNK {
            let full = std::mem::replace(&mut chunk, Chunk::with_capacity(CHUNK));
            if chunks.send(full).is_err() {
                return;
            }
            shown.show(observer);
        }
    }
    // Whoever gave up says why.
    let _ = chunks.send(chunk);
}

/// How far a rebuild is.
struct Shown {
    visit: u64,
    of: u64,
    begun: Instant,
    at: Instant,
}

impl Shown {
    fn new(of: u64) -> Self {
        let now = Instant::now();
        Self {
            visit: 0,
            of,
            begun: now,
            at: now,
        }
    }

    fn show(&mut self, observer: &mut Observer) {
        if self.at.elapsed() >= SHOWN_EVERY {
            self.at = Instant::now();
            observer(&Activity::Rebuilding(Rebuilding {
                visits: self.visit,
                of: self.of,
                elapsed_ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            }));
        }
    }
}
