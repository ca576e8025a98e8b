//! The figures of one site in one run.

use super::{Gaps, RobotsInForce, RunTreatment, moment};
use crate::clock::Millis;
use crate::inspect::audit::{Judged, Rule};
use crate::store::{LoggedRequest, Pace, Reader, StoreError};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Tally {
    run: RunTreatment,
    from: Millis,
    to: Millis,
    gaps: BTreeMap<&'static str, (u64, Vec<i64>)>,
    /// Robots units, and the visits that brought a version.
    robots: BTreeSet<(String, u64)>,
}

impl Tally {
    pub(super) fn new(row: &LoggedRequest) -> Self {
        Self {
            run: RunTreatment {
                run: row.run,
                ..RunTreatment::default()
            },
            from: row.started,
            to: row.ended,
            gaps: BTreeMap::new(),
            robots: BTreeSet::new(),
        }
    }

    /// The pace that a visit was made at; the last one is told.
    pub(super) fn set_to(&mut self, row: &LoggedRequest, pace: &Pace) {
        let own = pace.site(&row.unit);
        self.run.min_delay_ms = own.min_delay;
        self.run.delay_factor = own.delay_factor;
        self.run.max_crawl_delay_ms = pace.max_crawl_delay;
        self.run.agent.clone_from(&pace.agent);
        self.from = self.from.min(row.started);
        self.to = self.to.max(row.ended);
    }

    pub(super) fn request(&mut self, row: &LoggedRequest, judged: Judged) {
        let run = &mut self.run;
        run.requests += 1;
        run.bytes += row.bytes;
        run.most_open = run.most_open.max(judged.open);
        run.not_modified += u64::from(row.status == Some(304));
        if let Some(status) = row.status.filter(|status| *status >= 400) {
            *run.refused_by_site.entry(status).or_default() += 1;
        }
        run.retry_after_asked += u64::from(judged.told == Some(Rule::RetryAfter));
        run.back_offs += u64::from(judged.told == Some(Rule::BackOff));
        for breach in judged.breaches {
            *run.breaches.entry(breach.rule.label()).or_default() += 1;
        }
        let (requests, gaps) = self.gaps.entry(kind(row)).or_default();
        *requests += 1;
        gaps.extend(judged.gap);
        self.robots.extend(judged.robots);
    }

    /// A URL that was not asked for; `rule` is the line of robots.txt that rules it out.
    pub(super) fn kept_out(&mut self, row: &LoggedRequest, rule: Option<String>) {
        let reason = row.reason.clone().unwrap_or_default();
        let why = match rule.filter(|_| reason == "robots") {
            Some(rule) => rule,
            None => reason,
        };
        *self.run.refused_by_us.entry(why).or_default() += 1;
    }

    pub(super) fn finish(mut self, reader: &Reader) -> Result<RunTreatment, StoreError> {
        let mut run = self.run;
        run.from = moment(self.from);
        run.to = moment(self.to);
        if run.requests > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let share = run.not_modified as f64 / run.requests as f64;
            run.not_modified_share = share;
        }
        let broken = run.breaches.get(Rule::RetryAfter.label()).copied();
        run.retry_after_obeyed = run.retry_after_asked.saturating_sub(broken.unwrap_or(0));
        for (kind, (requests, gaps)) in &mut self.gaps {
            gaps.sort_unstable();
            let gaps = Gaps {
                requests: *requests,
                smallest_ms: gaps.first().copied(),
                median_ms: gaps.get(gaps.len().saturating_sub(1) / 2).copied(),
            };
            run.gaps.insert(kind, gaps);
        }
        for (unit, visit) in self.robots {
            if let Some(version) = reader.robots_version(&unit, visit)? {
                run.robots.push(RobotsInForce {
                    unit,
                    fetched: moment(version.fetched),
                    visit,
                    status: version.status,
                    body: String::from_utf8_lossy(&version.body).into_owned(),
                });
            }
        }
        Ok(run)
    }
}

/// What a request was, as far as its pace goes.
fn kind(row: &LoggedRequest) -> &'static str {
    match row.kind.as_deref() {
        _ if row.rules_for.is_some() => "robots",
        _ if row.robots => "tdmrep",
        _ if row.again => "retry",
        _ if row.hops > 0 => "redirect",
        Some("feed") => "feed",
        Some("sitemap") => "sitemap",
        _ => "page",
    }
}
