//! Robots.txt answers on their way back to politeness, which judges them.

use super::visit::RobotsJob;
use super::{Engine, disposition, verdict};
use crate::clock::Millis;
use crate::fetch::{Fetch, FetchOutcome};
use crate::frontier::{Frontier, Link, Via};
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::parse::Role;
use crate::politeness::{RobotsAnswer, RobotsNext, UnitState};
use crate::store::Finished;

impl<F: Frontier, N: Fetch> Engine<F, N> {
    /// Takes in what came of a robots.txt request made under `unit`'s permit.
    pub(super) fn robots_fetched(
        &mut self,
        unit: &BudgetUnit,
        job: RobotsJob,
        outcome: FetchOutcome,
        state: UnitState,
    ) {
        let now = self.clock.now();
        let (started, ended) = disposition::times(&outcome);
        let cause = Link {
            url: job.url.clone(),
            ..job.cause.clone()
        };
        let mut done = Finished {
            robots: true,
            rules_for: Some(job.rules_for.clone()),
            unit: Some(state),
            ..Finished::new(cause, started, ended)
        };
        let answer = answer(outcome, &mut done);
        self.robots_answered(unit, job, answer, &mut done, now);
        self.writer.push(done, now);
    }

    /// A robots.txt that could not even be asked for.
    pub(super) fn robots_failed(&mut self, job: RobotsJob, why: String, now: Millis) {
        let unit = job.url.budget_unit();
        let mut done = Finished {
            robots: true,
            rules_for: Some(job.rules_for.clone()),
            ..Finished::new(job.cause.clone(), now, now)
        };
        done.outcome = "skipped";
        done.reason = Some(why.clone());
        self.robots_answered(&unit, job, RobotsAnswer::Failed(why), &mut done, now);
        self.writer.push(done, now);
    }

    fn robots_answered(
        &mut self,
        unit: &BudgetUnit,
        job: RobotsJob,
        answer: RobotsAnswer,
        done: &mut Finished,
        now: Millis,
    ) {
        let trouble = match &answer {
            RobotsAnswer::Failed(why) => why.clone(),
            RobotsAnswer::Answered { status, .. } => format!("http {status}"),
        };
        match self.politeness.robots_answered(&job.rules_for, answer, now) {
            RobotsNext::Hop(url) => {
                done.moved_to = Some(url.clone());
                self.follow_rules(RobotsJob { url, ..job }, unit, now);
            }
            RobotsNext::Settled(copy) => {
                done.outlinks = self.sitemaps(&job.rules_for, &job.cause);
                done.robots_copy = Some(copy);
                self.rules_known(&job.rules_for, now);
            }
            next @ (RobotsNext::RetryAt(_) | RobotsNext::GaveUp) => {
                done.reason
                    .get_or_insert_with(|| "robots unreachable".to_owned());
                self.rules_known(&job.rules_for, now);
                if matches!(next, RobotsNext::GaveUp) {
                    let site = job.cause.url.budget_unit();
                    // Nothing more is asked of the site: no pause is to be waited for.
                    self.schedule.wake(&site, now);
                    self.slots.entry(site).or_default().trouble = Some(trouble);
                }
            }
        }
    }

    /// Wakes the units that waited for rules fetched under another unit's budget.
    fn rules_known(&mut self, rules_for: &RobotsUnit, now: Millis) {
        for unit in self.rules_elsewhere.remove(rules_for).unwrap_or_default() {
            self.schedule.wake(&unit, now);
        }
    }

    /// The sitemaps that the rules in force name, as links from the page that asked for the rules.
    fn sitemaps(&self, rules_for: &RobotsUnit, cause: &Link) -> Vec<Link> {
        let Ok(base) = rules_for.robots_txt() else {
            return Vec::new();
        };
        let named = self.politeness.sitemaps(rules_for).iter();
        let urls = named.filter_map(|text| NormalUrl::join(base.url(), text).ok());
        urls.filter_map(|url| {
            self.scope
                .judge(cause, Via::Sitemap, &url, Role::Sitemap)
                .ok()
        })
        .collect()
    }
}

/// What politeness is told; the answer itself goes to the archive with `done`.
pub(super) fn answer(outcome: FetchOutcome, done: &mut Finished) -> RobotsAnswer {
    let page = match outcome {
        FetchOutcome::Failed { kind, detail, .. } => {
            done.outcome = "failed";
            done.reason = Some(verdict::failure_label(kind).to_owned());
            return RobotsAnswer::Failed(detail);
        }
        FetchOutcome::Fetched(page)
        | FetchOutcome::NotModified(page)
        | FetchOutcome::Refused(page) => page,
        FetchOutcome::Moved { capture, .. } => capture,
    };
    let answer = RobotsAnswer::Answered {
        status: page.status,
        headers: page.headers.clone(),
        body: page.body.clone(),
        // A file above the limit is read up to it (RFC 9309 2.5).
        whole: page
            .cut
            .is_none_or(|cut| cut == crate::fetch::Cut::TooLarge),
    };
    if !(200..400).contains(&page.status) {
        done.outcome = "refused";
    }
    disposition::keep(done, page);
    answer
}
