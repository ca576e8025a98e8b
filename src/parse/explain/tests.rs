#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;

const PAGE: &str = r#"<html lang=fr><title>Night ferry stays | Ledger</title>
<meta property="og:title" content="Night ferry stays"><meta property="og:type" content=article>
<meta property="article:published_time" content="soon">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Night ferry stays","datePublished":"2026-03-02","author":[{"@type":"Person","name":"Ada Lovelace"}]}</script>
<body><h1>Ledger</h1><div class=menu><a href=/>Home</a></div><h1>Night ferry stays</h1><p class=byline>By Ada Lovelace
<time datetime="2026-03-02">2 March 2026</time><div class="article-body">
<p>The harbour board in Fennick Sound voted on Tuesday to keep the night ferry running through the winter, ending weeks of doubt.
<p>Members approved a revised timetable with two sailings instead of three, and set aside money to replace the ramp.</div>"#;

fn explained(page: &str) -> Explanation {
    let url = NormalUrl::parse("https://ledger.example/ferry").unwrap();
    explain(&url, &HeaderMap::new(), page.as_bytes())
}

fn lines(candidates: &[Candidate]) -> Vec<String> {
    let line = |one: &Candidate| {
        let lost = one.reason_lost.as_deref().unwrap_or("TAKEN");
        format!("{} [{}] {lost}", one.value, one.source)
    };
    candidates.iter().map(line).collect()
}

#[test]
fn each_candidate_has_its_source_and_one_is_taken() {
    let fields = explained(PAGE).fields;
    assert_eq!(
        lines(&fields.title)[..2],
        [
            "Ledger [h1] no metadata knows this heading",
            "Night ferry stays [h1] TAKEN"
        ]
    );
    assert_eq!(
        lines(&fields.authors)[0],
        "Ada Lovelace [json-ld author] TAKEN"
    );
    assert_eq!(
        lines(&fields.published)[..2],
        [
            "2026-03-02 [json-ld datePublished] TAKEN",
            "soon [meta article:published_time] no date that can be read without guessing"
        ]
    );
    assert_eq!(
        lines(&fields.language),
        ["fr [html lang] the text is in another", "en [text] TAKEN"]
    );
    let body = &fields.body[0];
    assert_eq!(
        (body.value.as_str(), &body.reason_lost),
        ("div.article-body", &None)
    );
    for field in [
        &fields.title,
        &fields.authors,
        &fields.published,
        &fields.language,
        &fields.body,
    ] {
        let taken = field.iter().filter(|one| one.reason_lost.is_none());
        assert_eq!(taken.count(), 1, "{field:?}");
    }
}

#[test]
fn what_is_no_story_says_why() {
    let rows = [
        ("<p>A sentence, alone, of some words.", "too little text"),
        (
            "<p><a href=/a>Some words that lead to a story</a>",
            "no running text",
        ),
        (
            "<p>A sentence, alone, of some words. <a href=/a>And words that lead elsewhere</a>",
            "mostly links",
        ),
    ];
    for (page, why) in rows {
        let explanation = explained(&format!("<html>{page}"));
        assert!(explanation.parsed.article.is_none(), "{page}");
        assert_eq!(explanation.no_story, Some(why), "{page}");
    }
    assert_eq!(explained(PAGE).no_story, None);
}
