//! One URL's visit: what is asked, what came of it, what it yielded.

use super::rights::InForce;
use crate::config::Config;
use crate::dedup::Fingerprint;
use crate::fetch::{Ask, Capture, Fetch, FetchOutcome, Validators, Wants};
use crate::frontier::{Entry, Link};
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use crate::parse::{self, Parsed};
use crate::politeness::{Permit, Purpose, ROBOTS_MAX_BODY, UnitState};
use crate::rights::Rights;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a request is made for.
#[derive(Debug)]
pub(crate) enum Job {
    /// A URL of the frontier.
    Page(Entry),
    /// A robots.txt, or a redirect's hop of one.
    Robots(RobotsJob),
    /// A tdmrep.json.
    Tdmrep(TdmrepJob),
}

/// What a unit reserves is at `url`.
#[derive(Debug)]
pub(crate) struct TdmrepJob {
    pub(crate) unit: RobotsUnit,
    pub(crate) url: NormalUrl,
    /// The link that waits for it.
    pub(crate) cause: Link,
}

/// A precondition on its way: the rules of `rules_for` are at `url`, five redirects at the most away.
#[derive(Debug)]
pub(crate) struct RobotsJob {
    pub(crate) rules_for: RobotsUnit,
    pub(crate) url: NormalUrl,
    /// The link that could not be judged without these rules: sitemaps found here descend from its seed.
    pub(crate) cause: Link,
}

impl Job {
    pub(crate) fn url(&self) -> &NormalUrl {
        match self {
            Self::Page(entry) => &entry.link.url,
            Self::Robots(job) => &job.url,
            Self::Tdmrep(job) => &job.url,
        }
    }

    pub(crate) fn purpose(&self) -> Purpose {
        match self {
            Self::Page(entry) => Purpose::Page {
                seed: entry.link.seed,
            },
            Self::Robots(_) => Purpose::Robots,
            Self::Tdmrep(_) => Purpose::Tdmrep,
        }
    }
}

/// A job whose request has ended.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) unit: BudgetUnit,
    pub(crate) job: Job,
    pub(crate) outcome: FetchOutcome,
    /// What its site said when a page was asked for.
    pub(crate) in_force: InForce,
}

/// A page whose request has ended, before it is read.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) entry: Entry,
    pub(crate) outcome: FetchOutcome,
    /// Its budget unit's state after the request.
    pub(crate) unit: UnitState,
    /// What its site said when it was asked for.
    pub(crate) in_force: InForce,
}

/// A finished visit: the one value that flows back.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) entry: Entry,
    pub(crate) outcome: FetchOutcome,
    pub(crate) unit: UnitState,
    pub(crate) yielded: Yield,
    /// What is said of its use, where there was an answer.
    pub(crate) rights: Option<Rights>,
}

/// What a visit's body gave.
#[derive(Debug)]
pub(crate) enum Yield {
    /// There was none to read.
    Nothing,
    /// Facts, and the story's fingerprint.
    Facts(Box<Parsed>, Option<Fingerprint>),
    /// The parser has a bug that this page shows.
    Broken,
}

/// What is asked of a site besides a URL: its own headers and cookies, and no more than is wanted.
pub(crate) fn ask(
    config: &Config,
    unit: &BudgetUnit,
    wants: Wants,
    validators: Option<Validators>,
) -> Ask {
    let site = config.sites.iter().find(|site| site.site == unit.as_str());
    Ask {
        max_body: match wants {
            Wants::Page => config.fetch.max_body,
            Wants::Robots => ROBOTS_MAX_BODY,
        },
        wants,
        validators,
        headers: site.map(|site| site.headers.clone()).unwrap_or_default(),
        cookies: site.and_then(|site| site.cookies.clone()),
    }
}

/// Sends the one request that `permit` stands for.
pub(crate) async fn fetch<N: Fetch>(
    net: Arc<N>,
    permit: Permit,
    ask: Ask,
    (job, in_force): (Job, InForce),
) -> Fetched {
    let unit = permit.unit().clone();
    let outcome = net.fetch(permit, ask).await;
    Fetched {
        unit,
        job,
        outcome,
        in_force,
    }
}

/// Reads what came; runs off the async threads. A page that breaks the parser costs that page, not the crawl.
pub(crate) fn read(page: Unread) -> Visit {
    let Unread {
        entry,
        outcome,
        unit,
        in_force,
    } = page;
    let yielded = readable(&outcome).map_or(Yield::Nothing, |page| {
        catch_unwind(AssertUnwindSafe(|| facts(page))).unwrap_or(Yield::Broken)
    });
    let parsed = match &yielded {
        Yield::Facts(parsed, _) => Some(&**parsed),
        Yield::Nothing | Yield::Broken => None,
    };
    Visit {
        rights: in_force.record(&outcome, parsed),
        entry,
        outcome,
        unit,
        yielded,
    }
}

fn facts(page: &Capture) -> Yield {
    let parsed = parse::parse(&page.url, &page.headers, &page.body);
    let story = parsed.article.as_ref();
    let fingerprint = story.map(|article| Fingerprint::of(&article.text));
    Yield::Facts(Box::new(parsed), fingerprint)
}

/// A whole body is worth reading; half a page would be stored as if it were all.
fn readable(outcome: &FetchOutcome) -> Option<&Capture> {
    match outcome {
        FetchOutcome::Fetched(page) if page.cut.is_none() && !page.body.is_empty() => Some(page),
        _ => None,
    }
}
