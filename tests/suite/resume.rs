//! A crawl that is killed or damaged goes on and ends as if nothing had happened.

use crate::support::news::{Story, stories};
use crate::support::site::{Running, Site};
use crate::support::user::User;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

const STORIES: usize = 120;

/// A front that lists the stories, each of which links to the next three.
async fn site(pause: Duration) -> Running {
    let news = stories(STORIES);
    let front = crate::support::news::front(&news);
    let mut site = Site::new().page("/", &front).delay(pause);
    for (n, story) in news.iter().enumerate() {
        let next = (n + 1..n + 4).map(|n| Story::link(&news[n % STORIES]));
        let html = story.html_with(&next.collect::<String>());
        site = site.page(&story.path, &html).delay(pause);
    }
    site.start().await
}

#[track_caller]
fn assert_every_story_once(exported: &[String]) {
    let different: BTreeSet<&String> = exported.iter().collect();
    assert_eq!(different.len(), STORIES, "stories are missing");
    assert_eq!(exported.len(), STORIES, "a story came twice");
}

/// Pages asked for again, each repeat counted.
fn repeats(site: &Running) -> usize {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for target in site.targets() {
        *times.entry(target).or_default() += 1;
    }
    times.values().map(|times| times - 1).sum()
}

#[tokio::test]
async fn killed_five_times_it_has_every_story_once() {
    let site = site(Duration::from_millis(20)).await;
    let user = User::quick();
    let crawl = format!("crawl {}", site.url("/"));
    let mut run = user.starts(&crawl);
    // Moments that fall into the start, the middle and a commit as it comes.
    for pause in [450, 610, 380, 530, 490] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        run.kill();
        run = user.starts(&crawl);
    }
    run.ends().await.exits(0);
    assert_every_story_once(&user.stories(&site).await);
    // One in flight, and what 50 ms can hold.
    let repeats = repeats(&site);
    assert!(repeats <= 5 * 4, "{repeats} asked for twice");
    assert!(site.requests().iter().all(|seen| seen.in_flight == 1));
}

#[tokio::test]
async fn a_frontier_that_is_lost_or_torn_is_rebuilt() {
    let site = site(Duration::from_millis(1)).await;
    let user = User::quick();
    let crawl = format!("crawl {} --max-pages 40", site.url("/"));
    user.runs(&crawl).await.exits(0);
    fs::remove_dir_all(user.path("crawl-data/frontier")).unwrap();
    user.runs("resume --max-pages 40").await.exits(0);
    let db = user.path("crawl-data/frontier/db");
    let whole = fs::metadata(&db).unwrap().len();
    let file = fs::File::options().write(true).open(&db).unwrap();
    file.set_len(whole / 2).unwrap();
    user.runs("resume").await.exits(0);
    assert_every_story_once(&user.stories(&site).await);
    assert_eq!(repeats(&site), 0);
}

#[tokio::test]
async fn a_finished_crawl_asks_its_fronts_again_and_stores_nothing_twice() {
    let site = site(Duration::ZERO).await;
    let user = User::quick();
    for _ in 0..2 {
        user.runs(&format!("crawl {}", site.url("/")))
            .await
            .exits(0);
    }
    assert_every_story_once(&user.stories(&site).await);
    assert_eq!(site.times_asked("/"), 2);
    assert_eq!(repeats(&site), 1);
}
