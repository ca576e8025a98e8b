//! `gleaner demo` as a newcomer meets it: crawled by itself, and by hand. What a crawl of it finds
//! is also held, story by story, in `src/demo/tests.rs`.

use crate::support::user::User;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The titles in the tables of both papers.
fn titles() -> impl Iterator<Item = &'static str> {
    let tables = [
        include_str!("../../src/demo/pages/arabic.txt"),
        include_str!("../../src/demo/pages/english.txt"),
    ];
    let stories = tables.into_iter().flat_map(|table| table.split("\n\n= "));
    stories.map(|story| story.lines().nth(1).unwrap())
}

#[tokio::test]
async fn the_demo_is_crawled_shown_and_exported() {
    let user = User::new();
    let begun = Instant::now();
    let ended = user.runs("demo").await;
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "it is meant to take under ten"
    );
    ended.exits(0).says("first visit: ").says("second visit: ");
    let shown = String::from_utf8(ended.stdout.clone()).unwrap();
    for line in [
        "English (13 stories)",
        "Arabic (11 stories)",
        "/desk/ is closed by robots.txt and linked to: 0 requests",
        "/مكتب/ is closed by robots.txt and linked to: 0 requests",
        "next: gleaner export --data demo-data -o demo.jsonl",
    ] {
        assert!(shown.contains(line), "no `{line}` in: {shown}");
    }
    assert_eq!(user.names(), ["demo-data"]);

    let exported = user.runs("export --data demo-data").await;
    let raw = String::from_utf8(exported.exits(0).stdout.clone()).unwrap();
    for title in titles() {
        assert!(raw.contains(title), "not byte for byte: {title}");
    }
    let records = exported.records();
    let urls: BTreeSet<_> = records.iter().map(|one| one["url"].to_string()).collect();
    assert_eq!((records.len(), urls.len()), (24, 24), "each once");
    assert!(!raw.contains("/fog-signal\""), "a soft 404 is no story");
    for record in records {
        let rtl = record["language"] == "ar";
        assert_eq!(record["direction"] == "rtl", rtl, "{}", record["url"]);
    }

    let again = user.runs("demo").await;
    again
        .exits(2)
        .says("hint: ")
        .says("gleaner demo --data demo-data --fresh");
}

#[tokio::test]
async fn a_served_demo_can_be_crawled_by_hand() {
    let user = User::new();
    let mut serving = user.starts("demo --serve");
    let (english, arabic) = (serving.line(), serving.line());
    let crawl = format!("crawl {english} {arabic} --allow-private --min-delay 100ms");
    user.runs(&crawl).await.exits(0).says("finished");
    assert_eq!(user.articles().await.len(), 24);
    let only = format!("crawl {english}sea/kelp-harvest --depth 0 --allow-private --data one");
    user.runs(&only).await.exits(0);
    let one = user.runs("export --data one").await.records();
    assert_eq!(one.len(), 1);
    assert_eq!(one[0]["authors"][0], "Bram Ostrander");
    serving.interrupt();
    serving.ends().await.exits(0).says("serving until Ctrl-C");
}
