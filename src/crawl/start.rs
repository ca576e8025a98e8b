//! Opening a data folder: the lock, the store, the frontier brought up to the log, the seeds.

use super::control::Control;
use super::recovery::open_frontier;
use super::rights;
use super::writer::Writer;
use super::{CrawlError, Engine, Observer, Stop};
use crate::AGENT;
use crate::clock::{Clock, Millis};
use crate::config::{Config, Overrides};
use crate::fetch::Fetch;
use crate::frontier::{Frontier, SledFrontier};
use crate::politeness::Politeness;
use crate::schedule::{Schedule, SlowLane};
use crate::scope::{Scope, ScopeSeed, Yields};
use crate::seeds::Seed;
use crate::stats::Stats;
use crate::store::{Pace, Reader, Run, RunState, Store, StoreError, StoredSeed, folder};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a run begins with.
#[derive(Debug)]
pub enum Start {
    /// These seeds; goes on where an interrupted crawl stopped.
    Crawl {
        /// The seeds.
        seeds: Vec<Seed>,
        /// Move the old data folder aside first.
        fresh: bool,
        /// The flags of the command line, kept for the resumes.
        given: Overrides,
    },
    /// An interrupted crawl, as it was.
    Resume,
}

/// Opens the data folder and makes ready to run; `None` when there is nothing to resume, since
/// the last crawl finished. The observer is shown how far a rebuild is, and then the crawl.
///
/// # Errors
/// When the folder can't be used, is in use, or is damaged beyond what can be rebuilt, and when
/// no crawl was begun in it that could be resumed.
pub async fn open<N: Fetch>(
    config: Config,
    start: Start,
    net: N,
    clock: Clock,
    stop: watch::Receiver<Stop>,
    mut observer: Observer,
) -> Result<Option<Engine<SledFrontier, N>>, CrawlError> {
    let data = config.crawl.data.clone();
    let resume = matches!(start, Start::Resume);
    if resume && !Store::is_in(&data) {
        return Err(CrawlError::NotBegun { data });
    }
    if matches!(start, Start::Crawl { fresh: true, .. }) {
        move_aside(&data)?;
    }
    let lock = lock(&data)?;
    let mut store = open_store(&data, &config.store, clock.now())?;
    let last = store.last_run()?;
    if resume && last.is_none() {
        return Err(CrawlError::NotBegun { data });
    }
    let interrupted = last.filter(|run| run.state == RunState::Interrupted);
    if resume && interrupted.is_none() {
        return Ok(None);
    }
    let frontier = open_frontier(&store, &data, &mut observer).await?;
    let begun = Begun {
        new_run: interrupted.is_none(),
        seeds: begin(&mut store, &start, interrupted.as_ref(), clock.now())?,
    };
    plant(&mut store, &frontier, &begun, &config, clock.now()).await?;
    let parts = Parts {
        store,
        frontier,
        lock,
        observer,
    };
    assemble(config, clock, net, stop, begun, parts)
        .await
        .map(Some)
}

/// What a run begins with.
struct Begun {
    new_run: bool,
    seeds: Vec<StoredSeed>,
}

impl Begun {
    fn active(&self) -> Vec<ScopeSeed> {
        let active = self.seeds.iter().filter(|stored| !stored.retired);
        active
            .map(|stored| ScopeSeed {
                id: stored.id,
                url: stored.seed.url.clone(),
                depth: stored.seed.depth,
            })
            .collect()
    }

    fn retired(&self) -> HashSet<u32> {
        let retired = self.seeds.iter().filter(|stored| stored.retired);
        retired.map(|stored| stored.id).collect()
    }
}

/// The opened data folder, and who is shown what becomes of it.
struct Parts {
    store: Store,
    frontier: SledFrontier,
    lock: File,
    observer: Observer,
}

pub(super) fn open_store(
    data: &Path,
    config: &crate::config::Store,
    now: Millis,
) -> Result<Store, CrawlError> {
    let store = Store::open(data, config, now)?;
    for notice in store.notices() {
        tracing::warn!("{notice}");
    }
    Ok(store)
}

/// Syncs the seeds and begins a run, or goes on with the one that was interrupted.
fn begin(
    store: &mut Store,
    start: &Start,
    interrupted: Option<&Run>,
    now: Millis,
) -> Result<Vec<StoredSeed>, CrawlError> {
    let given = match start {
        Start::Crawl { seeds, .. } if seeds.is_empty() => return Err(CrawlError::NoSeeds),
        Start::Crawl { seeds, given, .. } => {
            store.sync_seeds(seeds)?;
            Some(given.kept())
        }
        Start::Resume => None,
    };
    if let Some(run) = interrupted {
        store.resume_run(run.id, given.as_deref())?;
    } else {
        // A kill in between leaves no run that would go on without its hubs.
        store.make_hubs_due(now)?;
        store.start_run(now, &given.unwrap_or_default())?;
    }
    Ok(store.seeds()?)
}

/// Admits the seeds that the frontier does not know: new ones, and those that a torn frontier lost.
async fn plant(
    store: &mut Store,
    frontier: &SledFrontier,
    begun: &Begun,
    config: &Config,
    now: Millis,
) -> Result<(), CrawlError> {
    let active = begun.active();
    let scope = Scope::new(config, &active);
    let links = active.iter().map(|seed| scope.seed(seed)).collect();
    let new = frontier.admit(links).await?;
    if !new.is_empty() {
        let receipt = store.admit(&new, now)?;
        frontier.commit(receipt.mark).await?;
    }
    Ok(())
}

async fn assemble<N: Fetch>(
    config: Config,
    clock: Clock,
    net: N,
    stop: watch::Receiver<Stop>,
    begun: Begun,
    mut parts: Parts,
) -> Result<Engine<SledFrontier, N>, CrawlError> {
    let started = clock.now();
    let pace = Pace::of(&config, AGENT);
    parts.store.begin_sitting(started, &pace)?;
    let mut politeness = Politeness::new(&config, AGENT);
    for state in parts.store.unit_states()? {
        let state = if begun.new_run {
            state.for_new_run()
        } else {
            state
        };
        politeness.restore(state, started);
    }
    if !begun.new_run {
        politeness.resumed_at(started);
    }
    restore_quotas(&mut politeness, &parts.store, &begun)?;
    let mut schedule = Schedule::default();
    for (unit, due) in parts.frontier.units().await? {
        let at = due.max(politeness.next_allowed(&unit)).max(started);
        schedule.wait(unit, at);
    }
    let frontier = Arc::new(parts.frontier);
    let mut yields = Yields::new(config.scope.max_barren);
    if !begun.new_run {
        for (url, trap) in parts.store.trapped()? {
            yields.restore(&url, &trap);
        }
    }
    Ok(Engine {
        yields,
        scope: Scope::new(&config, &begun.active()),
        retired: begun.retired(),
        reader: Reader::open(&config.crawl.data)?,
        control: Control::listen(&config.crawl.data.join("control.sock")),
        writer: Writer::new(parts.store, frontier.clone()),
        slow: SlowLane::new(config.crawl.in_flight),
        policy: Arc::new(rights::policy(&config.rights)),
        tdm_files: HashMap::new(),
        asked_store_for_tdmrep: HashSet::new(),
        config: Arc::new(config),
        net: Arc::new(net),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        stats: Stats::default(),
        slots: HashMap::new(),
        rules_elsewhere: HashMap::new(),
        asked_store: HashSet::new(),
        recalled: HashSet::new(),
        all_recalled: false,
        fetching: JoinSet::new(),
        lookups: JoinSet::new(),
        backlog: VecDeque::new(),
        parsing: JoinSet::new(),
        pages_started: 0,
        stopping_since: None,
        observer: parts.observer,
        shown: started,
        clock,
        started,
        frontier,
        schedule,
        politeness,
        stop,
        _lock: parts.lock,
    })
}

/// Sets the seeds' quotas, and takes up what this run has spent of any quota.
fn restore_quotas(
    politeness: &mut Politeness,
    store: &Store,
    begun: &Begun,
) -> Result<(), CrawlError> {
    let active = begun.seeds.iter().filter(|stored| !stored.retired);
    let quotas = active.filter_map(|stored| Some((stored.id, stored.seed.max_pages?)));
    let quotas: Vec<(u32, u64)> = quotas.collect();
    for (seed, most) in &quotas {
        politeness.seed_quota(*seed, *most);
    }
    if begun.new_run {
        return Ok(());
    }
    // A seed may have got its quota when the run had begun.
    let unpaid = if quotas.is_empty() {
        Vec::new()
    } else {
        store.pages_of_seeds()?
    };
    for (payer, pages) in store.charges()?.into_iter().chain(unpaid) {
        politeness.restore_charge(payer, pages);
    }
    Ok(())
}

/// Takes the one lock that a crawling process holds; the system drops it with the process.
pub(super) fn lock(data: &Path) -> Result<File, CrawlError> {
    let path = data.join("gleaner.lock");
    folder::make(data).map_err(failed(data))?;
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&path)
                .unwrap_or_default()
                .trim()
                .to_owned();
            return Err(CrawlError::Locked { path, holder });
        }
        Err(fs::TryLockError::Error(source)) => return Err(failed(&path)(source)),
    }
    file.set_len(0).map_err(failed(&path))?;
    writeln!(file, "process {}", std::process::id()).map_err(failed(&path))?;
    Ok(file)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> CrawlError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull => StoreError::Full { path }.into(),
        _ => CrawlError::Folder { path, source },
    }
}

/// Moves an old data folder to `NAME.old-N`; nothing is deleted.
fn move_aside(data: &Path) -> Result<(), CrawlError> {
    if !data.exists() {
        return Ok(());
    }
    let held = lock(data)?;
    let name = data
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut number = 1;
    let mut to: PathBuf = data.with_file_name(format!("{name}.old-1"));
    while to.exists() {
        number += 1;
        to = data.with_file_name(format!("{name}.old-{number}"));
    }
    fs::rename(data, &to)
        .and_then(|()| folder::sync_parent(&to))
        .map_err(failed(&to))?;
    tracing::info!(from = %data.display(), to = %to.display(), "moved the old data folder aside");
    drop(held);
    Ok(())
}
