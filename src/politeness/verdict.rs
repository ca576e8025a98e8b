//! What politeness answers: go, wait, fetch something first, or never.

use super::quota::Charge;
use crate::clock::Millis;
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use std::fmt;
use std::net::SocketAddr;

/// The right to send one request. Only [`super::Politeness::admit`] makes one, it can't be
/// copied, and the fetcher wants one: nothing is sent that was not admitted.
///
/// ```compile_fail,E0451
/// use gleaner::{normal::NormalUrl, politeness::Permit};
/// let url = NormalUrl::parse("https://example.org/").unwrap();
/// let unit = url.budget_unit();
/// let permit = Permit { url, unit, addresses: vec![] }; // private fields
/// ```
///
/// ```compile_fail,E0599
/// fn twice(permit: gleaner::politeness::Permit) -> [gleaner::politeness::Permit; 2] {
///     [permit.clone(), permit] // no `Clone`
/// }
/// ```
#[derive(Debug)]
pub struct Permit {
    url: NormalUrl,
    unit: BudgetUnit,
    addresses: Vec<SocketAddr>,
}

impl Permit {
    pub(super) fn new(url: NormalUrl, unit: BudgetUnit, addresses: Vec<SocketAddr>) -> Self {
        Self {
            url,
            unit,
            addresses,
        }
    }

    /// What may be asked for.
    #[must_use]
    pub fn url(&self) -> &NormalUrl {
        &self.url
    }

    /// Whose gap the request opens.
    #[must_use]
    pub fn unit(&self) -> &BudgetUnit {
        &self.unit
    }

    /// The only addresses that may be connected to; at least one.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Anything but a robots.txt.
    Page {
        /// The seed that it descends from, whose quota pays for it too.
        seed: u32,
    },
    /// A robots.txt or a hop of one: it needs no rules first.
    Robots,
    /// A tdmrep.json: a page to robots.txt, and to no quota.
    Tdmrep,
}

/// May this URL be asked for now?
#[derive(Debug)]
pub enum Verdict {
    /// Yes; its budget unit is in flight until `finished` is told.
    Go(Permit),
    /// Not before then; ask again.
    WaitUntil(Millis),
    /// Fetch this robots.txt first.
    NeedsRobots(RobotsUnit),
    /// Fetch this unit's [`super::TDMREP`] first.
    NeedsTdmrep(RobotsUnit),
    /// Resolve this host first.
    NeedsAddress(String),
    /// Make this durable first, then hand it to [`super::Politeness::charged`].
    NeedsCharge(Charge),
    /// Not in this run.
    Never(Refusal),
}

/// A verdict other than `Go`.
pub(super) enum Hold {
    Until(Millis),
    Robots(RobotsUnit),
    Tdmrep(RobotsUnit),
    Address(String),
    Charge(Charge),
    Never(Refusal),
}

impl From<Hold> for Verdict {
    fn from(hold: Hold) -> Self {
        match hold {
            Hold::Until(then) => Self::WaitUntil(then),
            Hold::Robots(unit) => Self::NeedsRobots(unit),
            Hold::Tdmrep(unit) => Self::NeedsTdmrep(unit),
            Hold::Address(host) => Self::NeedsAddress(host),
            Hold::Charge(charge) => Self::NeedsCharge(charge),
            Hold::Never(refusal) => Self::Never(refusal),
        }
    }
}

/// Why a URL is not asked for in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A rule of robots.txt forbids it.
    Robots {
        /// The rule's line, from 1.
        line: usize,
        /// The rule.
        rule: String,
    },
    /// robots.txt itself is forbidden, with this status: no page is asked for.
    RobotsForbidden(u16),
    /// No good answer to robots.txt came.
    RobotsUnreachable,
    /// Crawl-delay is above `politeness.max_crawl_delay`.
    CrawlDelayTooLong,
    /// The host is on a private network, and `allow_private` is off.
    PrivateAddress,
    /// The host has no address.
    NoAddress,
    /// The site refused, or did not answer, too often.
    Parked,
    /// The site's pages for this run are used up.
    QuotaSpent,
    /// The pages that may descend from the seed in this run are used up.
    SeedQuotaSpent,
    /// The host is public and no contact is set.
    NoContact,
}

impl Refusal {
    /// A short name for counting.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Robots { .. } => "robots",
            Self::RobotsForbidden(_) => "robots_forbidden",
            Self::RobotsUnreachable => "robots_unreachable",
            Self::CrawlDelayTooLong => "crawl_delay_too_long",
            Self::PrivateAddress => "private_address",
            Self::NoAddress => "no_address",
            Self::Parked => "parked",
            Self::QuotaSpent => "quota_spent",
            Self::SeedQuotaSpent => "seed_quota_spent",
            Self::NoContact => "no_contact",
        }
    }
}

impl Refusal {
    /// Is the whole site closed for this run, and not only the one URL?
    #[must_use]
    pub fn closes_site(&self) -> bool {
        !matches!(self, Self::Robots { .. } | Self::SeedQuotaSpent)
    }

    /// Is nothing wrong with the URL, so that it stays queued for the next run?
    #[must_use]
    pub fn sets_aside(&self) -> bool {
        matches!(self, Self::QuotaSpent | Self::SeedQuotaSpent)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Robots { line, rule } => {
                return write!(f, "disallowed by robots.txt, line {line}: {rule}");
            }
            Self::RobotsForbidden(status) => {
                return write!(f, "robots.txt is forbidden: status {status}");
            }
            Self::RobotsUnreachable => "robots unreachable: no good answer to robots.txt came",
            Self::CrawlDelayTooLong => "the site's Crawl-delay is above `max_crawl_delay`",
            Self::PrivateAddress => {
                "the host's address is private, and `allow_private` is off (`--allow-private` sets it)"
            }
            Self::NoAddress => "the host has no address",
            Self::Parked => "the site refused or failed too often and is left alone",
            Self::QuotaSpent => "the site's pages for this run are used up",
            Self::SeedQuotaSpent => "the pages of its seed for this run are used up",
            Self::NoContact => "no contact is set, and the host is public",
        };
        f.write_str(text)
    }
}
