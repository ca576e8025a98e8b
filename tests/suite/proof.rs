//! What a crawl can show of how it treated sites: `gleaner verify` and `gleaner report --politeness`.

use crate::support::answer::Answer;
use crate::support::news::{front, stories};
use crate::support::site::{Running, Site};
use crate::support::user::User;
use rusqlite::Connection;
use serde_json::Value;
use std::time::Duration;

const RULES: &str = "User-agent: *\nDisallow: /closed/\nCrawl-delay: 0.06\n";

/// A site that refuses, asks for silence, sends elsewhere and closes a part.
async fn site() -> Running {
    let news = stories(12);
    let more = "<a href='/closed/x'>A story that nobody may read</a><a href='/moved'>One that went away</a>";
    let silent = Answer::of(429, &[("Retry-After", "1")], "");
    let mut site = Site::new()
        .robots(RULES)
        .page("/", &format!("{}{more}", front(&news)))
        .stories(&news)
        .redirect("/moved", "/story/3")
        .first("/story/1", silent)
        .fails_once("/story/2");
    for story in &news[4..] {
        site = site.page(&story.path, &story.html());
        site = site.delay(Duration::from_millis(15));
    }
    site.start().await
}

fn user() -> User {
    User::quick()
        .set("GLEANER_MIN_DELAY", "30ms")
        .set("GLEANER_DELAY_FACTOR", "3")
}

fn json(stdout: &[u8]) -> Value {
    serde_json::from_slice(stdout).unwrap()
}

#[tokio::test]
async fn a_crawl_that_was_killed_and_refused_can_prove_that_it_kept_the_rules() {
    let site = site().await;
    let user = user();
    let crawl = format!("crawl {}", site.url("/"));
    let killed = user.starts(&crawl);
    site.is_asked_for("/story/0").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    killed.kill();
    user.runs(&crawl).await.exits(0);
    user.runs(&crawl).await.exits(0);
    let verified = user.runs("verify --json").await;
    let found = json(&verified.exits(0).stdout);
    assert_eq!(found["breach"], Value::Null);
    for (key, least) in [
        ("requests", 14),
        ("gaps", 13),
        ("pages", 13),
        ("restarts", 2),
    ] {
        assert!(found[key].as_u64() >= Some(least), "{key}: {found}");
    }
    for key in ["retry_afters", "back_offs", "budget_units", "most_open"] {
        assert_eq!(found[key], 1, "{key}: {found}");
    }
    let said = user.runs("verify").await;
    let said = String::from_utf8(said.exits(0).stdout.clone()).unwrap();
    assert!(said.contains("no breach in 1 budget unit"), "{said}");

    let report = json(
        &user
            .runs("report --politeness --json")
            .await
            .exits(0)
            .stdout,
    );
    let run = &report["sites"][0]["runs"][0];
    assert_eq!(run["robots"][0]["body"], RULES);
    assert_eq!(
        run["refused_by_us"]["robots.txt line 2: Disallow: /closed/"],
        1
    );
    assert_eq!(
        (&run["retry_after_asked"], &run["retry_after_obeyed"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&run["most_open"], &run["back_offs"]),
        (&1.into(), &1.into())
    );
    assert!(
        run["gaps"]["page"]["smallest_ms"].as_i64() >= Some(60),
        "{run}"
    );
    assert_eq!(run["gaps"]["retry"]["requests"], 2);
    let page = format!("report --politeness --site {} -o page.html", site.address());
    user.runs(&page).await.exits(0);
    let page = String::from_utf8(user.read("page.html")).unwrap();
    assert!(
        page.contains("<td>none</td>") && page.contains("Disallow: /closed/"),
        "{page}"
    );
}

#[tokio::test]
async fn a_log_that_was_changed_is_found_out() {
    let site = site().await;
    let user = user();
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);
    user.runs("verify").await.exits(0);
    let database = Connection::open(user.path("crawl-data/articles.db")).unwrap();
    let earlier = "UPDATE visits SET started = started - 40 WHERE url LIKE '%/story/7'";
    assert_eq!(database.execute(earlier, []).unwrap(), 1);
    drop(database);
    let verified = user.runs("verify").await;
    let said = String::from_utf8(verified.exits(1).stdout.clone()).unwrap();
    assert!(
        said.contains("BREACH at visit") && said.contains("/story/7"),
        "{said}"
    );
}
