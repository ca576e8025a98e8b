//! What a publisher can be sent: how each site was treated, run by run.
//!
//! Counted from the visit log by the same recomputation that `gleaner verify` goes by.

mod html;
mod tally;

pub use html::render_report;

use super::audit::{self, Audit};
use crate::clock::Millis;
use crate::store::{Reader, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use tally::Tally;

/// How sites were treated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolitenessReport {
    /// The program's name and version.
    pub made_by: String,
    /// Visits that are older than what they would be checked with, and left out.
    pub unproven: u64,
    /// Each site, that is each budget unit, by name.
    pub sites: Vec<SiteTreatment>,
}

/// How a site was treated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteTreatment {
    /// The budget unit.
    pub site: String,
    /// Its runs, the first one first.
    pub runs: Vec<RunTreatment>,
}

/// How a site was treated in a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunTreatment {
    /// The run.
    pub run: u64,
    /// Its first request, or what was refused first.
    pub from: Option<Timestamp>,
    /// The end of its last answer.
    pub to: Option<Timestamp>,
    /// The name that robots.txt files know us by.
    pub agent: String,
    /// The least gap that was set.
    pub min_delay_ms: Millis,
    /// The gap was to be so many times as long as an answer took.
    pub delay_factor: f64,
    /// The longest gap that robots.txt may ask for; a site that asks for more is left out.
    pub max_crawl_delay_ms: Millis,
    /// Each robots.txt that pages were held against.
    pub robots: Vec<RobotsInForce>,
    /// Requests made.
    pub requests: u64,
    /// Bytes of bodies as sent.
    pub bytes: u64,
    /// Gaps from the end of an answer to the next request, by what that was.
    pub gaps: BTreeMap<&'static str, Gaps>,
    /// The most requests open at once.
    pub most_open: u32,
    /// Answers that said that nothing had changed (304).
    pub not_modified: u64,
    /// Their share of all requests.
    pub not_modified_share: f64,
    /// Answers that refused (4xx, 5xx), by status.
    pub refused_by_site: BTreeMap<u16, u64>,
    /// URLs that were not asked for, by the rule that kept them out.
    pub refused_by_us: BTreeMap<String, u64>,
    /// Answers with a Retry-After that had to be kept.
    pub retry_after_asked: u64,
    /// Those of them that the next request kept.
    pub retry_after_obeyed: u64,
    /// Pauses after refusals and failures.
    pub back_offs: u64,
    /// Requests that broke a rule, by the rule.
    pub breaches: BTreeMap<&'static str, u64>,
}

/// A robots.txt in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RobotsInForce {
    /// Scheme, host and port that it binds.
    pub unit: String,
    /// When this version came.
    pub fetched: Option<Timestamp>,
    /// The visit that brought it.
    pub visit: u64,
    /// The answer's status.
    pub status: u16,
    /// What it said.
    pub body: String,
}

/// Gaps before requests of one kind, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// Requests of the kind; the first of all has no gap.
    pub requests: u64,
    /// The smallest.
    pub smallest_ms: Option<i64>,
    /// Half are not longer.
    pub median_ms: Option<i64>,
}

impl PolitenessReport {
    /// Counts what the data folder `data` logged of `site`, or of all.
    ///
    /// # Errors
    /// When there is no data folder, or it can't be read.
    pub fn read(data: &Path, site: Option<&str>) -> Result<Self, StoreError> {
        let reader = Reader::open(data)?;
        let mut audit = Audit::new(&reader)?;
        let mut tallies: BTreeMap<(String, u64), Tally> = BTreeMap::new();
        let mut unproven = 0;
        for row in audit::visits(&reader)? {
            let row = row?;
            let is_of = site.is_none_or(|site| site == row.unit);
            // A robots.txt may be answered by another site.
            if !is_of && row.rules_for.is_none() {
                continue;
            }
            let judged = audit.take(&row)?;
            if !is_of {
                continue;
            }
            let Some(sitting) = audit.sitting_of(row.visit) else {
                unproven += 1;
                continue;
            };
            let key = (row.unit.clone(), row.run);
            let tally = tallies.entry(key).or_insert_with(|| Tally::new(&row));
            tally.set_to(&row, &sitting.pace);
            if let Some(judged) = judged {
                tally.request(&row, judged);
            } else {
                let rule = audit.ruled_out(&row)?;
                tally.kept_out(&row, rule);
            }
        }
        Ok(Self {
            made_by: concat!("gleaner ", env!("CARGO_PKG_VERSION")).to_owned(),
            unproven,
            sites: sites(&reader, tallies)?,
        })
    }
}

fn sites(
    reader: &Reader,
    tallies: BTreeMap<(String, u64), Tally>,
) -> Result<Vec<SiteTreatment>, StoreError> {
    let mut sites: Vec<SiteTreatment> = Vec::new();
    for ((site, _), tally) in tallies {
        let run = tally.finish(reader)?;
        match sites.last_mut().filter(|last| last.site == site) {
            Some(last) => last.runs.push(run),
            None => sites.push(SiteTreatment {
                site,
                runs: vec![run],
            }),
        }
    }
    Ok(sites)
}

fn moment(at: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()
}
