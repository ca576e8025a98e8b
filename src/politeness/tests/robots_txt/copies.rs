//! How long a copy is good for (RFC 9309 2.4), and what renews it.

use super::*;

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
