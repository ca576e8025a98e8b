//! Whole robots.txt files: our own table, and the shared vectors where they are at hand.

use super::*;
use crate::vectors::{rows, shared};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

fn body(row: &Value) -> Vec<u8> {
    row["robots_txt"].as_str().map_or_else(
        || STANDARD.decode(text(row, "robots_txt_b64")).unwrap(),
        Into::into,
    )
}

/// Counts rows whose decision differs, and says which.
fn wrong_decisions(rows: &[Value]) -> Vec<String> {
    let differs = |row: &&Value| {
        let url = Url::parse(text(row, "url")).unwrap();
        let rules = Rules::parse(&body(row), text(row, "user_agent"));
        Some(rules.decide(&url).allowed) != row["allowed"].as_bool()
    };
    let name = |row: &Value| format!("{} {} {}", row["id"], row["url"], row["note"]);
    rows.iter().filter(differs).map(name).collect()
}

#[test]
fn our_own_table_holds() {
    let rows = rows(include_str!(
        "../../../tests/fixtures/politeness/robots.jsonl"
    ));
    assert!(rows.len() >= 80, "{} rows", rows.len());
    assert_eq!(wrong_decisions(&rows), Vec::<String>::new());
}

#[test]
fn shared_vectors_hold() {
    let Some(rows) = shared("robots/vectors.jsonl") else {
        return;
    };
    assert!(rows.len() >= 500, "only {} vectors tried", rows.len());
    assert_eq!(wrong_decisions(&rows), Vec::<String>::new());
}

#[test]
fn shared_directives_hold() {
    let Some(rows) = shared("robots/directives.jsonl") else {
        return;
    };
    assert!(rows.len() >= 40, "only {} directives tried", rows.len());
    for row in &rows {
        let rules = Rules::parse(&body(row), text(row, "user_agent"));
        let expect = &row["expect"];
        match text(row, "kind") {
            "crawl_delay" => assert_eq!(
                seconds(rules.crawl_delay()),
                row["expect_seconds"].as_f64(),
                "{row}"
            ),
            "request_rate" => assert_eq!(rate(rules.request_rate()), *expect, "{row}"),
            "visit_time" => {
                assert_eq!(rules.visit_time().map(times), Some(expect.clone()), "{row}");
            }
            "sitemap" => {
                let base = Url::parse(text(row, "robots_url")).unwrap();
                assert_eq!(serde_json::json!(rules.sitemaps(&base)), *expect, "{row}");
            }
            other => panic!("unknown kind: {other}"),
        }
    }
}

fn seconds(millis: Option<u64>) -> Option<f64> {
    millis.map(|millis| f64::from(u32::try_from(millis).unwrap()) / 1000.0)
}

fn rate(rate: Option<RequestRate>) -> Value {
    let Some(rate) = rate else {
        return Value::Null;
    };
    let mut value = rate.window.map_or_else(|| serde_json::json!({}), times);
    value["requests"] = rate.requests.into();
    value["seconds"] = rate.seconds.into();
    value
}

fn times(window: Window) -> Value {
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    serde_json::json!({ "from": time(window.from), "to": time(window.to) })
}

/// The standard's matching, written the slow and plain way: octet by octet, all rules tried.
fn plainly(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => true,
        [b'$'] => path.is_empty(),
        [b'*', rest @ ..] => (0..=path.len()).any(|skip| plainly(rest, &path[skip..])),
        [octet, rest @ ..] => path.first() == Some(octet) && plainly(rest, &path[1..]),
    }
}

proptest::proptest! {
    #[test]
    fn the_index_decides_as_a_plain_search_would(
        rules in proptest::collection::vec((proptest::bool::ANY, "[/*][ab/*]{0,6}[$]?"), 0..12),
        path in "/[ab/]{0,8}",
    ) {
        let line = |(allow, pattern): &(bool, String)| {
            format!("{}: {pattern}\n", if *allow { "Allow" } else { "Disallow" })
        };
        let body: String = rules.iter().map(line).collect();
        let read = Rules::parse(format!("User-agent: *\n{body}").as_bytes(), "gleaner");
        let matching = rules.iter().filter(|(_, pattern)| plainly(pattern.as_bytes(), path.as_bytes()));
        let best = matching.map(|(allow, pattern)| (pattern.len(), *allow)).max();
        let decision = read.decide_target(&path);
        proptest::prop_assert_eq!(decision.allowed, best.is_none_or(|(_, allow)| allow));
        proptest::prop_assert_eq!(decision.rule.is_some(), best.is_some());
        if let Some(rule) = decision.rule {
            let (allow, pattern) = &rules[rule.line as usize - 2];
            let (word, text) = rule.to_string().split_once(": ").map(|(w, t)| (w.to_owned(), t.to_owned())).unwrap();
            proptest::prop_assert_eq!(word == "Allow", *allow);
            let written = Pattern::compile(pattern).unwrap();
            let end = if written.anchored { "$" } else { "" };
            proptest::prop_assert_eq!(text, format!("{}{end}", written.text));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        body in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        target in "\\PC{0,20}",
    ) {
        let rules = Rules::parse(&[b"User-agent: *\nDisallow: /".as_slice(), &body].concat(), "gleaner");
        let _ = (Rules::parse(&body, "gleaner"), rules.decide_target(&target));
    }
}
