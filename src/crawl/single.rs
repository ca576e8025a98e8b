//! One URL, visited once and politely, without a data folder: what `gleaner fetch` shows.
//!
//! It asks the same `Politeness` for the same permits as a crawl does: robots.txt first, the
//! gap kept, private addresses refused. Of a data folder that is at hand the gaps hold here too,
//! no crawl begins in it meanwhile, and a site that a crawl at work asks is left to that crawl.
//! Visits beside one data folder come one after another, and since nothing is stored that would
//! tell the next one when this ended, each [`Rest`]s until the site's gap is over.

use super::rights::{self, InForce};
use super::visit::{self, RobotsJob, Unread};
use super::{CrawlError, disposition, robots, start, tdmrep, verdict};
use crate::AGENT;
use crate::clock::{Clock, Millis};
use crate::config::Config;
use crate::fetch::{Fetch, FetchOutcome, Wants};
use crate::frontier::Entry;
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::politeness::{
    Permit, Politeness, Purpose, Refusal, Report, RobotsAnswer, RobotsNext, UnitState, Verdict,
};
use crate::rights::TdmFile;
use crate::scope::{Scope, ScopeSeed};
use crate::store::{Finished, Reader};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What came of the visit.
#[derive(Debug)]
pub struct Single {
    /// What was done and decided, in its order.
    pub steps: Vec<Step>,
    /// Why the page was not asked for.
    pub refusal: Option<Refusal>,
    /// The visit, as a crawl would store it.
    pub visit: Option<Finished>,
    /// What is left to be waited for.
    pub rest: Rest,
}

/// The gaps that the visit has begun. Nobody else visits beside the data folder before they are
/// over, if this is kept so long.
#[derive(Debug)]
pub struct Rest {
    until: Millis,
    clock: Clock,
    _held: Held,
}

impl Rest {
    /// Milliseconds that are left.
    #[must_use]
    pub fn left(&self) -> Millis {
        self.until.saturating_sub(self.clock.now())
    }

    /// Waits for the end.
    pub async fn over(self) {
        tokio::time::sleep_until(self.clock.instant(self.until)).await;
    }
}

/// One thing that was done or decided.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// Milliseconds since the beginning.
    pub at_ms: u64,
    /// What.
    pub what: String,
}

/// Visits `url` once.
///
/// # Errors
/// When a crawl that is at work asks this site, or the data folder can't be read.
pub async fn visit_once<N: Fetch>(
    config: &Config,
    url: NormalUrl,
    net: N,
    clock: Clock,
) -> Result<Single, CrawlError> {
    let unit = url.budget_unit();
    let (data, of_site) = (config.crawl.data.clone(), unit.clone());
    // It may wait for another visit.
    let held = tokio::task::spawn_blocking(move || Held::beside(&data, &of_site));
    let held = held.await.map_err(CrawlError::Task)??;
    let started = clock.now();
    let mut visitor = Visitor {
        politeness: Politeness::new(config, AGENT),
        config,
        net,
        clock,
        started,
        until: started,
        tdm_file: None,
        steps: Vec::new(),
    };
    visitor.take_up(&unit)?;
    let seed = ScopeSeed {
        id: 0,
        url,
        depth: None,
    };
    let scope = Scope::new(config, std::slice::from_ref(&seed));
    let entry = Entry {
        link: scope.seed(&seed),
        failures: 0,
    };
    let came = visitor.page(&entry).await?;
    let (refusal, visit) = match came {
        Err(refusal) => (Some(refusal), None),
        Ok(page) => {
            let read = tokio::task::spawn_blocking(move || visit::read(page)).await;
            let visit = read.map_err(CrawlError::Task)?;
            (None, Some(disposition::finish(visit, &scope, config)))
        }
    };
    Ok(Single {
        steps: visitor.steps,
        refusal,
        visit,
        rest: Rest {
            until: visitor.until,
            clock,
            _held: held,
        },
    })
}

/// What keeps others away while a visit is under way: locks on a data folder, if there is one.
/// They are given back in the order of the fields, so that who waits for the last finds both free.
#[derive(Debug, Default)]
struct Held {
    /// What a crawl holds, against its start; none where one is at work.
    _lock: Option<File>,
    /// The folder itself, against other visits.
    _folder: Option<File>,
}

impl Held {
    /// Waits for other visits beside `data` to end.
    fn beside(data: &Path, site: &BudgetUnit) -> Result<Self, CrawlError> {
        let folder = File::open(data).ok().filter(|folder| folder.lock().is_ok());
        if folder.is_none() {
            return Ok(Self::default());
        }
        let lock = start::lock(data);
        if let Err(CrawlError::Locked { .. }) = lock {
            let asks = Reader::open(data).and_then(|reader| reader.has_site(site));
            // One that has only just begun is not known to leave the site alone.
            if asks.unwrap_or(true) {
                let site = site.as_str().to_owned();
                return Err(CrawlError::AtWork { site });
            }
        }
        Ok(Self {
            // Neither can a crawl begin in a folder that can't be written.
            _lock: lock.ok(),
            _folder: folder,
        })
    }
}

/// A crawl of one URL.
struct Visitor<'a, N> {
    politeness: Politeness,
    config: &'a Config,
    net: N,
    clock: Clock,
    started: Millis,
    /// When the gaps begun so far are over.
    until: Millis,
    /// What the site reserves.
    tdm_file: Option<Arc<TdmFile>>,
    steps: Vec<Step>,
}

impl<N: Fetch> Visitor<'_, N> {
    /// Takes up what a data folder knows of the site.
    fn take_up(&mut self, unit: &BudgetUnit) -> Result<(), CrawlError> {
        let Ok(reader) = Reader::open(&self.config.crawl.data) else {
            return Ok(());
        };
        let known = reader.unit_states()?;
        if let Some(state) = known.into_iter().find(|state| state.unit == *unit) {
            self.politeness.restore(state.for_new_run(), self.started);
        }
        Ok(())
    }

    /// Asks for the page; the refusal where it is not to be asked for.
    async fn page(&mut self, entry: &Entry) -> Result<Result<Unread, Refusal>, CrawlError> {
        let url = &entry.link.url;
        loop {
            match self.admit(url, Purpose::Page { seed: 0 }).await {
                Admitted::Go(permit) => {
                    let in_force = InForce {
                        policy: Arc::new(rights::policy(&self.config.rights)),
                        robots: self.politeness.says(url),
                        tdm_file: self.tdm_file.take(),
                    };
                    let (outcome, unit) = self.send(permit, Wants::Page).await;
                    return Ok(Ok(Unread {
                        entry: entry.clone(),
                        outcome,
                        unit,
                        in_force,
                    }));
                }
                Admitted::NeedsTdmrep(unit) => self.tdmrep(&unit, entry).await?,
                Admitted::NeedsRobots(unit) => self.robots(&unit, entry).await?,
                Admitted::Never(refusal) => return Ok(Err(refusal)),
            }
        }
    }

    /// Asks for a tdmrep.json. Where that is not allowed, neither is the page behind it.
    async fn tdmrep(&mut self, unit: &RobotsUnit, entry: &Entry) -> Result<(), CrawlError> {
        let url = tdmrep::url(unit)?;
        if let Admitted::Go(permit) = self.admit(&url, Purpose::Tdmrep).await {
            let (outcome, _) = self.send(permit, Wants::Robots).await;
            let mut done = Finished::new(entry.link.clone(), self.started, self.started);
            let file = tdmrep::answered(outcome, &mut done).map(|body| TdmFile::parse(&body));
            self.tdm_file = file.filter(|file| !file.is_empty()).map(Arc::new);
        }
        Ok(())
    }

    /// Asks for a robots.txt, and follows it where it moved.
    async fn robots(&mut self, unit: &RobotsUnit, entry: &Entry) -> Result<(), CrawlError> {
        let mut job = RobotsJob {
            rules_for: unit.clone(),
            url: unit.robots_txt().map_err(CrawlError::Url)?,
            cause: entry.link.clone(),
        };
        loop {
            let answer = match self.admit(&job.url, Purpose::Robots).await {
                Admitted::Go(permit) => {
                    let (outcome, _) = self.send(permit, Wants::Robots).await;
                    let (started, ended) = disposition::times(&outcome);
                    let mut done = Finished::new(job.cause.clone(), started, ended);
                    robots::answer(outcome, &mut done)
                }
                Admitted::NeedsRobots(_) | Admitted::NeedsTdmrep(_) => {
                    RobotsAnswer::Failed("robots".to_owned())
                }
                Admitted::Never(refusal) => RobotsAnswer::Failed(refusal.label().to_owned()),
            };
            let now = self.clock.now();
            match self.politeness.robots_answered(unit, answer, now) {
                RobotsNext::Hop(url) => job.url = url,
                RobotsNext::Settled(copy) => {
                    let rules = self
                        .politeness
                        .rules(unit)
                        .map_or(0, crate::politeness::Rules::len);
                    self.note(format!(
                        "robots.txt holds (status {}): {rules} rules for {AGENT}",
                        copy.status
                    ));
                    return Ok(());
                }
                RobotsNext::RetryAt(_) => {
                    self.note(
                        "no good answer to robots.txt: no page before there is one".to_owned(),
                    );
                    return Ok(());
                }
                RobotsNext::GaveUp => return Ok(()),
            }
        }
    }

    /// Waits until `url` may be asked for, looks its host up, and says what else there is to do.
    async fn admit(&mut self, url: &NormalUrl, purpose: Purpose) -> Admitted {
        loop {
            match self.politeness.admit(url, purpose, self.clock.now()) {
                Verdict::Go(permit) => return Admitted::Go(permit),
                Verdict::NeedsRobots(unit) => return Admitted::NeedsRobots(unit),
                Verdict::NeedsTdmrep(unit) => return Admitted::NeedsTdmrep(unit),
                Verdict::Never(refusal) => return Admitted::Never(refusal),
                Verdict::WaitUntil(at) => {
                    let wait = at.saturating_sub(self.clock.now());
                    self.note(format!("waits {wait} ms before {url}"));
                    tokio::time::sleep_until(self.clock.instant(at)).await;
                }
                Verdict::NeedsAddress(host) => {
                    let found = self.net.resolve(&host).await;
                    self.note(match &found {
                        Ok(addresses) => format!("{host} is {addresses:?}"),
                        Err(why) => format!("{host} has no address: {why}"),
                    });
                    self.politeness.resolved(&host, found, self.clock.now());
                }
                // Of no run: no process that goes on with it needs to know.
                Verdict::NeedsCharge(charge) => self.politeness.charged(charge),
            }
        }
    }

    async fn send(&mut self, permit: Permit, wants: Wants) -> (FetchOutcome, UnitState) {
        let (unit, url) = (permit.unit().clone(), permit.url().clone());
        let ask = visit::ask(self.config, &unit, wants, None);
        let outcome = self.net.fetch(permit, ask).await;
        let (started, ended) = disposition::times(&outcome);
        let report = Report {
            started,
            ended,
            signal: disposition::signal(&outcome),
        };
        let state = self.politeness.finished(&unit, report);
        self.until = self.until.max(self.politeness.next_allowed(&unit));
        let came = came(&outcome);
        self.note(format!("GET {url}: {came}, after {} ms", ended - started));
        (outcome, state)
    }

    fn note(&mut self, what: String) {
        let at_ms = self.clock.now().saturating_sub(self.started);
        self.steps.push(Step { at_ms, what });
    }
}

/// What politeness answered when all waiting was done.
enum Admitted {
    Go(Permit),
    NeedsRobots(RobotsUnit),
    NeedsTdmrep(RobotsUnit),
    Never(Refusal),
}

fn came(outcome: &FetchOutcome) -> String {
    match outcome {
        FetchOutcome::Failed { kind, detail, .. } => {
            format!("failed ({}): {detail}", verdict::failure_label(*kind))
        }
        FetchOutcome::Moved { to, capture } => format!("status {}, moved to {to}", capture.status),
        FetchOutcome::Fetched(page)
        | FetchOutcome::NotModified(page)
        | FetchOutcome::Refused(page) => format!("status {}", page.status),
    }
}
