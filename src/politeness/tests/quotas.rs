//! Pages are paid for before they are asked for, and kills don't make them more.

use super::*;

const SEED: Purpose = Purpose::Page { seed: 3 };

fn limited(pages: u64) -> Config {
    let mut config = config();
    config.crawl.site_max_pages = Some(pages);
    config
}

/// A crawl that goes on with what an earlier one of the same run had charged.
fn going_on(config: &Config, seed: Option<u64>, charged: &[(Payer, u64)]) -> Crawl {
    let mut crawl = Crawl::with_robots(config, "");
    if let Some(most) = seed {
        crawl.politeness.seed_quota(3, most);
    }
    for (payer, pages) in charged {
        crawl.politeness.restore_charge(payer.clone(), *pages);
    }
    crawl
}

/// What a page that waits for its turn gets.
#[derive(Debug, PartialEq)]
enum Got {
    Page,
    Charge(Charge),
    Never(Refusal),
}

fn get(crawl: &mut Crawl, purpose: Purpose) -> Got {
    loop {
        match crawl.ask(&page(), purpose) {
            Verdict::WaitUntil(then) => crawl.now = then,
            Verdict::NeedsCharge(charge) => return Got::Charge(charge),
            Verdict::NeedsAddress(_) => crawl.resolve(&page()),
            Verdict::Never(refusal) => return Got::Never(refusal),
            Verdict::Go(_) => {
                crawl.end(&page(), 1, Signal::Fine);
                return Got::Page;
            }
            Verdict::NeedsRobots(unit) | Verdict::NeedsTdmrep(unit) => {
                panic!("the rules of {unit:?} are known")
            }
        }
    }
}

fn charge(crawl: &mut Crawl) -> Charge {
    match get(crawl, ANY_PAGE) {
        Got::Charge(charge) => charge,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_site_has_its_quota_of_pages_and_robots_txt_is_none() {
    let mut crawl = Crawl::with_robots(&limited(2), "");
    crawl.visit(&page(), 10, Signal::Fine);
    crawl.robots(&page(), answer(200, &[], ""));
    crawl.visit(&page(), 10, Signal::Fine);
    assert_eq!(crawl.refusal(&page()), Refusal::QuotaSpent);
}

#[test]
fn a_site_has_a_quota_of_its_own() {
    let mut config = limited(5);
    config.sites.push(crate::config::Site {
        site: "paper.example".into(),
        max_pages: Some(1),
        ..Default::default()
    });
    let mut crawl = Crawl::with_robots(&config, "");
    crawl.visit(&page(), 10, Signal::Fine);
    assert_eq!(crawl.refusal(&page()), Refusal::QuotaSpent);
}

#[test]
fn nothing_is_granted_before_its_charge_is_on_disk() {
    let mut crawl = Crawl::with_robots(&limited(200), "");
    let first = charge(&mut crawl);
    assert_eq!(first.unit(), &page().budget_unit());
    assert_eq!(first.totals(), [(Payer::Site(page().budget_unit()), 3)]);
    // Asked again before the first is on disk: more is charged, and nothing granted.
    let second = charge(&mut crawl);
    assert_eq!(second.totals()[0].1, 6);
    crawl.politeness.charged(second);
    crawl.politeness.charged(first);
    for _ in 0..6 {
        assert_eq!(get(&mut crawl, ANY_PAGE), Got::Page);
    }
    assert_eq!(charge(&mut crawl).totals()[0].1, 9);
}

#[test]
fn a_quota_that_is_all_on_its_way_charges_no_more() {
    let mut crawl = Crawl::with_robots(&limited(1), "");
    let (first, second) = (charge(&mut crawl), charge(&mut crawl));
    assert_eq!(first.totals(), second.totals());
    crawl.politeness.charged(first);
    assert_eq!(get(&mut crawl, ANY_PAGE), Got::Page);
    crawl.politeness.charged(second);
    let spent = Got::Never(Refusal::QuotaSpent);
    assert_eq!(get(&mut crawl, ANY_PAGE), spent);
}

/// What is on disk is all that a kill leaves. The moments come out of a small generator.
#[test]
fn no_run_of_kills_exceeds_a_quota() {
    const KILLS: u64 = 12;
    for (site, seed) in [(300, None), (300, Some(40)), (7, Some(1_000)), (1, None)] {
        let most = seed.unwrap_or(u64::MAX).min(site);
        let (mut disk, mut granted) = (HashMap::new(), 0);
        let mut random = 5_u64;
        for life in 0..=KILLS {
            let charged: Vec<_> = disk.clone().into_iter().collect();
            let mut crawl = going_on(&limited(site), seed, &charged);
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let last = life == KILLS;
            let steps = if last {
                u64::MAX
            } else {
                (random >> 33) % (2 * most / KILLS + 2)
            };
            for _ in 0..steps {
                match get(&mut crawl, SEED) {
                    Got::Page => granted += 1,
                    Got::Never(_) => break,
                    Got::Charge(charge) => {
                        disk.extend(charge.totals().iter().cloned());
                        // Killed before it came back, now and then.
                        if !last && random >> 40 & 1 == 1 {
                            break;
                        }
                        crawl.politeness.charged(charge);
                    }
                }
            }
            assert!(granted <= most, "{granted} of {most}");
        }
        let block = (most / 64).clamp(1, 16);
        assert!(granted + KILLS * block >= most, "{granted} of {most}");
    }
}

#[test]
fn a_seed_pays_for_pages_of_all_sites_and_other_seeds_go_on() {
    let mut crawl = going_on(&config(), Some(2), &[]);
    let sister = url("https://other.example/");
    crawl.resolve(&sister);
    let free = answer(404, &[], "");
    crawl
        .politeness
        .robots_answered(&sister.robots_unit(), free, START);
    for url in [&page(), &sister] {
        crawl.go(url, SEED);
        crawl.end(url, 10, Signal::Fine);
    }
    for url in [&page(), &sister] {
        let verdict = crawl.ask(url, SEED);
        assert!(
            matches!(&verdict, Verdict::Never(Refusal::SeedQuotaSpent)),
            "{verdict:?}"
        );
    }
    crawl.go(&page(), ANY_PAGE);
    let refusal = Refusal::SeedQuotaSpent;
    assert!(refusal.sets_aside() && !refusal.closes_site());
}

#[test]
fn a_clean_end_gives_back_what_was_not_spent() {
    let mut crawl = going_on(&limited(640), Some(640), &[]);
    for _ in 0..3 {
        crawl.go(&page(), SEED);
        crawl.end(&page(), 10, Signal::Fine);
    }
    let mut spent = crawl.politeness.spent();
    spent.sort_by_key(|(payer, _)| matches!(payer, Payer::Seed(_)));
    assert_eq!(
        spent,
        [(Payer::Site(page().budget_unit()), 3), (Payer::Seed(3), 3)]
    );
}

#[test]
fn pages_asked_for_before_a_quota_was_set_count() {
    let mut crawl = Crawl::with_robots(&config(), "");
    for _ in 0..4 {
        crawl.visit(&page(), 10, Signal::Fine);
    }
    let state = crawl.politeness.state(&page().budget_unit()).unwrap();
    for (most, left) in [(3, false), (4, false), (5, true)] {
        let mut later = Crawl::with_robots(&limited(most), "");
        later.politeness.restore(state.clone(), START);
        let refused = matches!(later.page(&page()), Verdict::Never(_));
        assert_eq!(refused, !left, "{most}");
        let mut fresh = Crawl::with_robots(&limited(most), "");
        fresh.politeness.restore(state.clone().for_new_run(), START);
        fresh.go(&page(), ANY_PAGE);
    }
}
