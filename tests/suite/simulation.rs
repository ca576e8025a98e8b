//! The whole loop on paused time, with a network that exists only here.

use bytes::Bytes;
use gleaner::clock::{Clock, Millis};
use gleaner::config::{Config, Overrides};
use gleaner::crawl::{self, Start, Stop};
use gleaner::fetch::{Ask, Capture, Failure, Fetch, FetchOutcome};
use gleaner::normal::NormalUrl;
use gleaner::politeness::Permit;
use gleaner::seeds::Seed;
use gleaner::stats::Ending;
use http::{HeaderMap, HeaderValue, Version, header};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

const HOSTS: usize = 50;
const STORIES: usize = 150;
/// A host that is too busy at first: its page number 3 is refused once, for two hours.
const BUSY: usize = 7;
/// `GAP` in milliseconds.
const GAP_MS: Millis = 18 * 60_000;
const SILENCE: Millis = 2 * 3_600_000;

#[derive(Clone, Debug)]
struct Asked {
    host: String,
    path: String,
    started: Millis,
    ended: Millis,
}

#[derive(Clone)]
struct Net {
    clock: Clock,
    log: Arc<Mutex<Vec<Asked>>>,
    /// What each answer takes besides the host's own time.
    pause: Duration,
}

impl Net {
    fn times(&self, host: &str, path: &str) -> usize {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter(|seen| seen.host == host && seen.path == path)
            .count()
    }
}

impl Fetch for Net {
    async fn fetch(&self, permit: Permit, _ask: Ask) -> FetchOutcome {
        let url = permit.url().clone();
        let host = url.url().host_str().unwrap().to_owned();
        let path = url.url().path().to_owned();
        let number: usize = host
            .trim_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .unwrap();
        let started = self.clock.now();
        let own = Duration::from_millis(50 + 10 * number as u64);
        tokio::time::sleep(self.pause + own).await;
        let ended = self.clock.now();
        let busy = number == BUSY && path == "/story/3" && self.times(&host, &path) == 0;
        self.log.lock().unwrap().push(Asked {
            host,
            path: path.clone(),
            started,
            ended,
        });
        if busy {
            return FetchOutcome::Refused(capture(url, (started, ended), 503, String::new()));
        }
        FetchOutcome::Fetched(capture(url, (started, ended), 200, page(&path)))
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let number: u8 = host
            .trim_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .unwrap();
        Ok(vec![IpAddr::V4(Ipv4Addr::new(127, 1, 1, number))])
    }
}

fn page(path: &str) -> String {
    let links = |range: std::ops::Range<usize>| -> String {
        let anchors: Vec<_> = range
            .map(|n| format!("<a href='/story/{n}'>story {n}</a>"))
            .collect();
        anchors.join(" ")
    };
    match path {
        "/robots.txt" => "User-agent: *\nDisallow: /private/\n".to_owned(),
        "/" => format!(
            "<title>front</title><a href='/private/x'>x</a>{}",
            links(0..STORIES)
        ),
        _ => {
            let story = format!("The council of {path} met on Monday and voted on the harbour budget after a long debate. ").repeat(8);
            format!(
                "<title>{path}</title><article><h1>Story {path}</h1><p>{story}</p></article>{}",
                links(0..5)
            )
        }
    }
}

fn capture(
    url: NormalUrl,
    (started, ended): (Millis, Millis),
    status: u16,
    body: String,
) -> Capture {
    let mut headers = HeaderMap::new();
    let kind = if url.as_str().ends_with("robots.txt") {
        "text/plain"
    } else {
        "text/html; charset=utf-8"
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(SILENCE / 1_000));
    }
    let body = Bytes::from(body);
    Capture {
        request: Bytes::from(format!("GET {} HTTP/1.1\r\n\r\n", url.url().path())),
        url,
        started,
        ended,
        address: None,
        version: Version::HTTP_11,
        status,
        headers,
        sent: body.clone(),
        body,
        cut: None,
    }
}

fn seed(n: usize) -> Seed {
    Seed {
        url: NormalUrl::parse(&format!("http://host{n}.example/")).unwrap(),
        depth: None,
        max_pages: None,
        file: None,
        line: n,
    }
}

fn config(data: &std::path::Path) -> Config {
    let mut config = Config::default();
    config.rights.tdmrep = false;
    config.crawl.data = data.into();
    config.politeness.allow_private = true;
    config.politeness.min_delay = Duration::from_millis(GAP_MS);
    config.politeness.per_address = 1;
    config.store.group_wait = Duration::from_mins(2);
    config
}

/// Fifty hosts, two virtual days: every story once, every gap kept, in seconds of real time.
#[tokio::test(start_paused = true)]
async fn two_days_of_fifty_hosts_pass_in_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(1_750_000_000_000);
    let net = Net {
        clock,
        log: Arc::default(),
        pause: Duration::ZERO,
    };
    let start = Start::Crawl {
        seeds: (0..HOSTS).map(seed).collect(),
        fresh: false,
        given: Overrides::default(),
    };
    let (_stop, stopped) = watch::channel(Stop::No);
    let real = std::time::Instant::now();
    let begun = clock.now();
    let (config, unseen) = (config(folder.path()), Box::new(|_: &_| {}));
    let engine = crawl::open(config, start, net.clone(), clock, stopped, unseen)
        .await
        .unwrap()
        .unwrap();
    let summary = engine.run().await.unwrap();
    let virtual_hours = (clock.now() - begun) / 3_600_000;
    println!("{virtual_hours} virtual hours in {:.1?}", real.elapsed());
    assert!(virtual_hours >= 45, "{virtual_hours} hours");
    assert_eq!(summary.ending, Ending::Finished);
    assert_eq!(summary.new_articles, (HOSTS * STORIES) as u64);
    let log = net.log.lock().unwrap();
    let mut by_host: HashMap<&str, Vec<&Asked>> = HashMap::new();
    for asked in log.iter() {
        by_host.entry(&asked.host).or_default().push(asked);
    }
    assert_eq!(by_host.len(), HOSTS);
    for (host, asked) in by_host {
        let busy = usize::from(host == format!("host{BUSY}.example"));
        assert_eq!(asked[0].path, "/robots.txt", "{host}");
        // A copy of the rules is good for 24 hours, so they are asked for twice.
        let rules = asked.iter().filter(|seen| seen.path == "/robots.txt");
        assert_eq!(rules.count(), 2, "{host}");
        assert_eq!(asked.len(), 2 + 1 + STORIES + busy, "{host}");
        assert!(
            !asked.iter().any(|seen| seen.path.starts_with("/private/")),
            "{host}"
        );
        for pair in asked.windows(2) {
            let gap = pair[1].started - pair[0].ended;
            assert!(gap >= GAP_MS, "{host}: {gap} ms before {}", pair[1].path);
        }
        if busy == 1 {
            let refused = asked
                .iter()
                .position(|seen| seen.path == "/story/3")
                .unwrap();
            assert!(asked[refused + 1].started - asked[refused].ended >= SILENCE);
        }
    }
}

/// Slow hosts share half of the slots, and none is forgotten while others hold them.
#[tokio::test(start_paused = true)]
async fn more_slow_hosts_than_room_for_them_are_all_read_to_the_end() {
    const SLOW_HOSTS: usize = 9;
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(1_750_000_000_000);
    let net = Net {
        clock,
        log: Arc::default(),
        pause: Duration::from_secs(3),
    };
    let mut config = config(folder.path());
    config.crawl.in_flight = 2;
    config.politeness.min_delay = Duration::from_secs(1);
    config.store.group_wait = Duration::from_millis(50);
    let start = Start::Crawl {
        seeds: (0..SLOW_HOSTS).map(seed).collect(),
        fresh: false,
        given: Overrides::default(),
    };
    let (_stop, stopped) = watch::channel(Stop::No);
    let engine = crawl::open(config, start, net, clock, stopped, Box::new(|_| {}))
        .await
        .unwrap()
        .unwrap();
    let summary = engine.run().await.unwrap();
    assert_eq!(summary.ending, Ending::Finished);
    assert_eq!(summary.new_articles, (SLOW_HOSTS * STORIES) as u64);
}

/// Nothing listens there.
#[derive(Clone)]
struct Closed {
    clock: Clock,
    asked: Arc<Mutex<Vec<(String, Millis)>>>,
}

impl Fetch for Closed {
    async fn fetch(&self, permit: Permit, _ask: Ask) -> FetchOutcome {
        let now = self.clock.now();
        let path = permit.url().url().path().to_owned();
        self.asked.lock().unwrap().push((path, now));
        FetchOutcome::Failed {
            kind: Failure::Connect,
            started: now,
            ended: now,
            detail: "connection refused".to_owned(),
        }
    }

    async fn resolve(&self, _host: &str) -> Result<Vec<IpAddr>, String> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

/// Four tries, at least 5, 10 and 20 s apart, all of them for the rules; then the site has failed.
#[tokio::test(start_paused = true)]
async fn a_closed_port_is_tried_four_times() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(1_750_000_000_000);
    let net = Closed {
        clock,
        asked: Arc::default(),
    };
    let mut config = Config::default();
    config.rights.tdmrep = false;
    config.crawl.data = folder.path().into();
    config.politeness.allow_private = true;
    let start = Start::Crawl {
        seeds: vec![seed(1)],
        fresh: false,
        given: Overrides::default(),
    };
    let (_stop, stopped) = watch::channel(Stop::No);
    let engine = crawl::open(config, start, net.clone(), clock, stopped, Box::new(|_| {}))
        .await
        .unwrap()
        .unwrap();
    let summary = engine.run().await.unwrap();
    assert_eq!(summary.ending, Ending::Finished);
    let failed: Vec<_> = summary
        .failed_sites
        .iter()
        .map(|site| (&*site.site, &*site.why))
        .collect();
    assert_eq!(
        failed,
        [(
            "host1.example",
            "robots unreachable: no good answer to robots.txt came (connection refused)"
        )]
    );
    let asked = net.asked.lock().unwrap();
    assert!(asked.iter().all(|(path, _)| path == "/robots.txt"));
    assert_eq!(asked.len(), 4);
    assert!(clock.now() - asked[3].1 < 1_000, "it waits for nothing");
    for (pair, least) in asked.windows(2).zip([5_000, 10_000, 20_000]) {
        // The site's own pause doubles as well, with up to a quarter more each time.
        let gap = pair[1].1 - pair[0].1;
        assert!(
            (least..=least * 8 / 5).contains(&gap),
            "{gap} ms, not {least}"
        );
    }
}
