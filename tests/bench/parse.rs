//! One page of 60 KB, some 150 links and 660 elements: what a news page costs to read.

use gleaner::dedup::Fingerprint;
use gleaner::normal::NormalUrl;
use gleaner::parse::parse;
use http::HeaderMap;
use std::fmt::Write;

fn main() {
    divan::main();
}

/// A news page: head, menu, 24 paragraphs, promotions, a footer full of links.
fn page() -> String {
    let words = "council vote river harbour minister budget talks school night ferry winter storm";
    let words: Vec<_> = words.split(' ').collect();
    let sentence = |seed: usize, length: usize| {
        let word = |n: usize| words[(seed * 7 + n * n + n) % words.len()];
        (0..length).map(word).collect::<Vec<_>>().join(" ")
    };
    let mut html = String::from(
        r#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Night ferry stays | Ledger</title>
<meta property="og:type" content="article"><meta property="og:title" content="Night ferry stays">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Night ferry stays","datePublished":"2026-03-10T06:30:00Z","author":{"@type":"Person","name":"Ada"}}</script>
</head><body class="page"><header class="site-header"><nav><ul class="nav">"#,
    );
    for n in 0..60 {
        let _ = write!(
            html,
            r#"<li class="nav__item"><a class="nav__link" href="/section/{n}?page=1"><span>{}</span></a></li>"#,
            sentence(n, 2)
        );
    }
    html.push_str("</ul></nav></header><main><article class=\"article\"><h1>Night ferry stays</h1><p class=\"byline\">By <span>Ada</span></p><div class=\"article-body\">");
    for n in 0..24 {
        let _ = write!(
            html,
            r#"<p class="article-body__paragraph">{}. {}.</p>"#,
            sentence(n, 60),
            sentence(n + 99, 60)
        );
    }
    html.push_str("</div></article>");
    for n in 0..60 {
        let _ = write!(
            html,
            r#"<aside class="widget"><div class="promo" data-id="{n}"><a class="promo__link" href="/tag/{n}"><img loading="lazy" src="/img/{n}.jpg" alt=""><span class="promo__title">{}</span></a></div></aside>"#,
            sentence(n, 9)
        );
    }
    html.push_str("</main><footer><div class=\"cols\">");
    for n in 0..30 {
        let _ = write!(
            html,
            r#"<div class="col"><h4>{0}</h4><ul><li><a href="/s/{n}">All {0}</a></li></ul></div>"#,
            sentence(n, 1)
        );
    }
    html.push_str("</div></footer><script>");
    while html.len() < 60 << 10 {
        html.push_str("window.data={\"html\":\"<b>x<\\/b>\"};");
    }
    html.push_str("</script></body></html>");
    html
}

fn url() -> NormalUrl {
    NormalUrl::parse("https://ledger.example/article/1").unwrap_or_else(|error| panic!("{error}"))
}

#[divan::bench]
fn whole_page(bencher: divan::Bencher<'_, '_>) {
    let (html, url, headers) = (page(), url(), HeaderMap::new());
    bencher.bench(|| parse(&url, &headers, html.as_bytes()));
}

#[divan::bench]
fn tree_alone(bencher: divan::Bencher<'_, '_>) {
    let html = page();
    bencher.bench(|| scraper::Html::parse_document(&html));
}

#[divan::bench]
fn fingerprint(bencher: divan::Bencher<'_, '_>) {
    let (html, url, headers) = (page(), url(), HeaderMap::new());
    let article = parse(&url, &headers, html.as_bytes()).article;
    let text = article.map(|article| article.text).unwrap_or_default();
    bencher.bench(|| Fingerprint::of(&text));
}
