//! What a robots.txt says about URLs.

use crate::politeness::Rules;
use serde::Serialize;
use std::str::FromStr;
use url::Url;

/// What a robots.txt asks of an agent, and what it says about some URLs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RobotsReport {
    /// The agent, as it was given.
    pub agent: String,
    /// Rules that bind it.
    pub rules: usize,
    /// Crawl-delay in seconds; the larger of several.
    pub crawl_delay: Option<f64>,
    /// The gap that Crawl-delay and Request-rate ask for, in milliseconds.
    pub gap_ms: u64,
    /// The times of day at which pages may be asked for, in minutes since midnight, UTC.
    pub visit_time: Option<(u16, u16)>,
    /// The URLs, as they were asked about.
    pub urls: Vec<Judged>,
}

/// What a robots.txt says about a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The URL or path, as it was given.
    pub url: String,
    /// The answer.
    pub allowed: bool,
    /// The rule that decided; none where no rule matches.
    pub rule: Option<String>,
    /// The rule's line, from 1.
    pub line: Option<u32>,
}

/// A URL that is asked about, or the path of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    written: String,
    /// Path and query.
    target: String,
}

/// Neither a URL nor a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an http URL nor a path that begins with `/`")]
pub struct TargetError;

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(written: &str) -> Result<Self, TargetError> {
        let target = if written.starts_with('/') {
            written.split('#').next().unwrap_or_default().to_owned()
        } else {
            let url = Url::parse(written).map_err(|_| TargetError)?;
            if !matches!(url.scheme(), "http" | "https") {
                return Err(TargetError);
            }
            url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
        };
        Ok(Self {
            written: written.to_owned(),
            target,
        })
    }
}

impl RobotsReport {
    /// Reads the robots.txt `body` for `agent`, and asks it about `targets`.
    #[must_use]
    pub fn of(body: &[u8], agent: &str, targets: &[Target]) -> Self {
        let rules = Rules::parse(body, agent);
        let judged = |asked: &Target| {
            let decision = rules.decide_target(&asked.target);
            Judged {
                url: asked.written.clone(),
                allowed: decision.allowed,
                rule: decision.rule.map(|rule| rule.to_string()),
                line: decision.rule.map(|rule| rule.line),
            }
        };
        Self {
            agent: agent.to_owned(),
            rules: rules.len(),
            crawl_delay: rules.crawl_delay().map(seconds),
            gap_ms: rules.gap(),
            visit_time: rules.visit_time().map(|window| (window.from, window.to)),
            urls: targets.iter().map(judged).collect(),
        }
    }

    /// Whether all URLs are allowed.
    #[must_use]
    pub fn all_allowed(&self) -> bool {
        self.urls.iter().all(|judged| judged.allowed)
    }
}

#[expect(clippy::cast_precision_loss, reason = "delays are below 2^53 ms")]
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"User-agent: *\nDisallow: /\n\nUser-agent: Gleaner\nCrawl-delay: 1.5\n\
        Disallow: /private\nAllow: /private/open\nDisallow: /*?print=\n";

    #[test]
    fn each_url_with_the_line_that_decided() {
        for (agent, url, allowed, line) in [
            ("gleaner", "https://n.example/", true, None),
            ("gleaner", "/private/x", false, Some(6)),
            (
                "gleaner/1.0",
                "https://n.example/private/open/1#top",
                true,
                Some(7),
            ),
            ("gleaner", "/story?print=1", false, Some(8)),
            ("other", "/story", false, Some(2)),
            ("other", "/robots.txt", true, None),
        ] {
            let report = RobotsReport::of(FILE, agent, &[url.parse().unwrap()]);
            let found = (report.urls[0].allowed, report.urls[0].line);
            assert_eq!(found, (allowed, line), "{agent} {url}");
            assert_eq!(report.all_allowed(), allowed);
        }
        let report = RobotsReport::of(FILE, "gleaner", &[]);
        assert_eq!(
            (report.crawl_delay, report.gap_ms, report.rules),
            (Some(1.5), 1500, 3)
        );
    }

    #[test]
    fn what_is_no_url_is_told() {
        for written in ["story", "ftp://n.example/", "", "mailto:a@b.example"] {
            assert_eq!(written.parse::<Target>(), Err(TargetError), "{written}");
        }
    }
}
