//! Each rule that decides on a URL.

use super::known::Known;
use super::{Holds, RuleAnswer};
use crate::AGENT;
use crate::clock::Millis;
use crate::config::{Config, show_duration};
use crate::inspect::UrlCheck;
use crate::normal::NormalUrl;
use crate::politeness::Rules;
use crate::store::Found;
use std::time::Duration;

/// What each rule says, in the order in which a crawl asks them.
pub(super) fn all(config: &Config, known: &Known, url: &NormalUrl, now: Millis) -> Vec<RuleAnswer> {
    vec![
        scope(config, known, url),
        found(known),
        depth(config, known, url),
        robots(config, known, url, now),
        quota(config, known, url),
        back_off(config, known),
        gap(known, now),
        duplicate(known, url),
    ]
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
