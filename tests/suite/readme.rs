//! Each command line of the README is run, in the order in which a reader types them, against a
//! local site that stands for `example.com`.
//!
//! The one change that is made to a line: `https://example.com/` and `example.com` become the
//! site's URL and address. A line without an arm in `Reader::sees` fails the test: say there
//! what it brings about. Lines of `cargo` are what `.ci/run` runs.

use crate::support::answer::Answer;
use crate::support::news::{Story, rss};
use crate::support::site::{Running, Seen, Site};
use crate::support::user::{Ended, User};

const OF_CARGO: [&str; 2] = ["cargo install --locked --path .", "cargo test --locked"];

const ARABIC_TITLE: &str = "عودة المياه إلى العاصمة";
const ARABIC: &str = "أعلنت الهيئة العامة للمياه أن إصلاح الخط الرئيسي انتهى يوم الأربعاء.";

/// The lines of the README's code blocks, indented or fenced, without comments.
fn lines() -> Vec<String> {
    let readme = include_str!("../../README.md");
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in readme.lines() {
        let fence = line.starts_with("```");
        fenced ^= fence;
        if (fenced || line.starts_with("    ")) && !fence {
            lines.push(without_comment(line).trim().to_owned());
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn without_comment(line: &str) -> &str {
    match line.find(" #") {
        Some(at) => &line[..at],
        None if line.starts_with('#') => "",
        None => line,
    }
}

/// A reader of the README, with seeds.txt and articles.txt at hand.
struct Reader {
    user: User,
    site: Running,
}

impl Reader {
    async fn new() -> Self {
        let story = |path: &str, published: &str| Story {
            published: published.to_owned(),
            ..Story::at(path)
        };
        let arabic = Story {
            language: "ar",
            title: ARABIC_TITLE.to_owned(),
            paragraphs: vec![[ARABIC; 3].join(" ")],
            ..story("/arabic", "2026-01-20")
        };
        let on_front = [
            story("/old", "2025-12-31"),
            story("/new", "2026-01-10"),
            arabic,
        ];
        let in_feed = [story("/fed", "2026-01-11")];
        let site = Site::new().news(&on_front).stories(&in_feed);
        let feed = move |seen: &Seen| {
            let base = format!("http://{}", seen.header("Host").unwrap());
            Answer::of(200, &[("Content-Type", "text/xml")], rss(&base, &in_feed))
        };
        let site = site.script("/feed", feed).start().await;
        let seeds = format!("# ours\n{}\n", site.url("/feed"));
        let articles = ["/old", "/fed"].map(|path| site.url(path)).join("\n");
        let robots = "User-agent: *\nDisallow: /private\n";
        let user = User::quick()
            .file("seeds.txt", seeds)
            .file("articles.txt", articles)
            .file("robots.txt", robots)
            .file("page.html", Story::at("/kept").html());
        Self { user, site }
    }

    fn local(&self, line: &str) -> String {
        line.replace("https://example.com/", &self.site.url("/"))
            .replace("example.com", &self.site.address().to_string())
    }

    /// What a line needs before it that the lines above it do not bring.
    async fn prepares(&self, line: &str) {
        if line.starts_with("gleaner init") {
            // It writes one, and over none.
            std::fs::remove_file(self.user.path("seeds.txt")).unwrap();
        }
        if line.starts_with("gleaner resume") {
            let part = "gleaner crawl https://example.com/ --contact you@example.org --fresh --max-pages 2";
            self.user
                .types(&self.local(part))
                .await
                .exits(0)
                .says("stopped at max_pages");
            assert!(self.user.stories(&self.site).await.len() < 3);
        }
    }

    /// Runs a line; of a pipeline only the part that is ours where the rest is not installed.
    async fn types(&self, line: &str) -> Ended {
        let line = self.local(line);
        let ours = line.split(" | ").next().unwrap();
        let alone = self.user.types(ours).await;
        alone.exits(0);
        let has_jq = self.user.types("jq --version").await.code == Some(0);
        if ours == line || !has_jq {
            return alone;
        }
        self.user.types(&line).await
    }

    /// What a line brings about.
    async fn sees(&self, line: &str, ended: &Ended) {
        let stories = || self.user.stories(&self.site);
        let stdout = String::from_utf8(ended.stdout.clone()).unwrap();
        match line {
            "gleaner demo" => {
                assert!(stdout.contains("English (13 stories)"), "{stdout}");
                assert!(stdout.contains("Arabic (11 stories)"), "{stdout}");
            }
            "gleaner export --data demo-data -o demo.jsonl" => {
                let file = String::from_utf8(self.user.read("demo.jsonl")).unwrap();
                assert_eq!(file.lines().count(), 24);
            }
            "gleaner crawl articles.txt --contact you@example.org --depth 0 --data just-these" => {
                let alone = self.user.runs("export --data just-these").await;
                assert_eq!(alone.records().len(), 2);
            }
            "gleaner crawl https://example.com/ --contact you@example.org --max-pages 500" => {
                assert_eq!(stories().await, ["/arabic", "/new", "/old"]);
                let from = self.site.requests()[0].header("From");
                assert_eq!(from.as_deref(), Some("you@example.org"));
            }
            "gleaner crawl seeds.txt --contact you@example.org" => {
                assert_eq!(stories().await, ["/arabic", "/fed", "/new", "/old"]);
            }
            "gleaner resume" => {
                assert_eq!(stories().await, ["/arabic", "/new", "/old"]);
            }
            "gleaner export -o articles.jsonl" => {
                let file = String::from_utf8(self.user.read("articles.jsonl")).unwrap();
                assert_eq!(file.lines().count(), 3);
            }
            "gleaner export --format csv --since 2026-01-01 --site example.com -o january.csv" => {
                let file = self.user.read("january.csv");
                assert_eq!(csv::Reader::from_reader(&*file).records().count(), 3);
            }
            "gleaner export --lang ar | jq -r .title" => {
                assert!(stdout.contains(ARABIC_TITLE), "{stdout}");
                assert_eq!(stdout.lines().count(), 1);
            }
            "gleaner status" => assert!(stdout.contains("articles"), "{stdout}"),
            "gleaner verify" => assert!(stdout.contains("no breach"), "{stdout}"),
            "gleaner report --politeness -o report.html" => {
                let page = String::from_utf8(self.user.read("report.html")).unwrap();
                assert!(page.contains("Rules broken</th><td>none"), "{page}");
            }
            "gleaner init --contact you@example.org --seeds https://example.com/" => {
                let seeds = String::from_utf8(self.user.read("seeds.txt")).unwrap();
                assert!(seeds.contains(&self.site.url("/")), "{seeds}");
            }
            "gleaner check" => assert!(stdout.contains("you@example.org"), "{stdout}"),
            "gleaner why https://example.com/" => {
                assert!(
                    stdout.contains("as a seed; its seed was taken out"),
                    "{stdout}"
                );
            }
            "gleaner fetch https://example.com/" => {
                assert!(stdout.contains("status 200"), "{stdout}");
            }
            "gleaner extract crawl-data/warc" => assert_eq!(ended.records().len(), 4),
            "gleaner extract page.html --explain | jq .explain.title" => {
                assert!(stdout.contains("reason_lost"), "{stdout}");
            }
            "gleaner robots robots.txt https://example.com/" => {
                assert!(stdout.starts_with("allowed"), "{stdout}");
            }
            "gleaner man > gleaner.1" => assert!(!self.user.read("gleaner.1").is_empty()),
            "gleaner repair" => {
                ended.says("built anew");
            }
            new => panic!("`{new}` is new in the README: say here what it brings about"),
        }
    }
}

#[tokio::test]
async fn each_command_does_what_it_is_there_for() {
    let reader = Reader::new().await;
    let lines = lines();
    let (of_cargo, ours): (Vec<&str>, Vec<&str>) = lines
        .iter()
        .map(String::as_str)
        .partition(|line| line.starts_with("cargo "));
    assert_eq!(of_cargo, OF_CARGO);
    for line in ours {
        reader.prepares(line).await;
        let ended = reader.types(line).await;
        ended.exits(0);
        reader.sees(line, &ended).await;
    }
}

#[tokio::test]
async fn with_contact_and_seeds_in_crawl_toml_crawl_alone_does_it() {
    let reader = Reader::new().await;
    let settings = "[crawl]\ncontact = \"you@example.org\"\nseeds = [\"seeds.txt\"]\n";
    let user = reader.user.file("crawl.toml", settings);
    user.types("gleaner crawl").await.exits(0);
    assert_eq!(user.stories(&reader.site).await, ["/fed"]);
    // On a finished crawl it asks again for the feed, and for no story.
    user.types("gleaner crawl").await.exits(0);
    assert_eq!(reader.site.times_asked("/feed"), 2);
    assert_eq!(reader.site.times_asked("/fed"), 1);
}
