//! The papers themselves, their server, and a crawl of both.

use super::*;
use crate::config::Overrides;
use crate::crawl::{self, Start};
use crate::dedup::Fingerprint;
use crate::store::Reader;
use std::collections::{BTreeMap, BTreeSet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn papers() -> [Arc<Site>; 2] {
    let [here, there] = ["http://127.0.0.1:1/", "http://127.0.0.1:2/"].map(|u| u.parse().unwrap());
    [
        open(Edition::English, &here, &there),
        open(Edition::Arabic, &there, &here),
    ]
}

#[test]
fn both_tables_are_read_to_their_end() {
    for (site, stories) in papers().iter().zip([12, 12]) {
        assert_eq!(site.paper.stories.len(), stories);
        for story in &site.paper.stories {
            assert!(story.blocks.len() >= 3, "{}", story.path);
            assert!(
                !site.paper.edition.day(story).contains('-'),
                "{}",
                story.path
            );
        }
    }
}

#[test]
fn days_are_written_in_both_scripts() {
    let [_, arabic] = papers();
    let stories = arabic.paper.stories.iter();
    let pages = stories.map(|story| arabic.paper.story(story, false));
    let pages = pages.collect::<String>();
    // The last of these stands on the page in English among the Arabic ones.
    for day in ["١٤ يناير ٢٠٢٦", "15 كانون الثاني 2026", "21 January 2026"] {
        assert!(pages.contains(day), "{day}");
    }
}

#[test]
fn each_path_answers_with_its_type_and_each_link_leads_somewhere() {
    let sites = papers();
    for site in &sites {
        for path in site.paths().map(str::to_owned).collect::<Vec<_>>() {
            let answer = site.answer(&path, None);
            let moved = path == site.paper.url(site.paper.edition.words().moved).path();
            assert_eq!(answer.status, if moved { 301 } else { 200 }, "{path}");
            let kind = match path.as_str() {
                "/robots.txt" => "text/plain",
                "/feed.xml" | "/news-sitemap.xml" => "application/xml",
                _ if moved => "text/plain",
                _ => "text/html",
            };
            assert!(answer.content_type.starts_with(kind), "{path}");
            for link in links(site, &path, &answer) {
                let to = sites
                    .iter()
                    .find(|to| link.as_str().starts_with(to.paper.base.as_str()));
                let found = to.unwrap().answer(link.path(), None);
                assert!(matches!(found.status, 200 | 301), "{path} to {link}");
            }
        }
    }
    assert_eq!(sites[0].answer("/nowhere", None).status, 404);
}

fn links(site: &Site, path: &str, answer: &site::Answer) -> Vec<Url> {
    let page = site.paper.base.join(path).unwrap();
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let mut found: Vec<String> = answer.location.iter().cloned().collect();
    for (open, close) in [
        ("href=\"", "\""),
        ("<loc>", "<"),
        ("<link>", "<"),
        ("Sitemap: ", "\n"),
    ] {
        let ends = body.split(open).skip(1);
        found.extend(ends.filter_map(|rest| Some(rest.split(close).next()?.to_owned())));
    }
    found.iter().map(|link| page.join(link).unwrap()).collect()
}

#[test]
fn a_known_page_is_not_sent_again_and_one_that_changed_is() {
    let [english, _] = papers();
    let first = english.answer("/sea/night-ferry", None);
    let again = english.answer("/sea/night-ferry", first.etag.as_deref());
    assert_eq!((again.status, again.body.len()), (304, 0));
    let first = english.answer("/town/tide-clock", None);
    let again = english.answer("/town/tide-clock", first.etag.as_deref());
    assert_eq!(again.status, 200);
    assert!(String::from_utf8(again.body).unwrap().contains("jackdaw"));
    let settled = english.answer("/town/tide-clock", again.etag.as_deref());
    assert_eq!(settled.status, 304);
}

#[tokio::test]
async fn the_server_answers_what_it_must_and_no_more() {
    let demo = Demo::start().await.unwrap();
    let long = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(16 * 1024 - 18));
    for (request, begins, ends) in [
        (
            "GET /robots.txt HTTP/1.1\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\n",
            "news-sitemap.xml\n",
        ),
        (
            "HEAD / HTTP/1.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n",
            "Connection: close\r\n\r\n",
        ),
        (
            "GET /x HTTP/1.0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\n",
            "page\n",
        ),
        (
            "POST / HTTP/1.1\r\n\r\n",
            "HTTP/1.1 405 Method Not Allowed\r\n",
            "HEAD\n",
        ),
        ("GET\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "path\n"),
        ("\u{0}\u{7f}\r\n\r\n", "HTTP/1.1 405 ", "HEAD\n"),
        (&long, "HTTP/1.1 431 ", "long\n"),
    ] {
        let address = demo.fronts()[0]
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.starts_with(begins) && answer.ends_with(ends),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_crawl_finds_what_is_there_and_asks_for_nothing_that_is_closed() {
    let demo = Demo::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let start = Start::Crawl {
            seeds: demo.seeds().unwrap(),
            fresh: false,
            given: Overrides::default(),
        };
        let run = crawl::run(demo.config(folder.path()), start, Box::new(|_| ()));
        assert_eq!(run.await.unwrap().unwrap().failed_sites, []);
    }
    let reader = Reader::open(folder.path()).unwrap();
    let rows = reader.articles().unwrap().map(Result::unwrap);
    let rows: BTreeMap<String, _> = rows.map(|row| (row.url.clone(), row)).collect();
    let mut wanted = BTreeSet::new();
    for site in &demo.sites {
        for story in &site.paper.stories {
            let url = site.paper.url(story.path).to_string();
            let row = rows
                .get(&url)
                .unwrap_or_else(|| panic!("{url} was not found"));
            let fields = row.fields().unwrap();
            assert_eq!(fields["title"], story.title);
            assert_eq!(fields["authors"][0], story.author, "{url}");
            assert_eq!(
                fields["published"].as_str().unwrap()[..10],
                story.published[..10],
                "{url}"
            );
            let text = fields["text"].as_str().unwrap();
            let text = text
                .strip_prefix(story.subtitle)
                .map_or(text, str::trim_start);
            assert_eq!(text, story.text(true), "{url}");
            assert_eq!(
                row.versions,
                if story.is_updated() { 2 } else { 1 },
                "{url}"
            );
            let charset = if story.has("legacy") {
                "windows-1256"
            } else {
                "UTF-8"
            };
            assert_eq!(row.charset.as_deref(), Some(charset), "{url}");
            wanted.insert(url);
        }
        let closed = site.paper.url(site.paper.edition.words().closed);
        let times = |begins: &str| {
            let asked = site.asked();
            asked.iter().filter(|path| path.starts_with(begins)).count()
        };
        assert_eq!((times(closed.path()), times("/robots.txt")), (0, 1));
    }
    assert_eq!(rows.into_keys().collect::<BTreeSet<_>>(), wanted);
    tells_what_it_found(&demo, &reader);
}

fn tells_what_it_found(demo: &Demo, reader: &Reader) {
    let found = demo.found(reader).unwrap();
    for line in [
        "English (13 stories)\n",
        "Arabic (11 stories)\n",
        "  2026-01-14  عودة المياه إلى الحيّ القديم في الرملة\n",
        "  2026-01-22  Baker finds a second oven behind the first\n",
        "/desk/ is closed by robots.txt and linked to: 0 requests",
        "/مكتب/ is closed by robots.txt and linked to: 0 requests",
        "/2019/lens led to a story",
        "/town/fog-signal says that it is not there",
        "“Tide clock stops for the first time since 1931”: 2 versions are kept",
        "“قارب الجد يبحر بعد ترميم دام ثلاث سنوات” came in windows-1256",
        "“Storm wall across the bay to be raised by a metre” is agency copy",
        "came as 304",
    ] {
        assert!(found.contains(line), "no `{line}` in:\n{found}");
    }
}

#[test]
fn only_the_agency_story_is_told_twice() {
    let mut prints = Vec::new();
    for site in papers() {
        for story in &site.paper.stories {
            prints.push((story.path, Fingerprint::of(&story.text(false))));
        }
    }
    for (at, (path, one)) in prints.iter().enumerate() {
        for (other, print) in &prints[at + 1..] {
            let copies = path.ends_with("storm-wall") && other.ends_with("storm-wall");
            let distance = one.distance(*print);
            assert_eq!(distance <= 10, copies, "{path} and {other}: {distance}");
        }
    }
}
