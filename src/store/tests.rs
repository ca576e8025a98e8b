//! The store over a temporary folder: what was acknowledged is there after any stop.

use super::segment::tests::check_members;
use super::*;
use crate::frontier::Via;
use crate::normal::{BudgetUnit, RobotsUnit};
use crate::seeds::Seed;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::fs::File;
use std::io::Write;
use tempfile::TempDir;

const NOW: Millis = 1_780_000_000_000;

fn url(text: &str) -> NormalUrl {
    NormalUrl::parse(text).unwrap()
}

fn link(text: &str) -> Link {
    Link {
        url: url(text),
        seed: 1,
        depth: 1,
        hops: 0,
        via: Via::Front,
        priority: 40,
    }
}

/// A capture of an HTML page that was sent as it is.
pub(super) fn capture(at: &str, body: &str, headers: &[(&str, &str)]) -> Capture {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    let body = Bytes::from(body.to_owned());
    Capture {
        url: url(at),
        started: NOW,
        ended: NOW + 20,
        address: Some("127.0.0.1:8800".parse().unwrap()),
        request: Bytes::from_static(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
        version: http::Version::HTTP_11,
        status: 200,
        headers: map,
        sent: body.clone(),
        body,
        cut: None,
    }
}

/// A visit that found nothing but an HTML page.
fn visited(at: &str) -> Finished {
    let html = ("content-type", "text/html; charset=utf-8");
    Finished {
        link: link(at),
        robots: false,
        started: NOW,
        ended: NOW + 20,
        outcome: "ok",
        reason: None,
        status: Some(200),
        moved_to: None,
        capture: Some(capture(at, &format!("<p>{at}"), &[html])),
        archive: true,
        kind: Some(Kind::Html),
        charset: Some("UTF-8"),
        article: None,
        fingerprint: None,
        outlinks: Vec::new(),
        settled: Settled::Done,
        next_due: None,
        unit: None,
        robots_copy: None,
    }
}

/// A visit that found a story.
fn story(at: &str, title: &str, text: &str, canonical: Option<&str>) -> Finished {
    Finished {
        article: Some(Article {
            canonical_url: canonical.map(str::to_owned),
            title: Some(title.to_owned()),
            text: text.to_owned(),
            language: Some("ar".into()),
            ..Article::default()
        }),
        ..visited(at)
    }
}

/// A visit of a redirect's target.
fn through_redirect(visit: Finished) -> Finished {
    Finished {
        link: Link {
            via: Via::Redirect,
            hops: 1,
            ..visit.link
        },
        ..visit
    }
}

fn moved(from: &str, to: &str) -> Finished {
    Finished {
        outcome: "moved",
        status: Some(301),
        moved_to: Some(url(to)),
        kind: None,
        ..visited(from)
    }
}

/// Forty words that no other topic has.
fn text(topic: &str) -> String {
    let words: Vec<String> = (0..40).map(|i| format!("{topic}{i}")).collect();
    words.join(" ")
}

fn open(folder: &TempDir) -> Store {
    try_open(folder).unwrap()
}

fn try_open(folder: &TempDir) -> Result<Store, StoreError> {
    Store::open(folder.path(), &config::Store::default(), NOW)
}

fn reader(folder: &TempDir) -> Reader {
    Reader::open(folder.path()).unwrap()
}

/// Every story's URL, number of versions and title.
fn stories(folder: &TempDir) -> Vec<(String, u64, String)> {
    let reader = reader(folder);
    let rows = reader.articles().unwrap().map(Result::unwrap);
    rows.map(|row| {
        let title = row.fields().unwrap()["title"].as_str().unwrap().to_owned();
        (row.url, row.versions, title)
    })
    .collect()
}

fn queued(store: &Store) -> Vec<String> {
    let found = store
        .queued()
        .unwrap()
        .map(|r| r.unwrap().link.url.to_string());
    let mut found: Vec<String> = found.collect();
    found.sort();
    found
}

fn segments(folder: &TempDir) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder.path().join(WARC))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

fn copy(from: &TempDir) -> TempDir {
    fn copy_tree(from: &Path, to: &Path) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                fs::create_dir(&to).unwrap();
                copy_tree(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let to = TempDir::new().unwrap();
    copy_tree(from.path(), to.path());
    to
}

#[test]
fn what_was_acknowledged_is_there_after_a_stop_without_finish() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let arabic = "سوق السمك: «افتتاح»، وأسعار جديدة\nمُحَمَّد \u{200f}٢٠٢٦";
    let receipt = store
        .append(&[
            visited("http://a.example/"),
            story("http://a.example/1", "عنوان", arabic, None),
        ])
        .unwrap();
    assert_eq!(
        (receipt.mark, receipt.new_articles, receipt.new_versions),
        (2, 1, 0)
    );
    let copied = copy(&folder);
    let store = open(&copied);
    assert_eq!(store.mark(), 2);
    assert_eq!(store.urls().count(), 2);
    let reader = reader(&copied);
    let row = reader.articles().unwrap().next().unwrap().unwrap();
    assert_eq!(row.fields().unwrap()["text"], arabic);
    assert_eq!(
        (row.id.len(), row.via.as_str(), row.site.as_str()),
        (26, "front", "a.example")
    );
}

#[test]
fn a_revisit_adds_a_version_only_when_text_or_headline_changed() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let at = "http://a.example/1";
    let first = story(at, "One", &text("x"), None);
    let retitled = story(at, "Two", &text("x"), None);
    let rewritten = story(at, "Two", &text("y"), None);
    for (visit, articles, versions) in [
        (&first, 1, 0),
        (&first, 0, 0),
        (&retitled, 0, 1),
        (&retitled, 0, 0),
        (&rewritten, 0, 1),
    ] {
        let receipt = store.append(std::slice::from_ref(visit)).unwrap();
        assert_eq!(
            (receipt.new_articles, receipt.new_versions),
            (articles, versions)
        );
    }
    assert_eq!(stories(&folder), [(at.to_owned(), 3, "Two".to_owned())]);
}

/// What it is about; visits as path, canonical, topic of the text; stories as path, versions.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
    &'static [(&'static str, u64)],
);

#[test]
fn one_story_at_several_urls_is_one_article_and_a_lying_canonical_is_not_believed() {
    let a = |path: &str| format!("http://a.example{path}");
    let cases: &[Case] = &[
        (
            "an AMP copy before the story",
            &[("/1.amp", "/1", "x"), ("/1", "/1", "x")],
            &[("/1", 1)],
        ),
        (
            "an AMP copy after the story",
            &[("/1", "/1", "x"), ("/1.amp", "/1", "x")],
            &[("/1", 1)],
        ),
        (
            "two copies of an unseen page",
            &[("/1?p", "/1", "x"), ("/1?q", "/1", "x")],
            &[("/1?p", 1)],
        ),
        (
            "the home page",
            &[("/1", "/", "x"), ("/2", "/", "y")],
            &[("/1", 1), ("/2", 1)],
        ),
        (
            "shared by different stories",
            &[("/1", "/s", "x"), ("/2", "/s", "y"), ("/2", "/s", "y")],
            &[("/1", 1), ("/2", 1)],
        ),
        (
            "the page that others named",
            &[("/1", "/2", "x"), ("/2", "/2", "y"), ("/1", "/2", "x")],
            &[("/1", 1), ("/2", 1)],
        ),
        (
            "a page with another story each day",
            &[("/latest", "/1", "x"), ("/latest", "/2", "y")],
            &[("/latest", 1), ("/latest", 1)],
        ),
        (
            "a canonical that came later",
            &[("/1", "", "x"), ("/1", "/story-1", "x")],
            &[("/1", 1)],
        ),
        (
            "another site's",
            &[
                ("/1", "http://b.example/1", "x"),
                ("/2", "http://b.example/1", "x"),
            ],
            &[("/1", 1), ("/2", 1)],
        ),
    ];
    for (name, visits, wanted) in cases {
        let folder = TempDir::new().unwrap();
        let mut store = open(&folder);
        for (path, canonical, topic) in *visits {
            let canonical = if canonical.starts_with('/') {
                a(canonical)
            } else {
                (*canonical).to_owned()
            };
            let canonical = (!canonical.is_empty()).then_some(canonical.as_str());
            store
                .append(&[story(&a(path), topic, &text(topic), canonical)])
                .unwrap();
        }
        let found: Vec<(String, u64)> = stories(&folder)
            .into_iter()
            .map(|(u, v, _)| (u, v))
            .collect();
        let wanted: Vec<(String, u64)> = wanted.iter().map(|(p, v)| (a(p), *v)).collect();
        assert_eq!(found, wanted, "{name}");
    }
}

#[test]
fn a_story_that_moved_stays_one_and_tells_how_it_was_found_first() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let (old, new) = ("http://a.example/old", "http://a.example/new");
    store.append(&[story(old, "T", &text("x"), None)]).unwrap();
    store.append(&[moved(old, new)]).unwrap();
    store
        .append(&[through_redirect(story(new, "T", &text("x"), None))])
        .unwrap();
    assert_eq!(stories(&folder), [(new.to_owned(), 1, "T".to_owned())]);

    store
        .append(&[moved("http://a.example/go", "http://a.example/2")])
        .unwrap();
    store
        .append(&[through_redirect(story(
            "http://a.example/2",
            "U",
            &text("y"),
            None,
        ))])
        .unwrap();
    let rows: Vec<ArticleRow> = reader(&folder)
        .articles()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows[1].via, "front");
}

#[test]
fn the_source_of_a_redirect_says_that_robots_forbid_its_target() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store
        .append(&[moved("http://a.example/go/1", "http://a.example/private")])
        .unwrap();
    let refused = Finished {
        outcome: "skipped",
        reason: Some("robots".into()),
        status: None,
        capture: None,
        kind: None,
        ..visited("http://a.example/private")
    };
    store.append(&[through_redirect(refused)]).unwrap();
    let reader = reader(&folder);
    let source = url("http://a.example/go/1");
    let reason = Some("redirect target disallowed by robots".to_owned());
    assert_eq!(reader.url(&source).unwrap().unwrap().reason, reason);
    assert_eq!(reader.visits(&source).unwrap()[0].reason, reason);
    let target = reader
        .url(&url("http://a.example/private"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (target.state.as_str(), target.reason.as_deref()),
        ("skipped", Some("robots"))
    );
}

#[test]
fn the_queue_can_be_rebuilt_and_replayed_from_the_log() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let seeds = [link("http://a.example/"), link("http://b.example/")];
    assert_eq!(store.admit(&seeds, NOW).unwrap().mark, 1);
    let front = Finished {
        outlinks: vec![link("http://a.example/1"), link("http://a.example/2")],
        ..visited("http://a.example/")
    };
    let again = Settled::Again {
        due: NOW + 9,
        failures: 2,
    };
    let failed = Finished {
        outcome: "failed",
        settled: again,
        capture: None,
        ..visited("http://a.example/1")
    };
    let robots = Finished {
        robots: true,
        ..visited("http://a.example/robots.txt")
    };
    store.append(&[front, robots, failed]).unwrap();
    drop(store);
    let store = open(&folder);
    let waiting = [
        "http://a.example/1",
        "http://a.example/2",
        "http://b.example/",
    ];
    assert_eq!(queued(&store), waiting);
    let retry = store.queued().unwrap().next().unwrap().unwrap();
    assert_eq!((retry.due, retry.failures), (Some(NOW + 9), 2));

    let replayed: Vec<Replayed> = store.replay(1).map(Result::unwrap).collect();
    assert_eq!(
        replayed.iter().map(|r| r.visit).collect::<Vec<_>>(),
        [2, 3, 4]
    );
    assert_eq!(replayed[0].outlinks.len(), 2);
    assert_eq!(replayed[0].settled.as_ref().unwrap().1, Settled::Done);
    assert!(
        replayed[1].settled.is_none(),
        "a robots.txt is not in the queue"
    );
    assert_eq!(replayed[2].settled.as_ref().unwrap().1, again);
    let admitted = store.replay(0).next().unwrap().unwrap();
    assert!(admitted.settled.is_none() && admitted.outlinks == seeds);
}

#[test]
fn what_is_due_is_handed_out_once_until_it_is_visited() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let due = |at: &str, when| Finished {
        next_due: Some(when),
        ..visited(at)
    };
    let visits = [
        due("http://a.example/2", NOW + 2),
        due("http://a.example/1", NOW + 1),
        due("http://a.example/9", NOW + 9),
    ];
    store.append(&visits).unwrap();
    let urls = |links: Vec<Link>| links.iter().map(|l| l.url.to_string()).collect::<Vec<_>>();
    assert_eq!(urls(store.due(NOW + 5, 1).unwrap()), ["http://a.example/1"]);
    assert_eq!(urls(store.due(NOW + 5, 9).unwrap()), ["http://a.example/2"]);
    assert!(store.due(NOW + 5, 9).unwrap().is_empty());
    assert_eq!(store.next_due().unwrap(), Some(NOW + 9));
    store.append(&visits[..1]).unwrap();
    assert_eq!(urls(store.due(NOW + 5, 9).unwrap()), ["http://a.example/2"]);
}

#[test]
fn a_new_run_makes_seeds_feeds_and_fronts_due_but_no_articles() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let seed = |at: &str| Seed {
        url: url(at),
        depth: None,
        max_pages: Some(5),
        file: Some("seeds.txt".into()),
        line: 1,
    };
    let stored = store
        .sync_seeds(&[seed("http://a.example/s"), seed("http://b.example/")])
        .unwrap();
    assert!(stored.iter().all(|s| s.fresh) && stored.len() == 2);
    let deep = Finished {
        link: Link {
            depth: 4,
            ..link("http://a.example/tag/x")
        },
        ..visited("http://a.example/tag/x")
    };
    let feed = Finished {
        kind: Some(Kind::Feed),
        ..visited("http://a.example/feed")
    };
    store
        .append(&[
            story("http://a.example/s", "T", &text("x"), None),
            story("http://a.example/1", "T", &text("y"), None),
            visited("http://a.example/"),
            deep,
            feed,
        ])
        .unwrap();
    assert_eq!(store.make_hubs_due(NOW + 1).unwrap(), 3);
    let mut due: Vec<String> = store
        .due(NOW + 1, 9)
        .unwrap()
        .iter()
        .map(|l| l.url.to_string())
        .collect();
    due.sort();
    assert_eq!(
        due,
        [
            "http://a.example/",
            "http://a.example/feed",
            "http://a.example/s"
        ]
    );

    let stored = store
        .sync_seeds(&[seed("http://b.example/"), seed("http://c.example/")])
        .unwrap();
    let fresh: Vec<(u32, bool)> = stored.iter().map(|s| (s.id, s.fresh)).collect();
    assert_eq!(fresh, [(2, false), (3, true)]);
    assert_eq!(
        store.seeds().unwrap().iter().filter(|s| s.retired).count(),
        1
    );
    let stored = store.sync_seeds(&[seed("http://a.example/s")]).unwrap();
    assert_eq!((stored[0].id, stored[0].fresh), (1, true));
}

#[test]
fn a_run_that_was_killed_is_found_interrupted() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    assert_eq!(store.last_run().unwrap(), None);
    let run = store.start_run(NOW).unwrap();
    store.append(&[visited("http://a.example/")]).unwrap();
    drop(store);
    let mut store = open(&folder);
    let last = store.last_run().unwrap().unwrap();
    assert_eq!(
        (last.id, last.state, last.ended),
        (run, RunState::Interrupted, Some(NOW + 20))
    );
    store.resume_run(run).unwrap();
    store.append(&[visited("http://a.example/1")]).unwrap();
    store
        .finish(RunState::Finished, "nothing is left", NOW + 50)
        .unwrap();
    let last = reader(&folder).last_run().unwrap().unwrap();
    assert_eq!(
        (last.state, last.ended),
        (RunState::Finished, Some(NOW + 50))
    );
    let visits = reader(&folder).visits(&url("http://a.example/1")).unwrap();
    assert_eq!(visits[0].run, run);
    let name = segments(&folder)[0].to_string_lossy().into_owned();
    assert!(name.ends_with(".warc.gz"), "{name}");
}

#[test]
fn validators_follow_whole_pages_only() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let at = "http://a.example/";
    let with = |etag: &str, cut| {
        let mut capture = capture(at, "x", &[("etag", etag)]);
        capture.cut = cut;
        Finished {
            capture: Some(capture),
            ..visited(at)
        }
    };
    let etag = |store: &Store| store.validators(&url(at)).unwrap().and_then(|v| v.etag);
    store.append(&[with("\"1\"", None)]).unwrap();
    assert_eq!(etag(&store).as_deref(), Some("\"1\""));
    let mut unchanged = visited(at);
    unchanged.outcome = "not_modified";
    store.append(&[unchanged]).unwrap();
    assert_eq!(etag(&store).as_deref(), Some("\"1\""));
    store
        .append(&[with("\"2\"", Some(crate::fetch::Cut::ConnectionLost))])
        .unwrap();
    assert_eq!(etag(&store), None);
}

#[test]
fn units_and_robots_copies_come_back_as_they_were() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let unit = UnitState {
        unit: BudgetUnit::stored("a.example"),
        next_allowed: NOW + 5,
        last_response: 120,
        refusals: 1,
        failures: 2,
        pause: 2_000,
        parked: true,
        requests: 7,
        pages: 5,
    };
    let copy = RobotsCopy {
        unit: RobotsUnit::stored("http://a.example:80"),
        fetched: NOW,
        expires: NOW + 86_400_000,
        status: 200,
        body: Bytes::from_static("User-agent: *\nDisallow: /سر/\n".as_bytes()),
        etag: Some("\"r\"".into()),
        last_modified: None,
    };
    let robots = Finished {
        robots: true,
        unit: Some(unit.clone()),
        robots_copy: Some(copy.clone()),
        ..visited("http://a.example/robots.txt")
    };
    store.append(std::slice::from_ref(&robots)).unwrap();
    let failed = Finished {
        robots_copy: None,
        outcome: "failed",
        ..robots
    };
    store.append(&[failed]).unwrap();
    assert_eq!(store.unit_states().unwrap(), [unit]);
    assert_eq!(store.robots_copy(&copy.unit).unwrap(), Some(copy));
    assert_eq!(store.urls().count(), 0);
    let other = RobotsUnit::stored("https://a.example:443");
    assert_eq!(store.robots_copy(&other).unwrap(), None);
}

#[test]
fn a_kill_between_archive_and_commit_leaves_no_half_group() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    let committed = fs::metadata(&segments(&folder)[0]).unwrap().len();
    let killed = copy(&folder);
    // The next group's records reached the file, its transaction did not happen.
    let mut file = File::options()
        .append(true)
        .open(&segments(&killed)[0])
        .unwrap();
    file.write_all(&[0x1f, 0x8b, 8, 0, 1, 2, 3]).unwrap();
    let mut store = open(&killed);
    assert!(store.notices().is_empty());
    assert_eq!(
        fs::metadata(&segments(&killed)[0]).unwrap().len(),
        committed
    );
    store.append(&[visited("http://a.example/2")]).unwrap();
    store.finish(RunState::Finished, "", NOW).unwrap();
    assert_eq!(check_members(&segments(&killed)[0]), 5);
}

#[test]
fn a_kill_around_the_renaming_of_a_segment_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    let renamed = copy(&folder);
    let open_name = segments(&renamed).remove(0);
    fs::rename(&open_name, open_name.with_extension("")).unwrap();
    let mut store = open(&renamed);
    assert!(store.notices().is_empty());
    store.append(&[visited("http://a.example/2")]).unwrap();
    store.finish(RunState::Finished, "", NOW).unwrap();
    let found = segments(&renamed);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|path| check_members(path) == 3));
}

#[test]
fn a_segment_shorter_than_committed_is_cut_to_whole_records_and_said() {
    for cut in [7, u64::MAX] {
        let folder = TempDir::new().unwrap();
        let mut store = open(&folder);
        store.append(&[visited("http://a.example/1")]).unwrap();
        store
            .append(&[story("http://a.example/2", "T", &text("x"), None)])
            .unwrap();
        drop(store);
        let path = segments(&folder).remove(0);
        let length = fs::metadata(&path).unwrap().len();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(length.saturating_sub(cut)).unwrap();
        let mut store = open(&folder);
        assert!(
            store.notices()[0].contains(&*path.to_string_lossy()),
            "{:?}",
            store.notices()
        );
        store.append(&[visited("http://a.example/3")]).unwrap();
        store.finish(RunState::Finished, "", NOW).unwrap();
        assert!(
            segments(&folder)
                .iter()
                .all(|path| check_members(path) == 3)
        );
        let row = reader(&folder).articles().unwrap().next().unwrap().unwrap();
        assert_eq!(row.warc, None, "its record is lost");
        assert!(open(&folder).notices().is_empty(), "it is said once");
    }
}

#[test]
fn a_full_segment_is_closed_and_another_begun() {
    let folder = TempDir::new().unwrap();
    let config = config::Store {
        warc_segment: 1,
        ..config::Store::default()
    };
    let mut store = Store::open(folder.path(), &config, NOW).unwrap();
    for i in 0..3 {
        store
            .append(&[visited(&format!("http://a.example/{i}"))])
            .unwrap();
    }
    let names: Vec<String> = segments(&folder)
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.iter().filter(|n| n.ends_with(".warc.gz")).count(), 2);
    assert_eq!(
        names
            .iter()
            .filter(|n| n.ends_with(".warc.gz.open"))
            .count(),
        1
    );
    assert!(
        segments(&folder)
            .iter()
            .all(|path| check_members(path) == 3)
    );
}

#[test]
fn a_group_that_could_not_be_written_is_gone_whole_and_can_be_written_again() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    let before = fs::metadata(&segments(&folder)[0]).unwrap().len();
    // As a full disk would: SQLite may not take another page.
    let pages: i64 = store
        .conn
        .query_row("PRAGMA page_count", [], |r| r.get(0))
        .unwrap();
    let limit = |store: &Store, pages: i64| {
        store
            .conn
            .pragma_update(None, "max_page_count", pages)
            .unwrap_or(());
    };
    limit(&store, pages);
    let noise: Vec<String> = (0..40_000_u64)
        .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string())
        .collect();
    let noise = noise.join(" ");
    let group = [
        visited("http://a.example/2"),
        story("http://a.example/3", "T", &noise, None),
    ];
    let error = store.append(&group).unwrap_err();
    assert!(error.is_full(), "{error}");
    assert!(error.to_string().contains("articles.db"), "{error}");
    assert_eq!(fs::metadata(&segments(&folder)[0]).unwrap().len(), before);
    assert_eq!(stories(&folder), []);
    assert_eq!(open(&copy(&folder)).mark(), 1);
    limit(&store, 1 << 30);
    assert_eq!(store.append(&group).unwrap().mark, 3);
    assert_eq!(check_members(&segments(&folder)[0]), 7);
}

#[test]
fn a_damaged_or_foreign_database_is_named_and_left_as_it_is() {
    type Hurt = fn(&Path);
    let hurts: &[(&str, Hurt)] = &[
        ("empty", |p| {
            File::options()
                .write(true)
                .open(p)
                .unwrap()
                .set_len(0)
                .unwrap();
        }),
        ("cut", |p| {
            let file = File::options().write(true).open(p).unwrap();
            file.set_len(file.metadata().unwrap().len() - 7).unwrap();
        }),
        ("zeros", |p| fs::write(p, vec![0; 50_000]).unwrap()),
        ("garbage", |p| {
            fs::write(p, "no database".repeat(900)).unwrap();
        }),
        ("foreign", |p| {
            fs::remove_file(p).unwrap();
            Connection::open(p)
                .unwrap()
                .execute_batch("CREATE TABLE t (x)")
                .unwrap();
        }),
        ("newer", |p| {
            Connection::open(p)
                .unwrap()
                .pragma_update(None, "user_version", 99)
                .unwrap();
        }),
    ];
    for (name, hurt) in hurts {
        let folder = TempDir::new().unwrap();
        let mut store = open(&folder);
        store
            .append(&[story("http://a.example/1", "T", &text("x"), None)])
            .unwrap();
        store.finish(RunState::Finished, "", NOW).unwrap();
        drop(store);
        let path = folder.path().join(DATABASE);
        hurt(&path);
        let before = fs::read(&path).unwrap();
        for error in [
            try_open(&folder).err().unwrap(),
            Reader::open(folder.path()).err().unwrap(),
        ] {
            let message = error.to_string();
            assert!(
                message.contains("articles.db") && message.contains("hint:"),
                "{name}: {message}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn garbage_at_the_end_and_leftovers_beside_are_survived() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store
        .append(&[story("http://a.example/1", "T", &text("x"), None)])
        .unwrap();
    let killed = copy(&folder);
    for name in fs::read_dir(killed.path())
        .unwrap()
        .map(|e| e.unwrap().path())
    {
        if name.is_file() {
            fs::write(database::beside(&name, ".tmp"), "leftover").unwrap();
            let mut file = File::options().append(true).open(&name).unwrap();
            file.write_all(&[0x5a; 64]).unwrap();
        }
    }
    fs::write(killed.path().join("articles.db.new"), "half a database").unwrap();
    let mut store = open(&killed);
    assert_eq!(stories(&killed).len(), 1);
    store
        .append(&[story("http://a.example/2", "U", &text("y"), None)])
        .unwrap();
    drop(store);
    open(&killed);
    assert_eq!(stories(&killed).len(), 2);
}

#[test]
fn a_checkpoint_that_was_interrupted_is_no_damage() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    for i in 0..50 {
        store
            .append(&[story(
                &format!("http://a.example/{i}"),
                "T",
                &text(&format!("w{i}")),
                None,
            )])
            .unwrap();
    }
    let killed = copy(&folder);
    // What a checkpoint writes first is page 1, with the new length of the file.
    let conn = Connection::open(folder.path().join(DATABASE)).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()))
        .unwrap();
    let whole = fs::read(folder.path().join(DATABASE)).unwrap();
    let path = killed.path().join(DATABASE);
    let mut half = fs::read(&path).unwrap();
    half[..4096].copy_from_slice(&whole[..4096]);
    fs::write(&path, half).unwrap();
    let without_log = copy(&killed);
    fs::remove_file(database::beside(&without_log.path().join(DATABASE), "-wal")).unwrap();
    let error = try_open(&without_log).err().unwrap();
    assert!(error.to_string().contains("cut short"), "{error}");
    assert_eq!(open(&killed).mark(), 50);
    assert_eq!(stories(&killed).len(), 50);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("data"), &config::Store::default(), NOW)
        .err()
        .unwrap();
    assert!(error.to_string().contains("file/data"), "{error}");
    let error = Reader::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("articles.db"), "{error}");
}
