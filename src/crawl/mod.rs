//! The engine: the only module that sees all the stages, and the one loop that every page goes round.
//!
//! It waits on four things: a finished request, a finished parse or look-up, a group that is
//! safe on disk, and the next moment at which a budget unit is ready. It owns `Schedule` and
//! `Politeness`, so that neither needs a lock; the writer owns the store.

mod control;
mod disposition;
mod ending;
mod error;
mod recovery;
mod rights;
mod robots;
mod session;
mod single;
mod start;
mod tdmrep;
mod turn;
mod verdict;
mod visit;
mod writer;

pub use control::{Reply, ask_status};
pub use error::CrawlError;
pub use recovery::repair;
pub use session::{Observer, run};
pub use single::{Single, Step, visit_once};
pub use start::{Start, open};

use crate::clock::{Clock, Millis};
use crate::config::Config;
use crate::fetch::{Fetch, FetchOutcome};
use crate::frontier::{Frontier, Settled};
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::parse::Kind;
use crate::politeness::{Politeness, Report};
use crate::rights::{Policy, TdmFile};
use crate::schedule::{Schedule, SlowLane};
use crate::scope::{Scope, Shown, Yields};
use crate::stats::{Activity, Ending, Progress, Stats, Summary, Visited};
use crate::store::{Finished, Reader};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use turn::Slot;
use visit::{Fetched, Job, Unread, Visit};
use writer::{Committed, Writer};

/// Revisits taken from the store at a time.
const RECALL: usize = 1_000;

/// How a crawl is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stop {
    /// Go on.
    #[default]
    No,
    /// Start nothing new, let open visits finish.
    Finish,
    /// Stop now; what is open is fetched again by the next run.
    Now,
}

/// A crawl in progress.
pub struct Engine<F, N> {
    config: Arc<Config>,
    clock: Clock,
    started: Millis,
    scope: Scope,
    yields: Yields,
    frontier: Arc<F>,
    schedule: Schedule,
    slow: SlowLane,
    politeness: Politeness,
    policy: Arc<Policy>,
    /// What sites reserve, those that reserve anything.
    tdm_files: HashMap<RobotsUnit, Arc<TdmFile>>,
    asked_store_for_tdmrep: HashSet<RobotsUnit>,
    net: Arc<N>,
    reader: Reader,
    writer: Writer<F>,
    stats: Stats,
    slots: HashMap<BudgetUnit, Slot>,
    /// Units that wait for rules which a redirect moved to another unit.
    rules_elsewhere: HashMap<RobotsUnit, Vec<BudgetUnit>>,
    /// Robots units whose stored copy has been looked for.
    asked_store: HashSet<RobotsUnit>,
    /// URLs that are visited again, with validators.
    recalled: HashSet<NormalUrl>,
    /// Nothing more was due before this run began.
    all_recalled: bool,
    fetching: JoinSet<Fetched>,
    lookups: JoinSet<(BudgetUnit, String, Result<Vec<IpAddr>, String>)>,
    /// Fetched, and waiting for a core.
    backlog: VecDeque<Unread>,
    parsing: JoinSet<Visit>,
    cores: usize,
    pages_started: u64,
    stop: watch::Receiver<Stop>,
    stopping_since: Option<Millis>,
    /// Seeds that were taken out: what descends from them stays queued.
    retired: HashSet<u32>,
    control: control::Control,
    observer: Observer,
    shown: Millis,
    /// Held until the crawl ends.
    _lock: std::fs::File,
}

impl<F: Frontier, N: Fetch> Engine<F, N> {
    /// Runs until nothing is left to do, a limit is reached or the crawl is told to stop.
    ///
    /// # Errors
    /// When our own disk fails; what was committed stays committed.
    pub async fn run(mut self) -> Result<Summary, CrawlError> {
        let ending = loop {
            if let Some(ending) = self.ending() {
                break ending;
            }
            self.recall().await?;
            self.start_visits().await?;
            self.start_parsing();
            self.begin_commit();
            if self.is_idle() && self.all_recalled {
                break self.limit().unwrap_or(Ending::Finished);
            }
            self.show();
            self.wait().await?;
        };
        self.close(ending).await
    }

    fn show(&mut self) {
        let now = self.clock.now();
        if now < self.shown + 1_000 {
            return;
        }
        self.shown = now;
        let progress = self.progress();
        (self.observer)(&Activity::Crawling(progress));
    }

    fn progress(&self) -> Progress {
        let elapsed = self.clock.now().saturating_sub(self.started);
        self.stats.progress(
            elapsed,
            self.open() as u64,
            self.frontier.queued(),
            self.schedule.len() as u64,
        )
    }

    /// Visits that were begun and are not in a group yet.
    fn open(&self) -> usize {
        self.fetching.len() + self.backlog.len() + self.parsing.len()
    }

    /// Waits for the next thing to happen, and takes it in.
    async fn wait(&mut self) -> Result<(), CrawlError> {
        let next = self.next_wake();
        let wake = self.clock.instant(next);
        tokio::select! {
            Some(done) = self.fetching.join_next(), if !self.fetching.is_empty() => {
                if let Some(done) = survived(done) {
                    self.fetched(done);
                }
            }
            Some(done) = self.parsing.join_next(), if !self.parsing.is_empty() => {
                if let Some(visit) = survived(done) {
                    self.visited(visit);
                }
            }
            committed = self.writer.committed() => self.committed(committed?),
            Some(done) = self.lookups.join_next(), if !self.lookups.is_empty() => {
                if let Some((unit, host, found)) = survived(done) {
                    let now = self.clock.now();
                    self.politeness.resolved(&host, found, now);
                    self.schedule.wake(&unit, now);
                }
            }
            question = self.control.asked() => question.answer(self.progress()),
            Ok(()) = self.stop.changed() => {}
            () = tokio::time::sleep_until(wake) => {}
        }
        Ok(())
    }

    /// When something is to be done though nothing has happened: at the latest in a second.
    fn next_wake(&mut self) -> Millis {
        let now = self.clock.now();
        let mut next = now + 1_000;
        if self.may_start() {
            next = next.min(self.schedule.next_ready().unwrap_or(next));
        }
        if let Some(since) = self.writer.since().filter(|_| !self.writer.is_busy()) {
            next = next.min(since + millis(self.config.store.group_wait));
        }
        next
    }

    async fn start_visits(&mut self) -> Result<(), CrawlError> {
        while self.may_start() {
            let now = self.clock.now();
            if let Some(freed) = self.slow.freed() {
                self.schedule.wake(&freed, now);
            }
            let Some(unit) = self.schedule.pop(now) else {
                return Ok(());
            };
            if !self.is_slow(&unit) || self.slow.has_room(&unit) {
                self.turn(unit).await?;
            }
        }
        Ok(())
    }

    fn is_slow(&self, unit: &BudgetUnit) -> bool {
        self.slots
            .get(unit)
            .is_some_and(|slot| slot.last_response > millis(SlowLane::SLOW))
    }

    /// Both limits hold, on visits and on bytes in memory, and the crawl's own limits too.
    fn may_start(&self) -> bool {
        let open = self.open() + self.lookups.len();
        *self.stop.borrow() == Stop::No
            && open < self.config.crawl.in_flight
            && self.net.held() < self.config.crawl.bytes_in_flight
            && self.writer.waiting() < 8 * self.config.store.group_visits
            && self.limit().is_none()
            && !self.may_hold_the_last_story(open)
    }

    fn fetched(&mut self, done: Fetched) {
        let Fetched {
            unit,
            job,
            outcome,
            in_force,
        } = done;
        let (started, ended) = disposition::times(&outcome);
        let report = Report {
            started,
            ended: ended + self.server_lag(),
            signal: disposition::signal(&outcome),
        };
        let state = self.politeness.finished(&unit, report);
        // A site that is given up is asked nothing more: no pause of its is to be waited for.
        let next = if state.parked { 0 } else { state.next_allowed };
        self.schedule.wait(unit.clone(), next);
        self.slow.leave(&unit);
        self.slots.entry(unit.clone()).or_default().last_response = ended.saturating_sub(started);
        match job {
            Job::Robots(job) => self.robots_fetched(&unit, job, outcome, state),
            Job::Tdmrep(job) => self.tdmrep_fetched(job, outcome, state),
            Job::Page(entry) => {
                self.stats.answered(&unit, ended.saturating_sub(started));
                self.backlog.push_back(Unread {
                    entry,
                    outcome,
                    unit: state,
                    in_force,
                });
            }
        }
    }

    /// A busy server may see the end of its answer some milliseconds after we do; where gaps are
    /// kept, they are kept by its watch too.
    fn server_lag(&self) -> Millis {
        if self.config.politeness.min_delay.is_zero() {
            0
        } else {
            5
        }
    }

    /// Hands what was fetched to the parsers, as many at once as there are cores.
    fn start_parsing(&mut self) {
        while self.parsing.len() < self.cores {
            let Some(page) = self.backlog.pop_front() else {
                return;
            };
            if matches!(page.outcome, FetchOutcome::Fetched(_)) {
                self.parsing.spawn_blocking(move || visit::read(page));
            } else {
                self.visited(visit::read(page));
            }
        }
    }

    fn visited(&mut self, visit: Visit) {
        let done = disposition::finish(visit, &self.scope, &self.config);
        self.observe(&done);
        self.writer.push(done, self.clock.now());
    }

    /// What a page showed says whether more of its kind are worth asking for.
    fn observe(&mut self, done: &Finished) {
        if done.kind != Some(Kind::Html) || done.outcome != "ok" {
            return;
        }
        let shown = match &done.fingerprint {
            Some(story) => Shown::Story(story.text_hash),
            None => Shown::Links(&done.outlinks),
        };
        self.yields.observe(&done.link.url, shown);
    }

    /// A group is written when it is full, when its first visit has waited long enough, and at
    /// once when nothing else is going on.
    fn begin_commit(&mut self) {
        let store = &self.config.store;
        let due = self
            .writer
            .since()
            .is_some_and(|since| self.clock.now() >= since + millis(store.group_wait));
        let quiet = self.is_quiet() && self.schedule.is_empty();
        if self.writer.waiting() >= store.group_visits || due || quiet {
            self.writer.begin();
        }
    }

    fn committed(&mut self, mut done: Committed) {
        for charge in done.charges.drain(..) {
            let unit = charge.unit().clone();
            self.politeness.charged(charge);
            self.schedule
                .wake(&unit, self.politeness.next_allowed(&unit));
        }
        for (unit, at) in done.woken() {
            let at = at.max(self.politeness.next_allowed(&unit));
            self.schedule.wake(&unit, at);
        }
        self.stats
            .stored(done.receipt.new_articles, done.receipt.new_versions);
        for visit in &done.group {
            self.stored(visit);
        }
    }

    fn stored(&mut self, visit: &Finished) {
        self.stats.visited(&Visited {
            site: &visit.link.url.budget_unit(),
            robots: visit.robots,
            outcome: visit.outcome,
            reason: visit.reason.as_deref(),
            settled: visit.settled == Settled::Done,
            bytes: visit
                .capture
                .as_ref()
                .map_or(0, |page| page.sent.len() as u64),
            article: visit.article.is_some(),
        });
    }

    fn is_idle(&self) -> bool {
        self.schedule.is_empty()
            && self.slow.is_empty()
            && self.is_quiet()
            && self.writer.is_clean()
    }

    fn is_quiet(&self) -> bool {
        self.fetching.is_empty()
            && self.parsing.is_empty()
            && self.backlog.is_empty()
            && self.lookups.is_empty()
    }
}

/// A visit whose task panicked is lost to this run: its URL stays queued, and the next run has it again.
fn survived<T>(done: Result<T, tokio::task::JoinError>) -> Option<T> {
    done.inspect_err(|why| tracing::error!(%why, "a visit broke off; its URL stays queued"))
        .ok()
}

fn millis(time: Duration) -> Millis {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 4)
}
