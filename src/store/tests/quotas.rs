//! What is charged for pages to come.

use super::*;
use crate::config::Config;
use crate::politeness::{Charge, Payer, Politeness, Purpose, RobotsAnswer, Verdict};

const PAGE: Purpose = Purpose::Page { seed: 4 };

/// The charge that a page of a local site asks for first, in the name of site and seed.
fn charge() -> Charge {
    let mut config = Config::default();
    config.rights.tdmrep = false;
    config.politeness.allow_private = true;
    config.politeness.min_delay = std::time::Duration::ZERO;
    config.crawl.site_max_pages = Some(640);
    let mut politeness = Politeness::new(&config, "gleaner");
    politeness.seed_quota(4, 1_000_000);
    let page = url("http://127.0.0.1:8800/");
    let free = RobotsAnswer::Answered {
        status: 404,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        whole: true,
    };
    politeness.robots_answered(&page.robots_unit(), free, NOW);
    match politeness.admit(&page, PAGE, NOW) {
        Verdict::NeedsCharge(charge) => charge,
        other => panic!("{other:?}"),
    }
}

fn site() -> Payer {
    Payer::Site(url("http://127.0.0.1:8800/").budget_unit())
}

fn sorted(mut charges: Vec<(Payer, u64)>) -> Vec<(Payer, u64)> {
    charges.sort_by_key(|(payer, _)| matches!(payer, Payer::Site(_)));
    charges
}

#[test]
fn charges_hold_for_their_run_and_a_clean_end_gives_some_back() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let run = store.start_run(NOW, "").unwrap();
    let mark = store.append(&[visited("http://a.example/")]).unwrap().mark;
    // A group of charges alone is a group, and no visit.
    let receipt = store.append_charged(&[], &[charge()]).unwrap();
    assert_eq!(receipt.mark, mark);
    let charged = [(Payer::Seed(4), 16), (site(), 10)];
    assert_eq!(sorted(store.charges().unwrap()), charged);
    drop(store);

    // Killed: all of it stays charged.
    let mut store = open(&folder);
    store.resume_run(run, None).unwrap();
    assert_eq!(sorted(store.charges().unwrap()), charged);
    store
        .settle_charges(&[(Payer::Seed(4), 1), (site(), 1)])
        .unwrap();
    let spent = [(Payer::Seed(4), 1), (site(), 1)];
    assert_eq!(sorted(store.charges().unwrap()), spent);

    store.start_run(NOW, "").unwrap();
    assert_eq!(store.charges().unwrap(), []);
}

#[test]
fn pages_of_seeds_are_requests_for_pages_of_this_run() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.start_run(NOW, "").unwrap();
    store.append(&[visited("http://a.example/0")]).unwrap();
    store.start_run(NOW, "").unwrap();
    store.admit(&[link("http://a.example/9")], NOW).unwrap();
    let robots = Finished {
        robots: true,
        ..visited("http://a.example/robots.txt")
    };
    let skipped = Finished {
        outcome: "skipped",
        capture: None,
        ..visited("http://a.example/closed")
    };
    let failed = Finished {
        outcome: "failed",
        capture: None,
        ..visited("http://a.example/1")
    };
    let other = Finished {
        link: Link {
            seed: 2,
            ..link("http://a.example/3")
        },
        ..visited("http://a.example/3")
    };
    let group = [
        robots,
        skipped,
        failed,
        visited("http://a.example/2"),
        other,
    ];
    store.append(&group).unwrap();
    let mut pages = store.pages_of_seeds().unwrap();
    pages.sort_by_key(|(_, pages)| *pages);
    assert_eq!(pages, [(Payer::Seed(2), 1), (Payer::Seed(1), 2)]);
}
