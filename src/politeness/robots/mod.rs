//! robots.txt: bytes in, a rule set out that answers which line decides on a URL (RFC 9309).
//!
//! [`Rules`] is built once per robots.txt and agent. The `robotstxt` crate reads the lines
//! (`lines`); groups, longest match and lifetimes are ours. What a *response* to a robots.txt
//! request means is told by `standing`.

mod build;
mod directives;
mod groups;
mod lines;
mod matcher;
mod octets;
mod packed;
mod pattern;
mod statements;
#[cfg(test)]
pub(super) mod tests;

pub use directives::{RequestRate, Window};
pub(crate) use pattern::Pattern;
pub use statements::{AiAgent, AiUse, Line, LineKind, RobotsSays, Scope};

use groups::Groups;
use matcher::{Found, Matcher};
use statements::Statements;
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
    /// What it says of the use of pages: nothing, mostly.
    statements: Option<Box<Statements>>,
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
        Self::parse_watching(body, agent, &[])
    }

    /// As [`Rules::parse`]; besides those of the known AI agents, groups that name an agent in
    /// `watched` are kept for [`Rules::says`].
    #[must_use]
    pub fn parse_watching(body: &[u8], agent: &str, watched: &[String]) -> Self {
        let body = cut(body);
        let groups = Groups::of(body, agent, watched);
        // Whether Content-Usage ends a run of agent lines matters to few files.
        let other = groups
            .usage_may_end_run
            .then(|| Groups::ended_by_usage(body, agent));
        groups.finish(other)
    }

    /// What the robots.txt says of a URL's use.
    #[must_use]
    pub fn says(&self, url: &Url) -> RobotsSays {
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let allowed = self.decide_target(target).allowed;
        match &self.statements {
            Some(statements) => statements.of(target, allowed, &self.matcher),
            None => RobotsSays {
                allowed,
                ..RobotsSays::default()
            },
        }
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
