//! How much of a body counts (RFC 9309 2.5), and the lines that no RFC defines.

use super::*;

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
    crawl.go(&page(), ANY_PAGE);
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
