//! Whether every request that is logged kept the rules.

use super::audit::{self, Audit, Breach, Judged, Rule};
use crate::store::{Reader, StoreError};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was checked, and the first breach that was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verification {
    /// The data folder.
    pub data: PathBuf,
    /// Visits gone through, refusals of ours included.
    pub visits: u64,
    /// Requests checked.
    pub requests: u64,
    /// Visits from before the log held what is needed; not checked.
    pub unproven: u64,
    /// Budget units.
    pub budget_units: u64,
    /// Robots units whose robots.txt had answered.
    pub robots_units: u64,
    /// Gaps between two requests of a unit.
    pub gaps: u64,
    /// Pages held against the robots.txt in force.
    pub pages: u64,
    /// First requests after a restart.
    pub restarts: u64,
    /// Retry-After that had to be kept.
    pub retry_afters: u64,
    /// Pauses after refusals and failures.
    pub back_offs: u64,
    /// The most requests of one unit open at once.
    pub most_open: u32,
    /// The first breach; nothing after it was checked.
    pub breach: Option<Breach>,
}

impl Verification {
    /// Goes through the log of the data folder `data`, up to its end or the first breach.
    ///
    /// # Errors
    /// When there is no data folder, or it can't be read.
    pub fn read(data: &Path) -> Result<Self, StoreError> {
        let reader = Reader::open(data)?;
        let mut audit = Audit::new(&reader)?;
        let mut found = Self {
            data: data.to_owned(),
            ..Self::default()
        };
        for row in audit::visits(&reader)? {
            let row = row?;
            found.visits += 1;
            found.unproven += u64::from(audit.sitting_of(row.visit).is_none());
            if let Some(judged) = audit.take(&row)? {
                found.count(judged);
            }
            if found.breach.is_some() {
                break;
            }
        }
        let (units, robots) = audit.met();
        (found.budget_units, found.robots_units) = (units as u64, robots as u64);
        Ok(found)
    }

    fn count(&mut self, judged: Judged) {
        self.requests += 1;
        self.gaps += u64::from(judged.gap.is_some());
        self.pages += u64::from(judged.page);
        self.restarts += u64::from(judged.restart);
        self.retry_afters += u64::from(judged.told == Some(Rule::RetryAfter));
        self.back_offs += u64::from(judged.told == Some(Rule::BackOff));
        self.most_open = self.most_open.max(judged.open);
        self.breach = judged.breaches.into_iter().next();
    }
}
