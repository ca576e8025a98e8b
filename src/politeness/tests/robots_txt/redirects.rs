//! Redirects of a robots.txt (RFC 9309 2.3.1.2).

use super::*;

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
