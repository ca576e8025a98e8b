//! What it costs to normalise and to judge the 150 links of a page.
//!
//! `cargo bench --bench normal`; items are links. `join` is the WHATWG parser alone, the yardstick.

#![allow(clippy::unwrap_used, reason = "bench")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gleaner::config::Config;
use gleaner::frontier::Via;
use gleaner::normal::NormalUrl;
use gleaner::parse::Role;
use gleaner::scope::{Scope, ScopeSeed};
use url::Url;

fn main() {
    divan::main();
}

const MIXES: [&str; 3] = ["clean", "arabic", "tracked"];

fn base() -> Url {
    Url::parse("https://www.news.example.com/world/2024/05/17/story-of-the-day").unwrap()
}

/// Links as pages write them: clean, with an encoded slug and a query, or with a campaign on them.
fn links(mix: &str) -> Vec<String> {
    let link = |n| match mix {
        "arabic" => {
            format!("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D8%B9%D8%A7%D8%AC%D9%84-{n}?page={n}")
        }
        "tracked" => {
            format!("/world/2024/05/story-{n}.html?id={n}&utm_source=front&utm_medium=web")
        }
        _ => format!("/world/2024/05/a-headline-with-some-words-{n}.html"),
    };
    (0..150).map(link).collect()
}

#[divan::bench(args = MIXES)]
fn join(bencher: Bencher<'_, '_>, mix: &str) {
    let (base, links) = (base(), links(mix));
    bencher
        .counter(ItemsCount::new(links.len()))
        .bench_local(|| {
            for link in &links {
                black_box(base.join(black_box(link)).unwrap());
            }
        });
}

#[divan::bench(args = MIXES)]
fn join_and_normalise(bencher: Bencher<'_, '_>, mix: &str) {
    let (base, links) = (base(), links(mix));
    bencher
        .counter(ItemsCount::new(links.len()))
        .bench_local(|| {
            for link in &links {
                black_box(NormalUrl::join(&base, black_box(link)).unwrap());
            }
        });
}

#[divan::bench(args = MIXES)]
fn budget_unit(bencher: Bencher<'_, '_>, mix: &str) {
    let urls = urls(mix);
    bencher
        .counter(ItemsCount::new(urls.len()))
        .bench_local(|| {
            for url in &urls {
                black_box(black_box(url).budget_unit());
            }
        });
}

#[divan::bench(args = MIXES)]
fn judge(bencher: Bencher<'_, '_>, mix: &str) {
    let mut config = Config::default();
    config.scope.exclude = vec!["*?print=".to_owned(), "/private/".to_owned()];
    let seed = ScopeSeed {
        id: 1,
        url: NormalUrl::from_url(base()).unwrap(),
        depth: None,
    };
    let scope = Scope::new(&config, std::slice::from_ref(&seed));
    let (from, urls) = (scope.seed(&seed), urls(mix));
    bencher
        .counter(ItemsCount::new(urls.len()))
        .bench_local(|| {
            for url in &urls {
                let judged = scope.judge(&from, Via::Front, black_box(url), Role::Page);
                black_box(judged.is_ok());
            }
        });
}

fn urls(mix: &str) -> Vec<NormalUrl> {
    let base = base();
    links(mix)
        .iter()
        .map(|link| NormalUrl::join(&base, link).unwrap())
        .collect()
}
