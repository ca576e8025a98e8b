//! When the next request of a budget unit may begin.

use super::*;

fn quick() -> Config {
    let mut config = config();
    config.politeness.min_delay = Duration::ZERO;
    config.politeness.delay_factor = 0.0;
    config
}

#[test]
fn the_gap_is_the_largest_of_all_that_ask_for_one() {
    for (min_delay, factor, robots, took, gap) in [
        (2_000, 5.0, "", 100, 2_001),
        (2_000, 5.0, "", 1_000, 5_001),
        (2_000, 0.0, "", 1_000, 2_001),
        (0, 0.0, "", 1_000, 0),
        (0, 0.0, "Crawl-delay: 7", 1_000, 7_001),
        (0, 0.0, "Crawl-delay: 0.25", 1_000, 251),
        (2_000, 5.0, "Crawl-delay: 1", 100, 2_001),
        (2_000, 5.0, "Request-rate: 6/1m", 100, 10_001),
        (
            2_000,
            5.0,
            "Request-rate: 60/1m\nCrawl-delay: 4",
            100,
            4_001,
        ),
    ] {
        let mut config = config();
        config.politeness.min_delay = Duration::from_millis(min_delay);
        config.politeness.delay_factor = factor;
        let mut crawl = Crawl::with_robots(&config, &format!("User-agent: *\n{robots}\n"));
        assert_eq!(
            crawl.visit(&page(), took, Signal::Fine),
            gap,
            "{robots:?}, {min_delay} ms"
        );
    }
}

#[test]
fn a_gap_of_zero_is_no_wait() {
    let mut crawl = Crawl::with_robots(&quick(), "");
    crawl.visit(&page(), 50, Signal::Fine);
    assert!(matches!(crawl.page(&page()), Verdict::Go(_)));
}

#[test]
fn a_site_may_have_a_gap_of_its_own() {
    let mut config = config();
    config.sites.push(crate::config::Site {
        site: "paper.example".into(),
        min_delay: Some(Duration::from_secs(9)),
        delay_factor: Some(100.0),
        ..Default::default()
    });
    let mut crawl = Crawl::with_robots(&config, "");
    assert_eq!(crawl.visit(&page(), 1, Signal::Fine), 9_001);
    assert_eq!(crawl.visit(&page(), 100, Signal::Fine), 10_001);
}

#[test]
fn the_first_page_waits_for_the_crawl_delay_just_read() {
    let mut crawl = Crawl::new(&config());
    crawl.resolve(&page());
    crawl.robots(
        &page(),
        answer(200, &[], "User-agent: *\nCrawl-delay: 30\n"),
    );
    let read = crawl.now;
    crawl.go(&page(), ANY_PAGE);
    assert!(crawl.now >= read + 30_000);
}

#[test]
fn the_gap_shrinks_by_no_more_than_half_in_ten_answers() {
    let mut crawl = Crawl::with_robots(&config(), "");
    let slow = crawl.visit(&page(), 8_000, Signal::Fine);
    assert_eq!(slow, 40_001);
    let gaps: Vec<Millis> = (0..20)
        .map(|_| crawl.visit(&page(), 1, Signal::Fine))
        .collect();
    assert!((20_000..20_100).contains(&gaps[9]), "{gaps:?}");
    assert!((10_000..10_100).contains(&gaps[19]), "{gaps:?}");
}

#[test]
fn retry_after_silences_the_whole_unit() {
    for (signal, wait) in [
        (refused(429, Some("30")), 30_000),
        (refused(503, Some("Sun, 15 Jun 2025 15:08:00 GMT")), 79_990),
        (Signal::RetryAfterRedirect("45".into()), 45_000),
        (Signal::RetryAfterRedirect("soon".into()), 2_001),
        (refused(404, Some("600")), 2_001),
    ] {
        let mut crawl = Crawl::with_robots(&config(), "");
        assert_eq!(crawl.visit(&page(), 10, signal.clone()), wait, "{signal:?}");
        let sister = url("http://www.paper.example/robots.txt");
        let ended = crawl.now;
        crawl.go(&sister, Purpose::Robots);
        assert_eq!(crawl.now, ended + wait, "{signal:?}");
    }
}

#[test]
fn a_silence_of_more_than_a_day_parks_the_site() {
    for text in ["86401", "Wed, 21 Oct 2099 07:28:00 GMT"] {
        let mut crawl = Crawl::with_robots(&config(), "");
        crawl.visit(&page(), 10, refused(503, Some(text)));
        assert_eq!(crawl.refusal(&page()), Refusal::Parked, "{text}");
    }
    let mut crawl = Crawl::with_robots(&config(), "");
    assert_eq!(
        crawl.visit(&page(), 10, refused(503, Some("86400"))),
        86_400_000
    );
    crawl.go(&url("https://paper.example/robots.txt"), Purpose::Robots);
}

#[test]
fn refusals_double_the_gap_then_park_the_site() {
    for retry_after in [None, Some("garbage"), Some("0")] {
        let mut crawl = Crawl::with_robots(&config(), "");
        let mut last = 2_000;
        for _ in 0..4 {
            let pause = crawl.visit(&page(), 10, refused(429, retry_after));
            assert!(
                (last * 2..=last * 5 / 2 + 1).contains(&pause),
                "{pause} after {last}"
            );
            last = pause;
        }
        crawl.visit(&page(), 10, refused(503, retry_after));
        assert_eq!(crawl.refusal(&page()), Refusal::Parked);
    }
}

#[test]
fn a_good_answer_ends_the_pauses() {
    let mut crawl = Crawl::with_robots(&config(), "");
    for _ in 0..10 {
        for _ in 0..4 {
            crawl.visit(&page(), 10, refused(503, None));
        }
        assert_eq!(crawl.visit(&page(), 10, Signal::Fine), 2_001);
    }
}

#[test]
fn missing_answers_pause_more_mildly() {
    for signal in [
        Signal::NoAnswer,
        refused(500, None),
        refused(502, Some("9000")),
    ] {
        let mut crawl = Crawl::with_robots(&quick(), "");
        let pauses: Vec<_> = (0..9)
            .map(|_| crawl.visit(&page(), 10, signal.clone()))
            .collect();
        assert!(
            pauses.is_sorted() && pauses[0] >= 1_000 && pauses[8] <= 600_000,
            "{pauses:?}"
        );
        crawl.visit(&page(), 10, signal);
        assert_eq!(crawl.refusal(&page()), Refusal::Parked);
    }
}

#[test]
fn jitter_differs_from_site_to_site() {
    let pause = |host: &str| {
        let page = url(&format!("https://{host}/"));
        let mut crawl = Crawl::new(&config());
        crawl.resolve(&page);
        crawl.robots(&page, answer(404, &[], ""));
        crawl.visit(&page, 10, refused(503, None))
    };
    assert_ne!(pause("a.example"), pause("b.example"));
    assert_eq!(pause("a.example"), pause("a.example"));
}

#[test]
fn a_start_waits_a_full_gap_and_longer_pauses_go_on() {
    for (left, wait) in [
        (0, 2_001),
        (500, 2_001),
        (60_000, 60_000),
        (999 * 86_400_000, 86_400_000),
    ] {
        let mut crawl = Crawl::with_robots(&config(), "");
        crawl.visit(&page(), 10, Signal::Fine);
        let state = crawl.politeness.state(&page().budget_unit()).unwrap();
        let next_allowed = crawl.now + left;
        let mut later = Crawl::with_robots(&config(), "");
        later.politeness.restore(
            UnitState {
                next_allowed,
                ..state
            },
            crawl.now,
        );
        assert_eq!(
            later.politeness.next_allowed(&page().budget_unit()),
            crawl.now + wait
        );
    }
}

#[test]
fn a_restart_keeps_parking_quota_and_response_time_and_a_new_run_clears_them() {
    let mut config = config();
    config.crawl.site_max_pages = Some(5);
    let mut crawl = Crawl::with_robots(&config, "");
    crawl.visit(&page(), 3_000, Signal::Fine);
    for _ in 0..4 {
        crawl.visit(&page(), 10, refused(503, None));
    }
    let state = crawl.politeness.state(&page().budget_unit()).unwrap();
    assert_eq!((state.requests, state.pages, state.refusals), (5, 5, 4));
    let restored = |state: UnitState| {
        let mut later = Crawl::with_robots(&config, "");
        later.politeness.restore(state, START);
        later
    };
    assert_eq!(
        restored(state.clone()).refusal(&page()),
        Refusal::QuotaSpent
    );
    let parked = UnitState {
        parked: true,
        ..state.clone()
    };
    assert_eq!(restored(parked.clone()).refusal(&page()), Refusal::Parked);
    let mut fresh = restored(parked.for_new_run());
    assert!(fresh.visit(&page(), 1, Signal::Fine) > 10_000);
}

/// Many hosts, all signals, in an order that a small generator picks: whatever happens, no gap
/// is undercut and no unit has two requests open.
#[test]
fn no_gap_is_ever_undercut() {
    let mut crawl = Crawl::new(&config());
    let pages: Vec<_> = (0..7)
        .map(|n| url(&format!("https://h{n}.site{}.example/", n % 3)))
        .collect();
    for page in &pages {
        crawl.resolve(page);
        let settled = answer(200, &[], "User-agent: *\nCrawl-delay: 3\n");
        crawl
            .politeness
            .robots_answered(&page.robots_unit(), settled, START);
    }
    let mut ended: HashMap<BudgetUnit, Millis> = HashMap::new();
    let mut seed = 7_u64;
    for _ in 0..5_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (pick, took) = ((seed >> 33) as usize % pages.len(), seed >> 20 & 1023);
        let url = &pages[pick];
        crawl.resolve(url);
        match crawl.page(url) {
            Verdict::Go(permit) => {
                let since = ended
                    .get(permit.unit())
                    .map_or(Millis::MAX, |ended| crawl.now - ended);
                assert!(since >= 3_000, "gap of {since} ms");
                assert!(matches!(crawl.page(url), Verdict::WaitUntil(_)));
                let signal = if took % 7 == 0 {
                    refused(503, None)
                } else {
                    Signal::Fine
                };
                crawl.end(url, took, signal);
                ended.insert(url.budget_unit(), crawl.now);
            }
            Verdict::NeedsRobots(unit) => {
                crawl.politeness.robots_answered(
                    &unit,
                    answer(200, &[], "User-agent: *\nCrawl-delay: 3\n"),
                    crawl.now,
                );
            }
            Verdict::WaitUntil(_) => crawl.now += took,
            other => panic!("{other:?}"),
        }
    }
}
