//! A rebuilt frontier does what the one would have done that it replaces.

use super::*;
use crate::config;
use crate::frontier::{Claim, Entry, Link, Settled, Via};
use crate::normal::{BudgetUnit, NormalUrl};
use crate::store::Finished;
use futures_util::FutureExt;
use proptest::prelude::*;
use tempfile::TempDir;

const SITES: u32 = 3;
const URLS: u32 = 90;

/// The link that number `n` stands for. Seeds come and go: what they led to must stay as it is.
fn numbered(n: u32) -> Link {
    let site = n % SITES;
    let url = format!("https://www{}.site-{site}.example/story/{n}", n / SITES % 2);
    Link {
        url: NormalUrl::parse(&url).unwrap(),
        seed: n % 5,
        depth: (n % 4) as u8,
        hops: (n % 2) as u8,
        via: Via::of_code((n % 5) as u8).unwrap(),
        priority: [10, 40, 40][n as usize / 7 % 3],
    }
}

fn unit(site: u32) -> BudgetUnit {
    numbered(site).url.budget_unit()
}

/// What becomes of a site's next link.
#[derive(Clone, Debug)]
struct Turn {
    /// Tried again after so long, if it fails.
    again: Option<Millis>,
    /// Visited again after so long, if it succeeds.
    revisit: Option<Millis>,
    /// Links found, by their place among the site's.
    found: Vec<u32>,
}

#[derive(Clone, Debug)]
enum Step {
    /// Links enter without a visit.
    Admit(Vec<u32>),
    /// A robots.txt with links to sitemaps.
    Robots(u32, Vec<u32>),
    /// One visit of each site that has a turn, in one group.
    Visits([Option<Turn>; SITES as usize]),
    /// What is due is recalled.
    Recall,
    Wait(Millis),
}

fn step() -> impl Strategy<Value = Step> {
    let links = || prop::collection::vec(0..URLS, 1..9);
    let pause = |weight| prop::option::weighted(weight, 0..200_u64);
    let turn = move || {
        let found = prop::collection::vec(0..URLS / SITES, 0..9);
        (pause(0.4), pause(0.3), found).prop_map(|(again, revisit, found)| Turn {
            again,
            revisit,
            found,
        })
    };
    let turn = move || prop::option::weighted(0.8, turn());
    prop_oneof![
        2 => links().prop_map(Step::Admit),
        1 => (0..SITES, links()).prop_map(|(site, links)| Step::Robots(site, links)),
        9 => (turn(), turn(), turn()).prop_map(|(a, b, c)| Step::Visits([a, b, c])),
        1 => Just(Step::Recall),
        2 => (0..150_u64).prop_map(Step::Wait),
    ]
}

/// A crawl without a network.
struct Crawl {
    folder: TempDir,
    store: Store,
    frontier: SledFrontier,
    now: Millis,
}

impl Crawl {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &config::Store::default(), 0).unwrap();
        let frontier = now(open_frontier(&store, folder.path(), &mut unseen()));
        Self {
            folder,
            store,
            frontier,
            now: 0,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Admit(links) => {
                let new = self.admit(links);
                let mark = self.store.admit(&new, self.now).unwrap().mark;
                now(self.frontier.commit(mark));
            }
            Step::Robots(site, links) => {
                let robots = Link {
                    url: NormalUrl::parse(&format!("https://{}/robots.txt", unit(site))).unwrap(),
                    ..numbered(site)
                };
                let mut visit = Finished::new(robots, self.now, self.now);
                visit.robots = true;
                visit.outlinks = self.admit(links);
                self.append(&[visit]);
            }
            Step::Visits(turns) => {
                let turns = (0..).zip(turns);
                let visits = turns.filter_map(|(site, turn)| self.visit(site, turn.as_ref()?));
                let visits: Vec<Finished> = visits.collect();
                self.append(&visits);
            }
            Step::Recall => {
                let due = self.store.due(self.now, 5).unwrap();
                now(self.frontier.recall(due));
            }
            Step::Wait(time) => self.now += time,
        }
    }

    fn admit(&self, links: Vec<u32>) -> Vec<Link> {
        now(self
            .frontier
            .admit(links.into_iter().map(numbered).collect()))
    }

    fn append(&mut self, visits: &[Finished]) {
        let mark = self.store.append(visits).unwrap().mark;
        now(self.frontier.commit(mark));
    }

    fn visit(&mut self, site: u32, turn: &Turn) -> Option<Finished> {
        let Claim::Entry(Entry { link, failures }) =
            now(self.frontier.claim(&unit(site), self.now))
        else {
            return None;
        };
        let mut visit = Finished::new(link, self.now, self.now);
        visit.settled = turn.again.map_or(Settled::Done, |pause| Settled::Again {
            due: self.now + pause,
            failures: failures + 1,
        });
        visit.next_due = turn.revisit.map(|pause| self.now + pause);
        visit.outlinks = self.admit(turn.found.iter().map(|n| n * SITES + site).collect());
        now(self.frontier.settle(&visit.link, visit.settled));
        Some(visit)
    }

    /// The frontier as the next start finds it, and one that is rebuilt.
    fn compare(self) {
        drop(self.frontier);
        let found = now(open_frontier(
            &self.store,
            self.folder.path(),
            &mut unseen(),
        ));
        let anew = self.folder.path().join("anew");
        let rebuilt = rebuild(&self.store, &anew, &mut unseen()).unwrap();
        let as_rebuilt = told(&rebuilt, self.now);
        drop(rebuilt);
        let (rebuilt, mark) = SledFrontier::open(&anew, self.store.salt()).unwrap();
        assert_eq!(mark, self.store.mark());
        now(catch_up(&self.store, &rebuilt, mark));
        let found = told(&found, self.now);
        assert_eq!(as_rebuilt, found, "as it was rebuilt");
        assert_eq!(told(&rebuilt, self.now), found, "as it was read back");
    }
}

/// All that a frontier has to say.
#[derive(Debug, PartialEq)]
struct Told {
    queued: u64,
    of_units: Vec<u64>,
    units: Vec<(BudgetUnit, Millis)>,
    known: Vec<bool>,
    /// Claims until there are none left, at later and later times, and how each time ended.
    claims: Vec<(Millis, Claim)>,
}

fn told(frontier: &SledFrontier, begin: Millis) -> Told {
    let mut units = now(frontier.units());
    units.sort();
    let mut claims = Vec::new();
    for time in [begin, begin + 20, begin + 100, Millis::MAX] {
        for site in 0..SITES {
            loop {
                let claim = now(frontier.claim(&unit(site), time));
                let more = matches!(claim, Claim::Entry(_));
                claims.push((time, claim));
                if !more {
                    break;
                }
            }
        }
    }
    Told {
        queued: frontier.queued(),
        of_units: (0..SITES)
            .map(|site| frontier.queued_of(&unit(site)))
            .collect(),
        units,
        known: (0..URLS)
            .map(|n| frontier.knows(&numbered(n).url))
            .collect(),
        claims,
    }
}

fn now<R, E: std::fmt::Debug>(answer: impl Future<Output = Result<R, E>>) -> R {
    answer.now_or_never().unwrap().unwrap()
}

fn unseen() -> Observer {
    Box::new(|_| {})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rebuilt_frontier_equals_the_one_that_it_replaces(steps in prop::collection::vec(step(), 1..60)) {
        let mut crawl = Crawl::new();
        crawl.step(Step::Admit((0..SITES).collect()));
        for step in steps {
            crawl.step(step);
        }
        crawl.compare();
    }
}

#[test]
fn a_long_queue_keeps_its_order_past_the_end_of_its_records() {
    let mut crawl = Crawl::new();
    let links: Vec<Link> = (0..1_000).map(|n| numbered(n * SITES)).collect();
    for links in links.chunks(30) {
        let new = now(crawl.frontier.admit(links.to_vec()));
        let mark = crawl.store.admit(&new, 0).unwrap().mark;
        now(crawl.frontier.commit(mark));
        let again = Turn {
            again: Some(1_000),
            revisit: None,
            found: Vec::new(),
        };
        crawl.step(Step::Visits([Some(again), None, None]));
    }
    crawl.compare();
}

#[test]
fn it_is_shown_once_a_second_how_far_a_rebuild_is() {
    let mut shown = Shown::new(10);
    let (told, tell) = std::sync::mpsc::channel();
    let mut observer: Observer = Box::new(move |activity| told.send(activity.clone()).unwrap());
    shown.show(&mut observer);
    assert!(tell.try_recv().is_err(), "not within the first second");
    shown.at -= SHOWN_EVERY;
    shown.visit = 4;
    shown.show(&mut observer);
    let Activity::Rebuilding(rebuilding) = tell.recv().unwrap() else {
        panic!("nothing is crawled")
    };
    assert_eq!((rebuilding.visits, rebuilding.of), (4, 10));
}
