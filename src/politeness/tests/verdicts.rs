//! What `admit` answers, and in which order.

use super::*;

#[test]
fn a_new_host_is_resolved_then_its_rules_are_read_then_its_page() {
    let mut crawl = Crawl::new(&config());
    let robots_txt = page().robots_unit().robots_txt().unwrap();
    assert!(matches!(crawl.page(&page()), Verdict::NeedsAddress(host) if host == "paper.example"));
    crawl.resolve(&page());
    assert!(
        matches!(crawl.page(&page()), Verdict::NeedsRobots(unit) if unit == page().robots_unit())
    );
    let permit = crawl.go(&robots_txt, Purpose::Robots);
    assert_eq!(permit.url(), &robots_txt);
    assert_eq!(permit.unit(), &page().budget_unit());
    assert_eq!(permit.addresses(), [SocketAddr::from((PUBLIC, 443))]);
    assert!(matches!(
        crawl.ask(&robots_txt, Purpose::Robots),
        Verdict::WaitUntil(_)
    ));
    crawl.end(&robots_txt, 10, Signal::Fine);
    let settled = answer(200, &[], "User-agent: *\nDisallow: /x\n");
    crawl
        .politeness
        .robots_answered(&page().robots_unit(), settled, crawl.now);
    assert!(matches!(crawl.page(&page()), Verdict::WaitUntil(then) if then == crawl.now + 2_001));
    crawl.go(&page(), ANY_PAGE);
}

#[test]
fn a_refusal_names_the_rule_and_its_line() {
    let mut crawl = Crawl::with_robots(&config(), "User-agent: *\n\nDisallow: /st*y$\n");
    let refusal = crawl.refusal(&page());
    assert_eq!(
        refusal.to_string(),
        "disallowed by robots.txt, line 3: Disallow: /st*y$"
    );
    assert!(!refusal.closes_site() && refusal.label() == "robots");
}

#[test]
fn private_addresses_are_refused() {
    let mut crawl = Crawl::new(&config());
    for literal in [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://10.1.2.3:8080/",
        "http://0x7f.1/",
    ] {
        assert_eq!(
            crawl.refusal(&url(literal)),
            Refusal::PrivateAddress,
            "{literal}"
        );
    }
    let private: IpAddr = [192, 168, 1, 1].into();
    crawl
        .politeness
        .resolved("paper.example", Ok(vec![private]), START);
    assert_eq!(crawl.refusal(&page()), Refusal::PrivateAddress);
}

#[test]
fn a_permit_holds_the_public_addresses_only() {
    let mut crawl = Crawl::new(&config());
    let robots_txt = page().robots_unit().robots_txt().unwrap();
    let mixed = vec![[127, 0, 0, 1].into(), PUBLIC.into()];
    crawl.politeness.resolved("paper.example", Ok(mixed), START);
    let permit = crawl.go(&robots_txt, Purpose::Robots);
    assert_eq!(permit.addresses(), [SocketAddr::from((PUBLIC, 443))]);
}

#[test]
fn private_addresses_can_be_allowed_and_need_no_contact() {
    let mut config = Config::default();
    config.rights.tdmrep = false;
    config.politeness.allow_private = true;
    let mut crawl = Crawl::new(&config);
    let local = url("http://127.0.0.1:8800/robots.txt");
    let permit = crawl.go(&local, Purpose::Robots);
    assert_eq!(
        permit.addresses(),
        [SocketAddr::from(([127, 0, 0, 1], 8800))]
    );
    assert_eq!(permit.unit().as_str(), "127.0.0.1:8800");
}

#[test]
fn public_hosts_need_a_contact() {
    let mut crawl = Crawl::new(&Config::default());
    crawl.resolve(&page());
    assert_eq!(crawl.refusal(&page()), Refusal::NoContact);
}

#[test]
fn a_name_is_resolved_again_after_ten_minutes() {
    let mut crawl = Crawl::with_robots(&config(), "");
    crawl.now += 599_999;
    assert!(matches!(crawl.page(&page()), Verdict::Go(_)));
    crawl.end(&page(), 1, Signal::Fine);
    crawl.now += 10_000;
    assert!(matches!(crawl.page(&page()), Verdict::NeedsAddress(_)));
}

#[test]
fn a_name_that_does_not_resolve_is_given_up_after_three_tries() {
    let mut crawl = Crawl::new(&config());
    for pause in [5_000, 10_000] {
        assert!(matches!(crawl.page(&page()), Verdict::NeedsAddress(_)));
        crawl
            .politeness
            .resolved("paper.example", Err("no such name".into()), crawl.now);
        assert!(
            matches!(crawl.page(&page()), Verdict::WaitUntil(then) if then == crawl.now + pause)
        );
        crawl.now += pause;
    }
    crawl
        .politeness
        .resolved("paper.example", Ok(vec![]), crawl.now);
    assert_eq!(crawl.refusal(&page()), Refusal::NoAddress);
}

#[test]
fn one_request_in_flight_for_all_hosts_of_a_domain() {
    let mut crawl = Crawl::with_robots(&config(), "");
    let sister = url("https://sport.paper.example/");
    crawl.resolve(&sister);
    crawl
        .politeness
        .robots_answered(&sister.robots_unit(), answer(404, &[], ""), START);
    crawl.go(&page(), ANY_PAGE);
    assert!(matches!(crawl.page(&sister), Verdict::WaitUntil(_)));
    let state = crawl.end(&page(), 100, Signal::Fine);
    assert!(matches!(crawl.page(&sister), Verdict::WaitUntil(then) if then == state.next_allowed));
    crawl.go(&sister, ANY_PAGE);
}

#[test]
fn requests_open_to_one_address_are_limited() {
    let mut config = config();
    config.politeness.per_address = 2;
    let mut crawl = Crawl::new(&config);
    let hosts = ["a.example", "b.example", "c.example"]
        .map(|host| url(&format!("https://{host}/robots.txt")));
    for host in &hosts {
        crawl.resolve(host);
    }
    crawl.go(&hosts[0], Purpose::Robots);
    crawl.go(&hosts[1], Purpose::Robots);
    assert!(matches!(
        crawl.ask(&hosts[2], Purpose::Robots),
        Verdict::WaitUntil(_)
    ));
    crawl.end(&hosts[0], 10, Signal::Fine);
    assert!(matches!(
        crawl.ask(&hosts[2], Purpose::Robots),
        Verdict::Go(_)
    ));
}

#[test]
fn the_whole_crawl_keeps_to_its_rate() {
    let mut config = config();
    config.politeness.max_rate = Some(2);
    config.politeness.per_address = 100;
    let mut crawl = Crawl::new(&config);
    for host in 0..20 {
        crawl.go(
            &url(&format!("https://host{host}.example/robots.txt")),
            Purpose::Robots,
        );
    }
    assert!(crawl.now - START >= 19 * 500, "{}", crawl.now - START);
}

#[test]
fn every_refusal_has_its_own_label_and_text() {
    let all = [
        Refusal::Robots {
            line: 1,
            rule: "Disallow: /".into(),
        },
        Refusal::RobotsForbidden(403),
        Refusal::RobotsUnreachable,
        Refusal::CrawlDelayTooLong,
        Refusal::PrivateAddress,
        Refusal::NoAddress,
        Refusal::Parked,
        Refusal::QuotaSpent,
        Refusal::SeedQuotaSpent,
        Refusal::NoContact,
    ];
    let labels: HashSet<_> = all.iter().map(Refusal::label).collect();
    let texts: HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!((labels.len(), texts.len()), (all.len(), all.len()));
}

#[test]
fn what_a_site_reserves_is_asked_once_a_day_before_its_pages() {
    let mut config = config();
    config.rights.tdmrep = true;
    let mut crawl = Crawl::with_robots(&config, "User-agent: *\nDisallow: /closed\n");
    let file = url(&format!("https://paper.example{TDMREP}"));
    let needs = |verdict: Verdict| matches!(verdict, Verdict::NeedsTdmrep(_));
    assert!(needs(crawl.page(&page())));
    let forbidden = crawl.page(&url("https://paper.example/closed"));
    assert!(matches!(forbidden, Verdict::Never(_)), "{forbidden:?}");
    let permit = crawl.go(&file, Purpose::Tdmrep);
    assert_eq!(permit.url(), &file);
    // Whatever comes of it, the page is next, after a gap.
    assert!(matches!(crawl.page(&page()), Verdict::WaitUntil(_)));
    assert_eq!(crawl.politeness.state(permit.unit()).unwrap().pages, 0);
    crawl
        .politeness
        .tdmrep_asked(&page().robots_unit(), START - 86_400_000 + 1);
    assert!(!needs(crawl.page(&page())));
    crawl
        .politeness
        .tdmrep_asked(&page().robots_unit(), START - 86_400_000);
    assert!(needs(crawl.page(&page())));
}

#[test]
fn a_robots_txt_that_closes_the_file_spares_the_request() {
    let mut config = config();
    config.rights.tdmrep = true;
    let mut crawl = Crawl::with_robots(&config, "User-agent: *\nDisallow: /.well-known/\n");
    let verdict = crawl.page(&page());
    assert!(
        matches!(verdict, Verdict::Go(_) | Verdict::WaitUntil(_)),
        "{verdict:?}"
    );
}

#[test]
fn three_demands_to_pay_in_a_row_close_a_site_for_a_day() {
    let mut crawl = Crawl::with_robots(&config(), "");
    let unit = page().budget_unit();
    let answers = [
        Signal::Unpaid,
        Signal::Unpaid,
        Signal::Fine,
        Signal::Unpaid,
        Signal::Unpaid,
    ];
    for signal in answers {
        let permit = crawl.go(&page(), ANY_PAGE);
        let (started, ended) = (crawl.now, crawl.now + 10);
        let report = Report {
            started,
            ended,
            signal,
        };
        assert!(!crawl.politeness.finished(permit.unit(), report).parked);
    }
    let _permit = crawl.go(&page(), ANY_PAGE);
    let (started, ended) = (crawl.now, crawl.now + 10);
    let report = Report {
        started,
        ended,
        signal: Signal::Unpaid,
    };
    let state = crawl.politeness.finished(&unit, report);
    assert!(state.parked);
    assert_eq!(state.next_allowed, ended + 86_400_000);
    assert_eq!(state.for_new_run().next_allowed, ended + 86_400_000);
}
