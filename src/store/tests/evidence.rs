//! What a log keeps so that gaps and permits can be recomputed.

use super::*;
use crate::config::{Config, Site};
use std::time::Duration;

const UNIT: &str = "http://a.example:80";

fn robots(fetched: Millis, body: Option<&str>) -> Finished {
    let copy = body.map(|body| RobotsCopy {
        unit: RobotsUnit::stored(UNIT),
        fetched,
        expires: fetched + 1_000,
        status: 200,
        body: Bytes::from(body.to_owned()),
        etag: None,
        last_modified: None,
    });
    Finished {
        robots: true,
        rules_for: Some(RobotsUnit::stored(UNIT)),
        robots_copy: copy,
        ..visited("http://a.example/robots.txt")
    }
}

#[test]
fn each_version_of_a_robots_txt_is_kept_with_the_visits_that_it_held_for() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let open_to_all = Some("User-agent: *\nDisallow:\n");
    let closed = Some("User-agent: *\nDisallow: /\n");
    let bodies = [open_to_all, open_to_all, None, closed, open_to_all];
    let visits = (0..).zip(bodies);
    let visits: Vec<Finished> = visits.map(|(n, body)| robots(NOW + n, body)).collect();
    store.append(&visits).unwrap();
    let reader = reader(&folder);
    let version = |visit| {
        let found = reader.robots_version(UNIT, visit).unwrap();
        found.map(|it| (it.first_visit, it.last_visit, it.expires - NOW, it.body))
    };
    let body = |text: Option<&str>| text.unwrap().as_bytes().to_vec();
    let first = Some((1, 2, 1_001, body(open_to_all)));
    assert_eq!(version(0), None);
    assert_eq!(
        [1, 2, 3].map(version),
        [first.clone(), first.clone(), first]
    );
    assert_eq!(version(4), Some((4, 4, 1_003, body(closed))));
    assert_eq!(version(9), Some((5, 5, 1_004, body(open_to_all))));
}

#[test]
fn requests_come_back_with_what_they_were_for_and_what_they_were_told() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let html = [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")];
    let told = Finished {
        outcome: "refused",
        status: Some(503),
        settled: Settled::Again {
            due: NOW + 9,
            failures: 1,
        },
        capture: Some(capture("http://a.example/x", "later", &html)),
        ..visited("http://a.example/x")
    };
    store.admit(&[link("http://a.example/x")], NOW).unwrap();
    store
        .append(&[robots(NOW, Some("")), told, visited("http://a.example/x")])
        .unwrap();
    let reader = reader(&folder);
    let rows: Vec<LoggedRequest> = reader.requests().unwrap().map(Result::unwrap).collect();
    let [robots, refused, again] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!((robots.visit, robots.rules_for.as_deref()), (2, Some(UNIT)));
    assert_eq!(robots.good_until, Some(NOW + 1_000));
    assert_eq!(
        refused.retry_after.as_deref(),
        Some("Sun, 06 Nov 1994 08:49:37 GMT")
    );
    assert_eq!(
        (refused.status, refused.again, refused.bytes),
        (Some(503), false, 5)
    );
    assert_eq!((again.again, again.rules_for.as_deref()), (true, None));
}

#[test]
fn each_process_leaves_the_pace_that_it_was_set_to() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let mut config = Config::default();
    config.sites.push(Site {
        site: "a.example".into(),
        min_delay: Some(Duration::from_secs(9)),
        ..Site::default()
    });
    let first = Pace::of(&config, "gleaner");
    let run = store.start_run(NOW, "").unwrap();
    store.begin_sitting(NOW, &first).unwrap();
    store.append(&[visited("http://a.example/")]).unwrap();
    config.politeness.min_delay = Duration::ZERO;
    let second = Pace::of(&config, "gleaner");
    store.begin_sitting(NOW + 5, &second).unwrap();
    let sitting = |first_visit, at, pace| Sitting {
        first_visit,
        run,
        at,
        pace,
    };
    assert_eq!(
        (
            first.site("a.example").min_delay,
            first.site("b.example").min_delay
        ),
        (9_000, 2_000)
    );
    let expected = [sitting(1, NOW, first), sitting(2, NOW + 5, second)];
    assert_eq!(reader(&folder).sittings().unwrap(), expected);
}
