//! Where a crawl begins: seeds of every kind, and the files that list them.

use crate::support::answer::Answer;
use crate::support::news::{Story, front, rss, sitemap, stories};
use crate::support::site::{Running, Site};
use crate::support::user::User;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;

/// A seed under a path, with a type, that tell nothing of what it is, or something wrong.
struct Kind {
    what: &'static str,
    path: &'static str,
    content_type: &'static str,
    /// Its bytes, which lead to these stories and no others, by the site's base URL.
    body: fn(base: &str, stories: &[Story]) -> Vec<u8>,
}

const KINDS: [Kind; 9] = [
    Kind {
        what: "home",
        path: "/",
        content_type: "text/html",
        body: |_, stories| front(stories).into(),
    },
    Kind {
        what: "section",
        path: "/sitemap.xml",
        content_type: "text/html; charset=utf-8",
        body: |_, stories| front(stories).into(),
    },
    Kind {
        what: "article",
        path: "/rss/",
        content_type: "text/html",
        body: |_, stories| {
            let links: Vec<String> = stories.iter().map(Story::link).collect();
            let below = format!("<h2>Related</h2><ul>{}</ul>", links.concat());
            Story::at("/rss/").html_with(&below).into()
        },
    },
    Kind {
        what: "rss",
        path: "/latest.html",
        content_type: "text/html",
        body: |base, stories| rss(base, stories).into(),
    },
    Kind {
        what: "atom",
        path: "/index.php",
        content_type: "text/plain",
        body: |base, stories| atom(base, stories).into(),
    },
    Kind {
        what: "json feed",
        path: "/latest.xml",
        content_type: "application/json",
        body: |base, stories| json_feed(base, stories).into(),
    },
    Kind {
        what: "sitemap",
        path: "/all.html",
        content_type: "text/html",
        body: |base, stories| sitemap(base, &paths(stories)).into(),
    },
    Kind {
        what: "sitemap index, gzip",
        path: "/feed.html",
        content_type: "application/octet-stream",
        body: |base, _| gzip(&index(base, &["/part"])),
    },
    Kind {
        what: "robots",
        path: "/robots.txt",
        content_type: "text/plain",
        body: |base, _| format!("User-agent: *\nAllow: /\nSitemap: {base}/named\n").into(),
    },
];

fn paths(stories: &[Story]) -> Vec<&str> {
    stories.iter().map(|story| story.path.as_str()).collect()
}

fn atom(base: &str, stories: &[Story]) -> String {
    let entry = |story: &Story| {
        let (title, url) = (&story.title, format!("{base}{}", story.path));
        format!(
            "<entry><id>{url}</id><title>{title}</title><link href='{url}'/>\
             <updated>2026-01-31T08:00:00Z</updated></entry>"
        )
    };
    let entries: Vec<String> = stories.iter().map(entry).collect();
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>{base}/</id><title>News</title>\
         <updated>2026-01-31T08:00:00Z</updated>{}</feed>",
        entries.concat()
    )
}

fn json_feed(base: &str, stories: &[Story]) -> String {
    let item = |story: &Story| {
        let url = format!("{base}{}", story.path);
        json!({ "id": url, "url": url, "title": story.title, "content_text": "Read on" })
    };
    let items: Vec<_> = stories.iter().map(item).collect();
    json!({ "version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items })
        .to_string()
}

fn index(base: &str, paths: &[&str]) -> String {
    let part = |path: &&str| format!("<sitemap><loc>{base}{path}</loc></sitemap>");
    let parts: Vec<String> = paths.iter().map(part).collect();
    format!(
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</sitemapindex>",
        parts.concat()
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

impl Kind {
    /// The stories to which this seed alone leads.
    fn leads_to(&self) -> Vec<Story> {
        let name = self.what.replace([' ', ','], "-");
        let story = |n| Story::at(&format!("/{name}/a-story-{n}"));
        [1, 2].map(story).into()
    }

    /// The seed's site: nothing on it leads to the stories but the seed.
    async fn site(&self) -> Running {
        let (body, leads_to, content_type) = (self.body, self.leads_to(), self.content_type);
        let part = self.leads_to();
        let site = Site::new().stories(&leads_to);
        let site = ["/part", "/named"].iter().fold(site, |site, path| {
            let part = part.clone();
            site.script(path, move |seen| {
                let base = format!("http://{}", seen.header("Host").unwrap());
                let packed = gzip(&sitemap(&base, &paths(&part)));
                Answer::of(200, &[("Content-Type", "application/gzip")], packed)
            })
        });
        let site = site.script(self.path, move |seen| {
            let base = format!("http://{}", seen.header("Host").unwrap());
            Answer::of(
                200,
                &[("Content-Type", content_type)],
                body(&base, &leads_to),
            )
        });
        site.start().await
    }
}

#[tokio::test]
async fn seeds_are_told_apart_by_their_content_and_lead_to_their_stories() {
    let mut seeds = Vec::new();
    let mut sites = Vec::new();
    for kind in &KINDS {
        let site = kind.site().await;
        seeds.push(site.url(kind.path));
        sites.push(site);
    }
    let user = User::quick().file("seeds.txt", seeds.join("\n"));
    user.runs("crawl seeds.txt").await.exits(0);
    for (kind, site) in KINDS.iter().zip(&sites) {
        let mut wanted: Vec<String> = kind.leads_to().iter().map(|s| s.path.clone()).collect();
        if kind.what == "article" {
            wanted.push(kind.path.to_owned());
        }
        wanted.sort();
        assert_eq!(user.stories(site).await, wanted, "{}", kind.what);
    }
}

#[tokio::test]
async fn a_bad_line_is_told_with_its_number_and_the_rest_go_on() {
    let site = Site::new().news(&stories(2)).start().await;
    let lines = [
        "# our sites",
        "htp://paper.example/",
        &site.url("/story/0 depth=0"),
        "",
        "https://paper.example/ deepth=2",
        "https://paper.example/ depth=two   # two",
        &site.url("/story/1 depth=0"),
    ];
    let user = User::quick().file("seeds.txt", lines.join("\r\n"));
    let ended = user.runs("crawl seeds.txt").await;
    ended.exits(3);
    for told in [
        "error: seeds.txt:2: ",
        "error: seeds.txt:5: unknown option `deepth`; did you mean `depth`?",
        "error: seeds.txt:6: `depth=two` is not a number from 0 to 255",
    ] {
        ended.says(told);
    }
    assert_eq!(user.stories(&site).await, ["/story/0", "/story/1"]);
}

#[tokio::test]
async fn a_seeds_depth_is_the_number_of_links_followed_from_it() {
    let link = |to: &str| format!("<h1>Page</h1><a href='{to}'>The next page of the chain</a>");
    for (option, asked) in [
        ("depth=0", 1),
        ("depth=2", 3),
        ("", 5),
        // The seed's own number binds before the general one.
        ("depth=3 # GLEANER_DEPTH=1", 4),
    ] {
        let pages = ["/", "/one", "/two", "/three", "/four"];
        let mut site = Site::new().page("/four", "<h1>The end</h1>");
        for pair in pages.windows(2) {
            site = site.page(pair[0], &link(pair[1]));
        }
        let site = site.start().await;
        let mut user = User::quick().file("seeds.txt", site.url(&format!("/ {option}")));
        if option.contains("GLEANER_DEPTH") {
            user = user.set("GLEANER_DEPTH", "1");
        }
        user.runs("crawl seeds.txt").await.exits(0);
        assert_eq!(site.targets()[1..], pages[..asked], "{option}");
    }
}

#[tokio::test]
async fn a_seed_taken_out_is_left_alone_and_a_new_one_is_crawled() {
    let (old, new) = (
        Site::new().news(&stories(1)).start().await,
        Site::new().news(&stories(1)).start().await,
    );
    let user = User::quick().file("seeds.txt", old.url("/"));
    user.runs("crawl seeds.txt").await.exits(0);
    let before = old.targets().len();
    let user = user.file("seeds.txt", new.url("/"));
    user.runs("crawl seeds.txt").await.exits(0);
    assert_eq!(old.targets().len(), before);
    assert_eq!(user.stories(&new).await, ["/story/0"]);
    assert_eq!(user.stories(&old).await, ["/story/0"]);
}
