//! Whole pages with all their signals: our own table, and the shared vectors where they are at
//! hand.

use super::*;
use crate::normal::NormalUrl;
use crate::parse::{self, Directives, Imprint, Parsed};
use crate::politeness::{LineKind, RobotsSays, Rules};
use crate::vectors;
use serde_json::{Value, json};
use std::path::Path;

const NOW: &str = "2026-03-10T06:30:00Z";

/// One row's input, read as a crawl would read it.
struct Page {
    url: NormalUrl,
    robots: Option<RobotsSays>,
    tdm_file: Option<TdmFile>,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    parsed: Option<Parsed>,
    feed_terms: Vec<String>,
}

fn shared(name: &str) -> Vec<Value> {
    vectors::shared(name).unwrap_or_default()
}

fn headers(input: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for pair in input["headers"].as_array().into_iter().flatten() {
        let name: http::HeaderName = pair[0].as_str().unwrap().parse().unwrap();
        headers.append(name, pair[1].as_str().unwrap().parse().unwrap());
    }
    headers
}

impl Page {
    fn of(input: &Value) -> Self {
        let text = |key: &str| input[key].as_str();
        let url = NormalUrl::parse(text("url").unwrap_or("https://news.example/a")).unwrap();
        let headers = headers(input);
        let parsed = text("html").map(|html| {
            let mut headers = headers.clone();
            headers.insert("content-type", "text/html".parse().unwrap());
            parse::parse(&url, &headers, html.as_bytes())
        });
        let feed =
            text("feed_xml").map(|feed| parse::parse(&url, &HeaderMap::new(), feed.as_bytes()));
        let of_this = |(link, terms): (NormalUrl, String)| (link == url).then_some(terms);
        let feed_terms = feed.map(|feed| feed.item_terms).unwrap_or_default();
        Self {
            robots: text("robots_txt")
                .map(|robots| Rules::parse(robots.as_bytes(), "gleaner").says(url.url())),
            tdm_file: text("tdmrep_json").map(|file| TdmFile::parse(file.as_bytes())),
            status: u16::try_from(input["status"].as_u64().unwrap_or(200)).unwrap(),
            body: text("body").unwrap_or_default().into(),
            feed_terms: feed_terms.into_iter().filter_map(of_this).collect(),
            parsed,
            headers,
            url,
        }
    }

    fn imprint(&self) -> Option<&Imprint> {
        self.parsed.as_ref().map(|parsed| &parsed.imprint)
    }

    fn rights(&self, policy: &Policy) -> Rights {
        let directives = match &self.parsed {
            Some(parsed) => parsed.directives,
            None => Directives::of_headers(&self.headers),
        };
        let signals = Signals {
            url: self.url.url(),
            robots: self.robots.as_ref(),
            robots_txt: None,
            tdm_file: self.tdm_file.as_ref(),
            status: self.status,
            headers: &self.headers,
            body: &self.body,
            directives: &directives,
            imprint: self.imprint(),
            feed_terms: &self.feed_terms,
        };
        signals.evaluate(policy, NOW.parse().unwrap())
    }

    /// The facts that a row can expect, by their names in it.
    fn facts(&self, input: &Value) -> Value {
        let rights = self.rights(&Policy::default());
        let says = self.robots.clone().unwrap_or_default();
        let json = serde_json::to_value(&rights).unwrap();
        let rsl = rights
            .licences
            .iter()
            .filter(|licence| licence.kind == "rsl");
        let editorial = self
            .imprint()
            .map(|imprint| imprint.editorial.clone())
            .unwrap_or_default();
        json!({
            "aipref": self.aipref(&says),
            "crawlable": says.allowed,
            "matched_path": usage_path(&says),
            "content_signal": self.content_signal(&says),
            "scope": self.signal_scope(&says),
            "tdm": {"reservation": json["tdm"]["reservation"], "policy": json["tdm"]["policy"], "source": json["tdm"]["via"]},
            "rsl": rsl.map(|l| json!({"url": l.url, "via": l.via, "scope": l.scope})).collect::<Value>(),
            "licences": json["licences"],
            "rsl_terms": input["rsl_xml"].as_str().map(|document| rsl_terms(document, &self.url)),
            "robots": json["robots"],
            "data_nosnippet": self.imprint().map_or(0, |imprint| imprint.nosnippets),
            "access": json["access"],
            "credit": json["credit"],
            "editorial": {"corrections": editorial.corrections, "backstory": editorial.backstory, "claim_reviews": editorial.claim_reviews},
            "payment": payment(self.status, &self.headers, &self.body),
            "ai_blocks": json["ai_blocks"],
            "rights": json,
        })
    }

    fn aipref(&self, says: &RobotsSays) -> Value {
        let both = aipref::of_headers(&self.headers).and(aipref::of_robots(says));
        let word = |answer| match answer {
            Answer::Yes => "allowed",
            Answer::No => "disallowed",
            Answer::Unknown => "unknown",
        };
        json!({"train-ai": word(both.train_ai), "ai-use": word(both.ai_use), "search": word(both.search)})
    }

    fn content_signal(&self, says: &RobotsSays) -> Value {
        let both = content_signal::of_headers(&self.headers).and(content_signal::of_robots(says));
        let word = |answer| match answer {
            Answer::Yes => Some("yes"),
            Answer::No => Some("no"),
            Answer::Unknown => None,
        };
        json!({"search": word(both.search), "ai-input": word(both.ai_input), "ai-train": word(both.ai_train),
            "use": both.level.map(content_signal::Level::name)})
    }

    fn signal_scope(&self, says: &RobotsSays) -> Option<String> {
        let robots = content_signal::place_of(says);
        let in_header = self
            .headers
            .contains_key("content-signal")
            .then_some("header");
        let places: Vec<_> = robots.into_iter().chain(in_header).collect();
        (!places.is_empty()).then(|| places.join("+"))
    }
}

fn usage_path(says: &RobotsSays) -> Option<&str> {
    let mut lines = says.lines.iter();
    let line = lines.find(|line| line.kind == LineKind::ContentUsage)?;
    Some(&line.path)
}

fn rsl_terms(document: &str, url: &NormalUrl) -> Value {
    let terms = match rsl::evaluate(document, url.url()) {
        rsl::Evaluated::Invalid => return json!({"valid": false}),
        rsl::Evaluated::Unmatched => return json!({"valid": true, "matched": false}),
        rsl::Evaluated::Terms(terms) => terms,
    };
    let word = |usage| match terms.of(usage) {
        rsl::Word::Permitted => "permitted",
        rsl::Word::Prohibited => "prohibited",
        rsl::Word::Unlisted => "unlisted",
    };
    json!({"valid": true, "matched": true, "server": terms.server, "payment": terms.payment, "usage": {
        "ai-train": word(rsl::Usage::AiTrain), "ai-input": word(rsl::Usage::AiInput),
        "ai-index": word(rsl::Usage::AiIndex), "search": word(rsl::Usage::Search)}})
}

/// What of an expectation is not so; of objects only the keys that are expected count.
fn differences(expected: &Value, found: &Value, at: &str, into: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(_)) => {
            for (key, value) in expected {
                differences(value, &found[key], &format!("{at}.{key}"), into);
            }
        }
        _ if expected == found => {}
        _ => into.push(format!("{at}: {found} instead of {expected}")),
    }
}

fn check(rows: &[Value], concerns: impl Fn(&Value) -> bool) {
    let mut failures = Vec::new();
    for row in rows.iter().filter(|row| concerns(row)) {
        let page = Page::of(&row["input"]);
        let name = row["id"].as_str().or(row["note"].as_str()).unwrap();
        differences(
            &row["expect"],
            &page.facts(&row["input"]),
            name,
            &mut failures,
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn signals_are_read_as_our_table_has_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rights");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 5);
    for file in files {
        check(
            &vectors::rows(&std::fs::read_to_string(file).unwrap()),
            |_| true,
        );
    }
}

#[test]
fn the_shared_vectors_hold() {
    let others = ["wba-sign", "wba-verify", "identity", "ip-ranges"];
    check(&shared("rights/vectors.jsonl"), |row| {
        !others.contains(&row["signal"].as_str().unwrap_or_default())
    });
}

#[test]
fn the_shared_page_vectors_hold() {
    for row in shared("robots/page.jsonl") {
        let mut input = row.clone();
        input["url"] = json!(format!(
            "https://n.example{}",
            row["path"].as_str().unwrap_or("/a")
        ));
        let file = &row["well_known_tdmrep"];
        input["tdmrep_json"] = match file {
            Value::Null => Value::Null,
            Value::String(text) => json!(text),
            other => json!(other.to_string()),
        };
        let page = Page::of(&input);
        let rights = page.rights(&Policy::default());
        let expect = &row["expect"];
        match row["kind"].as_str().unwrap() {
            "tdm" => {
                assert_eq!(
                    json!(rights.tdm.reservation == Some(1)),
                    expect["reserved"],
                    "{row}"
                );
                assert!(
                    expect["policy"].is_null() || json!(rights.tdm.policy) == expect["policy"],
                    "{row}"
                );
            }
            "noai" => {
                let found =
                    json!({"noai": rights.robots.noai, "noimageai": rights.robots.noimageai});
                assert_eq!(found, *expect, "{row}");
            }
            "content_signal" => {
                let says = page.robots.clone().unwrap_or_default();
                let signal = page.content_signal(&says);
                for (key, value) in expect.as_object().unwrap() {
                    let usage = match page.aipref(&says)[key].as_str() {
                        Some("disallowed") => json!("n"),
                        Some("allowed") => json!("y"),
                        _ => Value::Null,
                    };
                    assert!(signal[key] == *value || usage == *value, "{row}");
                }
            }
            _ => {}
        }
    }
}

fn decided(input: &Value, policy: &Policy) -> String {
    let rights = Page::of(input).rights(policy);
    let store = serde_json::to_value(rights.store).unwrap();
    format!(
        "{} {}",
        store.as_str().unwrap(),
        rights.reason.unwrap_or_default()
    )
}

fn declaring(declared: &[Use]) -> Policy {
    Policy {
        declared: declared.to_vec(),
        ..Policy::default()
    }
}

#[test]
fn what_of_a_page_is_stored_by_its_own_words() {
    let (search, training) = (declaring(&[Use::Search]), declaring(&[Use::AiTrain]));
    let (archive, tdm) = (declaring(&[Use::Archive]), declaring(&[Use::Tdm]));
    let careful = Policy {
        leave_out_reserved: true,
        ..search.clone()
    };
    let rows = [
        (&search, "robots", "index", "full "),
        (&search, "robots", "noindex", "metadata noindex"),
        (
            &search,
            "robots",
            "unavailable_after: 2026-03-01",
            "metadata unavailable_after",
        ),
        (&search, "robots", "unavailable_after: 2027-03-01", "full "),
        (&search, "robots", "noai", "full "),
        (
            &training,
            "robots",
            "noai",
            "metadata ai-train: no by noai@meta",
        ),
        (
            &archive,
            "robots",
            "noarchive",
            "metadata archive: no by noarchive@meta",
        ),
        (&tdm, "tdm-reservation", "1", "metadata tdm: no by tdm@meta"),
        (&careful, "tdm-reservation", "1", "metadata reserved"),
        (&careful, "tdm-reservation", "0", "full "),
    ];
    for (policy, name, content, expected) in rows {
        let html = format!("<meta name='{name}' content='{content}'>");
        assert_eq!(
            decided(&json!({ "html": html }), policy),
            expected,
            "{html}"
        );
    }
    assert_eq!(
        decided(&json!({ "status": 402 }), &search),
        "none payment required"
    );
}

#[test]
fn what_of_a_page_is_stored_by_the_robots_txt() {
    let (search, training) = (declaring(&[Use::Search]), declaring(&[Use::AiTrain]));
    let strict = |policy: &Policy| Policy {
        strict_ai: true,
        ..policy.clone()
    };
    let (strict_search, strict_training) = (strict(&search), strict(&training));
    let careful = Policy {
        leave_out_reserved: true,
        ..search.clone()
    };
    let star = |line: &str| format!("User-agent: *\n{line}\n");
    let closed_to = |agent: &str| format!("User-agent: {agent}\nDisallow: /\n");
    let no_search = "metadata search: no by content-signal@robots; use=immediate";
    let rows = [
        (
            &search,
            star("Content-Signal: search=no, use=immediate"),
            no_search,
        ),
        (&search, star("Content-Signal: use=reference"), "full "),
        (
            &careful,
            star("Content-Usage: train-ai=n"),
            "metadata reserved",
        ),
        (&training, closed_to("CCBot"), "full "),
        (
            &strict_training,
            closed_to("CCBot"),
            "metadata ai-train: no by ai-blocks@robots",
        ),
        (&strict_training, closed_to("PerplexityBot"), "full "),
        (&strict_search, closed_to("CCBot"), "full "),
        (
            &search,
            star("Disallow: /a"),
            "none disallowed by robots.txt",
        ),
    ];
    for (policy, robots, expected) in rows {
        assert_eq!(
            decided(&json!({ "robots_txt": robots }), policy),
            expected,
            "{robots}"
        );
    }
}

/// Names that are watched beyond the known ones are those of the settings.
#[test]
fn a_policy_token_speaks_of_training_and_is_no_robot() {
    let tokens = ["trainer-x".to_owned()];
    let policy = Policy {
        policy_tokens: tokens.to_vec(),
        ..Policy::default()
    };
    let url = NormalUrl::parse("https://news.example/a").unwrap();
    let body = b"User-agent: Trainer-X\nDisallow: /\nUser-agent: Odd Name/2\nDisallow: /x\n";
    let says = Rules::parse_watching(body, "gleaner", &tokens).says(url.url());
    assert_eq!(says.strangers, ["Odd Name/2"]);
    let page = Page {
        robots: Some(says),
        ..Page::of(&json!({}))
    };
    let rights = page.rights(&policy);
    assert_eq!(rights.uses.ai_train.by, ["policy-token@robots"]);
    assert_eq!(rights.ai_blocks.unwrap().blocked, Vec::<String>::new());
}

proptest::proptest! {
    /// Whatever a server sends, there is a record.
    #[test]
    fn no_signal_makes_it_panic(
        line in "[ -~éا\t]{0,60}", html in "\\PC{0,80}", body in proptest::collection::vec(proptest::num::u8::ANY, 0..80),
    ) {
        let input = json!({
            "robots_txt": format!("User-agent: *\nContent-Usage: {line}\nContent-Signal: {line}\nLicense: {line}\n"),
            "html": format!("<meta name=robots content='{html}'><script type=application/rsl+xml>{html}</script>"),
        });
        let mut page = Page::of(&input);
        for name in ["content-usage", "link", "x-robots-tag", "robots-tag", "crawler-price", "www-authenticate"] {
            if let Ok(value) = http::HeaderValue::from_str(&line) {
                page.headers.append(name, value);
            }
        }
        page.tdm_file = Some(TdmFile::parse(&body));
        page.body = body;
        page.status = 402;
        let _ = (page.rights(&Policy::default()), rsl::evaluate(&html, page.url.url()));
    }
}
