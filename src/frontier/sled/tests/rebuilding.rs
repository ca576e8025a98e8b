//! A new frontier in the place of a damaged one.

use super::*;
use crate::frontier::{Logged, RebuildError, encode_links};
use std::convert::Infallible;
use std::io;

type Log = Vec<Result<Logged, Infallible>>;

/// As a log has them, twenty links a visit.
fn admitted(links: &[Link]) -> Log {
    let visits = (1..).zip(links.chunks(20));
    let admitted = visits.map(|(visit, links)| {
        let links = encode_links(links);
        Ok(Logged::Admitted { visit, links })
    });
    admitted.collect()
}

fn rebuild(path: &Path, log: Log, mark: u64) -> SledFrontier {
    SledFrontier::rebuild(path, SALT, log.into_iter(), mark).unwrap()
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
    let (visited, waiting) = (link(1, 99_999), link(99, 1));
    let again = Logged::Again {
        link: waiting.clone(),
        due: 700,
        failures: 3,
    };
    let mut log = vec![
        Ok(Logged::Visited(hash(&visited.url))),
        Ok(Logged::Visited(hash(&waiting.url))),
    ];
    log.append(&mut admitted(&[visited.clone(), waiting.clone()]));
    log.append(&mut admitted(&links));
    log.append(&mut admitted(&links));
    log.extend([Ok(again.clone()), Ok(again)]);
    let frontier = rebuild(&path, log, 77);
    assert_eq!(frontier.queued(), 5_001);
    assert!(frontier.knows(&visited.url));
    assert!(frontier.knows(&links[0].url));
    drop(frontier);
    let (frontier, mark) = SledFrontier::open(&path, SALT).unwrap();
    assert_eq!(mark, 77);
    let unit = waiting.url.budget_unit();
    assert_eq!(now(frontier.claim(&unit, 699)).unwrap(), Claim::Later(700));
    let entry = claim(&frontier, &unit).unwrap();
    assert_eq!((entry.link, entry.failures), (waiting, 3));
    let mut all: Vec<String> = links.iter().map(|link| link.url.to_string()).collect();
    all.sort();
    assert_eq!(contents(&frontier), all);
}

#[test]
fn a_rebuilt_frontier_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    let links: Vec<Link> = (0..200).map(|n| link(1, n)).collect();
    let frontier = rebuild(&path, admitted(&links), 5);
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
        rebuild(&path, admitted(&[link(1, 1)]), 1);
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

fn assert_half_is_none(path: &Path) {
    let error = SledFrontier::open(path, SALT).err().unwrap();
    assert!(
        matches!(error, FrontierError::Damaged { .. }),
        "half a frontier is none"
    );
}

#[test]
fn an_unreadable_log_stops_the_rebuild_and_leaves_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    let links: Vec<Link> = (0..70_000).map(|n| link(1, n)).collect();
    let log = admitted(&links);
    let log = log
        .into_iter()
        .map(|item| item.map_err(|never| match never {}));
    let log = log.chain([Err(io::Error::other("no such row"))]);
    let error = SledFrontier::rebuild(&path, SALT, log, 1).err().unwrap();
    assert!(matches!(error, RebuildError::Log(_)));
    assert_half_is_none(&path);
}

/// Links whose lengths fit, with other bytes for the URL `http://www.a.example/x`.
fn forged(url: &str) -> Vec<u8> {
    let mut links = encode_links(&[Link {
        url: NormalUrl::parse("http://www.a.example/x").unwrap(),
        ..link(1, 1)
    }]);
    let at = links.len() - url.len();
    links[at..].copy_from_slice(url.as_bytes());
    links
}

#[test]
fn what_is_no_url_in_the_log_is_said_and_nothing_is_queued_that_cannot_be_claimed() {
    for (url, accepted) in [
        ("http://www.b.example/x", true),
        ("gttp://www.a.example/x", false),
        ("http://www.a.example/ ", false),
        ("http://www.a.example.x", false),
        ("http://www.a^example/x", false),
        ("http:///ww.a.example/x", false),
        ("http://www.a.example/\u{7f}", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frontier");
        let links = forged(url);
        let log = [Ok::<_, Infallible>(Logged::Admitted { visit: 7, links })];
        match SledFrontier::rebuild(&path, SALT, log.into_iter(), 9) {
            Ok(frontier) => {
                assert!(accepted, "{url}");
                assert_eq!(contents(&frontier), [url]);
            }
            Err(error) => {
                assert!(!accepted, "{url}: {error}");
                assert!(matches!(error, RebuildError::Links { visit: 7, .. }));
            }
        }
    }
}
