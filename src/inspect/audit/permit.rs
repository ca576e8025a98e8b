//! What the robots.txt in force said when a page was asked for, recomputed from its versions.

use super::{Fault, Rule};
use crate::clock::Millis;
use crate::normal::{NormalUrl, RobotsUnit};
use crate::politeness::Rules;
use crate::store::{LoggedRequest, Reader, RobotsVersion, StoreError};
use std::collections::HashMap;

/// From a permit to its request, on a machine that is busy.
const SLACK: Millis = 1_000;
/// Parsed files that are kept; more are parsed again when they are needed.
const PARSED: usize = 512;

/// What is known of a robots unit at a point of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The visit that brought the version in force.
    pub(super) version: u64,
    status: u16,
    /// When it was last settled.
    pub(super) settled: Millis,
    good_until: Millis,
    /// The gap that it asks for.
    pub(super) gap: Millis,
    /// A later request for it failed.
    failed: bool,
}

pub(super) struct Permits<'r> {
    reader: &'r Reader,
    known: HashMap<String, Known>,
    parsed: HashMap<String, (u64, Rules)>,
}

impl<'r> Permits<'r> {
    pub(super) fn new(reader: &'r Reader) -> Self {
        Self {
            reader,
            known: HashMap::new(),
            parsed: HashMap::new(),
        }
    }

    /// Robots units of which an answer is known.
    pub(super) fn units(&self) -> usize {
        self.known.len()
    }

    /// Takes in a visit to the robots.txt of `unit`; returns what it settled.
    pub(super) fn heard(
        &mut self,
        unit: &str,
        row: &LoggedRequest,
        agent: &str,
    ) -> Result<Option<Known>, StoreError> {
        let Some(good_until) = row.good_until else {
            if let Some(known) = self.known.get_mut(unit).filter(|_| !row.moved) {
                known.failed = true;
            }
            return Ok(None);
        };
        let Some(version) = self.reader.robots_version(unit, row.visit)? else {
            self.known.remove(unit);
            return Ok(None);
        };
        let known = Known {
            settled: row.ended,
            good_until,
            ..self.taken_up(unit, &version, agent)
        };
        self.known.insert(unit.to_owned(), known);
        Ok(Some(known))
    }

    /// What was known of a unit when `row` was made; a copy from before the log had proofs counts.
    pub(super) fn known(
        &mut self,
        unit: &RobotsUnit,
        row: &LoggedRequest,
        agent: &str,
    ) -> Result<Option<Known>, StoreError> {
        if let Some(known) = self.known.get(unit.as_str()) {
            return Ok(Some(*known));
        }
        let Some(version) = self.reader.robots_version(unit.as_str(), row.visit)? else {
            return Ok(None);
        };
        let known = self.taken_up(unit.as_str(), &version, agent);
        self.known.insert(unit.as_str().to_owned(), known);
        Ok(Some(known))
    }

    /// Why a page must not have been asked for; `cap` is the longest gap that is waited.
    pub(super) fn fault(
        &mut self,
        url: &NormalUrl,
        (row, known): (&LoggedRequest, Option<Known>),
        agent: &str,
        cap: Millis,
    ) -> Result<Option<Fault>, StoreError> {
        let fault = |rule, said: String| Ok(Some(Fault { rule, said }));
        let Some(known) = known.filter(|known| known.settled <= row.started) else {
            let said = "no robots.txt had answered";
            return fault(Rule::NoRobots, said.to_owned());
        };
        if known.failed {
            let said = "the last request for its robots.txt had failed";
            return fault(Rule::NoRobots, said.to_owned());
        }
        if row.started > known.good_until.saturating_add(SLACK) {
            let over = row.started - known.good_until;
            return fault(
                Rule::OldRobots,
                format!("its robots.txt was {over} ms too old"),
            );
        }
        if let 401..=403 | 451 = known.status {
            let said = format!("its robots.txt was answered with status {}", known.status);
            return fault(Rule::Forbidden, said);
        }
        if known.gap > cap {
            let said = format!(
                "its robots.txt asks for {} ms, the cap is {cap} ms",
                known.gap
            );
            return fault(Rule::TooSlow, said);
        }
        match self.ruled_out(url, known.version, agent)? {
            Some(said) => fault(Rule::Disallowed, said),
            None => Ok(None),
        }
    }

    /// The line of a version that rules a URL out.
    pub(super) fn ruled_out(
        &mut self,
        url: &NormalUrl,
        version: u64,
        agent: &str,
    ) -> Result<Option<String>, StoreError> {
        let unit = url.robots_unit();
        let parsed = self.parsed.get(unit.as_str());
        if parsed.is_none_or(|(parsed, _)| *parsed != version)
            && let Some(version) = self.reader.robots_version(unit.as_str(), version)?
        {
            self.taken_up(unit.as_str(), &version, agent);
        }
        let Some((_, rules)) = self.parsed.get(unit.as_str()) else {
            return Ok(None);
        };
        let decision = rules.decide(url.url());
        let line = decision.rule.filter(|_| !decision.allowed);
        Ok(line.map(|rule| format!("robots.txt line {}: {rule}", rule.line)))
    }

    fn taken_up(&mut self, unit: &str, version: &RobotsVersion, agent: &str) -> Known {
        let (number, gap) = (version.first_visit, |rules: &Rules| rules.gap());
        let gap = match self.parsed.get(unit) {
            Some((parsed, rules)) if *parsed == number => gap(rules),
            _ => {
                if self.parsed.len() >= PARSED {
                    self.parsed.clear();
                }
                let rules = Rules::parse(&version.body, agent);
                let gap = gap(&rules);
                self.parsed.insert(unit.to_owned(), (number, rules));
                gap
            }
        };
        Known {
            version: number,
            status: version.status,
            settled: version.fetched,
            good_until: version.expires,
            gap,
            failed: false,
        }
    }
}
