//! Quotas of sites and seeds: never exceeded, by no run of kills, and what is over one is named
//! and waits for the next run.

use crate::support::news::{front, stories};
use crate::support::site::{Running, Site};
use crate::support::user::{Started, User};
use std::time::Duration;

/// What an answer takes: long enough that no run ends, and the next call begins another, before
/// the last kill.
const PAUSE: Duration = Duration::from_millis(80);

/// Kills it after some time, or finds that it has ended by itself.
async fn killed(started: Started, after: u64) {
    tokio::time::sleep(Duration::from_millis(after)).await;
    started.kill();
}

/// Pages asked for: all but robots.txt.
fn pages(site: &Running) -> usize {
    let targets = site.targets();
    targets.iter().filter(|it| *it != "/robots.txt").count()
}

#[tokio::test]
async fn a_sites_quota_outlives_kills_and_the_next_run_has_the_rest() {
    const STORIES: usize = 50;
    const QUOTA: usize = 34;
    let news = stories(STORIES);
    let mut site = Site::new().page("/", &front(&news));
    for story in &news {
        site = site.page(&story.path, &story.html());
        site = site.delay(PAUSE);
    }
    let site = site.start().await;
    let user = User::quick();
    let crawl = format!("crawl {} --site-max-pages {QUOTA}", site.url("/"));
    let moments = [350, 430, 390, 520];
    for after in moments {
        killed(user.starts(&crawl), after).await;
    }
    assert!(pages(&site) <= QUOTA);
    user.runs(&crawl).await.exits(0).says("quota_spent");
    // A block of this quota is one page.
    let asked = pages(&site);
    assert!(asked <= QUOTA && asked + moments.len() >= QUOTA, "{asked}");
    // A run of its own has a quota of its own.
    user.runs(&crawl).await.exits(0);
    assert!(pages(&site) <= asked + QUOTA);
    assert_eq!(user.stories(&site).await.len(), STORIES);
}

#[tokio::test]
async fn a_seeds_quota_binds_what_descends_from_it_and_nothing_else() {
    const QUOTA: usize = 12;
    let news = stories(40);
    let (one, other) = news.split_at(25);
    let mut site = Site::new()
        .page("/one", &front(one))
        .page("/other", &front(other));
    for story in &news {
        site = site.page(&story.path, &story.html());
        site = site.delay(PAUSE);
    }
    let site = site.start().await;
    let seeds = format!(
        "{} max_pages={QUOTA}\n{}\n",
        site.url("/one"),
        site.url("/other")
    );
    let user = User::quick().file("seeds.txt", seeds);
    let times = |asked: &[crate::support::news::Story]| -> usize {
        asked
            .iter()
            .map(|story| site.times_asked(&story.path))
            .sum()
    };
    let moments = [350, 400, 450];
    for after in moments {
        killed(user.starts("crawl seeds.txt"), after).await;
    }
    user.runs("crawl seeds.txt")
        .await
        .exits(0)
        .says("seed_quota_spent");
    // The seed itself is one of its pages.
    let asked = times(one) + site.times_asked("/one");
    assert!(asked <= QUOTA && asked + moments.len() >= QUOTA, "{asked}");
    let found = user.stories(&site).await;
    assert!(other.iter().all(|story| found.contains(&story.path)));
    for _ in 0..3 {
        user.runs("crawl seeds.txt").await.exits(0);
    }
    assert_eq!(user.stories(&site).await.len(), news.len());
}

#[tokio::test]
async fn limits_count_from_the_call_and_quotas_from_the_run() {
    let news = stories(20);
    let mut site = Site::new().page("/", &front(&news));
    for story in &news {
        site = site.page(&story.path, &story.html());
    }
    let site = site.start().await;
    let user = User::quick();
    let crawl = format!("crawl {} --max-pages 5 --site-max-pages 12", site.url("/"));
    user.runs(&crawl)
        .await
        .exits(0)
        .says("stopped at max_pages");
    assert_eq!(pages(&site), 5);
    // As much again, and what was charged and not spent has been given back.
    let resume = "resume --max-pages 5 --site-max-pages 12";
    user.runs(resume)
        .await
        .exits(0)
        .says("stopped at max_pages");
    assert_eq!(pages(&site), 10);
    user.runs(resume).await.exits(0).says("quota_spent");
    assert_eq!(pages(&site), 12);
}

#[tokio::test]
async fn a_time_limit_counts_from_the_call_too() {
    let news = stories(40);
    let mut site = Site::new().page("/", &front(&news));
    for story in &news {
        site = site.page(&story.path, &story.html());
        site = site.delay(Duration::from_millis(100));
    }
    let site = site.start().await;
    let user = User::quick();
    let mut asked = 0;
    for command in [&format!("crawl {}", site.url("/")), "resume"] {
        let ended = user.runs(&format!("{command} --max-time 1s")).await;
        ended.exits(0).says("stopped at max_time");
        assert!(pages(&site) > asked, "`{command}` did nothing");
        asked = pages(&site);
    }
}
