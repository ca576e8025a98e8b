//! Whole bodies: each file under `tests/fixtures/parse` with its expectation beside it.

use super::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parse");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut cases: Vec<_> = files
        .filter(|path| path.to_string_lossy().ends_with(".expected.json"))
        .collect();
    cases.sort();
    cases
}

/// What a fixture can expect, by the names of `Parsed` and of the article record.
fn facts(parsed: &Parsed) -> Value {
    let mut facts = serde_json::to_value(&parsed.article).unwrap();
    if !facts.is_object() {
        facts = json!({});
    }
    let link = |link: &Outlink| format!("{:?} {}", link.role, link.url);
    let item = |item: &FeedItem| json!(item.title);
    facts["kind"] = json!(format!("{:?}", parsed.kind));
    facts["is_article"] = json!(parsed.article.is_some());
    facts["charset"] = json!(parsed.charset);
    facts["outlinks"] = parsed.outlinks.iter().map(link).collect();
    facts["items"] = parsed
        .feed
        .iter()
        .flat_map(|feed| feed.items.iter().map(item))
        .collect();
    facts["faulty"] = json!(!parsed.faults.is_empty());
    facts
}

/// Each key of an expectation is a fact, but for `url` and `served_as` (what the server
/// said), `include`, `exclude` and `once` (pieces of the text).
#[test]
fn fixtures_are_read_as_expected() {
    let mut failures = Vec::new();
    for case in fixtures() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let expected: Value = serde_json::from_slice(&std::fs::read(&case).unwrap()).unwrap();
        let input = case.with_file_name(expected["file"].as_str().unwrap());
        let body = std::fs::read(input).unwrap();
        let url = expected["url"]
            .as_str()
            .unwrap_or("https://ledger.example/page.html");
        let mut headers = HeaderMap::new();
        if let Some(value) = expected["served_as"].as_str() {
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
        }
        let parsed = parse(&NormalUrl::parse(url).unwrap(), &headers, &body);
        failures
            .extend(differences(&expected, &facts(&parsed)).map(|line| format!("{name}: {line}")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn differences(expected: &Value, facts: &Value) -> impl Iterator<Item = String> {
    let text = facts["text"].as_str().unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    for (key, value) in expected.as_object().unwrap() {
        let pieces = || {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
        };
        match key.as_str() {
            "file" | "url" | "served_as" | "why" => {}
            "include" => lines.extend(
                pieces()
                    .filter(|piece| !text.contains(piece))
                    .map(|piece| format!("lacks {piece:?} in {text:?}")),
            ),
            "exclude" => lines.extend(
                pieces()
                    .filter(|piece| text.contains(piece))
                    .map(|piece| format!("has {piece:?}")),
            ),
            "once" => lines.extend(
                pieces()
                    .filter(|piece| text.matches(piece).count() != 1)
                    .map(|piece| format!("not once: {piece:?}")),
            ),
            "paragraphs" => {
                let found: Vec<_> = text.split("\n\n").collect();
                if json!(found) != *value {
                    lines.push(format!(
                        "paragraphs: {}",
                        serde_json::to_string_pretty(&found).unwrap()
                    ));
                }
            }
            _ if facts[key] != *value => {
                lines.push(format!("{key}: {} instead of {value}", facts[key]));
            }
            _ => {}
        }
    }
    lines.into_iter()
}

#[test]
fn nothing_makes_it_fail() {
    let url = NormalUrl::parse("https://a.example/").unwrap();
    let bodies: [&[u8]; 8] = [
        b"",
        b"\0\0\0",
        b"<",
        b"\x1f\x8b\x08",
        b"{",
        b"<?xml",
        b"<rss>",
        b"\xff\xfe<",
    ];
    for body in bodies {
        let parsed = parse(&url, &HeaderMap::new(), body);
        assert_eq!(parsed.article, None, "{body:?}");
    }
}
