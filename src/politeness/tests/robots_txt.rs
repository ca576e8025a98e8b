//! What answers to a robots.txt mean, and for how long (RFC 9309 2.3 and 2.4, read strictly).

use super::super::robots::tests::shared;
use super::*;

const CLOSED: &str = "User-agent: *\nDisallow: /x\n";
const X: &str = "https://paper.example/x";
const Y: &str = "https://paper.example/y";
const HOUR: Millis = 3_600_000;

fn crawl() -> Crawl {
    let mut crawl = Crawl::new(&config());
    crawl.resolve(&page());
    crawl
}

/// May the page be asked for, once all waits have passed?
fn allowed(crawl: &mut Crawl, text: &str) -> bool {
    let page = url(text);
    for _ in 0..9 {
        match crawl.page(&page) {
            Verdict::Go(_) => return true,
            Verdict::WaitUntil(then) => crawl.now = then,
            Verdict::NeedsAddress(_) => crawl.resolve(&page),
            Verdict::NeedsRobots(_) | Verdict::Never(_) => return false,
        }
    }
    panic!("waits without an end");
}

#[test]
fn what_a_status_means() {
    for (status, x, y) in [
        (200, false, true),
        (203, false, true),
        (204, false, true),
        (226, false, true),
        (206, false, false),
        (301, true, true),
        (304, false, false),
        (400, true, true),
        (401, false, false),
        (402, false, false),
        (403, false, false),
        (404, true, true),
        (405, true, true),
        (410, true, true),
        (418, true, true),
        (429, false, false),
        (451, false, false),
        (500, false, false),
        (503, false, false),
        (599, false, false),
        (600, false, false),
    ] {
        for (text, expected) in [(X, x), (Y, y)] {
            let mut crawl = crawl();
            crawl.robots(&page(), answer(status, &[], CLOSED));
            assert_eq!(allowed(&mut crawl, text), expected, "{status} {text}");
        }
    }
}

#[test]
fn a_forbidden_robots_txt_closes_the_site() {
    for status in [401, 402, 403, 451] {
        let mut crawl = crawl();
        assert!(matches!(
            crawl.robots(&page(), answer(status, &[], "")),
            RobotsNext::Settled(_)
        ));
        assert_eq!(crawl.refusal(&page()), Refusal::RobotsForbidden(status));
    }
}

#[test]
fn a_failing_robots_txt_is_tried_at_growing_gaps_and_given_up() {
    let failures = [
        RobotsAnswer::Failed("connection refused".into()),
        answer(500, &[], ""),
        answer(206, &[], CLOSED),
    ];
    for failure in failures {
        let mut crawl = crawl();
        let (mut last, mut gaps) = (crawl.now, Vec::new());
        for _ in 0..3 {
            let next = crawl.robots(&page(), failure.clone());
            gaps.push(crawl.now - last);
            last = crawl.now;
            assert!(matches!(next, RobotsNext::RetryAt(then) if then > crawl.now));
            assert!(
                matches!(crawl.page(&page()), Verdict::WaitUntil(_)),
                "no page meanwhile"
            );
        }
        assert!(matches!(crawl.robots(&page(), failure), RobotsNext::GaveUp));
        gaps.push(crawl.now - last);
        assert!(
            gaps[1] >= 5_000 && gaps[2] >= 2 * (gaps[1] - 10) && gaps[3] >= 2 * (gaps[2] - 10),
            "{gaps:?}"
        );
        assert!(gaps[3] <= 45_000, "{gaps:?}");
        assert_eq!(crawl.refusal(&page()), Refusal::RobotsUnreachable);
        let robots_txt = page().robots_unit().robots_txt().unwrap();
        assert!(matches!(
            crawl.ask(&robots_txt, Purpose::Robots),
            Verdict::Never(_)
        ));
    }
}

#[test]
fn a_late_try_makes_the_next_pause_longer() {
    let mut crawl = crawl();
    crawl.robots(&page(), answer(500, &[], ""));
    crawl.now += 6_000;
    let RobotsNext::RetryAt(then) = crawl.robots(&page(), answer(500, &[], "")) else {
        panic!("not tried again");
    };
    assert_eq!(then - crawl.now, 12_000);
}

#[test]
fn a_good_answer_after_failures_opens_the_site() {
    let mut crawl = crawl();
    crawl.robots(&page(), answer(503, &[], ""));
    crawl.robots(&page(), answer(200, &[], CLOSED));
    assert!(allowed(&mut crawl, Y));
    assert!(!allowed(&mut crawl, X));
}

#[test]
fn retry_after_of_a_robots_txt_is_obeyed_when_longer() {
    for (text, pause) in [
        ("3", 5_000),
        ("60", 60_000),
        ("Sun, 15 Jun 2025 15:10:00 GMT", 199_990),
    ] {
        let mut crawl = crawl();
        let next = crawl.robots(&page(), answer(429, &[("retry-after", text)], ""));
        assert!(
            matches!(next, RobotsNext::RetryAt(then) if then == crawl.now + pause),
            "{next:?}"
        );
    }
    let mut crawl = crawl();
    let next = crawl.robots(
        &page(),
        answer(503, &[("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT")], ""),
    );
    assert!(matches!(next, RobotsNext::GaveUp));
}

#[test]
fn five_redirects_are_followed_across_hosts_and_bind_the_first() {
    let mut crawl = crawl();
    let unit = page().robots_unit();
    let moved = |hop: usize| {
        let location = format!("http://h{hop}.example/robots.txt");
        answer(301, &[("location", &location)], "")
    };
    let mut next = crawl.robots(&page(), moved(1));
    for hop in 2..=6 {
        let RobotsNext::Hop(to) = next else {
            panic!("hop {hop}: {next:?}");
        };
        crawl.go(&to, Purpose::Robots);
        crawl.end(&to, 10, Signal::Fine);
        let answer = if hop == 6 {
            answer(200, &[], CLOSED)
        } else {
            moved(hop)
        };
        next = crawl.politeness.robots_answered(&unit, answer, crawl.now);
    }
    assert!(matches!(next, RobotsNext::Settled(copy) if copy.unit == unit));
    assert!(!allowed(&mut crawl, X));
    assert!(allowed(&mut crawl, Y));
    let elsewhere = url("http://h5.example/y");
    assert!(matches!(crawl.page(&elsewhere), Verdict::NeedsRobots(_)));
}

#[test]
fn a_sixth_redirect_and_a_loop_are_unreachable() {
    let unit = page().robots_unit();
    let answers = |location: fn(usize) -> String| {
        let mut crawl = crawl();
        let mut requests = 1;
        while let RobotsNext::Hop(_) = crawl.politeness.robots_answered(
            &unit,
            answer(302, &[("location", &location(requests))], ""),
            START,
        ) {
            requests += 1;
        }
        assert_eq!(crawl.refusal(&page()), Refusal::RobotsUnreachable);
        requests
    };
    assert_eq!(answers(|hop| format!("/r{hop}")), 6);
    assert_eq!(answers(|_| "/robots.txt".into()), 1);
    assert_eq!(answers(|hop| format!("/r{}", hop % 2)), 3);
}

#[test]
fn a_redirect_to_no_http_url_is_a_failure() {
    for location in [
        "ftp://paper.example/robots.txt",
        "http://[",
        "data:text/plain,x",
    ] {
        let mut crawl = crawl();
        let next = crawl.robots(&page(), answer(301, &[("location", location)], ""));
        assert!(matches!(next, RobotsNext::RetryAt(_)), "{location}");
    }
}

#[test]
fn a_hop_to_a_robots_txt_that_was_given_up_is_still_a_hop() {
    let mut crawl = crawl();
    let (first, second) = (page(), url("http://paper.example/"));
    for _ in 0..4 {
        crawl.robots(&second, answer(500, &[], ""));
    }
    let next = crawl.robots(
        &first,
        answer(301, &[("location", "http://paper.example/robots.txt")], ""),
    );
    let RobotsNext::Hop(to) = next else {
        panic!("{next:?}");
    };
    crawl.go(&to, Purpose::Robots);
}

#[test]
fn copies_live_as_long_as_they_say_but_five_minutes_at_least() {
    for (cache_control, lifetime) in [
        ("", 24 * HOUR),
        ("public, max-age=3600", HOUR),
        ("Max-Age=\"7200\"", 2 * HOUR),
        ("max-age=1", 300_000),
        ("no-cache", 300_000),
        ("no-store, max-age=9000", 300_000),
        ("max-age=99999999", 24 * HOUR),
        ("max-age=soon", 24 * HOUR),
    ] {
        let mut crawl = crawl();
        let next = crawl.robots(
            &page(),
            answer(200, &[("cache-control", cache_control)], CLOSED),
        );
        let RobotsNext::Settled(copy) = next else {
            panic!("{next:?}");
        };
        assert_eq!(copy.expires - copy.fetched, lifetime, "{cache_control}");
        crawl.now = copy.expires;
        crawl.resolve(&page());
        assert!(
            matches!(crawl.page(&page()), Verdict::NeedsRobots(_)),
            "{cache_control}"
        );
    }
}

#[test]
fn a_stale_copy_is_confirmed_by_304() {
    for body in [
        CLOSED.to_owned(),
        format!("{CLOSED}{}", "# pad\n".repeat(2_000)),
    ] {
        let mut crawl = crawl();
        let pairs = [
            ("etag", "\"v1\""),
            ("last-modified", "Sun, 15 Jun 2025 00:00:00 GMT"),
        ];
        crawl.robots(&page(), answer(200, &pairs, &body));
        crawl.now += 25 * HOUR;
        crawl.resolve(&page());
        assert!(matches!(crawl.page(&page()), Verdict::NeedsRobots(_)));
        let validators = crawl.politeness.robots_validators(&page().robots_unit());
        assert_eq!(validators, (Some("\"v1\""), Some(pairs[1].1)));
        let RobotsNext::Settled(copy) = crawl.robots(&page(), answer(304, &[], "")) else {
            panic!("not renewed");
        };
        assert_eq!((copy.status, &copy.body[..]), (200, body.as_bytes()));
        assert_eq!(
            (copy.fetched, copy.etag.as_deref()),
            (crawl.now, Some("\"v1\""))
        );
        assert!(!allowed(&mut crawl, X));
        assert!(allowed(&mut crawl, Y));
    }
}

#[test]
fn no_page_while_a_stale_copy_can_not_be_confirmed() {
    let mut crawl = crawl();
    crawl.robots(&page(), answer(200, &[], CLOSED));
    crawl.now += 25 * HOUR;
    crawl.robots(&page(), answer(500, &[], ""));
    assert!(matches!(crawl.page(&url(Y)), Verdict::WaitUntil(_)));
    crawl.now += 5_000;
    assert!(matches!(crawl.page(&url(Y)), Verdict::NeedsRobots(_)));
}

#[test]
fn new_rules_bind_urls_that_were_queued_before() {
    let mut crawl = crawl();
    crawl.robots(&page(), answer(200, &[], ""));
    assert!(allowed(&mut crawl, X));
    crawl.end(&url(X), 10, Signal::Fine);
    crawl.now += 24 * HOUR;
    crawl.robots(&page(), answer(200, &[], CLOSED));
    assert!(!allowed(&mut crawl, X));
}

#[test]
fn a_copy_from_the_store_is_taken_up() {
    let mut crawl = crawl();
    let RobotsNext::Settled(copy) = crawl.robots(&page(), answer(200, &[], CLOSED)) else {
        panic!("not settled");
    };
    let mut later = Crawl::new(&config());
    later.now = copy.expires - 1;
    later.resolve(&page());
    later.politeness.robots_copy(copy.clone());
    assert!(matches!(
        later.page(&url(X)),
        Verdict::Never(Refusal::Robots { line: 2, .. })
    ));
    later.now = copy.expires;
    assert!(matches!(later.page(&url(X)), Verdict::NeedsRobots(_)));
}

#[test]
fn a_body_cut_short_is_no_answer_but_a_very_long_one_is() {
    let cut = |length: usize| {
        let mut body = format!("{CLOSED}Disallow: /y\n").into_bytes();
        body.resize(length, b'#');
        let mut crawl = crawl();
        let (headers, body) = (HeaderMap::new(), Bytes::from(body));
        crawl.robots(
            &page(),
            RobotsAnswer::Answered {
                status: 200,
                headers,
                body,
                whole: false,
            },
        )
    };
    assert!(matches!(cut(100), RobotsNext::RetryAt(_)));
    assert!(
        matches!(cut(600 << 10), RobotsNext::Settled(copy) if copy.body.len() <= (512 << 10) + 1)
    );
}

#[test]
fn rules_after_much_padding_count_and_a_cut_last_line_does_not() {
    let padded = |padding: usize, last: &str| {
        let body = format!(
            "User-agent: *\n{}Disallow: /x\n{last}",
            "#".repeat(padding) + "\n"
        );
        let mut crawl = crawl();
        crawl.robots(&page(), answer(200, &[], &body));
        crawl
    };
    assert!(!allowed(&mut padded(499 << 10, ""), X));
    let start = "User-agent: *\n\nDisallow: /x\nDisallow: /".len();
    let mut cut = padded((512 << 10) - start, "Disallow: /yellow\n");
    assert!(!allowed(&mut cut, X));
    assert!(allowed(&mut cut, Y));
}

#[test]
fn a_crawl_delay_above_the_cap_leaves_the_site_out_but_not_its_sister() {
    let mut crawl = crawl();
    crawl.robots(
        &page(),
        answer(200, &[], "User-agent: *\nCrawl-delay: 3600\n"),
    );
    assert_eq!(crawl.refusal(&page()), Refusal::CrawlDelayTooLong);
    let sister = url("https://sport.paper.example/");
    crawl.resolve(&sister);
    crawl.robots(&sister, answer(404, &[], ""));
    assert_eq!(crawl.visit(&sister, 10, Signal::Fine), 2_001);
}

#[test]
fn visit_time_is_kept() {
    let mut crawl = crawl();
    crawl.robots(
        &page(),
        answer(200, &[], "User-agent: *\nVisit-time: 0200-0630\n"),
    );
    crawl.go(&page(), Purpose::Page);
    assert_eq!(crawl.now % (24 * HOUR), 2 * HOUR);
}

#[test]
fn sitemaps_are_absolute() {
    let mut crawl = crawl();
    let body =
        "Sitemap: /s.xml\nUser-agent: other\nDisallow: /\nsitemap: https://cdn.example/n.xml\n";
    crawl.robots(&page(), answer(200, &[], body));
    let sitemaps = crawl.politeness.sitemaps(&page().robots_unit());
    assert_eq!(
        sitemaps,
        ["https://paper.example/s.xml", "https://cdn.example/n.xml"]
    );
    assert!(
        crawl
            .politeness
            .sitemaps(&url("https://other.example/").robots_unit())
            .is_empty()
    );
}

/// The shared scenarios, each played through: requests are answered in their order, the last
/// answer for ever.
#[test]
fn shared_answers_hold() {
    let Some(rows) = shared("http.jsonl") else {
        return;
    };
    assert!(rows.len() >= 30, "only {} scenarios tried", rows.len());
    for row in &rows {
        let expect = row["expect"].as_str().unwrap();
        let reached = play(row);
        let opens = expect == "allow"
            || expect == "unavailable=allow"
            || expect.starts_with("bounded read");
        assert_eq!(reached, opens, "{row}");
    }
}

fn play(row: &serde_json::Value) -> bool {
    let answers = row["robots_responses"].as_array().unwrap();
    let page = url(&format!(
        "https://paper.example{}",
        row["page"].as_str().unwrap()
    ));
    let mut crawl = crawl();
    let unit = page.robots_unit();
    let mut to = unit.robots_txt().unwrap();
    for request in 0..6 {
        let one = &answers[request.min(answers.len() - 1)];
        crawl.now += one["after_s"].as_u64().unwrap_or(0) * 1000;
        crawl.go(&to, Purpose::Robots);
        crawl.end(&to, 10, Signal::Fine);
        match crawl
            .politeness
            .robots_answered(&unit, scripted(one), crawl.now)
        {
            RobotsNext::Hop(next) => to = next,
            RobotsNext::Settled(_) if request + 1 < answers.len() => {}
            _ => return allowed(&mut crawl, page.as_str()),
        }
    }
    panic!("more than six requests: {row}");
}

fn scripted(one: &serde_json::Value) -> RobotsAnswer {
    let text = |key: &str| one[key].as_str();
    let Some(status) = one["status"].as_u64() else {
        return RobotsAnswer::Failed(text("network").unwrap().into());
    };
    let named = [
        ("location", text("location")),
        ("retry-after", text("retry_after")),
    ];
    let pairs: Vec<_> = named
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)))
        .collect();
    let long = match text("body_gen") {
        Some(made) if made.starts_with("endless") => "# pad\n".repeat(100_000),
        Some(_) => format!(
            "{}\nUser-agent: *\nDisallow: /late\n",
            "#".repeat(499 << 10)
        ),
        None => String::new(),
    };
    answer(
        status.try_into().unwrap(),
        &pairs,
        text("body").unwrap_or(&long),
    )
}
