//! The visit log gone through once more: was each request late enough, alone, and allowed?
//!
//! Handed the log, the versions of each robots.txt and the settings of each process; computes for
//! every request what it had to wait for and whether it was permitted. Nothing is taken from
//! `politeness` but the reading of a robots.txt: what is checked must not check itself.

mod order;
mod pace;
mod permit;
#[cfg(test)]
mod tests;
mod told;

use crate::clock::Millis;
use crate::normal::{NormalUrl, RobotsUnit};
use crate::politeness::TDMREP;
use crate::store::{LoggedRequest, Reader, Sitting, StoreError};
use order::Ordered;
use pace::{Process, Unit};
use permit::{Known, Permits};
use serde::Serialize;
use std::collections::HashMap;

/// A rule that a request may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// One request at a time in a budget unit.
    OneAtATime,
    /// The configured least gap.
    MinDelay,
    /// The gap that a robots.txt asks for.
    CrawlDelay,
    /// So many times as long as the site took.
    DelayFactor,
    /// The pause after refusals and failures.
    BackOff,
    /// The silence that the site asked for.
    RetryAfter,
    /// A full gap after a restart.
    Restart,
    /// A good answer to robots.txt before any page.
    NoRobots,
    /// A robots.txt that is not too old.
    OldRobots,
    /// A robots.txt that may be read.
    Forbidden,
    /// A line of robots.txt.
    Disallowed,
    /// A robots.txt that asks for a longer gap than we wait: the site is left out.
    TooSlow,
}

impl Rule {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OneAtATime => "one request at a time",
            Self::MinDelay => "min_delay",
            Self::CrawlDelay => "Crawl-delay",
            Self::DelayFactor => "delay_factor",
            Self::BackOff => "back-off",
            Self::RetryAfter => "Retry-After",
            Self::Restart => "full gap after a restart",
            Self::NoRobots => "robots.txt first",
            Self::OldRobots => "robots.txt not too old",
            Self::Forbidden => "robots.txt forbidden",
            Self::Disallowed => "robots.txt",
            Self::TooSlow => "max_crawl_delay",
        }
    }
}

/// A request that should not have been made, or not then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The visit's number.
    pub visit: u64,
    /// What was asked for.
    pub url: String,
    /// Its budget unit.
    pub unit: String,
    /// What it breaks.
    pub rule: Rule,
    /// The gap that was needed, in milliseconds, where that is the matter.
    pub needed_ms: Option<Millis>,
    /// The gap that there was; below 0 when the last answer had not ended.
    pub found_ms: Option<i64>,
    /// What there is to say besides.
    pub said: String,
}

/// Why a page must not have been asked for.
pub(super) struct Fault {
    rule: Rule,
    said: String,
}

/// What came of checking one request.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// From the end of the last answer of its unit, where there was one.
    pub(super) gap: Option<i64>,
    /// It was a page, and robots.txt was looked at.
    pub(super) page: bool,
    /// The robots unit and the visit that brought the version that it was held against, or brought
    /// itself.
    pub(super) robots: Option<(String, u64)>,
    /// It is the first of its unit after a restart.
    pub(super) restart: bool,
    /// Requests of the unit open at once.
    pub(super) open: u32,
    /// What its answer asked for: [`Rule::RetryAfter`] or [`Rule::BackOff`].
    pub(super) told: Option<Rule>,
    /// The rules that it breaks.
    pub(super) breaches: Vec<Breach>,
}

/// The log as far as it was gone through.
pub(super) struct Audit<'r> {
    reader: &'r Reader,
    sittings: Vec<Sitting>,
    units: HashMap<String, Unit>,
    permits: Permits<'r>,
}

/// Every visit of the log in the order of their ends.
pub(super) fn visits(
    reader: &Reader,
) -> Result<impl Iterator<Item = Result<LoggedRequest, StoreError>> + '_, StoreError> {
    Ok(Ordered::new(reader.requests()?))
}

impl<'r> Audit<'r> {
    pub(super) fn new(reader: &'r Reader) -> Result<Self, StoreError> {
        Ok(Self {
            reader,
            sittings: reader.sittings()?,
            units: HashMap::new(),
            permits: Permits::new(reader),
        })
    }

    /// Budget units, and robots units, that were met.
    pub(super) fn met(&self) -> (usize, usize) {
        (self.units.len(), self.permits.units())
    }

    /// Goes on by one visit. `None` for one that made no request, and for one from before the log
    /// had what is needed.
    pub(super) fn take(&mut self, row: &LoggedRequest) -> Result<Option<Judged>, StoreError> {
        let Some((number, sitting)) = self.sitting(row.visit) else {
            return Ok(None);
        };
        let (agent, cap) = (sitting.pace.agent.clone(), sitting.pace.max_crawl_delay);
        let process = Process {
            number,
            run: sitting.run,
            at: sitting.at,
            resumed: number > 0 && self.sittings[number - 1].run == sitting.run,
            pace: sitting.pace.site(&row.unit),
        };
        let mut judged = match row.outcome.as_str() {
            "skipped" => None,
            _ => Some(self.request(row, process, &agent, cap)?),
        };
        if let Some(unit) = &row.rules_for
            && let Some(known) = self.permits.heard(unit, row, &agent)?
        {
            self.follow_gap(unit, known, process, cap);
            if let Some(judged) = &mut judged {
                judged.robots = Some((unit.clone(), known.version));
            }
        }
        Ok(judged)
    }

    fn request(
        &mut self,
        row: &LoggedRequest,
        process: Process,
        agent: &str,
        cap: Millis,
    ) -> Result<Judged, StoreError> {
        let mut judged = Judged::default();
        let mut fault = None;
        let mut asks = None;
        if row.rules_for.is_none() && (!row.robots || row.url.ends_with(TDMREP)) {
            let url = self.url(row)?;
            let robots = url.robots_unit();
            let known = self.permits.known(&robots, row, agent)?;
            fault = self.permits.fault(&url, (row, known), agent, cap)?;
            judged.page = true;
            judged.robots = known.map(|known| (robots.as_str().to_owned(), known.version));
            asks = known.map(|known| (robots, known));
        }
        let fresh = || Unit::new(process);
        let unit = match self.units.get_mut(&row.unit) {
            Some(unit) => unit,
            None => self.units.entry(row.unit.clone()).or_insert_with(fresh),
        };
        unit.taken_over(process);
        if let Some((robots, known)) = asks {
            let gap = if known.gap > cap { 0 } else { known.gap };
            unit.ask_gap(robots.as_str(), gap, known.settled);
        }
        judged.restart = unit.is_restarted();
        judged.open = unit.open_with(row.started, row.ended);
        let from = unit.last_end();
        judged.gap = from.map(|ended| signed(row.started) - signed(ended));
        judged.breaches.extend(early(row, unit, &judged));
        judged.breaches.extend(fault.map(|fault| Breach {
            rule: fault.rule,
            said: fault.said,
            ..breach(row, fault.rule)
        }));
        judged.told = unit.ended(row);
        Ok(judged)
    }

    /// The process that made a visit; `None` for one that is older than what it would be checked
    /// with.
    pub(super) fn sitting_of(&self, visit: u64) -> Option<&Sitting> {
        self.sitting(visit).map(|(_, sitting)| sitting)
    }

    /// The version of robots.txt in force for a URL that was refused, and what rules it out.
    pub(super) fn ruled_out(&mut self, row: &LoggedRequest) -> Result<Option<String>, StoreError> {
        let Some((_, sitting)) = self.sitting(row.visit) else {
            return Ok(None);
        };
        let agent = sitting.pace.agent.clone();
        let url = self.url(row)?;
        match self.permits.known(&url.robots_unit(), row, &agent)? {
            Some(known) => self.permits.ruled_out(&url, known.version, &agent),
            None => Ok(None),
        }
    }

    fn sitting(&self, visit: u64) -> Option<(usize, &Sitting)> {
        let after = self.sittings.partition_point(|it| it.first_visit <= visit);
        let number = after.checked_sub(1)?;
        Some((number, self.sittings.get(number)?))
    }

    fn follow_gap(&mut self, robots: &str, known: Known, process: Process, cap: Millis) {
        let Ok(url) = RobotsUnit::stored(robots).robots_txt() else {
            return;
        };
        if let Some(unit) = self.units.get_mut(&*url.site()) {
            unit.taken_over(Process {
                pace: self.sittings[process.number].pace.site(&url.site()),
                ..process
            });
            let gap = if known.gap > cap { 0 } else { known.gap };
            unit.ask_gap(robots, gap, known.settled);
        }
    }

    fn url(&self, row: &LoggedRequest) -> Result<NormalUrl, StoreError> {
        NormalUrl::stored(&row.url)
            .map_err(|why| self.reader.damaged(format!("visit {}: {why}", row.visit)))
    }
}

/// The request came too early, or while another was open.
fn early(row: &LoggedRequest, unit: &Unit, judged: &Judged) -> Option<Breach> {
    if judged.open > 1 {
        let said = format!("{} requests were open at once", judged.open);
        return Some(Breach {
            found_ms: judged.gap,
            said,
            ..breach(row, Rule::OneAtATime)
        });
    }
    let need = unit.need(row.started);
    if row.started >= need.from {
        return None;
    }
    let from = unit.last_end();
    Some(Breach {
        needed_ms: from.map(|ended| need.from.saturating_sub(ended)),
        found_ms: judged.gap,
        said: format!("it came {} ms too early", need.from - row.started),
        ..breach(row, need.rule)
    })
}

fn breach(row: &LoggedRequest, rule: Rule) -> Breach {
    Breach {
        visit: row.visit,
        url: row.url.clone(),
        unit: row.unit.clone(),
        rule,
        needed_ms: None,
        found_ms: None,
        said: String::new(),
    }
}

fn signed(at: Millis) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
