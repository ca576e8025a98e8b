//! The shared scenarios, each played through.

use super::*;
use crate::vectors::shared;

/// Requests are answered in their order, the last answer for ever.
#[test]
fn shared_answers_hold() {
    let Some(rows) = shared("robots/http.jsonl") else {
        return;
    };
    assert!(rows.len() >= 30, "only {} scenarios tried", rows.len());
    for row in &rows {
        let expect = row["expect"].as_str().unwrap();
        let reached = play(row);
        let opens = expect == "allow"
            || expect == "unavailable=allow"
            || expect.starts_with("bounded read");
        assert_eq!(reached, opens, "{row}");
    }
}

fn play(row: &serde_json::Value) -> bool {
    let answers = row["robots_responses"].as_array().unwrap();
    let page = url(&format!(
        "https://paper.example{}",
        row["page"].as_str().unwrap()
    ));
    let mut crawl = crawl();
    let unit = page.robots_unit();
    let mut to = unit.robots_txt().unwrap();
    for request in 0..6 {
        let one = &answers[request.min(answers.len() - 1)];
        crawl.now += one["after_s"].as_u64().unwrap_or(0) * 1000;
        crawl.go(&to, Purpose::Robots);
        crawl.end(&to, 10, Signal::Fine);
        match crawl
            .politeness
            .robots_answered(&unit, scripted(one), crawl.now)
        {
            RobotsNext::Hop(next) => to = next,
            RobotsNext::Settled(_) if request + 1 < answers.len() => {}
            _ => return allowed(&mut crawl, page.as_str()),
        }
    }
    panic!("more than six requests: {row}");
}

fn scripted(one: &serde_json::Value) -> RobotsAnswer {
    let text = |key: &str| one[key].as_str();
    let Some(status) = one["status"].as_u64() else {
        return RobotsAnswer::Failed(text("network").unwrap().into());
    };
    let named = [
        ("location", text("location")),
        ("retry-after", text("retry_after")),
    ];
    let pairs: Vec<_> = named
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)))
        .collect();
    let long = match text("body_gen") {
        Some(made) if made.starts_with("endless") => "# pad\n".repeat(100_000),
        Some(_) => format!(
            "{}\nUser-agent: *\nDisallow: /late\n",
            "#".repeat(499 << 10)
        ),
        None => String::new(),
    };
    answer(
        status.try_into().unwrap(),
        &pairs,
        text("body").unwrap_or(&long),
    )
}
