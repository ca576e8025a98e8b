//! What holds for the sled frontier beyond the contract: damage, rebuilding, threads.

mod damage;
mod killing;
mod rebuilding;

use super::*;
use crate::frontier::conformance::{self, Subject};
use crate::frontier::{Entry, Via};
use crate::normal::salted_hash;
use futures_util::FutureExt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

const SALT: u64 = 0x5eed;

/// A frontier in a folder that is copied at each crash, as a kill leaves it: what was committed
/// is in the files, what was staged is not.
struct Killed {
    folder: TempDir,
    lives: u32,
    frontier: Option<SledFrontier>,
}

impl Killed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (frontier, mark) = SledFrontier::open(&folder.path().join("0"), SALT).unwrap();
        assert_eq!(mark, 0);
        Self {
            folder,
            lives: 0,
            frontier: Some(frontier),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.lives.to_string())
    }
}

impl Subject for Killed {
    type F = SledFrontier;

    fn frontier(&self) -> &SledFrontier {
        self.frontier.as_ref().unwrap()
    }

    fn crash(&mut self, visited: &[NormalUrl]) -> u64 {
        let before = self.path();
        self.lives += 1;
        copy(&before, &self.path());
        self.frontier = None;
        fs::remove_dir_all(before).unwrap();
        let (frontier, mark) = SledFrontier::open(&self.path(), SALT).unwrap();
        for url in visited {
            frontier.note_seen(hash(url));
        }
        self.frontier = Some(frontier);
        mark
    }
}

/// As the store knows a URL.
fn hash(url: &NormalUrl) -> u64 {
    salted_hash(url.as_str().as_bytes(), SALT)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    conformance::suite(Killed::new).await;
}

#[test]
fn it_agrees_with_the_model_under_random_operations() {
    conformance::random_operations(64, Killed::new);
}

fn link(site: u32, n: u32) -> Link {
    let host = format!("https://www.site-{site}.example");
    Link {
        url: NormalUrl::parse(&format!("{host}/2026/01/story-{n}.html")).unwrap(),
        seed: site,
        depth: 1,
        hops: 0,
        via: Via::Front,
        priority: 40,
    }
}

/// The answer of a frontier that never waits for another task.
fn now<R>(answer: impl Future<Output = Result<R, FrontierError>>) -> Result<R, FrontierError> {
    answer.now_or_never().unwrap()
}

fn claim(frontier: &SledFrontier, unit: &BudgetUnit) -> Option<Entry> {
    match now(frontier.claim(unit, Millis::MAX)).unwrap() {
        Claim::Entry(entry) => Some(entry),
        Claim::Later(_) | Claim::Empty => None,
    }
}

/// All that can be claimed, sorted.
fn contents(frontier: &SledFrontier) -> Vec<String> {
    let mut urls = Vec::new();
    for (unit, _) in now(frontier.units()).unwrap() {
        while let Some(entry) = claim(frontier, &unit) {
            urls.push(entry.link.url.as_str().to_owned());
        }
    }
    urls.sort();
    urls
}

#[test]
fn the_journal_stays_short_and_is_read_back() {
    let mut subject = Killed::new();
    let frontier = subject.frontier();
    let links: Vec<Link> = (0..30_000).map(|n| link(n % 7, n)).collect();
    now(frontier.admit(links.clone())).unwrap();
    now(frontier.commit(1)).unwrap();
    let settled = 29_000;
    for (group, links) in links[..settled].chunks(10).enumerate() {
        for link in links {
            let entry = claim(frontier, &link.url.budget_unit()).unwrap();
            now(frontier.settle(&entry.link, Settled::Done)).unwrap();
        }
        now(frontier.commit(2 + group as u64)).unwrap();
    }
    assert!(
        frontier.state().journal.pages() < 1_010,
        "after 2,900 commits"
    );
    subject.crash(&[]);
    assert_eq!(subject.frontier().queued(), 1_000);
    let mut left: Vec<_> = links[settled..]
        .iter()
        .map(|link| link.url.to_string())
        .collect();
    left.sort();
    assert_eq!(contents(subject.frontier()), left);
}

#[test]
fn counts_are_kept_for_each_unit() {
    let subject = Killed::new();
    let frontier = subject.frontier();
    now(frontier.admit((0..5).map(|n| link(1, n)).collect())).unwrap();
    now(frontier.admit(vec![link(2, 1)])).unwrap();
    now(frontier.commit(1)).unwrap();
    let unit = link(1, 0).url.budget_unit();
    let entry = claim(frontier, &unit).unwrap();
    assert_eq!(frontier.queued_of(&unit), 5);
    now(frontier.settle(&entry.link, Settled::Done)).unwrap();
    assert_eq!((frontier.queued_of(&unit), frontier.queued()), (4, 5));
    assert_eq!(frontier.queued_of(&BudgetUnit::stored("none.example")), 0);
}

#[test]
fn noted_urls_are_known_and_not_queued() {
    let subject = Killed::new();
    let frontier = subject.frontier();
    let (a, b) = (link(1, 1), link(1, 2));
    frontier.note_seen(hash(&a.url));
    assert!(frontier.knows(&a.url) && !frontier.knows(&b.url));
    assert_eq!(now(frontier.admit(vec![a, b.clone()])).unwrap(), [b]);
}

#[test]
fn nothing_is_committed_after_a_commit_that_failed() {
    let mut subject = Killed::new();
    let frontier = subject.frontier();
    frontier.state().failed = true;
    let error = now(frontier.commit(1)).unwrap_err();
    assert!(matches!(error, FrontierError::Engine { .. }), "{error}");
    assert_eq!(subject.crash(&[]), 0);
}

#[test]
fn claims_go_on_while_commits_run() {
    let subject = Killed::new();
    let frontier = Arc::new(subject.frontier.unwrap());
    let unit = link(1, 0).url.budget_unit();
    let writer = {
        let frontier = Arc::clone(&frontier);
        std::thread::spawn(move || {
            for group in 0..100 {
                let links = (0..100).map(|n| link(1, group * 100 + n)).collect();
                now(frontier.admit(links)).unwrap();
                now(frontier.commit(u64::from(group))).unwrap();
            }
        })
    };
    let mut claimed = 0;
    while claimed < 10_000 {
        if let Some(entry) = claim(&frontier, &unit) {
            assert!(
                entry
                    .link
                    .url
                    .as_str()
                    .ends_with(&format!("-{claimed}.html")),
                "in order"
            );
            now(frontier.settle(&entry.link, Settled::Done)).unwrap();
            claimed += 1;
        }
    }
    writer.join().unwrap();
    now(frontier.commit(1_000)).unwrap();
    assert_eq!(frontier.queued(), 0);
    let path = subject.folder.path().join("0");
    drop(frontier);
    let (frontier, mark) = SledFrontier::open(&path, SALT).unwrap();
    assert_eq!((mark, frontier.queued()), (1_000, 0));
}
