//! Why a URL was asked for, or is not: each rule that decides on it, in the order in which a
//! crawl asks them, every visit that it had, and what happens next.

use super::UrlCheck;
use crate::AGENT;
use crate::clock::Millis;
use crate::config::{Config, show_duration};
use crate::normal::NormalUrl;
use crate::politeness::{RobotsCopy, Rules, UnitState};
use crate::seeds::Seed;
use crate::store::{Found, Reader, StoreError, StoredSeed, UrlRow, VisitRow};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// Why a URL was asked for, or is not.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    /// The URL in normal form.
    pub url: String,
    /// The site that its gap and quota belong to.
    pub site: String,
    /// The rules, in their order.
    pub rules: Vec<RuleAnswer>,
    /// `retry`, `done`, `skipped`, `gone` or `failed`; none where it was never visited.
    pub state: Option<String>,
    /// The story that it told (`id`).
    pub article: Option<String>,
    /// Its visits, newest first.
    pub visits: Vec<PastVisit>,
    /// A crawl works on the data folder now.
    pub at_work: bool,
    /// What happens next.
    pub next: String,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleAnswer {
    /// `scope`, `found`, `depth`, `robots`, `quota`, `back-off`, `gap` or `duplicate`.
    pub rule: &'static str,
    /// Whether it lets the URL pass.
    pub holds: Holds,
    /// In words.
    pub says: String,
}

/// Whether a rule lets a URL pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It does.
    Passes,
    /// It does, later.
    Waits,
    /// It does not.
    Stops,
    /// Nothing is known yet that it could decide by.
    Unknown,
}

/// A visit of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastVisit {
    /// When it began.
    pub started: Option<Timestamp>,
    /// Milliseconds that it took.
    pub ms: u64,
    /// As a crawl logs it.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// A redirect's target.
    pub moved_to: Option<String>,
    /// What the body was.
    pub kind: Option<String>,
    /// Bytes of the body as sent.
    pub bytes: Option<u64>,
}

/// All that the folder knows of a URL.
struct Known {
    row: Option<UrlRow>,
    found: Option<Found>,
    seeds: Vec<StoredSeed>,
    robots: Option<RobotsCopy>,
    unit: Option<UnitState>,
    story_url: Option<String>,
}

impl Known {
    fn read(reader: &Reader, url: &NormalUrl) -> Result<Self, StoreError> {
        let row = reader.url(url)?;
        let unit = url.budget_unit();
        let story = row.as_ref().and_then(|row| row.article.as_deref());
        Ok(Self {
            story_url: match story {
                Some(id) => reader.story_url(id)?,
                None => None,
            },
            found: reader.found(url)?,
            row,
            seeds: reader.seeds()?,
            robots: reader.robots_copy(&url.robots_unit())?,
            unit: reader
                .unit_states()?
                .into_iter()
                .find(|state| state.unit == unit),
        })
    }

    /// The seeds in force.
    fn active(&self) -> Vec<Seed> {
        let active = self.seeds.iter().filter(|stored| !stored.retired);
        active.map(|stored| stored.seed.clone()).collect()
    }
}

impl Why {
    /// Asks the data folder about `url` at `now`; `at_work` says that a crawl works on it.
    ///
    /// # Errors
    /// When there is no data folder, or it can't be read.
    pub fn of(
        config: &Config,
        url: &NormalUrl,
        at_work: bool,
        now: Millis,
    ) -> Result<Self, StoreError> {
        let reader = Reader::open(&config.crawl.data)?;
        let known = Known::read(&reader, url)?;
        let rules = vec![
            scope(config, &known, url),
            found(&known),
            depth(config, &known, url),
            robots(config, &known, url, now),
            quota(config, &known, url),
            back_off(config, &known),
            gap(&known, now),
            duplicate(&known, url),
        ];
        Ok(Self {
            url: url.as_str().to_owned(),
            site: url.site().into_owned(),
            next: next(&known, &rules, at_work),
            rules,
            state: known.row.as_ref().map(|row| row.state.clone()),
            article: known.row.as_ref().and_then(|row| row.article.clone()),
            visits: reader.visits(url)?.iter().map(PastVisit::of).collect(),
            at_work,
        })
    }
}

fn rule(rule: &'static str, holds: Holds, says: impl Into<String>) -> RuleAnswer {
    RuleAnswer {
        rule,
        holds,
        says: says.into(),
    }
}

fn scope(config: &Config, known: &Known, url: &NormalUrl) -> RuleAnswer {
    // Depth has a line of its own.
    let mut config = config.clone();
    config.crawl.depth = None;
    for site in &mut config.sites {
        site.depth = None;
    }
    let mut seeds = known.active();
    for seed in &mut seeds {
        seed.depth = None;
    }
    let check = UrlCheck::of(&config, &seeds, url);
    match check.why {
        Some(why) => rule("scope", Holds::Stops, why),
        None if check.seed => rule("scope", Holds::Passes, "it is a seed"),
        None => rule("scope", Holds::Passes, "a link to it may enter"),
    }
}

fn found(known: &Known) -> RuleAnswer {
    let id = known.row.as_ref().map(|row| row.seed);
    let id = id.or(known.found.as_ref().map(|found| found.seed));
    let seed = id.and_then(|id| known.seeds.iter().find(|seed| seed.id == id));
    let from = seed.map_or_else(String::new, |seed| {
        format!(", from the seed {}", seed.seed.url)
    });
    let says = match (&known.found, &known.row) {
        (Some(Found { on: None, .. }), _) => "as a seed".to_owned(),
        (
            Some(Found {
                on: Some(page),
                via,
                ..
            }),
            _,
        ) => format!("on {page} ({via})"),
        (None, Some(row)) => format!("by way of: {}{from}", row.via),
        (None, None) => {
            let says = "no page that was visited led to it";
            return rule("found", Holds::Unknown, says);
        }
    };
    if seed.is_some_and(|seed| seed.retired) {
        let says = format!("{says}; its seed was taken out");
        return rule("found", Holds::Stops, says);
    }
    rule("found", Holds::Passes, says)
}

fn depth(config: &Config, known: &Known, url: &NormalUrl) -> RuleAnswer {
    let row = known.row.as_ref().map(|row| (row.depth, row.seed));
    let at = row.or(known.found.as_ref().map(|found| (found.depth, found.seed)));
    let site = config.sites.iter().find(|site| site.site == url.site());
    let seed = at.and_then(|(_, id)| known.seeds.iter().find(|seed| seed.id == id));
    let own = seed.and_then(|stored| stored.seed.depth);
    let limit = own
        .or(site.and_then(|site| site.depth))
        .or(config.crawl.depth);
    match (at, limit) {
        (None, None) => rule("depth", Holds::Passes, "no limit"),
        (None, Some(limit)) => rule(
            "depth",
            Holds::Unknown,
            format!("at most {limit} links from a seed"),
        ),
        (Some((at, _)), None) => rule(
            "depth",
            Holds::Passes,
            format!("{at} links from its seed, no limit"),
        ),
        (Some((at, _)), Some(limit)) => {
            let holds = if at > limit {
                Holds::Stops
            } else {
                Holds::Passes
            };
            rule(
                "depth",
                holds,
                format!("{at} links from its seed, of {limit} at most"),
            )
        }
    }
}

fn robots(config: &Config, known: &Known, url: &NormalUrl, now: Millis) -> RuleAnswer {
    let Some(copy) = &known.robots else {
        return rule(
            "robots",
            Holds::Unknown,
            "no copy of robots.txt: it is asked for first",
        );
    };
    let age = show_duration(Duration::from_secs(
        now.saturating_sub(copy.fetched) / 1_000,
    ));
    let stale = if now >= copy.expires {
        ", and asked for again before the next page"
    } else {
        ""
    };
    let of = format!("(the copy is {age} old{stale})");
    if matches!(copy.status, 401..=403 | 451) {
        return rule(
            "robots",
            Holds::Stops,
            format!("robots.txt is forbidden: status {} {of}", copy.status),
        );
    }
    let rules = Rules::parse(&copy.body, AGENT);
    let decision = rules.decide(url.url());
    let why = decision.rule.map_or_else(
        || "no rule matches".to_owned(),
        |rule| format!("line {}: {rule}", rule.line),
    );
    if !decision.allowed {
        return rule("robots", Holds::Stops, format!("{why} {of}"));
    }
    let most = config.politeness.max_crawl_delay;
    if u128::from(rules.gap()) > most.as_millis() {
        let gap = show_duration(Duration::from_millis(rules.gap()));
        let most = show_duration(most);
        return rule(
            "robots",
            Holds::Stops,
            format!("a Crawl-delay of {gap}, of {most} at most {of}"),
        );
    }
    rule("robots", Holds::Passes, format!("{why} {of}"))
}

fn quota(config: &Config, known: &Known, url: &NormalUrl) -> RuleAnswer {
    let site = config.sites.iter().find(|site| site.site == url.site());
    let most = site
        .and_then(|site| site.max_pages)
        .or(config.crawl.site_max_pages);
    let pages = known.unit.as_ref().map_or(0, |unit| unit.pages);
    match most {
        None => rule(
            "quota",
            Holds::Passes,
            format!("{pages} pages of the site in this run, no limit"),
        ),
        Some(most) => {
            let holds = if pages >= most {
                Holds::Stops
            } else {
                Holds::Passes
            };
            rule(
                "quota",
                holds,
                format!("{pages} pages of the site in this run, of {most} at most"),
            )
        }
    }
}

fn back_off(config: &Config, known: &Known) -> RuleAnswer {
    let Some(unit) = &known.unit else {
        return rule(
            "back-off",
            Holds::Passes,
            "the site was never asked for anything",
        );
    };
    let most = config.politeness.max_refusals;
    let says = format!(
        "{} refusals and {} failures in a row, of {most} at most",
        unit.refusals, unit.failures
    );
    if unit.parked {
        rule(
            "back-off",
            Holds::Stops,
            format!("{says}: left alone for this run"),
        )
    } else {
        rule("back-off", Holds::Passes, says)
    }
}

fn gap(known: &Known, now: Millis) -> RuleAnswer {
    let until = known.unit.as_ref().map_or(0, |unit| unit.next_allowed);
    match until.saturating_sub(now) {
        0 => rule("gap", Holds::Passes, "the site may be asked now"),
        wait => {
            let wait = show_duration(Duration::from_millis(wait));
            rule(
                "gap",
                Holds::Waits,
                format!("the site is not asked for another {wait}"),
            )
        }
    }
}

fn duplicate(known: &Known, url: &NormalUrl) -> RuleAnswer {
    let id = known.row.as_ref().and_then(|row| row.article.as_deref());
    match (id, &known.story_url) {
        (Some(id), Some(other)) if other != url.as_str() => rule(
            "duplicate",
            Holds::Passes,
            format!("it tells the story {id}, which is read at {other}"),
        ),
        (Some(id), _) => rule(
            "duplicate",
            Holds::Passes,
            format!("it tells the story {id}"),
        ),
        (None, _) => rule("duplicate", Holds::Passes, "it has told no story yet"),
    }
}

/// What happens next, by how the URL stands and by the first rule that stops it.
fn next(known: &Known, rules: &[RuleAnswer], at_work: bool) -> String {
    let runs = if at_work {
        "the crawl that is at work"
    } else {
        "the next `gleaner resume` or `gleaner crawl`"
    };
    let stopped = rules.iter().find(|answer| answer.holds == Holds::Stops);
    let Some(row) = &known.row else {
        return match (&known.found, stopped) {
            (_, Some(answer)) => format!("it is not asked for: {}", answer.rule),
            (Some(_), None) => format!("it waits in the queue for {runs}"),
            (None, None) => "nothing, until a page links to it; or name it as a seed".to_owned(),
        };
    };
    let waits = row.state == "retry" || row.next_due.is_some();
    if let Some(answer) = stopped.filter(|_| waits) {
        return format!("it is not asked for: {}", answer.rule);
    }
    match (row.state.as_str(), row.due, row.next_due) {
        ("retry", due, _) => format!("it is tried again by {runs}{}", from(due)),
        (_, _, Some(due)) => format!("it is visited again by a crawl{}", from(Some(due))),
        ("skipped", ..) => {
            "nothing: it was left out, for the reason that its last visit tells".to_owned()
        }
        _ => "nothing: it is settled, and no page that lists news".to_owned(),
    }
}

fn from(at: Option<Millis>) -> String {
    at.and_then(time)
        .map_or_else(String::new, |at| format!(", from {at:.0} on"))
}

fn time(at: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()
}

impl PastVisit {
    fn of(row: &VisitRow) -> Self {
        Self {
            started: time(row.started),
            ms: row.ended.saturating_sub(row.started),
            outcome: row.outcome.clone(),
            reason: row.reason.clone(),
            status: row.status,
            moved_to: row.moved_to.clone(),
            kind: row.kind.clone(),
            bytes: row.bytes_sent,
        }
    }
}
