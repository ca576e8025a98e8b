//! May we ask this host now?
//!
//! Handed a URL, a purpose and the time, [`Politeness::admit`] answers with a [`Verdict`]; it
//! never waits and does no I/O. What it needs first (a robots.txt, an address) it says, and the
//! engine fetches that like any URL and hands it back. Told how each request ended, it keeps per
//! budget unit when the next one may begin: gaps count from the *end* of an answer, for every
//! kind of request. The order among hosts, retries of pages and storing are left to others.

mod address;
mod backoff;
mod limit;
mod quota;
mod robots;
mod standing;
#[cfg(test)]
mod tests;
mod unit;
mod verdict;

pub use address::is_private;
pub use quota::{Charge, Payer};
pub(crate) use robots::Pattern;
pub use robots::{
    AiAgent, AiUse, Deciding, Decision, Line, LineKind, ROBOTS_MAX_BODY, RequestRate, RobotsSays,
    Rules, Scope, Window,
};
pub use standing::{RobotsAnswer, RobotsCopy, RobotsFile, RobotsNext};
pub use unit::{Report, Signal, UnitState};
pub use verdict::{Permit, Purpose, Refusal, Verdict};

use crate::clock::Millis;
use crate::config::Config;
use crate::normal::{BudgetUnit, NormalUrl, RobotsUnit};
use address::{Lookup, Named};
use limit::Limit;
use quota::Quotas;
use standing::{Access, RobotsPolicy, Standing};
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use unit::{Policy, Unit};
use url::Host;
use verdict::Hold;

/// Where a site reserves text and data mining (`TDMRep` 6.1).
pub const TDMREP: &str = "/.well-known/tdmrep.json";

/// For how long an answer to it is good, whatever it was.
const TDMREP_LIFETIME: Millis = 86_400_000;

/// When to look again while an address has too many requests open: their end is not known.
const ADDRESS_BUSY: Millis = 20;
/// As that, for a unit in flight whose gap is zero.
const UNIT_BUSY: Millis = 5;

/// All that is known about hosts, and the rules that they and our settings make.
#[derive(Debug)]
pub struct Politeness {
    has_contact: bool,
    allow_private: bool,
    max_crawl_delay: Millis,
    policy: Policy,
    policies: HashMap<BudgetUnit, Policy>,
    robots_policy: RobotsPolicy,
    /// Sites are asked for their tdmrep.json.
    tdmrep: bool,
    limit: Limit,
    quotas: Quotas,
    units: HashMap<BudgetUnit, Unit>,
    robots: HashMap<RobotsUnit, Standing>,
    names: HashMap<String, Named>,
    /// Redirect targets of robots.txt files that are still to be asked for.
    hops: HashSet<NormalUrl>,
    /// When an interrupted run was gone on with.
    resumed: Option<Millis>,
}

impl Politeness {
    /// `agent` is the product token that robots.txt files name us by.
    #[must_use]
    pub fn new(config: &Config, agent: &str) -> Self {
        let settings = &config.politeness;
        let policy = Policy {
            min_delay: millis(settings.min_delay),
            delay_factor: settings.delay_factor,
            max_refusals: settings.max_refusals,
        };
        let of_site = |site: &crate::config::Site| Policy {
            min_delay: site.min_delay.map_or(policy.min_delay, millis),
            delay_factor: site.delay_factor.unwrap_or(policy.delay_factor),
            ..policy
        };
        let sites = config.sites.iter();
        let mut quotas = Quotas::new(config.crawl.site_max_pages);
        for site in &config.sites {
            if let Some(most) = site.max_pages {
                quotas.set(Payer::Site(BudgetUnit::stored(&site.site)), most);
            }
        }
        Self {
            has_contact: config.crawl.contact.is_some(),
            allow_private: settings.allow_private,
            max_crawl_delay: millis(settings.max_crawl_delay),
            policy,
            policies: sites
                .map(|site| (BudgetUnit::stored(&site.site), of_site(site)))
                .collect(),
            robots_policy: RobotsPolicy {
                agent: agent.to_owned(),
                watched: config.rights.policy_tokens.clone(),
                lifetime: millis(settings.robots_lifetime),
                tries: settings.robots_tries,
                retry: millis(settings.robots_retry),
            },
            tdmrep: config.rights.tdmrep,
            limit: Limit::new(settings.max_rate, settings.per_address),
            quotas,
            units: HashMap::new(),
            robots: HashMap::new(),
            names: HashMap::new(),
            hops: HashSet::new(),
            resumed: None,
        }
    }

    /// May this URL be asked for now? `Go` marks its budget unit in flight until
    /// [`Politeness::finished`].
    pub fn admit(&mut self, url: &NormalUrl, purpose: Purpose, now: Millis) -> Verdict {
        match self.judge(url, purpose, now) {
            Ok(permit) => Verdict::Go(permit),
            Err(hold) => hold.into(),
        }
    }

    /// Takes in what the name service said about a host; an empty list is a failure too.
    pub fn resolved(&mut self, host: &str, answer: Result<Vec<IpAddr>, String>, now: Millis) {
        let answer = answer.unwrap_or_default();
        let named = Named::answered(self.names.get(host), answer, now);
        self.names.insert(host.to_owned(), named);
    }

    /// Takes in an answer to a robots.txt, or to a hop of one, of `unit`.
    pub fn robots_answered(
        &mut self,
        unit: &RobotsUnit,
        answer: RobotsAnswer,
        now: Millis,
    ) -> RobotsNext {
        let standing = self.robots.entry(unit.clone()).or_default();
        let next = standing.answered(unit, answer, &self.robots_policy, now);
        match &next {
            RobotsNext::Settled(_) => self.follow_gap(unit),
            RobotsNext::Hop(to) => _ = self.hops.insert(to.clone()),
            RobotsNext::RetryAt(_) | RobotsNext::GaveUp => {}
        }
        next
    }

    /// Takes up a copy that the store kept; a stale one counts as none until it is confirmed.
    pub fn robots_copy(&mut self, copy: RobotsCopy) {
        let unit = copy.unit.clone();
        let standing = self.robots.entry(unit.clone()).or_default();
        standing.take_up(copy, &self.robots_policy);
        self.follow_gap(&unit);
    }

    /// `ETag` and `Last-Modified` of the copy in force, for a conditional request.
    #[must_use]
    pub fn robots_validators(&self, unit: &RobotsUnit) -> (Option<&str>, Option<&str>) {
        self.robots
            .get(unit)
            .map_or((None, None), Standing::validators)
    }

    /// Ends the flight of a budget unit; returns what is to be kept of it.
    pub fn finished(&mut self, unit: &BudgetUnit, report: Report) -> UnitState {
        let known = self.unit(unit);
        let addresses = known.finish(report);
        let state = known.state();
        self.limit.closed(&addresses);
        state
    }

    /// When the unit's next request may begin; 0 when it was never asked for anything.
    #[must_use]
    pub fn next_allowed(&self, unit: &BudgetUnit) -> Millis {
        self.units.get(unit).map_or(0, Unit::ready_at)
    }

    /// What is to be kept of a unit, requests in flight counted.
    #[must_use]
    pub fn state(&self, unit: &BudgetUnit) -> Option<UnitState> {
        self.units.get(unit).map(Unit::state)
    }

    /// Sets how many pages may descend from a seed in this run.
    pub fn seed_quota(&mut self, seed: u32, most: u64) {
        self.quotas.set(Payer::Seed(seed), most);
    }

    /// Takes up what an earlier process of this run had charged to a payer, spent or not.
    pub fn restore_charge(&mut self, payer: Payer, pages: u64) {
        self.quotas.restore(payer, pages);
    }

    /// A charge is on disk: its pages may be asked for.
    pub fn charged(&mut self, charge: Charge) {
        self.quotas.charged(charge);
    }

    /// What each payer has spent in this run, for a clean end: the rest of what was charged is
    /// given back.
    #[must_use]
    pub fn spent(&self) -> Vec<(Payer, u64)> {
        self.quotas.spent()
    }

    /// Takes up what an earlier run left of a unit. Its next request waits one full gap from
    /// `now`: when the last one ended is not known for sure. A new run clears what held for the
    /// last one with [`UnitState::for_new_run`] first; a resumed one does not.
    pub fn restore(&mut self, state: UnitState, now: Millis) {
        if state.pages > 0 {
            // A quota may be set that was not when these were asked for.
            let payer = Payer::Site(state.unit.clone());
            self.quotas.restore(payer, state.pages);
        }
        self.unit(&state.unit).restore(state, now);
    }

    /// Has units that no earlier state is known of wait one full gap from `now` too: a resumed
    /// run may have been killed before their first answer was stored.
    pub fn resumed_at(&mut self, now: Millis) {
        self.resumed = Some(now);
    }

    /// Whether `url` is a robots.txt that was read and has not expired. A hop that a robots.txt
    /// redirects to is not.
    #[must_use]
    pub fn has_rules(&self, url: &NormalUrl, now: Millis) -> bool {
        let known = self.robots.get(&url.robots_unit());
        let in_force = known.is_some_and(|known| !matches!(known.access(now), Access::AskFrom(_)));
        in_force && !self.hops.contains(url)
    }

    /// The sitemaps that the robots.txt in force names: absolute URLs.
    #[must_use]
    pub fn sitemaps(&self, unit: &RobotsUnit) -> &[String] {
        self.robots.get(unit).map_or(&[], Standing::sitemaps)
    }

    /// A unit was asked for its tdmrep.json at `asked`: once a day is enough.
    pub fn tdmrep_asked(&mut self, unit: &RobotsUnit, asked: Millis) {
        let standing = self.robots.entry(unit.clone()).or_default();
        standing.tdmrep_due = asked.saturating_add(TDMREP_LIFETIME);
    }

    /// What the robots.txt in force says of a URL's use, and which file that is.
    #[must_use]
    pub fn says(&self, url: &NormalUrl) -> Option<(RobotsSays, RobotsFile)> {
        let standing = self.robots.get(&url.robots_unit())?;
        Some((standing.rules()?.says(url.url()), standing.file()?))
    }

    /// The rules last read for a robots unit.
    #[must_use]
    pub fn rules(&self, unit: &RobotsUnit) -> Option<&Rules> {
        self.robots.get(unit).and_then(Standing::rules)
    }

    fn judge(&mut self, url: &NormalUrl, purpose: Purpose, now: Millis) -> Result<Permit, Hold> {
        let unit = url.budget_unit();
        if self.unit(&unit).is_parked() {
            return Err(Hold::Never(Refusal::Parked));
        }
        if let Purpose::Page { seed } = purpose {
            self.quotas.check(&unit, seed)?;
        }
        let addresses = self.addresses(url, now)?;
        let robots = url.robots_unit();
        match purpose {
            Purpose::Page { .. } => {
                self.page_allowed(url, &robots, now)?;
                self.tdmrep_known(&robots, now)?;
            }
            Purpose::Tdmrep => self.page_allowed(url, &robots, now)?,
            Purpose::Robots => self.robots_wanted(url, &robots, now)?,
        }
        if let Purpose::Page { seed } = purpose {
            self.quotas.cover(&unit, seed)?;
        }
        let addresses = self.turn(&unit, &addresses, now)?;
        self.limit.take(now).map_err(Hold::Until)?;
        self.limit.opened(&addresses);
        if purpose == Purpose::Robots && !self.hops.remove(url) {
            self.robots.entry(robots).or_default().asked(now);
        } else if purpose == Purpose::Tdmrep {
            self.tdmrep_asked(&robots, now);
        }
        let port = url.url().port_or_known_default().unwrap_or_default();
        let sockets = addresses
            .iter()
            .map(|ip| SocketAddr::new(*ip, port))
            .collect();
        let page = match purpose {
            Purpose::Robots | Purpose::Tdmrep => false,
            Purpose::Page { seed } => {
                self.quotas.spend(&unit, seed);
                true
            }
        };
        self.unit(&unit).start(addresses, page);
        Ok(Permit::new(url.clone(), unit, sockets))
    }

    /// The addresses that may be connected to, as far as they are known.
    fn addresses(&self, url: &NormalUrl, now: Millis) -> Result<Vec<IpAddr>, Hold> {
        let addresses = match url.url().host() {
            Some(Host::Ipv4(v4)) => vec![v4.into()],
            Some(Host::Ipv6(v6)) => vec![v6.into()],
            Some(Host::Domain(name)) => self.look_up(name, now)?.to_vec(),
            None => return Err(Hold::Never(Refusal::NoAddress)),
        };
        let (private, public): (Vec<_>, Vec<_>) =
            addresses.into_iter().partition(|ip| is_private(*ip));
        if !public.is_empty() && !self.has_contact {
            return Err(Hold::Never(Refusal::NoContact));
        }
        match self.allow_private {
            true => Ok([public, private].concat()),
            false if public.is_empty() => Err(Hold::Never(Refusal::PrivateAddress)),
            false => Ok(public),
        }
    }

    fn look_up(&self, name: &str, now: Millis) -> Result<&[IpAddr], Hold> {
        match self
            .names
            .get(name)
            .map_or(Lookup::Ask, |named| named.lookup(now))
        {
            Lookup::Found(addresses) => Ok(addresses),
            Lookup::Ask => Err(Hold::Address(name.to_owned())),
            Lookup::Wait(until) => Err(Hold::Until(until)),
            Lookup::None => Err(Hold::Never(Refusal::NoAddress)),
        }
    }

    /// Does the robots.txt in force allow this page, at this time of day, at a pace we accept?
    fn page_allowed(&self, url: &NormalUrl, robots: &RobotsUnit, now: Millis) -> Result<(), Hold> {
        let access = self
            .robots
            .get(robots)
            .map_or(Access::AskFrom(0), |known| known.access(now));
        let rules = match access {
            Access::Rules(rules) => rules,
            Access::Forbidden(status) => {
                return Err(Hold::Never(Refusal::RobotsForbidden(status)));
            }
            Access::GaveUp => return Err(Hold::Never(Refusal::RobotsUnreachable)),
            Access::AskFrom(then) if then <= now => {
                return Err(Hold::Robots(robots.clone()));
            }
            Access::AskFrom(then) => return Err(Hold::Until(then)),
        };
        let decision = rules.decide(url.url());
        if let Some(rule) = decision.rule.filter(|_| !decision.allowed) {
            return Err(Hold::Never(Refusal::Robots {
                line: rule.line as usize,
                rule: rule.to_string(),
            }));
        }
        if rules.gap() > self.max_crawl_delay {
            return Err(Hold::Never(Refusal::CrawlDelayTooLong));
        }
        match rules.visit_time().map_or(now, |window| window.opens(now)) {
            opens if opens > now => Err(Hold::Until(opens)),
            _ => Ok(()),
        }
    }

    /// Reservations are known before a page is asked for, where robots.txt allows to ask for them.
    fn tdmrep_known(&self, robots: &RobotsUnit, now: Millis) -> Result<(), Hold> {
        let Some(standing) = self.robots.get(robots).filter(|_| self.tdmrep) else {
            return Ok(());
        };
        let allows = |rules: &Rules| rules.decide_target(TDMREP).allowed;
        let wanted = standing.tdmrep_due <= now && standing.rules().is_some_and(allows);
        if wanted {
            return Err(Hold::Tdmrep(robots.clone()));
        }
        Ok(())
    }

    /// A robots.txt that failed is not asked for before its pause ends; a hop of one is another's.
    fn robots_wanted(&self, url: &NormalUrl, robots: &RobotsUnit, now: Millis) -> Result<(), Hold> {
        if self.hops.contains(url) {
            return Ok(());
        }
        match self.robots.get(robots).map(|known| known.access(now)) {
            Some(Access::GaveUp) => Err(Hold::Never(Refusal::RobotsUnreachable)),
            Some(Access::AskFrom(then)) if then > now => Err(Hold::Until(then)),
            _ => Ok(()),
        }
    }

    /// Is it this unit's turn? Which of its addresses have room?
    fn turn(
        &mut self,
        unit: &BudgetUnit,
        addresses: &[IpAddr],
        now: Millis,
    ) -> Result<Vec<IpAddr>, Hold> {
        let known = self.unit(unit);
        if known.in_flight() {
            return Err(Hold::Until(now + known.gap().max(UNIT_BUSY)));
        }
        let ready = known.ready_at();
        if ready > now {
            return Err(Hold::Until(ready));
        }
        let room = |ip: &&IpAddr| self.limit.has_room(**ip);
        let free: Vec<IpAddr> = addresses.iter().filter(room).copied().collect();
        if free.is_empty() {
            return Err(Hold::Until(now + ADDRESS_BUSY));
        }
        Ok(free)
    }

    /// The unit's gap follows the robots.txt in force; one that is too slow for us binds nobody.
    fn follow_gap(&mut self, robots: &RobotsUnit) {
        let gap = self.rules(robots).map_or(0, Rules::gap);
        let gap = if gap > self.max_crawl_delay { 0 } else { gap };
        if let Ok(url) = robots.robots_txt() {
            self.unit(&url.budget_unit()).ask_gap(robots, gap);
        }
    }

    fn unit(&mut self, unit: &BudgetUnit) -> &mut Unit {
        let policy = self.policies.get(unit).copied().unwrap_or(self.policy);
        let fresh = || {
            let mut fresh = Unit::new(unit.clone(), policy);
            fresh.ended = self.resumed;
            fresh
        };
        self.units.entry(unit.clone()).or_insert_with(fresh)
    }
}

fn millis(duration: Duration) -> Millis {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
