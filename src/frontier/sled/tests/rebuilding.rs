//! A new frontier in the place of a damaged one.

use super::*;
use crate::frontier::{RebuildError, Rebuilt};
use std::convert::Infallible;
use std::io;

fn queued(links: impl Iterator<Item = Link>) -> impl Iterator<Item = Result<Rebuilt, Infallible>> {
    links.map(|link| {
        Ok(Rebuilt {
            link,
            due: None,
            failures: 0,
        })
    })
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn what_was_queued_is_queued_again_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    let links: Vec<Link> = (0..5_000).map(|n| link(n % 11, n)).collect();
    let twice = queued(links.iter().chain(&links).cloned());
    let retry = Rebuilt {
        link: link(99, 1),
        due: Some(700),
        failures: 3,
    };
    let all = twice.chain([Ok(retry.clone())]);
    let frontier = SledFrontier::rebuild(&path, SALT, all, 77).unwrap();
    assert_eq!(frontier.queued(), 5_001);
    assert!(frontier.knows(&links[0].url));
    drop(frontier);
    let (frontier, mark) = SledFrontier::open(&path, SALT).unwrap();
    assert_eq!(mark, 77);
    let unit = retry.link.url.budget_unit();
    assert_eq!(now(frontier.claim(&unit, 699)).unwrap(), Claim::Later(700));
    let entry = claim(&frontier, &unit).unwrap();
    assert_eq!((entry.link, entry.failures), (retry.link, 3));
    let mut all: Vec<String> = links.iter().map(|link| link.url.to_string()).collect();
    all.sort();
    assert_eq!(contents(&frontier), all);
}

#[test]
fn a_rebuilt_frontier_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    let links = queued((0..200).map(|n| link(1, n)));
    let frontier = SledFrontier::rebuild(&path, SALT, links, 5).unwrap();
    let unit = link(1, 0).url.budget_unit();
    for n in 0..100 {
        let entry = claim(&frontier, &unit).unwrap();
        assert_eq!(entry.link, link(1, n), "in the order of the log");
        now(frontier.settle(&entry.link, Settled::Done)).unwrap();
    }
    now(frontier.commit(6)).unwrap();
    drop(frontier);
    let (frontier, mark) = SledFrontier::open(&path, SALT).unwrap();
    assert_eq!((mark, frontier.queued()), (6, 100));
}

#[test]
fn only_the_newest_damaged_folder_is_kept_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    let precious = folder.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("letter"), b"kept").unwrap();
    for name in [
        "frontier.damaged-x",
        "frontier.damaged-01",
        "other.damaged-1",
    ] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(&precious, folder.path().join("frontier.damaged-7")).unwrap();
    for round in 0..3 {
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("db"), format!("rubbish {round}")).unwrap();
        SledFrontier::rebuild(&path, SALT, queued([link(1, 1)].into_iter()), 1).unwrap();
    }
    let mut kept = vec![
        "frontier",
        "frontier.damaged-01",
        "frontier.damaged-3",
        "frontier.damaged-x",
        "other.damaged-1",
        "precious",
    ];
    if cfg!(unix) {
        kept.insert(3, "frontier.damaged-7");
    }
    assert_eq!(names(folder.path()), kept);
    assert_eq!(names(&precious), ["letter"]);
    let damaged = fs::read(folder.path().join("frontier.damaged-3/db")).unwrap();
    assert_eq!(damaged, b"rubbish 2");
}

#[test]
fn an_unreadable_log_stops_the_rebuild_and_leaves_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    let links = queued((0..70_000).map(|n| link(1, n)));
    let links = links.map(|link| link.map_err(|never| match never {}));
    let links = links.chain([Err(io::Error::other("no such row"))]);
    let error = SledFrontier::rebuild(&path, SALT, links, 1).err().unwrap();
    assert!(matches!(error, RebuildError::Links(_)));
    let error = SledFrontier::open(&path, SALT).err().unwrap();
    assert!(
        matches!(error, FrontierError::Damaged { .. }),
        "half a frontier is none"
    );
}
