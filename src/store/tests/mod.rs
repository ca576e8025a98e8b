//! The store over a temporary folder.

mod evidence;
mod log;
mod quotas;
mod stops;
mod stories;

use super::segment::tests::check_members;
use super::*;
use crate::frontier::{Logged, Via, decode_links};
use crate::normal::{BudgetUnit, RobotsUnit, salted_hash};
use crate::seeds::Seed;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::fs::{self, File};
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
        status: Some(200),
        capture: Some(capture(at, &format!("<p>{at}"), &[html])),
        kind: Some(Kind::Html),
        charset: Some("UTF-8"),
        ..Finished::new(link(at), NOW, NOW + 20)
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

/// A visit of a redirect's target, which keeps how its source was found.
fn through_redirect(visit: Finished) -> Finished {
    Finished {
        link: Link {
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

/// The links that a frontier would be rebuilt with, sorted, and those of them that wait.
fn queued(store: &Store) -> (Vec<String>, Vec<(String, u64, u8)>) {
    let (mut seen, mut ready, mut waiting) = (HashSet::new(), Vec::new(), Vec::new());
    let salt = store.salt();
    for logged in store.logged() {
        match logged.unwrap().1 {
            Logged::Visited(hash) => assert!(seen.insert(hash)),
            Logged::Admitted { links, .. } => {
                let mut links = decode_links(&links).unwrap();
                links.retain(|link| seen.insert(salted_hash(link.url.as_str().as_bytes(), salt)));
                ready.extend(links.iter().map(|link| link.url.to_string()));
            }
            Logged::Again {
                link,
                due,
                failures,
            } => waiting.push((link.url.to_string(), due, failures)),
        }
    }
    ready.sort();
    (ready, waiting)
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
