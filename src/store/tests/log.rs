//! What the engine reads back: the queue, what is due, runs, seeds, hosts.

use super::*;

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
    let (ready, waiting) = queued(&store);
    assert_eq!(ready, ["http://a.example/2", "http://b.example/"]);
    assert_eq!(waiting, [("http://a.example/1".to_owned(), NOW + 9, 2)]);

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
    let run = store.start_run(NOW, "").unwrap();
    store.append(&[visited("http://a.example/")]).unwrap();
    drop(store);
    let mut store = open(&folder);
    let last = store.last_run().unwrap().unwrap();
    assert_eq!(
        (last.id, last.state, last.ended),
        (run, RunState::Interrupted, Some(NOW + 20))
    );
    store.resume_run(run, None).unwrap();
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
    assert_eq!(store.visited().count(), 0);
    let other = RobotsUnit::stored("https://a.example:443");
    assert_eq!(store.robots_copy(&other).unwrap(), None);
}
