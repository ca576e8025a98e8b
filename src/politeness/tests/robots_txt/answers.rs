//! What an answer's status says, and how often a bad one is asked for again.

use super::*;

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
