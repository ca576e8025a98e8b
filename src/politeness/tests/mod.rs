//! Politeness as a whole, on times that are plain values.

mod gaps;
mod quotas;
mod robots_txt;
mod verdicts;

use super::*;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Some moment: 2025-06-15T15:06:40Z.
const START: Millis = 1_750_000_000_000;
const PAGE: &str = "https://paper.example/story";
const ANY_PAGE: Purpose = Purpose::Page { seed: 1 };
const PUBLIC: [u8; 4] = [93, 184, 216, 34];

/// A crawl of a few hosts: time moves only when it is told to.
struct Crawl {
    politeness: Politeness,
    now: Millis,
}

fn config() -> Config {
    let mut config = Config::default();
    config.rights.tdmrep = false;
    config.crawl.contact = Some("https://gleaner.example/".into());
    config
}

fn url(text: &str) -> NormalUrl {
    NormalUrl::parse(text).unwrap()
}

fn page() -> NormalUrl {
    url(PAGE)
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (
            HeaderName::try_from(*name).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    pairs.iter().map(pair).collect()
}

fn answer(status: u16, pairs: &[(&str, &str)], body: &str) -> RobotsAnswer {
    RobotsAnswer::Answered {
        status,
        headers: headers(pairs),
        body: Bytes::copy_from_slice(body.as_bytes()),
        whole: true,
    }
}

fn refused(status: u16, retry_after: Option<&str>) -> Signal {
    Signal::Refused {
        status,
        retry_after: retry_after.map(str::to_owned),
    }
}

impl Crawl {
    fn new(config: &Config) -> Self {
        Self {
            politeness: Politeness::new(config, "gleaner"),
            now: START,
        }
    }

    /// A crawl that knows `paper.example` and its robots.txt.
    fn with_robots(config: &Config, body: &str) -> Self {
        let mut crawl = Self::new(config);
        crawl.resolve(&page());
        let answer = answer(200, &[], body);
        crawl
            .politeness
            .robots_answered(&page().robots_unit(), answer, START);
        crawl
    }

    fn resolve(&mut self, url: &NormalUrl) {
        let host = url.url().host_str().unwrap();
        self.politeness
            .resolved(host, Ok(vec![PUBLIC.into()]), self.now);
    }

    fn ask(&mut self, url: &NormalUrl, purpose: Purpose) -> Verdict {
        self.politeness.admit(url, purpose, self.now)
    }

    fn page(&mut self, url: &NormalUrl) -> Verdict {
        self.ask(url, ANY_PAGE)
    }

    /// Waits until the URL may be asked for, resolving its host again when need be.
    fn go(&mut self, url: &NormalUrl, purpose: Purpose) -> Permit {
        for _ in 0..20 {
            match self.ask(url, purpose) {
                Verdict::Go(permit) => return permit,
                Verdict::WaitUntil(then) => {
                    assert!(then > self.now, "a wait that has passed");
                    self.now = then;
                }
                Verdict::NeedsAddress(_) => self.resolve(url),
                Verdict::NeedsCharge(charge) => self.politeness.charged(charge),
                other => panic!("{url}: {other:?}"),
            }
        }
        panic!("{url} is never admitted");
    }

    /// The request takes `took` and ends with `signal`.
    fn end(&mut self, url: &NormalUrl, took: Millis, signal: Signal) -> UnitState {
        let report = Report {
            started: self.now,
            ended: self.now + took,
            signal,
        };
        self.now += took;
        self.politeness.finished(&url.budget_unit(), report)
    }

    /// One whole visit; returns how long the gap before the next one is.
    fn visit(&mut self, url: &NormalUrl, took: Millis, signal: Signal) -> Millis {
        self.go(url, ANY_PAGE);
        let state = self.end(url, took, signal);
        state.next_allowed.saturating_sub(self.now)
    }

    /// Asks for the robots.txt when its time has come and hands the answer over.
    fn robots(&mut self, page: &NormalUrl, answer: RobotsAnswer) -> RobotsNext {
        let unit = page.robots_unit();
        let robots_txt = unit.robots_txt().unwrap();
        self.go(&robots_txt, Purpose::Robots);
        self.end(&robots_txt, 10, Signal::Fine);
        self.politeness.robots_answered(&unit, answer, self.now)
    }

    fn refusal(&mut self, url: &NormalUrl) -> Refusal {
        match self.page(url) {
            Verdict::Never(refusal) => refusal,
            other => panic!("{url}: {other:?}"),
        }
    }
}
