//! Counters of a run, and the summary at its end.
//!
//! Handed plain values by `crawl::disposition` as visits are stored; returns [`Progress`] while
//! a run goes on and a [`Summary`] when it ends. How they look is left to `terminal`.

mod summary;

pub use summary::{Activity, Count, Ending, FailedSite, Progress, Rebuilding, SlowSite, Summary};

use crate::normal::BudgetUnit;
use std::collections::{BTreeMap, HashMap};

/// Different reasons that are counted apart; the rest are counted as [`OTHER`], so that no
/// server can fill memory with reasons of its own making.
const REASONS: usize = 64;

/// The reason that stands for all above [`REASONS`].
const OTHER: &str = "other";

/// One visit that is safe on disk, as far as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Visited<'a> {
    /// The budget unit that was asked.
    pub site: &'a BudgetUnit,
    /// A robots.txt, not a page.
    pub robots: bool,
    /// The label of what came of it: `ok`, `not_modified`, `moved`, `refused`, `failed`, `skipped`.
    pub outcome: &'a str,
    /// Why, where the outcome is not a plain success.
    pub reason: Option<&'a str>,
    /// The URL is not tried again in this run.
    pub settled: bool,
    /// Bytes of the body as sent.
    pub bytes: u64,
    /// An article was found in it.
    pub article: bool,
}

/// The counters of one run.
#[derive(Debug, Default)]
pub struct Stats {
    requests: u64,
    pages: u64,
    bytes: u64,
    found: u64,
    new: u64,
    versions: u64,
    reasons: BTreeMap<String, u64>,
    sites: HashMap<BudgetUnit, SiteStats>,
}

/// The counters of one budget unit.
#[derive(Debug, Default)]
struct SiteStats {
    pages: u64,
    articles: u64,
    answers: u64,
    /// Milliseconds from the start of a request to the last byte, over all answers.
    spent: u64,
    slowest: u64,
    failed: Option<String>,
}

impl Stats {
    /// Counts a visit.
    pub fn visited(&mut self, visit: &Visited<'_>) {
        if visit.outcome != "skipped" {
            self.requests += 1;
        }
        self.bytes += visit.bytes;
        if visit.robots {
            return;
        }
        let page = matches!(visit.outcome, "ok" | "not_modified");
        let moved = visit.outcome == "moved" && visit.reason.is_none();
        if visit.settled && !moved && (!page || visit.reason.is_some()) {
            count(&mut self.reasons, visit.reason.unwrap_or(visit.outcome));
        }
        self.pages += u64::from(page);
        self.found += u64::from(visit.article);
        let site = self.sites.entry(visit.site.clone()).or_default();
        site.pages += u64::from(page);
        site.articles += u64::from(visit.article);
    }

    /// Counts what a group of visits added to the store: stories that are new, and new versions
    /// of known ones.
    pub fn stored(&mut self, new: u64, versions: u64) {
        self.new += new;
        self.versions += versions;
    }

    /// Notes how long a page took, in milliseconds from the start of the request to the last byte.
    pub fn answered(&mut self, site: &BudgetUnit, took: u64) {
        let site = self.sites.entry(site.clone()).or_default();
        site.answers += 1;
        site.spent += took;
        site.slowest = site.slowest.max(took);
    }

    /// Whether a page of a site was answered in this run.
    #[must_use]
    pub fn has_answered(&self, site: &BudgetUnit) -> bool {
        self.sites.get(site).is_some_and(|site| site.answers > 0)
    }

    /// Notes that a site was given up for this run, and why; the first reason stays.
    pub fn site_failed(&mut self, site: &BudgetUnit, why: &str) {
        let site = self.sites.entry(site.clone()).or_default();
        site.failed.get_or_insert_with(|| why.to_owned());
    }

    /// Counts a site that is left alone for the rest of the run though nothing is wrong with
    /// it: a quota that is spent.
    pub fn set_aside(&mut self, site: &BudgetUnit, why: &str) {
        tracing::debug!(%site, why, "set aside for this run");
        count(&mut self.reasons, why);
    }

    /// New stories so far.
    #[must_use]
    pub fn articles(&self) -> u64 {
        self.new
    }

    /// Pages so far.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// The figures of a run that goes on. `elapsed` is in milliseconds; `open` counts visits
    /// that were begun, `queued` links not yet settled, `waiting` sites whose gap or back-off
    /// has not passed.
    #[must_use]
    pub fn progress(&self, elapsed: u64, open: u64, queued: u64, waiting: u64) -> Progress {
        Progress {
            pages: self.pages,
            articles: self.new,
            bytes: self.bytes,
            queued,
            open,
            sites_waiting: waiting,
            sites_failed: u64::try_from(self.failed_sites().len()).unwrap_or(u64::MAX),
            elapsed_ms: elapsed,
        }
    }

    /// Sums up a run that took `elapsed` milliseconds and left `queued` links.
    #[must_use]
    pub fn summary(&self, ending: Ending, elapsed: u64, queued: u64) -> Summary {
        Summary {
            ending,
            pages: self.pages,
            requests: self.requests,
            new_articles: self.new,
            new_versions: self.versions,
            unchanged_articles: self.found.saturating_sub(self.new + self.versions),
            bytes: self.bytes,
            queued,
            elapsed_ms: elapsed,
            sites: u64::try_from(self.sites.len()).unwrap_or(u64::MAX),
            reasons: self.sorted_reasons(),
            failed_sites: self.failed_sites(),
            slowest_sites: self.slowest_sites(),
            next: None,
        }
    }

    fn sorted_reasons(&self) -> Vec<Count> {
        let mut counts: Vec<Count> = self.reasons.iter().map(Count::of).collect();
        // Stable: reasons that are as frequent as each other stay in the order of the alphabet.
        counts.sort_by_key(|one| std::cmp::Reverse(one.count));
        counts
    }

    fn failed_sites(&self) -> Vec<FailedSite> {
        let failed = self.sites.iter().filter_map(|(site, stats)| {
            let why = stats.failed.clone()?;
            let site = site.to_string();
            Some(FailedSite { site, why })
        });
        let mut failed: Vec<FailedSite> = failed.collect();
        failed.sort_by(|one, other| one.site.cmp(&other.site));
        failed
    }

    fn slowest_sites(&self) -> Vec<SlowSite> {
        let answered = self.sites.iter().filter(|(_, site)| site.answers > 0);
        let mut slow: Vec<SlowSite> = answered
            .map(|(site, stats)| SlowSite {
                site: site.to_string(),
                pages: stats.pages,
                articles: stats.articles,
                mean_ms: stats.spent / stats.answers,
                slowest_ms: stats.slowest,
            })
            .collect();
        slow.sort_by(|one, other| {
            let by_time = other.mean_ms.cmp(&one.mean_ms);
            by_time.then_with(|| one.site.cmp(&other.site))
        });
        slow.truncate(summary::SLOWEST);
        slow
    }
}

fn count(reasons: &mut BTreeMap<String, u64>, reason: &str) {
    if let Some(known) = reasons.get_mut(reason) {
        *known += 1;
        return;
    }
    let name = if reasons.len() < REASONS {
        reason
    } else {
        OTHER
    };
    *reasons.entry(name.to_owned()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit<'a>(site: &'a BudgetUnit, outcome: &'a str, reason: Option<&'a str>) -> Visited<'a> {
        Visited {
            site,
            robots: false,
            outcome,
            reason,
            settled: true,
            bytes: 100,
            article: outcome == "ok",
        }
    }

    #[test]
    fn a_run_is_summed_up() {
        let (one, two) = (
            BudgetUnit::stored("one.example"),
            BudgetUnit::stored("two.example"),
        );
        let mut stats = Stats::default();
        stats.visited(&Visited {
            robots: true,
            article: false,
            ..visit(&one, "ok", None)
        });
        stats.visited(&Visited {
            settled: false,
            ..visit(&two, "refused", Some("503"))
        });
        for (site, outcome, reason) in [
            (&one, "ok", None),
            (&one, "ok", Some("too_large")),
            (&one, "not_modified", None),
            (&one, "refused", Some("404")),
            (&two, "refused", Some("404")),
            (&two, "skipped", Some("robots")),
            (&two, "moved", None),
        ] {
            stats.visited(&visit(site, outcome, reason));
        }
        stats.stored(1, 0);
        stats.answered(&one, 10);
        stats.answered(&one, 30);
        stats.answered(&two, 500);
        stats.site_failed(&two, "parked");
        stats.site_failed(&two, "later");
        let summary = stats.summary(Ending::Finished, 2_000, 3);
        assert_eq!((summary.pages, summary.requests), (3, 8));
        assert_eq!((summary.new_articles, summary.unchanged_articles), (1, 1));
        assert_eq!(summary.bytes, 900);
        let reasons = summary.reasons.iter();
        let reasons: Vec<_> = reasons
            .map(|one| (one.reason.as_str(), one.count))
            .collect();
        assert_eq!(reasons, [("404", 2), ("robots", 1), ("too_large", 1)]);
        assert_eq!(summary.failed_sites.len(), 1);
        assert_eq!(summary.failed_sites[0].why, "parked");
        assert_eq!(summary.slowest_sites[0].site, "two.example");
        assert_eq!(summary.slowest_sites[1].mean_ms, 20);
        assert_eq!(summary.slowest_sites[1].slowest_ms, 30);
    }

    #[test]
    fn reasons_are_bounded() {
        let site = BudgetUnit::stored("one.example");
        let mut stats = Stats::default();
        for number in 0..1_000 {
            let reason = format!("reason {number}");
            stats.visited(&visit(&site, "failed", Some(&reason)));
        }
        let summary = stats.summary(Ending::Finished, 0, 0);
        assert_eq!(summary.reasons.len(), REASONS + 1);
        assert_eq!(summary.reasons[0].reason, OTHER);
        assert_eq!(summary.reasons[0].count, 1_000 - 64);
    }
}
