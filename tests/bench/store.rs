//! What it costs to keep a page, and to read the log back.
//!
//! `cargo bench --bench store [-- VISITS | NAME]`: groups of 64, CPU time of the writing thread
//! (waiting for the disk is not in it), wall time beside it. VISITS (default 100,000) is the
//! length of the log that is read; with part of a NAME, only that one runs.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot be taken has nothing else to say"
)]

use bytes::Bytes;
use gleaner::clock::Millis;
use gleaner::config;
use gleaner::dedup::Fingerprint;
use gleaner::fetch::Capture;
use gleaner::frontier::{Link, Via};
use gleaner::normal::{BudgetUnit, NormalUrl};
use gleaner::parse::{Article, Block, Kind};
use gleaner::politeness::UnitState;
use gleaner::store::{Finished, Store};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const NOW: Millis = 1_780_000_000_000;
const GROUP: usize = 64;

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let visits = asked.iter().find_map(|arg| arg.parse().ok());
    let only = asked.iter().find(|arg| arg.parse::<usize>().is_err());
    let folder = tempfile::TempDir::new().unwrap();
    for (name, warc, coding) in [
        ("articles.db alone", false, Coding::Gzip),
        ("with WARC, body sent as gzip", true, Coding::Gzip),
        ("with WARC, body sent plain", true, Coding::Plain),
    ] {
        if only.is_none_or(|part| name.contains(part.as_str())) {
            pages(&folder.path().join(name), name, warc, coding);
        }
    }
    if only.is_some() {
        return;
    }
    rebuild(&folder.path().join("log"), visits.unwrap_or(100_000));
}

#[derive(Clone, Copy, PartialEq)]
enum Coding {
    Gzip,
    Plain,
}

fn pages(folder: &Path, name: &str, warc: bool, coding: Coding) {
    let mut store = open(folder, warc);
    let groups: Vec<Vec<Finished>> = (0..32)
        .map(|group| {
            (0..GROUP)
                .map(|n| page(group * GROUP + n, coding))
                .collect()
        })
        .collect();
    let count = groups.len() * GROUP;
    let (cpu, wall) = (cpu_time(), Instant::now());
    for group in &groups {
        store.append(group).unwrap();
    }
    let (cpu, wall) = (cpu_time().saturating_sub(cpu), wall.elapsed());
    println!(
        "{name}: {} µs CPU a page, {} µs wall; {} bytes a page on disk",
        per(cpu, count),
        per(wall, count),
        size(folder) / count as u64
    );
}

fn rebuild(folder: &Path, visits: usize) {
    let mut store = open(folder, false);
    for first in (0..visits).step_by(GROUP * 16) {
        let group: Vec<Finished> = (first..visits.min(first + GROUP * 16))
            .map(|n| bare(n, links(n, 20)))
            .collect();
        store.append(&group).unwrap();
    }
    let wall = Instant::now();
    let logged = store.logged().map(Result::unwrap).count();
    let wall = wall.elapsed();
    println!(
        "{logged} entries of the log of {visits} visits: {:.1} s, {:.1} s per million visits",
        wall.as_secs_f64(),
        wall.as_secs_f64() * 1e6 / f64::from(u32::try_from(visits).unwrap())
    );
}

fn open(folder: &Path, warc: bool) -> Store {
    let config = config::Store {
        warc,
        ..config::Store::default()
    };
    Store::open(folder, &config, NOW).unwrap()
}

fn page(n: usize, coding: Coding) -> Finished {
    let article = article(n);
    let html = html(&article);
    let sent = match coding {
        Coding::Gzip => gzip(&html),
        Coding::Plain => html.clone(),
    };
    let mut finished = bare(n, links(n, 20));
    let url = finished.link.url.clone();
    finished.unit = Some(unit(&url));
    finished.capture = Some(capture(url, sent, html, coding));
    finished.fingerprint = Some(Fingerprint::of(&article.text));
    finished.article = Some(article);
    finished
}

fn bare(n: usize, outlinks: Vec<Link>) -> Finished {
    let started = NOW + n as u64;
    Finished {
        status: Some(200),
        kind: Some(Kind::Html),
        charset: Some("UTF-8"),
        outlinks,
        ..Finished::new(link(n, 0), started, started + 20)
    }
}

fn link(n: usize, of: usize) -> Link {
    let host = n % 50;
    let url = format!("https://news{host}.example/2026/01/{of}/a-story-about-something-{n}.html");
    Link {
        url: NormalUrl::parse(&url).unwrap(),
        seed: 1,
        depth: 2,
        hops: 0,
        via: Via::Front,
        priority: 40,
    }
}

fn links(n: usize, count: usize) -> Vec<Link> {
    (1..=count).map(|of| link(n, of)).collect()
}

fn unit(url: &NormalUrl) -> UnitState {
    UnitState {
        unit: BudgetUnit::stored(url.budget_unit().as_str()),
        next_allowed: NOW,
        last_response: 20,
        refusals: 0,
        failures: 0,
        pause: 0,
        parked: false,
        requests: 7,
        pages: 6,
    }
}

/// 24 paragraphs of 50 words, no two alike.
fn article(n: usize) -> Article {
    let mut state = n as u64 + 1;
    let blocks: Vec<Block> = (0..24).map(|_| paragraph(&mut state)).collect();
    let texts: Vec<&str> = blocks.iter().map(|b| b.text.as_str()).collect();
    Article {
        title: Some(format!("Headline of story number {n}")),
        authors: vec!["A Writer".into()],
        published: Some("2026-01-31T08:00:00+02:00".into()),
        language: Some("en".into()),
        text: texts.join("\n\n"),
        blocks,
        ..Article::default()
    }
}

fn paragraph(state: &mut u64) -> Block {
    const WORDS: &str = "harbour board voted ferry winter island traders members approved \
        revised timetable sailings money replace ramp north pier storms season price milk \
        clinic weekly supply passengers april publish result notice page council river";
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let picked: Vec<&str> = (0..50)
        .map(|_| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            words[(*state >> 33) as usize % words.len()]
        })
        .collect();
    Block {
        kind: "paragraph".into(),
        text: picked.join(" "),
        ..Block::default()
    }
}

/// A page of 60 KB with the story in it.
fn html(article: &Article) -> Bytes {
    let mut html = String::from("<!doctype html><html lang=en><head><title>T</title></head><body>");
    for n in 0..150 {
        let _ = writeln!(
            html,
            "<li class=\"menu__item menu__item--{n}\"><a class=\"menu__link\" href=\"/section/{n}/{}\">\
             <span class=\"label\">Section {n} and what is in it</span></a></li>",
            n * 7919
        );
    }
    for block in &article.blocks {
        let _ = writeln!(
            html,
            "<p class=\"story__paragraph\" data-id=\"{}\">{}</p>",
            block.text.len(),
            block.text
        );
    }
    while html.len() < 60 << 10 {
        let n = html.len();
        let _ = writeln!(
            html,
            "<script>window.config[{n}] = {{\"slot\": \"banner-{n}\"}};</script>"
        );
    }
    html.into()
}

fn gzip(body: &Bytes) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap().into()
}

fn capture(url: NormalUrl, sent: Bytes, body: Bytes, coding: Coding) -> Capture {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("date", "Sat, 31 Jan 2026 08:00:00 GMT"),
        ("etag", "\"0123456789abcdef\""),
        ("cache-control", "max-age=60"),
        ("server", "nginx"),
    ] {
        headers.insert(name, http::HeaderValue::from_static(value));
    }
    if coding == Coding::Gzip {
        headers.insert("content-encoding", http::HeaderValue::from_static("gzip"));
    }
    Capture {
        request: format!(
            "GET {} HTTP/1.1\r\nhost: news.example\r\naccept: text/html\r\n\r\n",
            url.url().path()
        )
        .into(),
        url,
        started: NOW,
        ended: NOW + 20,
        address: Some("127.0.0.1:443".parse().unwrap()),
        version: http::Version::HTTP_11,
        status: 200,
        headers,
        sent,
        body,
        cut: None,
    }
}

/// CPU time of this thread.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

fn per(time: Duration, count: usize) -> u128 {
    time.as_micros() / count as u128
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            if entry.file_type().unwrap().is_dir() {
                size(&entry.path())
            } else {
                entry.metadata().unwrap().len()
            }
        })
        .sum()
}
