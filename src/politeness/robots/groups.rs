//! The groups of a robots.txt: which lines bind whom (RFC 9309 2.2).

use super::directives::{self, RequestRate, Window};
use super::lines::{self, Field};
use super::matcher::{Matcher, Read};
use super::statements::{self, LineKind, Said, Statements};
use super::{Pattern, Rules};

/// Most unknown agents that are remembered, and the longest name of one in bytes.
const MOST_STRANGERS: usize = 256;
const LONGEST_STRANGER: usize = 100;

/// One or more agents and what follows them.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen of a group while it was read"
)]
#[derive(Default)]
pub(super) struct Group {
    /// One of the agents is ours.
    pub(super) named: bool,
    /// One of the agents is `*`.
    pub(super) star: bool,
    /// Agents whose rules are kept as evidence, a bit each.
    pub(super) watched: u64,
    /// A rule came: the next agent line begins another group.
    closed: bool,
    /// A Content-Usage line came while the group was open.
    usage_came: bool,
    pub(super) asks: Asks,
    pub(super) says: Vec<Said>,
}

impl Group {
    fn read(&mut self, line: u32, field: Field, value: &str) {
        let asks = &mut self.asks;
        match field {
            Field::Allow => self.rule(line, true, value),
            Field::Disallow => self.rule(line, false, value),
            Field::CrawlDelay => {
                asks.crawl_delay = asks.crawl_delay.max(directives::crawl_delay(value));
            }
            Field::RequestRate => asks.slow_to(directives::request_rate(value)),
            Field::VisitTime => {
                asks.visit_time = directives::window(value).or(asks.visit_time);
            }
            other => self.says.extend(said(other, value)),
        }
    }

    fn rule(&mut self, line: u32, allow: bool, value: &str) {
        self.closed = true;
        if !self.matters() {
            return;
        }
        if let Some(pattern) = Pattern::compile(value) {
            self.asks.rules.push((pattern, allow, line));
        }
    }

    fn matters(&self) -> bool {
        self.named || self.star || self.watched != 0
    }
}

fn said(field: Field, value: &str) -> Option<Said> {
    let kind = match field {
        Field::ContentUsage => LineKind::ContentUsage,
        Field::ContentSignal => LineKind::ContentSignal,
        Field::License => LineKind::License,
        Field::LlmPolicy => LineKind::LlmPolicy,
        _ => return None,
    };
    Some(Said::new(kind, value))
}

/// What groups ask for, merged over all groups of one agent.
#[derive(Default)]
pub(super) struct Asks {
    pub(super) rules: Vec<Read>,
    crawl_delay: Option<u64>,
    request_rate: Option<RequestRate>,
    visit_time: Option<Window>,
}

impl Asks {
    fn merge(&mut self, mut other: Self) {
        self.rules.append(&mut other.rules);
        self.crawl_delay = self.crawl_delay.max(other.crawl_delay);
        self.slow_to(other.request_rate);
        self.visit_time = other.visit_time.or(self.visit_time);
    }

    fn slow_to(&mut self, rate: Option<RequestRate>) {
        self.request_rate = self
            .request_rate
            .into_iter()
            .chain(rate)
            .max_by_key(RequestRate::gap);
    }
}

/// Sorts lines into groups; keeps those of our agent, of `*` and of watched agents.
pub(super) struct Groups<'a> {
    agent: &'a str,
    watched: &'a [String],
    /// Whether Content-Usage is a rule, as its draft has it (aipref-attach 3), or one of the lines
    /// that RFC 9309 does not know.
    usage_is_rule: bool,
    /// The two readings differ.
    pub(super) usage_may_end_run: bool,
    /// What stands before the first agent line binds nobody.
    now: Option<Group>,
    pub(super) all: Vec<Group>,
    /// What is said before the first group.
    pub(super) global: Vec<Said>,
    /// Agents that are named and not known.
    pub(super) strangers: Vec<String>,
    sitemaps: Vec<String>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(body: &[u8], agent: &'a str, watched: &'a [String]) -> Self {
        Self::read(body, agent, watched, false)
    }

    pub(super) fn ended_by_usage(body: &[u8], agent: &'a str) -> Self {
        Self::read(body, agent, &[], true)
    }

    fn read(body: &[u8], agent: &'a str, watched: &'a [String], usage_is_rule: bool) -> Self {
        let mut groups = Self {
            agent: token(agent),
            watched,
            usage_is_rule,
            usage_may_end_run: false,
            now: None,
            all: Vec::new(),
            global: Vec::new(),
            strangers: Vec::new(),
            sitemaps: Vec::new(),
        };
        lines::read(body, |line, field, value| groups.line(line, field, value));
        groups.end_group();
        groups
    }

    fn line(&mut self, line: u32, field: Field, value: &str) {
        match (field, &mut self.now) {
            (Field::Agent, _) => self.agent_line(value),
            (Field::Sitemap, _) => self.sitemaps.push(value.to_owned()),
            (_, Some(group)) => {
                group.read(line, field, value);
                if field == Field::ContentUsage {
                    group.usage_came |= !group.closed;
                    group.closed |= self.usage_is_rule;
                }
            }
            (_, None) => self.global.extend(said(field, value)),
        }
    }

    /// Only a rule ends a run of agent lines: Crawl-delay, Sitemap and unknown lines don't.
    fn agent_line(&mut self, value: &str) {
        if let Some(group) = &self.now {
            self.usage_may_end_run |= group.usage_came && !group.closed;
            if group.closed {
                self.end_group();
            }
        }
        let after_star = value.strip_prefix('*').map(str::as_bytes);
        let name = token(value);
        let group = self.now.get_or_insert_default();
        let star = after_star.is_some_and(|rest| {
            rest.first()
                .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == 0x0B)
        });
        let named = !name.is_empty() && name.eq_ignore_ascii_case(self.agent);
        let watched = statements::bits(name, self.watched);
        group.star |= star;
        group.named |= named;
        group.watched |= watched;
        if !star && !named && watched == 0 {
            self.stranger(value);
        }
    }

    fn stranger(&mut self, value: &str) {
        let fits = self.strangers.len() < MOST_STRANGERS && value.len() <= LONGEST_STRANGER;
        if fits && !self.strangers.iter().any(|own| own == value) {
            self.strangers.push(value.to_owned());
        }
    }

    pub(super) fn watched(&self) -> &[String] {
        self.watched
    }

    fn end_group(&mut self) {
        self.all.extend(self.now.take().filter(Group::matters));
    }

    /// Once a group names us the groups of `*` count for nothing, those named with it included.
    pub(super) fn binds(&self) -> impl Fn(&Group) -> bool + use<> {
        let any = self.all.iter().any(|group| group.named);
        move |group| if any { group.named } else { group.star }
    }

    /// The rules; `other` is the reading in which Content-Usage ends a run of agent lines.
    pub(super) fn finish(mut self, other: Option<Self>) -> Rules {
        let statements = Statements::of_groups(&mut self, other);
        let binds = self.binds();
        let mut asks = Asks::default();
        for group in std::mem::take(&mut self.all) {
            if binds(&group) {
                asks.merge(group.asks);
            }
        }
        Rules {
            matcher: Matcher::new(asks.rules),
            crawl_delay: asks.crawl_delay,
            request_rate: asks.request_rate,
            visit_time: asks.visit_time,
            sitemaps: self.sitemaps.into(),
            statements,
        }
    }
}

/// The product token that a value begins with (RFC 9309 2.2.1): letters, `_` and `-`.
fn token(value: &str) -> &str {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '_' | '-')));
    &value[..end.unwrap_or(value.len())]
}
