//! What a site sees of a crawl: in which order, how far apart and how many at once requests come,
//! and which never come.
//!
//! Times are real and only held from below: a gap may be longer than asked for, never shorter.
//! A request came when the site had its head, and an answer ended when its last bytes were about
//! to be written, so that a busy machine can only make a gap look longer.

use crate::support::answer::{Answer, Then};
use crate::support::news::{Story, front, rss, sitemap, stories};
use crate::support::site::{Running, Seen, Site};
use crate::support::user::User;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn html(body: &str) -> Answer {
    Answer::html(body)
}

fn text(body: &str) -> Answer {
    Answer::of(200, &[("Content-Type", "text/plain")], body)
}

/// From the end of one answer to the next request.
#[track_caller]
fn gap(before: &Seen, next: &Seen) -> Duration {
    let ended = before.ended.expect("an answer that ended");
    next.at
        .checked_duration_since(ended)
        .unwrap_or_else(|| panic!("{} came before {} ended", next.target, before.target))
}

/// What was asked for, each once.
fn asked(site: &Running) -> BTreeSet<String> {
    site.targets().into_iter().collect()
}

#[tokio::test]
async fn nothing_is_asked_before_robots_txt_has_answered() {
    let story = Story::at("/story");
    let site = Site::new()
        .robots("User-agent: *\nDisallow:\n")
        .delay(ms(300))
        .page("/", &front(std::slice::from_ref(&story)))
        .page("/section", "<a href='/moved'>A story that has moved</a>")
        .script("/moved", |seen| {
            let host = seen.header("Host").unwrap();
            let to = format!("http://{}/story", host.replace("www.", "m."));
            Answer::of(302, &[("Location", &to)], "")
        })
        .stories(&[story])
        .start()
        .await;
    // A name, another name that its redirect leads to, and the address itself: three robots.txt.
    let seeds = [
        site.url_at("www.paper.localhost", "/section"),
        site.url("/"),
    ];
    let user = User::quick().file("seeds.txt", seeds.join("\n"));
    user.runs("crawl seeds.txt").await.exits(0);

    let mut hosts: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for seen in site.requests() {
        let host = seen.header("Host").unwrap();
        hosts.entry(host).or_default().push(seen);
    }
    assert_eq!(hosts.len(), 3, "{:?}", hosts.keys());
    for (host, seen) in hosts {
        assert_eq!(seen[0].target, "/robots.txt", "{host}");
        assert!(seen.len() > 1, "{host} was asked for nothing else");
        for page in &seen[1..] {
            assert_ne!(page.target, "/robots.txt", "{host}");
            gap(&seen[0], page);
        }
    }
}

#[tokio::test]
async fn what_robots_txt_forbids_is_never_asked_for() {
    const RULES: &str = "\
User-agent: *
Disallow: /closed/
Allow: /closed/open$
Disallow: /*?print
Disallow: /سر/
Sitemap: /sitemap.xml
";
    let closed = Site::new()
        .robots("User-agent: *\nDisallow: /\n")
        .start()
        .await;
    let away = closed.url("/story");
    let link = |path: &str| format!("<li><a href='{path}'>Whatever is said of {path}</a></li>");
    let links = [
        "/closed/by-link",
        "/closed/open",
        "/story?print=1",
        "/سر/قصة",
        "/moved",
        "/away",
    ];
    let head = "<link rel='alternate' type='application/rss+xml' href='/feed'>";
    let page = format!("{head}<h1>Front</h1>{}", links.map(link).concat());
    let base = "http://127.0.0.1";
    let feed = rss("", &[Story::at("/closed/by-feed")]).replace(base, "");
    let site = Site::new()
        .robots(RULES)
        .page("/", &page)
        .answer(
            "/feed",
            Answer::of(200, &[("Content-Type", "text/xml")], feed),
        )
        .script("/sitemap.xml", |seen| {
            let base = format!("http://{}", seen.header("Host").unwrap());
            text(&sitemap(&base, &["/closed/by-sitemap", "/story"]))
        })
        .redirect("/moved", "/closed/by-redirect")
        .redirect("/away", &away)
        .page("/closed/open", "<h1>Open</h1>")
        .stories(&[Story::at("/story")])
        .start()
        .await;
    let seeds = [site.url("/"), site.url("/closed/seed"), closed.url("/")];
    let user = User::quick().file("seeds.txt", seeds.join("\n"));
    let ended = user.runs("crawl seeds.txt").await;
    ended.exits(0).says("robots");

    let open = [
        "/",
        "/away",
        "/closed/open",
        "/feed",
        "/moved",
        "/robots.txt",
        "/sitemap.xml",
        "/story",
    ];
    assert_eq!(asked(&site), open.map(str::to_owned).into());
    assert_eq!(closed.targets(), ["/robots.txt"]);
}

/// A crawl whose requests are to be so far apart.
struct Pace {
    what: &'static str,
    robots: &'static str,
    settings: &'static [(&'static str, &'static str)],
    /// The host names that the site is asked by; they share one budget.
    hosts: &'static [&'static str],
    gap: Duration,
    /// And as many times as long as the answer took.
    factor: u32,
}

const PACES: [Pace; 5] = [
    Pace {
        what: "min_delay",
        robots: "",
        settings: &[("GLEANER_MIN_DELAY", "250ms")],
        hosts: &["127.0.0.1"],
        gap: ms(250),
        factor: 0,
    },
    Pace {
        what: "Crawl-delay",
        robots: "User-agent: gleaner\nCrawl-delay: 0.4\n",
        settings: &[("GLEANER_MIN_DELAY", "50ms")],
        hosts: &["127.0.0.1"],
        gap: ms(400),
        factor: 0,
    },
    Pace {
        what: "min_delay where Crawl-delay is shorter",
        robots: "User-agent: *\nCrawl-delay: 0.1\n",
        settings: &[("GLEANER_MIN_DELAY", "300ms")],
        hosts: &["127.0.0.1"],
        gap: ms(300),
        factor: 0,
    },
    Pace {
        what: "delay_factor",
        robots: "",
        settings: &[("GLEANER_DELAY_FACTOR", "4")],
        hosts: &["127.0.0.1"],
        gap: ms(0),
        factor: 4,
    },
    Pace {
        what: "all hosts of a domain",
        robots: "",
        settings: &[("GLEANER_MIN_DELAY", "250ms")],
        hosts: &[
            "www.paper.localhost",
            "m.paper.localhost",
            "paper.localhost",
        ],
        gap: ms(250),
        factor: 0,
    },
];

impl Pace {
    /// Answers take their time in the middle, so that a gap counted from their start is too short.
    async fn is_kept(&self) {
        let slow = |body: &str| {
            let whole = Answer::html(body).pieces.remove(0).1;
            let rest = whole.len() - 5;
            Answer {
                pieces: vec![
                    (ms(0), whole[..rest].to_vec()),
                    (ms(80), whole[rest..].to_vec()),
                ],
                then: Then::Keep,
            }
        };
        let news = stories(2);
        let mut site = Site::new()
            .robots(self.robots)
            .answer("/", slow(&front(&news)));
        for story in &news {
            site = site.answer(&story.path, slow(&story.html()));
        }
        let site = site.start().await;
        let seeds: Vec<String> = self
            .hosts
            .iter()
            .map(|host| site.url_at(host, "/"))
            .collect();
        let mut user = User::quick().file("seeds.txt", seeds.join("\n"));
        for (variable, value) in self.settings {
            user = user.set(variable, value);
        }
        user.runs("crawl seeds.txt").await.exits(0);

        let seen = site.requests();
        assert_eq!(seen.len(), 4 * self.hosts.len(), "{}", self.what);
        for pair in seen.windows(2) {
            let (found, took) = (gap(&pair[0], &pair[1]), pair[0].ended.unwrap() - pair[0].at);
            let wanted = self.gap.max(took * self.factor);
            let what = format!("{}: {} to {}", self.what, pair[0].target, pair[1].target);
            assert!(found >= wanted, "{what}: {found:?}, not {wanted:?}");
        }
    }
}

#[tokio::test]
async fn gaps_count_from_the_end_of_an_answer() {
    join_all(PACES.iter().map(Pace::is_kept)).await;
}

#[tokio::test]
async fn a_site_never_has_two_requests_open() {
    let news = stories(8);
    let mut site = Site::new().page("/", &front(&news)).delay(ms(20));
    for story in &news {
        site = site.page(&story.path, &story.html()).delay(ms(20));
    }
    let site = site.start().await;
    // Hosts of one domain are one site.
    let seeds =
        ["www", "m", "news"].map(|host| site.url_at(&format!("{host}.paper.localhost"), "/"));
    let user = User::quick().file("seeds.txt", seeds.join("\n"));
    user.runs("crawl seeds.txt").await.exits(0);
    assert_eq!(site.requests().len(), 3 * 10);
    assert!(site.requests().iter().all(|seen| seen.in_flight == 1));
}

/// A refusal, and the silence that it asks for.
struct Refusal {
    status: u16,
    /// Retry-After, given when it is asked.
    retry_after: fn() -> Option<String>,
    /// From the request that was refused to the next.
    silence: Duration,
}

/// Two seconds from now in whole seconds, so at least one second from now.
fn date() -> String {
    let then = jiff::Timestamp::now() + ms(2_000);
    then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

const REFUSALS: [Refusal; 6] = [
    Refusal {
        status: 429,
        retry_after: || Some("2".to_owned()),
        silence: ms(2_000),
    },
    Refusal {
        status: 503,
        retry_after: || Some("2".to_owned()),
        silence: ms(2_000),
    },
    Refusal {
        status: 429,
        retry_after: || Some(date()),
        silence: ms(1_000),
    },
    Refusal {
        status: 503,
        retry_after: || Some(date()),
        silence: ms(1_000),
    },
    Refusal {
        status: 429,
        retry_after: || None,
        silence: ms(1_000),
    },
    Refusal {
        status: 503,
        retry_after: || Some("soon".to_owned()),
        silence: ms(1_000),
    },
];

impl Refusal {
    async fn is_obeyed(&self) {
        let news = stories(3);
        let (status, retry_after, page) = (self.status, self.retry_after, news[0].html());
        let times = AtomicUsize::new(0);
        let refusing = move |_: &Seen| match times.fetch_add(1, Ordering::SeqCst) {
            0 => {
                let refused = Answer::of(status, &[], "not now");
                retry_after().map_or(refused.clone(), |value| refused.with("Retry-After", &value))
            }
            _ => html(&page),
        };
        let site = Site::new().news(&news).script("/story/0", refusing);
        let site = site.start().await;
        let user = User::quick();
        user.runs(&format!("crawl {}", site.url("/")))
            .await
            .exits(0);

        let seen = site.requests();
        let refused = seen
            .iter()
            .position(|seen| seen.target == "/story/0")
            .unwrap();
        let silence = seen[refused + 1].at - seen[refused].at;
        assert!(
            silence >= self.silence,
            "{status}: {silence:?}, not {:?}",
            self.silence
        );
        // The page that was refused is asked for again, and nothing is lost.
        assert_eq!(
            user.stories(&site).await,
            ["/story/0", "/story/1", "/story/2"]
        );
    }
}

#[tokio::test]
async fn a_refusal_is_followed_by_the_silence_that_it_asks_for() {
    join_all(REFUSALS.iter().map(Refusal::is_obeyed)).await;
}

/// A robots.txt that cannot be had: what is asked for, and how often at most.
async fn is_left_alone(what: &str, site: Site) {
    let site = site.news(&stories(1)).start().await;
    let user = User::quick().set("GLEANER_POLITENESS_ROBOTS_TRIES", "2");
    let ended = user.runs(&format!("crawl {}", site.url("/"))).await;
    ended.exits(3).says(&site.address().to_string());
    let targets = site.targets();
    let only = targets.iter().all(|target| target.contains("robots"));
    assert!(only && !targets.is_empty(), "{what}: {targets:?}");
    assert!(user.stories(&site).await.is_empty(), "{what}");
}

#[tokio::test]
async fn without_an_answer_to_robots_txt_nothing_is_asked_and_the_crawl_ends_with_3() {
    let answering = |status| {
        let answer = Answer::of(status, &[("Content-Type", "text/plain")], "");
        Site::new().answer("/robots.txt", answer)
    };
    let turning = Site::new()
        .redirect("/robots.txt", "/robots2")
        .redirect("/robots2", "/robots.txt");
    let cut = Answer::bytes(
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nUser-agent: *\n",
        Then::Close,
    );
    let sites = [
        ("500", answering(500)),
        ("503", answering(503)),
        ("429", answering(429)),
        ("401", answering(401)),
        ("403", answering(403)),
        ("no answer", Site::new().close("/robots.txt")),
        ("a redirect without end", turning),
        ("half an answer", Site::new().answer("/robots.txt", cut)),
    ];
    join_all(sites.map(|(what, site)| is_left_alone(what, site))).await;
}

#[tokio::test]
async fn a_site_without_a_robots_txt_is_crawled() {
    for status in [404, 410] {
        let site = Site::new().status("/robots.txt", status).news(&stories(2));
        let site = site.start().await;
        let user = User::quick();
        user.runs(&format!("crawl {}", site.url("/")))
            .await
            .exits(0);
        assert_eq!(user.stories(&site).await, ["/story/0", "/story/1"]);
    }
}

#[tokio::test]
async fn a_page_that_an_outage_cost_is_asked_for_by_the_next_crawl() {
    let story = Story::at("/story");
    let page = story.html();
    let asked_for = AtomicUsize::new(0);
    let site = Site::new()
        .page("/", &front(std::slice::from_ref(&story)))
        .script("/story", move |_| {
            match asked_for.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => Answer::of(502, &[], ""),
                _ => Answer::html(&page),
            }
        })
        .start()
        .await;
    let user = User::quick()
        .set("GLEANER_POLITENESS_PAGE_TRIES", "2")
        .set("GLEANER_POLITENESS_PAGE_RETRY", "10ms");
    let crawl = format!("crawl {}", site.url("/"));
    user.runs(&crawl).await.exits(0).says("http 502");
    assert!(user.stories(&site).await.is_empty());
    user.runs(&crawl).await.exits(0);
    assert_eq!(user.stories(&site).await, ["/story"]);
    assert_eq!(site.times_asked("/story"), 3);
}

#[tokio::test]
async fn a_robots_txt_under_way_is_not_asked_for_again() {
    let story = Story::at("/story");
    let slow = Site::new()
        .answer(
            "/robots.txt",
            text("User-agent: *\nDisallow: /x\n").after(ms(700)),
        )
        .page("/", &front(std::slice::from_ref(&story)))
        .stories(std::slice::from_ref(&story))
        .start()
        .await;
    let quick = Site::new()
        .page(
            "/",
            &format!("<a href='{}'>A story elsewhere</a>", slow.url("/story")),
        )
        .start()
        .await;
    let user = User::quick();
    let crawl = format!("crawl {} {}", slow.url("/"), quick.url("/"));
    user.runs(&crawl).await.exits(0);
    assert_eq!(user.stories(&slow).await, ["/story"]);
    assert_eq!(slow.times_asked("/robots.txt"), 1);
}

#[tokio::test]
async fn a_kill_within_the_first_request_does_not_shorten_the_gap() {
    const GAP: u64 = 900;
    let site = Site::new()
        .answer("/robots.txt", text("").after(ms(400)))
        .page("/", "<p>nothing here")
        .start()
        .await;
    let user = User::quick().set("GLEANER_MIN_DELAY", "900ms");
    let crawl = format!("crawl {}", site.url("/"));
    let started = user.starts(&crawl);
    site.is_asked_for("/robots.txt").await;
    started.kill();
    user.runs(&crawl).await.exits(0);
    let asked = site.requests();
    assert!(asked[1].at - asked[0].at >= ms(GAP), "{asked:?}");
}
