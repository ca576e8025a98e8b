//! What publishers say about the use of their pages: recorded, obeyed, shown in the export.

use crate::support::answer::Answer;
use crate::support::news::{Story, front, stories};
use crate::support::site::{Running, Site};
use crate::support::user::User;
use serde_json::Value;
use std::path::Path;

/// The records of an export by their paths.
async fn exported(user: &User, site: &Running, flags: &str) -> Vec<(String, Value)> {
    let ended = user.runs(&format!("export {flags}")).await;
    let root = site.url("");
    let path = |record: &Value| record["url"].as_str().unwrap().replacen(&root, "", 1);
    let records = ended.exits(0).records();
    let mut found: Vec<_> = records
        .into_iter()
        .map(|record| (path(&record), record["rights"].clone()))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn paths(found: &[(String, Value)]) -> Vec<&str> {
    found.iter().map(|(path, _)| path.as_str()).collect()
}

/// What the visit log holds of a URL whose body was not kept.
fn logged(user: &User, url: &str) -> Option<Value> {
    let path = user.path("crawl-data/articles.db");
    assert!(Path::new(&path).exists());
    let database = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT rights FROM visits WHERE url = ?1 ORDER BY id DESC LIMIT 1";
    let text: Option<String> = database.query_row(sql, [url], |row| row.get(0)).unwrap();
    text.map(|text| serde_json::from_str(&text).unwrap())
}

fn with_head(story: &Story, head: &str) -> Answer {
    Answer::html(story.html().replacen("<head>", &format!("<head>{head}"), 1))
}

/// Three stories: an open one, one that is not for AI, one that is not to be found.
async fn site() -> Running {
    let news = stories(3);
    Site::new()
        .robots("User-agent: *\nContent-Signal: ai-train=no\nAllow: /\nUser-agent: GPTBot\nDisallow: /\nUser-agent: OddBot\nDisallow: /x\n")
        .page("/", &front(&news))
        .answer("/story/0", with_head(&news[0], ""))
        .answer("/story/1", with_head(&news[1], "<meta name=robots content=noai>"))
        .answer("/story/2", with_head(&news[2], "<meta name=robots content='noindex'>"))
        .start()
        .await
}

#[tokio::test]
async fn each_article_says_what_may_be_done_with_it() {
    let site = site().await;
    let user = User::quick();
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);

    let found = exported(&user, &site, "").await;
    assert_eq!(paths(&found), ["/story/0", "/story/1"]);
    let rights = &found[1].1;
    assert_eq!(rights["store"], "full");
    assert_eq!(rights["uses"]["ai-train"]["is"], "no");
    assert_eq!(
        rights["uses"]["ai-train"]["by"],
        serde_json::json!(["content-signal@robots", "noai@meta"])
    );
    assert_eq!(rights["uses"]["search"]["is"], "unknown");
    assert_eq!(
        rights["ai_blocks"]["blocked"],
        serde_json::json!(["GPTBot"])
    );
    assert_eq!(
        rights["robots_txt"]["agents"],
        serde_json::json!(["OddBot"])
    );
    assert_eq!(rights["robots_txt"]["sha256"].as_str().unwrap().len(), 64);

    let hidden = logged(&user, &site.url("/story/2")).unwrap();
    assert_eq!(
        (&hidden["store"], &hidden["reason"]),
        (&"metadata".into(), &"noindex".into())
    );
    assert!(exported(&user, &site, "--no-reserved").await.is_empty());
}

#[tokio::test]
async fn one_switch_leaves_reserved_pages_out() {
    let site = site().await;
    let user = User::quick().set("GLEANER_RIGHTS_LEAVE_OUT_RESERVED", "true");
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);

    assert!(exported(&user, &site, "").await.is_empty());
    let rights = logged(&user, &site.url("/story/0")).unwrap();
    assert_eq!(rights["reason"], "reserved");
}

#[tokio::test]
async fn a_reservation_in_tdmrep_json_is_asked_for_once_and_recorded() {
    let news = stories(2);
    let site = Site::new()
        .robots("User-agent: *\nAllow: /\n")
        .page("/", &front(&news))
        .stories(&news)
        .answer(
            "/.well-known/tdmrep.json",
            Answer::of(
                200,
                &[("Content-Type", "application/json")],
                r#"[{"location":"/story/1","tdm-reservation":1,"tdm-policy":"https://p.example/"}]"#,
            ),
        )
        .start()
        .await;
    let user = User::quick().set("GLEANER_RIGHTS_TDMREP", "true");
    for _ in 0..2 {
        user.runs(&format!("crawl {}", site.url("/")))
            .await
            .exits(0);
    }
    assert_eq!(
        site.targets()[..3],
        ["/robots.txt", "/.well-known/tdmrep.json", "/"]
    );
    assert_eq!(site.times_asked("/.well-known/tdmrep.json"), 1);
    let found = exported(&user, &site, "").await;
    assert_eq!(found[0].1["tdm"]["reservation"], Value::Null);
    assert_eq!(found[1].1["tdm"]["via"], "file");
    assert_eq!(found[1].1["tdm"]["policy"], "https://p.example/");
    assert_eq!(
        paths(&exported(&user, &site, "--no-reserved").await),
        ["/story/0"]
    );
}

#[tokio::test]
async fn what_wants_to_be_paid_for_is_left_alone() {
    let news = stories(6);
    let mut site = Site::new()
        .robots("User-agent: *\nAllow: /\n")
        .page("/", &front(&news));
    for story in &news {
        site = site.answer(
            &story.path,
            Answer::of(402, &[("crawler-price", "USD 0.05")], ""),
        );
    }
    let site = site.start().await;
    let user = User::quick();
    user.runs(&format!("crawl {}", site.url("/"))).await;

    let asked: Vec<_> = site
        .targets()
        .into_iter()
        .filter(|t| t.starts_with("/story"))
        .collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    let rights = logged(&user, &site.url(&asked[0])).unwrap();
    let payment = &rights["access"]["payment"];
    assert_eq!(rights["store"], "none");
    assert_eq!(payment["scheme"], "cloudflare-pay-per-crawl");
    assert_eq!(payment["price"]["amount"], "0.05");
}

#[tokio::test]
async fn a_story_that_may_no_longer_be_shown_is_exported_no_more() {
    let story = Story::at("/story");
    let closed = with_head(&story, "<meta name=robots content=noindex>");
    let site = Site::new()
        .robots("User-agent: *\nAllow: /\n")
        .answer("/story", closed)
        .first("/story", Answer::html(story.html()))
        .start()
        .await;
    let user = User::quick();
    let crawl = format!("crawl {} --depth 0", site.url("/story"));
    user.runs(&crawl).await.exits(0);
    assert_eq!(paths(&exported(&user, &site, "").await), ["/story"]);
    user.runs(&crawl).await.exits(0);
    assert!(exported(&user, &site, "").await.is_empty());
}

#[tokio::test]
async fn text_behind_a_paywall_stays_there() {
    let story = Story::at("/story");
    let rest = "This part of the report is for those who have paid for it, and for search engines.";
    let head = r#"<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false,
        "hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".rest"}}</script>"#;
    let page = story
        .html()
        .replacen("<head>", &format!("<head>{head}"), 1)
        .replacen(
            "</article>",
            &format!("<div class='rest'><p>{rest}</p></div></article>"),
            1,
        );
    let site = Site::new()
        .robots("User-agent: *\nAllow: /\n")
        .page("/story", &page)
        .start()
        .await;
    let user = User::quick();
    user.runs(&format!("crawl {} --depth 0", site.url("/story")))
        .await
        .exits(0);
    let text = |user: User| async move {
        let ended = user.runs("export").await;
        (
            ended.records()[0]["text"].as_str().unwrap().to_owned(),
            user,
        )
    };
    let (open, user) = text(user).await;
    assert_eq!(open, story.text());
    let (all, _) = text(user.set("GLEANER_RIGHTS_PAYWALLED_TEXT", "keep")).await;
    assert!(all.ends_with(rest), "{all}");
}
