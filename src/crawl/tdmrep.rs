//! A site's tdmrep.json on its way: from the store, or asked for before the first page of a day.

use super::turn::Step;
use super::visit::{Job, TdmrepJob};
use super::{CrawlError, Engine, disposition, verdict};
use crate::fetch::{Capture, Fetch, FetchOutcome};
use crate::frontier::{Frontier, Link};
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::politeness::{TDMREP, UnitState};
use crate::rights::TdmFile;
use crate::store::{Finished, TdmrepCopy};
use std::sync::Arc;

impl<F: Frontier, N: Fetch> Engine<F, N> {
    /// A copy that the store kept answers at once; otherwise the file itself goes first.
    pub(super) fn ask_for_tdmrep(
        &mut self,
        unit: &BudgetUnit,
        job: Job,
        of: RobotsUnit,
    ) -> Result<Step, CrawlError> {
        let Job::Page(entry) = job else {
            return Ok(Step::Again);
        };
        let cause = entry.link.clone();
        self.hold(unit, Job::Page(entry));
        if self.asked_store_for_tdmrep.insert(of.clone())
            && let Some(copy) = self.reader.tdmrep_copy(&of)?
        {
            self.politeness.tdmrep_asked(&of, copy.asked);
            self.take_up(&of, &copy.body);
            return Ok(Step::Again);
        }
        let url = url(&of)?;
        let slot = self.slots.entry(unit.clone()).or_default();
        slot.tdmrep = Some(TdmrepJob {
            unit: of,
            url,
            cause,
        });
        Ok(Step::Again)
    }

    /// Whatever came is good for a day: a site without a file says nothing.
    pub(super) fn tdmrep_fetched(
        &mut self,
        job: TdmrepJob,
        outcome: FetchOutcome,
        state: UnitState,
    ) {
        let now = self.clock.now();
        let (started, ended) = disposition::times(&outcome);
        let cause = Link {
            url: job.url,
            ..job.cause
        };
        let mut done = Finished {
            robots: true,
            unit: Some(state),
            ..Finished::new(cause, started, ended)
        };
        let body = answered(outcome, &mut done);
        let body = body.filter(|body| !TdmFile::parse(body).is_empty());
        let body = body.unwrap_or_default();
        self.take_up(&job.unit, &body);
        done.tdmrep_copy = Some(TdmrepCopy {
            unit: job.unit,
            asked: ended,
            status: done.status,
            body,
        });
        self.writer.push(done, now);
    }

    fn take_up(&mut self, unit: &RobotsUnit, body: &[u8]) {
        let file = TdmFile::parse(body);
        if file.is_empty() {
            self.tdm_files.remove(unit);
        } else {
            self.tdm_files.insert(unit.clone(), Arc::new(file));
        }
    }
}

/// Where a unit's tdmrep.json is.
pub(super) fn url(of: &RobotsUnit) -> Result<NormalUrl, CrawlError> {
    let root = of.robots_txt().map_err(CrawlError::Url)?;
    NormalUrl::join(root.url(), TDMREP).map_err(CrawlError::Url)
}

/// The body of a whole file; the answer itself goes to the archive with `done`.
pub(super) fn answered(outcome: FetchOutcome, done: &mut Finished) -> Option<Vec<u8>> {
    let (page, came): (Capture, bool) = match outcome {
        FetchOutcome::Failed { kind, .. } => {
            done.outcome = "failed";
            done.reason = Some(verdict::failure_label(kind).to_owned());
            return None;
        }
        FetchOutcome::Fetched(page) => (page, true),
        FetchOutcome::NotModified(page) => (page, false),
        FetchOutcome::Refused(page) => {
            done.outcome = "refused";
            (page, false)
        }
        FetchOutcome::Moved { capture, to } => {
            done.outcome = "moved";
            done.moved_to = Some(to);
            (capture, false)
        }
    };
    let body = (came && page.cut.is_none()).then(|| page.body.to_vec());
    disposition::keep(done, page);
    body
}
