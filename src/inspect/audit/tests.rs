//! Forged logs: one breach of each kind, and the same log without it.

use super::*;
use crate::config;
use crate::fetch::Capture;
use crate::frontier::{Link, Via};
use crate::inspect::Verification;
use crate::politeness::RobotsCopy;
use crate::store::{Finished, Pace, Store};
use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};

const T: Millis = 1_780_000_000_000;
const HOST: &str = "http://a.example";
const DAY: Millis = 86_400_000;

fn link(path: &str) -> Link {
    Link {
        url: NormalUrl::parse(&format!("{HOST}{path}")).unwrap(),
        seed: 1,
        depth: 1,
        hops: 0,
        via: Via::Front,
        priority: 40,
    }
}

/// A page that was asked for `at` milliseconds after T and took `took`.
fn page(path: &str, at: Millis, took: Millis) -> Finished {
    Finished {
        status: Some(200),
        ..Finished::new(link(path), T + at, T + at + took)
    }
}

fn refused(path: &str, at: Millis, status: u16, told: Option<&str>) -> Finished {
    let page = page(path, at, 10);
    let mut headers = HeaderMap::new();
    if let Some(told) = told {
        headers.insert(RETRY_AFTER, HeaderValue::from_str(told).unwrap());
    }
    let moved = status < 400;
    Finished {
        outcome: if moved { "moved" } else { "refused" },
        moved_to: moved.then(|| link("/to").url),
        status: Some(status),
        capture: Some(Capture {
            url: page.link.url.clone(),
            started: page.started,
            ended: page.ended,
            address: None,
            request: Bytes::new(),
            version: http::Version::HTTP_11,
            status,
            headers,
            sent: Bytes::new(),
            body: Bytes::new(),
            cut: None,
        }),
        archive: false,
        ..page
    }
}

fn robots(at: Millis, status: u16, body: &str) -> Finished {
    let unit = link("/").url.robots_unit();
    let visit = page("/robots.txt", at, 10);
    Finished {
        robots: true,
        status: Some(status),
        rules_for: Some(unit.clone()),
        robots_copy: Some(RobotsCopy {
            unit,
            fetched: visit.ended,
            expires: visit.ended + DAY,
            status,
            body: Bytes::from(body.to_owned()),
            etag: None,
            last_modified: None,
        }),
        ..visit
    }
}

fn no_robots(at: Millis) -> Finished {
    Finished {
        outcome: "failed",
        status: None,
        robots_copy: None,
        ..robots(at, 200, "")
    }
}

/// What processes logged, each begun so long after T; all are of one run.
fn verified(processes: &[(Millis, Vec<Finished>)]) -> Verification {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), &config::Store::default(), T).unwrap();
    let pace = Pace {
        agent: "gleaner".into(),
        min_delay: 1_000,
        delay_factor: 5.0,
        max_crawl_delay: 120_000,
        ..Pace::default()
    };
    store.start_run(T, "").unwrap();
    for (at, visits) in processes {
        store.begin_sitting(T + at, &pace).unwrap();
        store.append(visits).unwrap();
    }
    Verification::read(folder.path()).unwrap()
}

/// `visits` break `rule` with the last of them; without it nothing is broken.
#[track_caller]
fn breaks(rule: Rule, mut processes: Vec<(Millis, Vec<Finished>)>) -> Breach {
    let number: usize = processes.iter().map(|(_, visits)| visits.len()).sum();
    let breach = verified(&processes)
        .breach
        .unwrap_or_else(|| panic!("{rule:?} is not seen"));
    assert_eq!(
        (breach.rule, breach.visit),
        (rule, number as u64),
        "{breach:?}"
    );
    let last = processes.last_mut().unwrap().1.pop().unwrap();
    assert_eq!(breach.url, last.link.url.as_str());
    let before = verified(&processes);
    assert_eq!(before.breach, None);
    breach
}

fn one(visits: Vec<Finished>) -> Vec<(Millis, Vec<Finished>)> {
    vec![(0, visits)]
}

#[test]
fn a_log_that_keeps_the_rules_is_counted() {
    let rules = "User-agent: *\nDisallow: /closed\nCrawl-delay: 2\n";
    let mut first = vec![
        robots(0, 200, rules),
        page("/a", 2_010, 100),
        refused("/b", 4_110, 429, Some("7")),
        page("/c", 11_120, 10),
        refused("/d", 13_130, 500, None),
    ];
    // A longer page is logged after the one that followed it.
    first.swap(1, 2);
    let found = verified(&[(0, first), (17_200, vec![page("/e", 19_200, 10)])]);
    assert_eq!(found.breach, None);
    let counts = [found.visits, found.requests, found.gaps, found.pages];
    assert_eq!(counts, [6, 6, 5, 5]);
    let counts = [found.retry_afters, found.back_offs, found.restarts];
    assert_eq!(counts, [1, 1, 1]);
    let met = [
        found.budget_units,
        found.robots_units,
        u64::from(found.most_open),
    ];
    assert_eq!(met, [1, 1, 1]);
}

/// Visits of which the last breaks a rule, and the gap that it needed.
type Early = (Rule, Vec<Finished>, Option<Millis>);

fn are_seen(logs: Vec<Early>) {
    for (rule, visits, needed) in logs {
        let breach = breaks(rule, one(visits));
        if needed.is_some() {
            assert_eq!(breach.needed_ms, needed, "{breach:?}");
            assert!(breach.found_ms < breach.needed_ms.map(u64::cast_signed));
        }
    }
}

#[test]
fn each_kind_of_short_gap_is_seen() {
    let delay = "User-agent: gleaner\nCrawl-delay: 3\n";
    let rate = "User-agent: *\nRequest-rate: 1/4\n";
    let ten = (0..10).map(|n| page(&format!("/{n}"), 11_010 + n * 5_010, 10));
    let slow = [robots(0, 200, ""), page("/slow", 1_010, 1_000)];
    let half = page("/half", 11_010 + 9 * 5_010 + 10 + 2_400, 10);
    let slow = slow.into_iter().chain(ten).chain([half]).collect();
    let open = || robots(0, 200, "");
    let took = [open(), page("/", 1_010, 400), page("/b", 3_400, 5)];
    let beside = [open(), page("/", 1_010, 50), page("/b", 1_050, 500)];
    are_seen(vec![
        (
            Rule::MinDelay,
            vec![open(), page("/", 1_009, 5)],
            Some(1_000),
        ),
        (
            Rule::CrawlDelay,
            vec![robots(0, 200, delay), page("/", 2_900, 5)],
            Some(3_000),
        ),
        (
            Rule::CrawlDelay,
            vec![robots(0, 200, rate), page("/", 3_900, 5)],
            Some(4_000),
        ),
        (Rule::DelayFactor, took.into(), Some(2_000)),
        (Rule::DelayFactor, slow, Some(2_500)),
        (Rule::OneAtATime, beside.into(), None),
    ]);
}

#[test]
fn each_kind_of_silence_that_is_broken_is_seen() {
    let date = jiff::Timestamp::from_millisecond((T + 60_000).cast_signed()).unwrap();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let told = |status, told: Option<&str>, next| {
        let open = robots(0, 200, "");
        vec![open, refused("/", 1_010, status, told), page("/b", next, 5)]
    };
    let mut twice = told(503, None, 6_900);
    twice.insert(2, refused("/", 3_020, 500, Some("soon")));
    are_seen(vec![
        (Rule::BackOff, told(503, None, 3_019), Some(2_000)),
        (Rule::BackOff, twice, Some(4_000)),
        (
            Rule::RetryAfter,
            told(429, Some("10"), 11_000),
            Some(10_000),
        ),
        (
            Rule::RetryAfter,
            told(503, Some(&date), 59_000),
            Some(58_980),
        ),
        (
            Rule::RetryAfter,
            told(301, Some("10"), 11_000),
            Some(10_000),
        ),
        (Rule::RetryAfter, told(429, Some("90000"), 90_500_000), None),
    ]);
}

#[test]
fn a_restart_owes_a_full_gap_and_what_was_owed_before() {
    let first = || {
        vec![
            robots(0, 200, "User-agent: *\nCrawl-delay: 3\n"),
            page("/", 3_010, 10),
        ]
    };
    let rule = Rule::Restart;
    breaks(
        rule,
        vec![(0, first()), (9_000, vec![page("/b", 11_900, 5)])],
    );
    let found = verified(&[(0, first()), (9_000, vec![page("/b", 12_000, 5)])]);
    assert_eq!((found.breach, found.restarts), (None, 1));
    // A unit that nothing is known of may have been asked by the process that was killed.
    breaks(
        rule,
        vec![(0, vec![]), (9_000, vec![robots(9_900, 200, "")])],
    );
}

#[test]
fn each_kind_of_page_that_was_not_permitted_is_seen() {
    let closed = "User-agent: *\nAllow: /open\nDisallow: /closed\n";
    let slow = "User-agent: *\nCrawl-delay: 300\n";
    for (rule, visits, said) in [
        (Rule::NoRobots, vec![page("/", 0, 10)], "no robots.txt"),
        (
            Rule::NoRobots,
            vec![no_robots(0), page("/", 5_000, 10)],
            "no robots.txt",
        ),
        (
            Rule::NoRobots,
            vec![robots(0, 200, ""), no_robots(2_000), page("/", 9_000, 10)],
            "had failed",
        ),
        (
            Rule::OldRobots,
            vec![robots(0, 200, ""), page("/", DAY + 5_000, 10)],
            "too old",
        ),
        (
            Rule::Forbidden,
            vec![robots(0, 401, ""), page("/", 5_000, 10)],
            "status 401",
        ),
        (
            Rule::Disallowed,
            vec![
                robots(0, 200, closed),
                page("/open", 2_000, 10),
                page("/closed/x", 5_000, 10),
            ],
            "robots.txt line 3: Disallow: /closed",
        ),
        (
            Rule::Disallowed,
            vec![
                robots(0, 200, ""),
                page("/closed/x", 2_000, 10),
                robots(4_000, 200, closed),
                page("/closed/x", 6_000, 10),
            ],
            "line 3",
        ),
        (
            Rule::TooSlow,
            vec![robots(0, 200, slow), page("/", 400_000, 10)],
            "300000 ms",
        ),
    ] {
        let breach = breaks(rule, one(visits));
        assert!(breach.said.contains(said), "{breach:?}");
    }
}
