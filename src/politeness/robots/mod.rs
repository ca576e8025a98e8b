//! robots.txt: bytes in, a rule set out that answers which line decides on a URL (RFC 9309).
//!
//! [`Rules`] is built once per robots.txt and agent. The `robotstxt` crate reads the lines
//! (`lines`); groups, longest match and lifetimes are ours. What a *response* to a robots.txt
//! request means is told by `standing`.

mod build;
mod directives;
mod lines;
mod matcher;
mod octets;
mod packed;
mod pattern;
#[cfg(test)]
pub(super) mod tests;

pub use directives::{RequestRate, Window};

use lines::Field;
use matcher::{Found, Matcher, Read};
use pattern::Pattern;
use std::fmt;
use url::{Position, Url};

/// Bytes of a robots.txt that are parsed; RFC 9309 2.5 asks for 500 KiB at least.
pub(super) const PARSED: usize = 512 << 10;

/// Bytes of a robots.txt that are worth asking for: enough to see that it is longer than `PARSED`.
pub const ROBOTS_MAX_BODY: u64 = 640 << 10;

/// The rules of one robots.txt that bind one agent.
#[derive(Debug, Default)]
pub struct Rules {
    matcher: Matcher,
    crawl_delay: Option<u64>,
    request_rate: Option<RequestRate>,
    visit_time: Option<Window>,
    sitemaps: Box<[String]>,
}

/// May a URL be asked for, and which rule says so?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The answer.
    pub allowed: bool,
    /// The rule that decided; without one everything is allowed.
    pub rule: Option<Deciding<'a>>,
}

/// A rule that decided; displayed as it would stand in a robots.txt, in normal octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deciding<'a> {
    /// Its line, from 1.
    pub line: u32,
    found: Found,
    matcher: &'a Matcher,
}

impl Rules {
    /// Reads a robots.txt for an agent, given by its product token. Bytes past `PARSED` are
    /// not read, and of a line that is cut there nothing is.
    #[must_use]
    pub fn parse(body: &[u8], agent: &str) -> Self {
        let mut groups = Groups::new(agent);
        lines::read(cut(body), |line, field, value| {
            groups.read(line, field, value);
        });
        groups.finish()
    }

    /// Judges a URL. `/robots.txt` itself is always allowed (RFC 9309 2.2.2).
    #[must_use]
    pub fn decide(&self, url: &Url) -> Decision<'_> {
        self.decide_target(&url[Position::BeforePath..Position::AfterQuery])
    }

    /// Judges a path with its query, as it would stand in a request line.
    #[must_use]
    pub fn decide_target(&self, target: &str) -> Decision<'_> {
        let rule = match target {
            "/robots.txt" => None,
            _ => self.matcher.deciding(&octets::target(target)),
        };
        Decision {
            allowed: rule.is_none_or(|rule| rule.allow),
            rule: rule.map(|rule| Deciding {
                line: rule.line,
                found: rule,
                matcher: &self.matcher,
            }),
        }
    }

    /// The gap that Crawl-delay and Request-rate ask for, in milliseconds; 0 when neither does.
    #[must_use]
    pub fn gap(&self) -> u64 {
        let rate = self.request_rate.map_or(0, |rate| rate.gap());
        self.crawl_delay.unwrap_or(0).max(rate)
    }

    /// Crawl-delay in milliseconds; the larger of several.
    #[must_use]
    pub fn crawl_delay(&self) -> Option<u64> {
        self.crawl_delay
    }

    /// Request-rate; the slowest of several.
    #[must_use]
    pub fn request_rate(&self) -> Option<RequestRate> {
        self.request_rate
    }

    /// Visit-time; the last of several.
    #[must_use]
    pub fn visit_time(&self) -> Option<Window> {
        self.visit_time
    }

    /// The sitemaps named, whatever agent they stand under, resolved against the robots.txt's
    /// own URL: absolute http and https URLs, each once, in their order.
    #[must_use]
    pub fn sitemaps(&self, robots_txt: &Url) -> Vec<String> {
        directives::sitemaps(robots_txt, &self.sitemaps)
    }

    /// How many rules bind the agent.
    #[must_use]
    pub fn len(&self) -> usize {
        self.matcher.len()
    }

    /// Does no rule bind the agent?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Deciding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.found.allow {
            "Allow"
        } else {
            "Disallow"
        };
        let end = if self.found.anchored { "$" } else { "" };
        write!(f, "{word}: {}{end}", self.matcher.pattern(&self.found))
    }
}

/// The bytes that are parsed: all whole lines within the limit.
fn cut(body: &[u8]) -> &[u8] {
    let Some(head) = body.get(..PARSED).filter(|_| body.len() > PARSED) else {
        return body;
    };
    let end = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
    &head[..end.map_or(0, |end| end + 1)]
}

/// One or more agents and what follows them (RFC 9309 2.2).
#[derive(Default)]
struct Group {
    /// One of the agents is ours.
    named: bool,
    /// One of the agents is `*`.
    star: bool,
    /// A rule came: the next agent line begins another group.
    closed: bool,
    asks: Asks,
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
            Field::Agent | Field::Sitemap => {}
        }
    }

    fn rule(&mut self, line: u32, allow: bool, value: &str) {
        self.closed = true;
        if !(self.named || self.star) {
            return;
        }
        if let Some(pattern) = Pattern::compile(value) {
            self.asks.rules.push((pattern, allow, line));
        }
    }
}

/// What groups ask for, merged over all groups of one agent.
#[derive(Default)]
struct Asks {
    rules: Vec<Read>,
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

/// Sorts lines into groups; keeps what our agent's and `*`'s groups ask for.
struct Groups<'a> {
    agent: &'a str,
    /// What stands before the first agent line binds nobody.
    now: Option<Group>,
    named: Option<Asks>,
    star: Asks,
    sitemaps: Vec<String>,
}

impl<'a> Groups<'a> {
    fn new(agent: &'a str) -> Self {
        Self {
            agent: token(agent),
            now: None,
            named: None,
            star: Asks::default(),
            sitemaps: Vec::new(),
        }
    }

    fn read(&mut self, line: u32, field: Field, value: &str) {
        match (field, &mut self.now) {
            (Field::Agent, _) => self.agent_line(value),
            (Field::Sitemap, _) => self.sitemaps.push(value.to_owned()),
            (_, Some(group)) => group.read(line, field, value),
            (_, None) => {}
        }
    }

    /// Only a rule ends a run of agent lines: Crawl-delay, Sitemap and unknown lines don't.
    fn agent_line(&mut self, value: &str) {
        if self.now.as_ref().is_some_and(|group| group.closed) {
            self.end_group();
        }
        let after_star = value.strip_prefix('*').map(str::as_bytes);
        let name = token(value);
        let group = self.now.get_or_insert_default();
        group.star |= after_star.is_some_and(|rest| {
            rest.first()
                .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == 0x0B)
        });
        group.named |= !name.is_empty() && name.eq_ignore_ascii_case(self.agent);
    }

    fn end_group(&mut self) {
        let group = self.now.take().unwrap_or_default();
        // Once a group names us the groups of `*` count for nothing, this one's star included.
        if group.named {
            self.named.get_or_insert_default().merge(group.asks);
        } else if group.star {
            self.star.merge(group.asks);
        }
    }

    fn finish(mut self) -> Rules {
        self.end_group();
        let asks = self.named.unwrap_or(self.star);
        Rules {
            matcher: Matcher::new(asks.rules),
            crawl_delay: asks.crawl_delay,
            request_rate: asks.request_rate,
            visit_time: asks.visit_time,
            sitemaps: self.sitemaps.into(),
        }
    }
}

/// The product token that a value begins with (RFC 9309 2.2.1): letters, `_` and `-`.
fn token(value: &str) -> &str {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '_' | '-')));
    &value[..end.unwrap_or(value.len())]
}
