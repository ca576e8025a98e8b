//! Ctrl-C and limits: a run that ends early keeps all that it has, and the next one goes on.

use crate::support::news::{Story, front, stories};
use crate::support::site::{Running, Site};
use crate::support::user::User;
use std::collections::BTreeSet;
use std::time::Duration;

const STORIES: usize = 30;

/// A site on which each answer takes `pause`.
async fn site(pause: Duration) -> Running {
    let news = stories(STORIES);
    let mut site = Site::new().page("/", &front(&news)).delay(pause);
    for story in &news {
        site = site.page(&story.path, &story.html()).delay(pause);
    }
    site.start().await
}

async fn wait_for(site: &Running, requests: usize) {
    while site.requests().len() < requests {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[track_caller]
fn assert_whole(exported: &[String]) {
    let different: BTreeSet<&String> = exported.iter().collect();
    assert_eq!(different.len(), STORIES, "stories are missing");
    assert_eq!(exported.len(), STORIES, "a story came twice");
}

#[track_caller]
fn assert_nothing_twice(site: &Running) {
    let targets = site.targets();
    let different: BTreeSet<&String> = targets.iter().collect();
    assert_eq!(different.len(), targets.len(), "{targets:?}");
}

#[tokio::test]
async fn ctrl_c_lets_open_visits_finish_and_resume_has_the_rest() {
    let site = site(Duration::from_millis(60)).await;
    let user = User::quick();
    let started = user.starts(&format!("crawl {}", site.url("/")));
    wait_for(&site, 8).await;
    started.interrupt();
    let ended = started.ends().await;
    ended.exits(130).says("next: gleaner resume");
    let asked = site.requests();
    assert!(asked.len() < STORIES, "it went on to the end");
    assert!(asked.iter().all(|seen| seen.ended.is_some()));
    // All that was answered is kept: what is left is robots.txt and the front.
    assert_eq!(user.stories(&site).await.len(), asked.len() - 2);

    user.runs("resume").await.exits(0).says("finished");
    assert_whole(&user.stories(&site).await);
    assert_nothing_twice(&site);
    // And then there is nothing more to resume.
    user.runs("resume").await.exits(0).says("nothing to resume");
    assert_nothing_twice(&site);
}

#[tokio::test]
async fn ctrl_c_twice_stops_at_once_and_resume_has_the_rest() {
    let news = stories(STORIES);
    let held = news[5].path.as_str();
    let site = Site::new().news(&news).holds_once(held).start().await;
    let user = User::quick();
    let started = user.starts(&format!("crawl {}", site.url("/")));
    site.is_asked_for(held).await;
    started.interrupt();
    // Not before the first was heard: the system merges equal signals.
    tokio::time::sleep(Duration::from_millis(200)).await;
    started.interrupt();
    started.ends().await.exits(130).says("interrupted after");
    let before = user.stories(&site).await;
    assert!(!before.iter().any(|path| path == held));

    user.runs("resume").await.exits(0);
    assert_whole(&user.stories(&site).await);
    // The story that was held is asked for again.
    assert_eq!(site.times_asked(held), 2);
    assert_eq!(site.targets().len(), STORIES + 3);
}

#[tokio::test]
async fn limits_stop_a_run_and_resume_goes_on_behind_them() {
    for (limit, label) in [
        ("--max-pages 7", "max_pages"),
        ("--max-articles 5", "max_articles"),
    ] {
        let site = site(Duration::from_millis(20)).await;
        let user = User::quick();
        let command = format!("crawl {} {limit}", site.url("/"));
        let ended = user.runs(&command).await;
        ended.exits(0).says(&format!("stopped at {label}"));
        let stored = user.stories(&site).await.len();
        assert!(if limit.contains("articles") {
            stored == 5
        } else {
            stored < STORIES
        });
        user.runs("resume").await.exits(0);
        assert_whole(&user.stories(&site).await);
        assert_nothing_twice(&site);
    }
}

#[tokio::test]
async fn resume_goes_on_with_the_flags_of_the_crawl() {
    let story = Story::at("/story");
    let site = Site::new()
        .page("/", &front(std::slice::from_ref(&story)))
        .page(
            "/story",
            &story.html_with("<a href='/deeper'>more of it</a>"),
        )
        .page("/deeper", "<p>more")
        .holds_once("/story")
        .start()
        .await;
    let user = User::quick();
    let started = user.starts(&format!("crawl {} --depth 1", site.url("/")));
    site.is_asked_for("/story").await;
    // The front is on disk by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    started.kill();
    user.runs("resume")
        .await
        .exits(0)
        .says("as it was begun: --depth 1");
    assert_eq!(user.stories(&site).await, ["/story"]);
    assert_eq!(site.times_asked("/deeper"), 0);
    // What a finished crawl was given holds for no other.
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);
    user.runs("resume").await.exits(0).says("nothing to resume");
}
