//! A crawl that is killed, damaged or stopped goes on and ends as if nothing had happened.

use crate::support::site::{Running, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const STORIES: usize = 120;

/// A front that lists the stories, each of which links to the next three.
async fn site(pause: Duration) -> Running {
    let link = |n: usize| format!("<a href='/story/{n}'>Story number {n}</a> ");
    let list: Vec<String> = (0..STORIES).map(link).collect();
    let front = format!("<title>Front</title><ul>{}</ul>", list.join(" "));
    let mut site = Site::new().page("/", &front).delay(pause);
    for n in 0..STORIES {
        let said = format!("The council heard report number {n} on the harbour and voted on it. ");
        let next: Vec<String> = (n + 1..n + 4).map(|n| link(n % STORIES)).collect();
        let html = format!(
            "<title>Story {n}</title><article><h1>Report number {n}</h1><p>{}</p></article>{}",
            said.repeat(6),
            next.join(" ")
        );
        site = site.page(&format!("/story/{n}"), &html).delay(pause);
    }
    site.start().await
}

fn gleaner(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.current_dir(folder).args(args);
    command.args(["--data", "data", "-q"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const QUICK: [&str; 5] = [
    "--allow-private",
    "--min-delay",
    "0s",
    "--delay-factor",
    "0",
];

fn crawl(folder: &Path, args: &[&str]) -> Child {
    gleaner(folder, args).args(QUICK).spawn().unwrap()
}

async fn finish(child: Child) -> Output {
    tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap()
}

/// Exported URLs, each as often as it came.
async fn exported(folder: &Path) -> Vec<String> {
    let output = finish(gleaner(folder, &["export"]).spawn().unwrap()).await;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let record = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let url = |line| record(line)["url"].as_str().unwrap().to_owned();
    text.lines().map(url).collect()
}

#[track_caller]
fn assert_every_story_once(site: &Running, exported: &[String]) {
    let wanted: BTreeSet<String> = (0..STORIES)
        .map(|n| site.url(&format!("/story/{n}")))
        .collect();
    let found: BTreeSet<String> = exported.iter().cloned().collect();
    assert_eq!(found, wanted);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn killed_five_times_it_has_every_story_once() {
    let site = site(Duration::from_millis(20)).await;
    let folder = tempfile::tempdir().unwrap();
    let front = site.url("/");
    let mut first = crawl(folder.path(), &["crawl", &front]);
    // Moments that fall into the start, the middle and a commit as it comes.
    for pause in [450, 610, 380, 530, 490] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        first.kill().unwrap();
        first.wait().unwrap();
        first = crawl(folder.path(), &["crawl", &front]);
    }
    let output = finish(first).await;
    assert!(output.status.success(), "{output:?}");
    assert_every_story_once(&site, &exported(folder.path()).await);
    // One in flight, and what 50 ms can hold.
    assert!(
        repeats(&site) <= 5 * 4,
        "{} asked for twice",
        repeats(&site)
    );
    assert!(site.requests().iter().all(|seen| seen.in_flight == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_frontier_that_is_lost_or_torn_is_rebuilt() {
    let site = site(Duration::from_millis(1)).await;
    let folder = tempfile::tempdir().unwrap();
    let front = site.url("/");
    let part = crawl(folder.path(), &["crawl", &front, "--max-pages", "40"]);
    assert!(finish(part).await.status.success());
    fs::remove_dir_all(folder.path().join("data/frontier")).unwrap();
    let part = crawl(folder.path(), &["resume", "--max-pages", "40"]);
    assert!(finish(part).await.status.success());
    let db = folder.path().join("data/frontier/db");
    let whole = fs::metadata(&db).unwrap().len();
    fs::File::options()
        .write(true)
        .open(&db)
        .unwrap()
        .set_len(whole / 2)
        .unwrap();
    let rest = finish(crawl(folder.path(), &["resume"])).await;
    assert!(rest.status.success(), "{rest:?}");
    assert_every_story_once(&site, &exported(folder.path()).await);
    assert_eq!(repeats(&site), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_second_crawl_on_the_same_folder_is_told_who_holds_it() {
    let site = site(Duration::from_millis(20)).await;
    let folder = tempfile::tempdir().unwrap();
    let front = site.url("/");
    let mut first = crawl(folder.path(), &["crawl", &front]);
    while site.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = finish(crawl(folder.path(), &["crawl", &front])).await;
    let told = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(told.contains(&format!("process {}", first.id())), "{told}");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_finished_crawl_asks_its_fronts_again_and_stores_nothing_twice() {
    let site = site(Duration::ZERO).await;
    let folder = tempfile::tempdir().unwrap();
    let front = site.url("/");
    for _ in 0..2 {
        let output = finish(crawl(folder.path(), &["crawl", &front])).await;
        assert!(output.status.success(), "{output:?}");
    }
    assert_every_story_once(&site, &exported(folder.path()).await);
    let asked = site.targets();
    assert_eq!(asked.iter().filter(|target| *target == "/").count(), 2);
    assert_eq!(repeats(&site), 1);
}
