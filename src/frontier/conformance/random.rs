//! Random operations, crashes among them, beside a plain model of the contract.

use super::{Subject, link, unit};
use crate::clock::Millis;
use crate::frontier::{Claim, Frontier, Link, Settled};
use crate::normal::NormalUrl;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};

const SITES: [&str; 3] = ["a", "b", "c"];
const URLS: u32 = 40;

/// The link that number `n` stands for in [`random_operations`].
fn numbered(n: u32) -> Link {
    let priority = [10, 40, 40, 50][n as usize / 3 % 4];
    link(SITES[n as usize % 3], n, priority)
}

#[derive(Clone, Debug)]
enum Operation {
    Admit(Vec<u32>),
    Recall(Vec<u32>),
    Claim(usize),
    /// Settles one of the claimed links.
    SettleClaimed(prop::sample::Index, Option<Millis>),
    /// Settles any link, as a replay does.
    Settle(u32, Option<Millis>),
    Commit,
    Crash,
    Wait(Millis),
}

fn operation() -> impl Strategy<Value = Operation> {
    let urls = || prop::collection::vec(0..URLS, 1..12);
    let wait = || prop::option::weighted(0.3, 0..100_u64);
    prop_oneof![
        3 => urls().prop_map(Operation::Admit),
        1 => urls().prop_map(Operation::Recall),
        8 => (0..SITES.len()).prop_map(Operation::Claim),
        6 => (any::<prop::sample::Index>(), wait()).prop_map(|(which, wait)| Operation::SettleClaimed(which, wait)),
        1 => (0..URLS, wait()).prop_map(|(url, wait)| Operation::Settle(url, wait)),
        3 => Just(Operation::Commit),
        1 => Just(Operation::Crash),
        1 => (0..60_u64).prop_map(Operation::Wait),
    ]
}

/// Runs random operations beside a plain model, `cases` times.
pub(in crate::frontier) fn random_operations<S: Subject>(cases: u32, make: impl Fn() -> S) {
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let operations = prop::collection::vec(operation(), 1..120);
    let outcome = runner.run(&operations, |operations| {
        runtime.block_on(async {
            let mut run = Run {
                subject: make(),
                model: Model::default(),
            };
            for operation in operations {
                run.step(operation).await;
                run.compare().await;
            }
        });
        Ok(())
    });
    outcome.unwrap();
}

/// Where a queued link stands in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Ready, admitted by that commit.
    Ready { commit: u64 },
    /// To be tried again.
    Later { due: Millis, failures: u8 },
    /// Recalled.
    Memory,
}

#[derive(Default)]
struct Model {
    now: Millis,
    commits: u64,
    mark: u64,
    seen: BTreeSet<u32>,
    visited: BTreeSet<u32>,
    queue: BTreeMap<u32, Place>,
    /// Links of `queue` whose place is not committed yet.
    staged: BTreeSet<u32>,
    claimed: BTreeSet<u32>,
    durable: BTreeMap<u32, Place>,
}

impl Model {
    fn admit(&mut self, urls: &[u32]) -> Vec<u32> {
        let mut new = urls.to_vec();
        new.retain(|url| self.seen.insert(*url));
        for url in &new {
            let commit = self.commits;
            self.queue.insert(*url, Place::Ready { commit });
            self.staged.insert(*url);
        }
        new
    }

    fn settle(&mut self, url: u32, outcome: Settled) {
        self.seen.insert(url);
        self.visited.insert(url);
        self.claimed.remove(&url);
        self.staged.remove(&url);
        self.queue.remove(&url);
        if let Settled::Again { due, failures } = outcome {
            self.queue.insert(url, Place::Later { due, failures });
            self.staged.insert(url);
        }
    }

    fn commit(&mut self) {
        self.commits += 1;
        self.mark += 1;
        self.staged.clear();
        let kept = self
            .queue
            .iter()
            .filter(|(_, place)| **place != Place::Memory);
        self.durable = kept.map(|(url, place)| (*url, *place)).collect();
    }

    fn crash(&mut self) {
        self.queue = self.durable.clone();
        self.staged.clear();
        self.claimed.clear();
        self.seen = self.visited.clone();
        self.seen.extend(self.queue.keys());
    }

    /// Links that may be claimed now or later, and when (0: now).
    fn claimable(&self, site: usize) -> Vec<(u32, Millis)> {
        let free = self.queue.iter().filter(|(url, _)| {
            **url as usize % 3 == site && !self.staged.contains(url) && !self.claimed.contains(url)
        });
        let due = |place: &Place| match place {
            Place::Later { due, .. } if *due > self.now => *due,
            _ => 0,
        };
        free.map(|(url, place)| (*url, due(place))).collect()
    }

    /// Checks a claim, and takes it over.
    fn claimed(&mut self, site: usize, claim: Claim) {
        let claimable = self.claimable(site);
        let ready: Vec<u32> = claimable
            .iter()
            .filter(|(_, due)| *due == 0)
            .map(|(url, _)| *url)
            .collect();
        let Claim::Entry(entry) = claim else {
            let due = claimable.iter().map(|(_, due)| *due).min();
            assert_eq!(claim, due.map_or(Claim::Empty, Claim::Later));
            return;
        };
        let url = ready.iter().find(|url| numbered(**url) == entry.link);
        let url = *url.unwrap_or_else(|| panic!("{} is not ready", entry.link.url));
        let urgent = ready.iter().map(|url| numbered(*url).priority).min();
        assert_eq!(
            Some(entry.link.priority),
            urgent,
            "a more urgent link waits"
        );
        let failures = match self.queue[&url] {
            Place::Later { failures, .. } => failures,
            Place::Ready { commit } => {
                let older = ready.iter().find(|other| {
                    let place = self.queue[other];
                    numbered(**other).priority == entry.link.priority
                        && matches!(place, Place::Ready { commit: other } if other < commit)
                });
                assert_eq!(older, None, "an older link waits");
                0
            }
            Place::Memory => 0,
        };
        assert_eq!(entry.failures, failures);
        self.claimed.insert(url);
    }
}

struct Run<S> {
    subject: S,
    model: Model,
}

impl<S: Subject> Run<S> {
    async fn step(&mut self, operation: Operation) {
        let (f, model) = (self.subject.frontier(), &mut self.model);
        match operation {
            Operation::Admit(urls) => {
                let new = f
                    .admit(urls.iter().copied().map(numbered).collect())
                    .await
                    .unwrap();
                let expected = model.admit(&urls);
                assert_eq!(new, expected.into_iter().map(numbered).collect::<Vec<_>>());
            }
            Operation::Recall(mut urls) => {
                urls.retain(|url| model.visited.contains(url));
                f.recall(urls.iter().copied().map(numbered).collect())
                    .await
                    .unwrap();
                for url in urls {
                    model.queue.entry(url).or_insert(Place::Memory);
                }
            }
            Operation::Claim(site) => {
                let claim = f.claim(&unit(SITES[site]), model.now).await.unwrap();
                model.claimed(site, claim);
            }
            Operation::SettleClaimed(which, wait) => {
                let claimed: Vec<u32> = model.claimed.iter().copied().collect();
                if !claimed.is_empty() {
                    self.settle(*which.get(&claimed), wait).await;
                }
            }
            Operation::Settle(url, wait) => self.settle(url, wait).await,
            Operation::Commit => {
                model.commit();
                f.commit(model.mark).await.unwrap();
            }
            Operation::Crash => {
                model.crash();
                let visited: Vec<NormalUrl> =
                    model.visited.iter().map(|url| numbered(*url).url).collect();
                assert_eq!(self.subject.crash(&visited), self.model.mark);
            }
            Operation::Wait(time) => model.now += time,
        }
    }

    async fn settle(&mut self, url: u32, wait: Option<Millis>) {
        let outcome = wait.map_or(Settled::Done, |wait| Settled::Again {
            due: self.model.now + wait,
            failures: 1 + (wait % 3) as u8,
        });
        let f = self.subject.frontier();
        f.settle(&numbered(url), outcome).await.unwrap();
        self.model.settle(url, outcome);
    }

    async fn compare(&self) {
        let (f, model) = (self.subject.frontier(), &self.model);
        assert_eq!(f.queued(), model.queue.len() as u64);
        let mut units = f.units().await.unwrap();
        for (_, due) in &mut units {
            *due = if *due > model.now { *due } else { 0 };
        }
        units.sort();
        let expected = (0..SITES.len()).filter_map(|site| {
            let due = model
                .claimable(site)
                .into_iter()
                .map(|(_, due)| due)
                .min()?;
            Some((unit(SITES[site]), due))
        });
        assert_eq!(units, expected.collect::<Vec<_>>());
    }
}
