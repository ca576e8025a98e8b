//! One budget unit's turn: its next job, the preconditions of that job, and the permit to do it.

use super::rights::InForce;
use super::visit::{self, Job, RobotsJob, TdmrepJob};
use super::{CrawlError, Engine, disposition};
use crate::clock::Millis;
use crate::fetch::{Ask, Fetch, Validators, Wants};
use crate::frontier::{Claim, Entry, Frontier};
use crate::normal::{BudgetUnit, RobotsUnit};
use crate::politeness::{Permit, Refusal, Verdict};
use std::collections::VecDeque;

/// Refusals that one turn may record before other units get theirs.
const REFUSALS_A_TURN: usize = 64;

/// What the engine keeps for a budget unit.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// A claimed entry that waits for a precondition.
    held: Option<Entry>,
    /// Robots.txt requests that go before it.
    robots: VecDeque<RobotsJob>,
    /// A tdmrep.json that goes before it too.
    pub(super) tdmrep: Option<TdmrepJob>,
    /// What came when it was asked for a robots.txt for the last time, in vain.
    pub(super) trouble: Option<String>,
    /// Milliseconds that its last answer took.
    pub(super) last_response: Millis,
}

/// What a budget unit's turn came to.
pub(super) enum Step {
    /// There may be more to do in this turn.
    Again,
    /// The turn is over.
    Over,
}

impl<F: Frontier, N: Fetch> Engine<F, N> {
    /// Does what can be done for a unit that is ready now.
    pub(super) async fn turn(&mut self, unit: BudgetUnit) -> Result<(), CrawlError> {
        for _ in 0..REFUSALS_A_TURN {
            let Some(job) = self.next_job(&unit).await? else {
                return Ok(());
            };
            if let Step::Over = self.judge(&unit, job)? {
                return Ok(());
            }
        }
        let now = self.clock.now();
        self.schedule.wait(unit, now);
        Ok(())
    }

    async fn next_job(&mut self, unit: &BudgetUnit) -> Result<Option<Job>, CrawlError> {
        let slot = self.slots.entry(unit.clone()).or_default();
        while let Some(job) = slot.robots.pop_front() {
            // Asked for again while the answer was under way, it need not be asked for.
            if !self.politeness.has_rules(&job.url, self.clock.now()) {
                return Ok(Some(Job::Robots(job)));
            }
        }
        if let Some(job) = slot.tdmrep.take() {
            return Ok(Some(Job::Tdmrep(job)));
        }
        if let Some(entry) = slot.held.take() {
            return Ok(Some(Job::Page(entry)));
        }
        match self.frontier.claim(unit, self.clock.now()).await? {
            Claim::Entry(entry) if self.retired.contains(&entry.link.seed) => {
                // Its seed was taken out: it stays queued, for the day that the seed comes back.
                self.schedule.wait(unit.clone(), self.clock.now());
                Ok(None)
            }
            Claim::Entry(entry) => Ok(Some(Job::Page(entry))),
            Claim::Later(due) => {
                self.schedule.wait(unit.clone(), due);
                Ok(None)
            }
            Claim::Empty => Ok(None),
        }
    }

    fn judge(&mut self, unit: &BudgetUnit, job: Job) -> Result<Step, CrawlError> {
        let now = self.clock.now();
        if let Job::Page(entry) = &job
            && let Err(trap) = self.yields.judge(&entry.link)
        {
            self.skip(entry, trap.label(), now);
            return Ok(Step::Again);
        }
        match self.politeness.admit(job.url(), job.purpose(), now) {
            Verdict::Go(permit) => {
                self.start(permit, job)?;
                Ok(Step::Over)
            }
            Verdict::WaitUntil(at) => {
                self.hold(unit, job);
                self.schedule.wait(unit.clone(), at);
                Ok(Step::Over)
            }
            Verdict::NeedsAddress(host) => {
                self.hold(unit, job);
                self.look_up(unit.clone(), host);
                Ok(Step::Over)
            }
            Verdict::NeedsCharge(charge) => {
                self.hold(unit, job);
                self.writer.charge(charge, now);
                Ok(Step::Over)
            }
            Verdict::NeedsRobots(rules_for) => self.ask_for_rules(unit, job, rules_for),
            Verdict::NeedsTdmrep(of) => self.ask_for_tdmrep(unit, job, of),
            Verdict::Never(refusal) => Ok(self.refuse(unit, job, &refusal, now)),
        }
    }

    pub(super) fn hold(&mut self, unit: &BudgetUnit, job: Job) {
        let slot = self.slots.entry(unit.clone()).or_default();
        match job {
            Job::Page(entry) => slot.held = Some(entry),
            Job::Robots(job) => slot.robots.push_front(job),
            Job::Tdmrep(job) => slot.tdmrep = Some(job),
        }
    }

    /// A copy that the store kept answers at once; otherwise the robots.txt itself goes first.
    fn ask_for_rules(
        &mut self,
        unit: &BudgetUnit,
        job: Job,
        rules_for: RobotsUnit,
    ) -> Result<Step, CrawlError> {
        let Job::Page(entry) = job else {
            // The rules have run out under a tdmrep.json: the page behind it asks for both anew.
            return Ok(Step::Again);
        };
        let cause = entry.link.clone();
        self.hold(unit, Job::Page(entry));
        if self.asked_store.insert(rules_for.clone())
            && let Some(copy) = self.reader.robots_copy(&rules_for)?
        {
            self.politeness.robots_copy(copy);
            return Ok(Step::Again);
        }
        if let Some(waiting) = self.rules_elsewhere.get_mut(&rules_for) {
            waiting.push(unit.clone());
            return Ok(Step::Over);
        }
        let url = rules_for.robots_txt().map_err(CrawlError::Url)?;
        let slot = self.slots.entry(unit.clone()).or_default();
        slot.robots.push_back(RobotsJob {
            rules_for,
            url,
            cause,
        });
        Ok(Step::Again)
    }

    fn look_up(&mut self, unit: BudgetUnit, host: String) {
        let net = self.net.clone();
        self.lookups.spawn(async move {
            let found = net.resolve(&host).await;
            (unit, host, found)
        });
    }

    /// A site that is closed as a whole keeps its queue for the next run; a URL that is closed is recorded.
    fn refuse(&mut self, unit: &BudgetUnit, job: Job, why: &Refusal, now: Millis) -> Step {
        match job {
            Job::Robots(job) => self.robots_failed(job, why.label().to_owned(), now),
            // What closes a site closes it to the page behind it too.
            Job::Tdmrep(_) => {}
            Job::Page(_) if why.sets_aside() => {
                self.stats.set_aside(unit, why.label());
            }
            Job::Page(entry) if why.closes_site() => {
                // One link to a dead host of a site that answers does not make the site fail.
                if entry.link.depth == 0 || !self.stats.has_answered(unit) {
                    let trouble = self.slots.get(unit).and_then(|it| it.trouble.as_deref());
                    let said = match (why, trouble) {
                        (Refusal::RobotsUnreachable, Some(what)) => format!("{why} ({what})"),
                        _ => why.to_string(),
                    };
                    self.stats.site_failed(unit, &said);
                } else {
                    self.stats.set_aside(unit, why.label());
                }
                tracing::debug!(url = %entry.link.url, reason = why.label(), "left for a later run");
            }
            Job::Page(entry) => self.skip(&entry, why.label(), now),
        }
        Step::Again
    }

    /// Records a URL that is not asked for.
    fn skip(&mut self, entry: &Entry, why: &str, now: Millis) {
        self.recalled.remove(&entry.link.url);
        self.writer.push(disposition::skipped(entry, why, now), now);
    }

    fn start(&mut self, permit: Permit, job: Job) -> Result<(), CrawlError> {
        let ask = self.ask(permit.unit(), &job)?;
        let is_page = matches!(job, Job::Page(_));
        self.pages_started += u64::from(is_page);
        let in_force = InForce {
            policy: self.policy.clone(),
            robots: is_page.then(|| self.politeness.says(job.url())).flatten(),
            tdm_file: self.tdm_files.get(&job.url().robots_unit()).cloned(),
        };
        if self.is_slow(permit.unit()) {
            self.slow.enter(permit.unit().clone());
        }
        self.fetching
            .spawn(visit::fetch(self.net.clone(), permit, ask, (job, in_force)));
        Ok(())
    }

    fn ask(&mut self, unit: &BudgetUnit, job: &Job) -> Result<Ask, CrawlError> {
        let (wants, validators) = match job {
            Job::Robots(job) => (Wants::Robots, self.rules_validators(&job.rules_for)),
            Job::Tdmrep(_) => (Wants::Robots, None),
            Job::Page(entry) => {
                let again = self.recalled.remove(&entry.link.url);
                let validators = if again {
                    self.reader.validators(&entry.link.url)?
                } else {
                    None
                };
                (Wants::Page, validators)
            }
        };
        Ok(visit::ask(&self.config, unit, wants, validators))
    }

    fn rules_validators(&self, unit: &RobotsUnit) -> Option<Validators> {
        let (etag, last_modified) = self.politeness.robots_validators(unit);
        let any = etag.is_some() || last_modified.is_some();
        any.then(|| Validators {
            etag: etag.map(str::to_owned),
            last_modified: last_modified.map(str::to_owned),
        })
    }

    /// Puts a hop of a robots.txt before everything else of the budget unit that it leads to.
    pub(super) fn follow_rules(&mut self, job: RobotsJob, from: &BudgetUnit, now: Millis) {
        let unit = job.url.budget_unit();
        if unit != *from {
            self.rules_elsewhere
                .entry(job.rules_for.clone())
                .or_default()
                .push(from.clone());
        }
        self.slots
            .entry(unit.clone())
            .or_default()
            .robots
            .push_front(job);
        self.schedule
            .wake(&unit, self.politeness.next_allowed(&unit).max(now));
    }
}
