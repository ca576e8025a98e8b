//! Exports of a small data folder.

use super::*;
use crate::config;
use crate::frontier::{Link, Via};
use crate::normal::NormalUrl;
use crate::parse::{Article, Block, Kind};
use crate::store::{Finished, Store};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

const NOW: u64 = 1_780_000_000_000;

fn story(at: &str, article: Article) -> Finished {
    let link = Link {
        url: NormalUrl::parse(at).unwrap(),
        seed: 1,
        depth: 1,
        hops: 0,
        via: Via::Feed,
        priority: 30,
    };
    Finished {
        status: Some(200),
        archive: false,
        kind: Some(Kind::Html),
        charset: Some("windows-1256"),
        article: Some(article),
        ..Finished::new(link, NOW, NOW)
    }
}

fn article(title: &str, published: Option<&str>, language: Option<&str>) -> Article {
    Article {
        title: Some(title.into()),
        published: published.map(str::to_owned),
        published_source: published.map(|_| "json-ld".to_owned()),
        language: language.map(str::to_owned),
        text: format!("نص {title}\n\nثانٍ"),
        authors: vec!["سلمى الوادي".into(), "=cmd()".into()],
        blocks: vec![Block {
            kind: "paragraph".into(),
            text: "نص".into(),
            ..Block::default()
        }],
        ..Article::default()
    }
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut store = Store::open(folder.path(), &config::Store::default(), NOW).unwrap();
    store
        .append(&[
            story(
                "http://www.a.example/1",
                article("=1+1", Some("2026-01-31T00:30:00+03:00"), Some("ar")),
            ),
            story(
                "http://a.example/2",
                article("Two", Some("2026-02"), Some("en-GB")),
            ),
            story("http://127.0.0.1:8800/3", article("Three", None, None)),
        ])
        .unwrap();
    folder
}

fn export(folder: &TempDir, selection: &Selection, format: Format) -> String {
    let path = folder.path().join("out");
    let reader = Reader::open(folder.path()).unwrap();
    run(&reader, selection, format, &Target::File(path.clone())).unwrap();
    fs::read_to_string(path).unwrap()
}

fn titles(folder: &TempDir, selection: &Selection) -> Vec<String> {
    let out = export(folder, selection, Format::Jsonl);
    let lines = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|record| record["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn each_line_has_every_field_in_order_and_null_for_the_unknown() {
    let out = export(&folder(), &Selection::default(), Format::Jsonl);
    let first = out.lines().next().unwrap();
    let mut last = 0;
    for name in FIELDS {
        let at = first
            .find(&format!("\"{name}\":"))
            .unwrap_or_else(|| panic!("no {name}"));
        assert!(at >= last || name == "text", "{name} stands too early");
        last = at.max(last);
    }
    let record: Value = serde_json::from_str(first).unwrap();
    assert_eq!(record["id"].as_str().unwrap().len(), 26);
    assert_eq!(record["text"], "نص =1+1\n\nثانٍ");
    assert_eq!(record["site"], "a.example");
    assert_eq!(record["discovered_via"], "feed");
    assert_eq!(record["http"]["charset"], "windows-1256");
    assert_eq!(record["sources"]["published"], "json-ld");
    assert_eq!(
        (&record["version"], &record["versions"]),
        (&1.into(), &1.into())
    );
    assert_eq!(record["simhash"].as_str().unwrap().len(), 16);
    assert_eq!(record["fetched_at"], "2026-05-28T20:26:40Z");
    for name in ["warc", "canonical_url", "cluster", "subtitle"] {
        assert!(record[name].is_null(), "{name}");
    }
}

#[test]
fn the_sheet_has_the_same_columns_and_runs_nothing() {
    let out = export(&folder(), &Selection::default(), Format::Csv);
    let mut sheet = ::csv::Reader::from_reader(out.as_bytes());
    assert_eq!(sheet.headers().unwrap().iter().collect::<Vec<_>>(), FIELDS);
    let column = |name| FIELDS.iter().position(|n| *n == name).unwrap();
    let rows: Vec<::csv::StringRecord> = sheet.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[0][column("title")], "'=1+1");
    assert_eq!(&rows[0][column("authors")], "سلمى الوادي; =cmd()");
    assert_eq!(&rows[0][column("text")], "نص =1+1\n\nثانٍ");
}

#[test]
fn a_selection_takes_sites_hosts_languages_and_times() {
    let folder = folder();
    let site = |site: &str| Selection {
        site: Some(site.parse().unwrap()),
        ..Selection::default()
    };
    let lang = |lang: &str| Selection {
        lang: Some(lang.into()),
        ..Selection::default()
    };
    let range = |since: &str, until: &str| Selection {
        since: Some(since.parse().unwrap()),
        until: Some(until.parse().unwrap()),
        ..Selection::default()
    };
    let cases: &[(Selection, &[&str])] = &[
        (Selection::default(), &["=1+1", "Two", "Three"]),
        (site("a.example"), &["=1+1", "Two"]),
        (site("A.Example"), &["=1+1", "Two"]),
        (site("www.a.example"), &["=1+1"]),
        (site("127.0.0.1:8800"), &["Three"]),
        (site("127.0.0.1:8801"), &[]),
        (site("127.0.0.1"), &["Three"]),
        (site("http://127.0.0.1:8800/any"), &["Three"]),
        (site("https://www.a.example/news"), &["=1+1"]),
        (site("b.example"), &[]),
        (lang("ar"), &["=1+1"]),
        (lang("EN"), &["Two"]),
        (lang("en-gb"), &["Two"]),
        (lang("e"), &[]),
        (range("2026-01-31", "2026-01-31"), &["=1+1"]),
        (range("2026-02-10", "2026-02-10"), &["Two"]),
        (range("2026-05-28", "2026-05-29"), &["Three"]),
    ];
    for (selection, wanted) in cases {
        assert_eq!(titles(&folder, selection), *wanted, "{selection:?}");
    }
}

#[test]
fn a_file_is_replaced_when_the_new_one_is_whole_and_nothing_else_is_left() {
    let folder = folder();
    let out = TempDir::new().unwrap();
    let path = out.path().join("a.jsonl");
    fs::write(&path, "older").unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    let target = Target::File(path.clone());
    let summary = run(&reader, &Selection::default(), Format::Jsonl, &target).unwrap();
    assert_eq!(
        (summary.articles, summary.left_out, summary.closed),
        (3, 0, false)
    );
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);

    let nowhere = Target::File(out.path().join("none/a.jsonl"));
    let error = run(&reader, &Selection::default(), Format::Jsonl, &nowhere).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    let full = Target::File("/dev/full".into());
    let error = run(&reader, &Selection::default(), Format::Csv, &full).unwrap_err();
    assert!(error.to_string().contains("/dev/full"), "{error}");
}

#[test]
fn an_export_that_fails_leaves_the_older_file() {
    let folder = folder();
    let database = rusqlite::Connection::open(folder.path().join("articles.db")).unwrap();
    database
        .execute("UPDATE versions SET record = x'00' WHERE version = 1", [])
        .unwrap();
    let out = TempDir::new().unwrap();
    let path = out.path().join("a.csv");
    fs::write(&path, "older").unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    let error = run(
        &reader,
        &Selection::default(),
        Format::Csv,
        &Target::File(path.clone()),
    );
    assert!(error.unwrap_err().to_string().contains("damaged"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "older");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
}
