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
    let text = |block: &&Block| block.kind != "image";
    let blocks = parsed.article.iter().flat_map(|article| &article.blocks);
    facts["kinds"] = blocks.filter(text).map(|block| json!(block.kind)).collect();
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
fn pages_kept_as_files_have_the_address_that_they_say() {
    let body = "<article><h1>Night ferry stays</h1><p>The harbour board voted to keep the night ferry \
        running through the winter, ending six weeks of doubt for crews and island traders.";
    let rows = [
        (
            "<link rel=canonical href=https://news.example/a>",
            Some("https://news.example/a"),
        ),
        ("<link rel=canonical href=/a>", None),
        ("", None),
    ];
    for (head, address) in rows {
        let found = address_of(format!("<html>{head}{body}").as_bytes());
        assert_eq!(found.as_ref().map(NormalUrl::as_str), address, "{head}");
    }
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

/// Pages whose parts repeat so often that anything quadratic would show, on a small stack.
#[test]
fn hostile_pages_end_in_time() {
    let text = "The harbour board voted, on Tuesday, to keep the night ferry running. ";
    let rows = [
        ("paragraphs", format!("<h1>x</h1><div>{}", format!("<p>{text}").repeat(40_000))),
        ("nested", format!("<h1>x</h1>{}<p>{text}{text}{text}", "<div>".repeat(300_000))),
        ("headings", "<h1>Night <div><h2>ferry</div>".repeat(40_000) + text),
        ("related", format!("<div class='{}'>", "related ".repeat(50_000)) + &"<a href=/a>b</a>".repeat(50_000)),
        ("pictures", "<p><img src=/a>".repeat(40_000) + &text.repeat(9)),
        ("properties", "<span itemprop=headline>x ".repeat(100_000) + text),
        ("tables", "<table><tr><td>x<td>y<tr><td>z<td>".repeat(50_000) + text),
        ("scripts", "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"x\"}</script>".repeat(20_000)),
        ("broken", format!("<script type=application/ld+json>{}", "{\"a\":\"b\"c,".repeat(200_000))),
        ("tags", format!("<meta name=keywords content='{}'>", "a,b c,d;".repeat(100_000))),
        ("feed", format!("<rss>{}", "<item><title>a<title>".repeat(100_000))),
        ("references", format!("<p>{}", "&amp;&#x41;&bogus".repeat(200_000))),
    ];
    let url = NormalUrl::parse("https://a.example/b").unwrap();
    for (name, page) in rows {
        let (url, started) = (url.clone(), std::time::Instant::now());
        let headers = || HeaderMap::from_iter([(CONTENT_TYPE, "text/html".parse().unwrap())]);
        let worker = std::thread::Builder::new().stack_size(2 << 20);
        let read = move || drop(parse(&url, &headers(), page.as_bytes()));
        assert!(worker.spawn(read).unwrap().join().is_ok(), "{name}");
        let took = started.elapsed().as_secs_f64();

        assert!(took < 10.0, "{name}: {took:.1} s");
    }
}

#[test]
fn a_sentence_below_thousands_of_elements_is_found() {
    let page = format!(
        "<!DOCTYPE html><title>Quarry road reopens</title><h1>Quarry road reopens</h1>{}<p>The quarry \
        road opened again on Friday after a winter of repairs.</p>{}",
        "<div>".repeat(12_000),
        "</div>".repeat(6_000)
    );
    let url = NormalUrl::parse("https://a.example/deep.html").unwrap();
    let parsed = parse(&url, &HeaderMap::new(), page.as_bytes());
    let article = parsed.article.unwrap();
    assert_eq!(article.title.as_deref(), Some("Quarry road reopens"));
    assert!(article.text.ends_with("after a winter of repairs."));
    assert!(!parsed.faults.is_empty());
}

/// Fixtures cut and with bytes changed: whatever comes of it, no parser panics.
#[test]
fn torn_bodies_do_not_panic() {
    for case in fixtures() {
        let expected: Value = serde_json::from_slice(&std::fs::read(&case).unwrap()).unwrap();
        let input = case.with_file_name(expected["file"].as_str().unwrap());
        let body = std::fs::read(input).unwrap();
        let url = NormalUrl::parse("https://a.example/b").unwrap();
        for part in 1..8 {
            let mut torn = body[..body.len() * part / 8].to_vec();
            let step = 13 * part + 7;
            for (n, byte) in torn.iter_mut().step_by(step).enumerate() {
                *byte = b"<>\"'&;\0\xff{[-/"[n % 12];
            }
            let parsed = parse(&url, &HeaderMap::new(), &torn);
            let panicked = |fault: &String| fault.contains("panicked");
            assert!(!parsed.faults.iter().any(panicked), "{case:?} {part}");
        }
    }
}
