//! One GET against a real socket: heads, bodies and ends of every kind.

mod bodies;
mod connections;
mod heads;

use crate::support::site::Running;
use gleaner::clock::Clock;
use gleaner::config::Config;
use gleaner::fetch::{Ask, Capture, Failure, Fetch, FetchOutcome, Fetcher, Wants};
use gleaner::normal::NormalUrl;
use gleaner::politeness::{Permit, Politeness, Purpose, RobotsAnswer, Verdict};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Bodies of the tests are cut here.
const MAX_BODY: u64 = 1 << 20;

/// Settings for loopback, with a deadline that a test can wait for.
fn config() -> Config {
    let mut config = Config::default();
    config.politeness.allow_private = true;
    config.rights.tdmrep = false;
    config.crawl.contact = Some("https://gleaner.example/about".to_owned());
    config.fetch.page_deadline = Duration::from_millis(1500);
    config
}

fn fetcher() -> Fetcher {
    Fetcher::new(&config(), Clock::system()).unwrap()
}

fn ask() -> Ask {
    Ask {
        max_body: MAX_BODY,
        wants: Wants::Page,
        validators: None,
        headers: Vec::new(),
        cookies: None,
    }
}

/// A permit in the only way there is: politeness gives it.
fn permit(url: &str) -> Permit {
    let url = NormalUrl::parse(url).unwrap();
    let mut politeness = Politeness::new(&config(), "gleaner");
    if let Some(name) = url.url().domain() {
        politeness.resolved(name, Ok(vec![IpAddr::from(Ipv4Addr::LOCALHOST)]), 1);
    }
    let none = RobotsAnswer::Answered {
        status: 404,
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
        whole: true,
    };
    politeness.robots_answered(&url.robots_unit(), none, 1);
    match politeness.admit(&url, Purpose::Page { seed: 1 }, 1) {
        Verdict::Go(permit) => permit,
        other => panic!("no permit for {url}: {other:?}"),
    }
}

async fn get(site: &Running, path: &str) -> FetchOutcome {
    fetcher().fetch(permit(&site.url(path)), ask()).await
}

fn fetched(outcome: FetchOutcome) -> Capture {
    match outcome {
        FetchOutcome::Fetched(capture) => capture,
        other => panic!("not fetched: {other:?}"),
    }
}

fn refused(outcome: FetchOutcome) -> Capture {
    match outcome {
        FetchOutcome::Refused(capture) => capture,
        other => panic!("not refused: {other:?}"),
    }
}

fn failure(outcome: &FetchOutcome) -> Failure {
    match outcome {
        FetchOutcome::Failed { kind, .. } => *kind,
        other => panic!("not failed: {other:?}"),
    }
}
