//! Which pages are one story, and what a re-visit adds.

use super::*;

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

    // A link of a feed, two redirects, a story that the second source held once.
    let by_feed = |visit: Finished| Finished {
        link: Link {
            via: Via::Feed,
            ..visit.link
        },
        ..visit
    };
    let (one, two, three) = (
        "http://a.example/1",
        "http://a.example/2",
        "http://a.example/3",
    );
    store
        .append(&[by_feed(story(one, "U", &text("y"), None))])
        .unwrap();
    store.append(&[by_feed(moved(one, two))]).unwrap();
    store
        .append(&[by_feed(through_redirect(moved(two, three)))])
        .unwrap();
    let arrived = through_redirect(story(three, "Corrected", &text("y"), None));
    store.append(&[by_feed(arrived)]).unwrap();
    let rows: Vec<ArticleRow> = reader(&folder)
        .articles()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[1].via.as_str(), rows[1].versions), ("feed", 2));
    assert_eq!(rows[1].url, three);
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
