//! What is known of one robots unit's robots.txt: the answer in force, tries, redirect hops.
//!
//! What a status means is RFC 9309 2.3.1, read strictly: without rules only a plain 4xx opens a
//! site, and a 3xx that leads nowhere because it has no Location.

use super::backoff::{self, LONGEST_ASKED};
use super::robots::{PARSED, Rules};
use crate::clock::Millis;
use crate::normal::{NormalUrl, RobotsUnit};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CACHE_CONTROL, ETAG, LAST_MODIFIED, LOCATION, RETRY_AFTER};

/// Redirects of a robots.txt that are followed (RFC 9309 2.3.1.2).
const HOPS: usize = 5;
/// A copy is never asked for again sooner, whatever Cache-Control says.
const SHORTEST_LIFETIME: Millis = 5 * 60_000;

/// What came of a request for a robots.txt or a hop of one.
#[derive(Clone, Debug)]
pub enum RobotsAnswer {
    /// An HTTP answer.
    Answered {
        /// Its status.
        status: u16,
        /// Its headers.
        headers: HeaderMap,
        /// Its body, decoded; [`super::ROBOTS_MAX_BODY`] bytes of it are enough.
        body: Bytes,
        /// The body is not cut short.
        whole: bool,
    },
    /// No answer, and why.
    Failed(String),
}

/// What to do after an answer to a robots.txt.
#[derive(Clone, Debug)]
pub enum RobotsNext {
    /// This is in force now; to be stored.
    Settled(RobotsCopy),
    /// Ask for this next, with [`super::Purpose::Robots`], and report the answer under the same
    /// robots unit: its rules bind that unit.
    Hop(NormalUrl),
    /// No page before a good answer; the robots.txt is to be asked for again then.
    RetryAt(Millis),
    /// No page in this run.
    GaveUp,
}

/// An answer to a robots.txt as the store keeps it. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotsCopy {
    /// Whose it is.
    pub unit: RobotsUnit,
    /// When it came, or was last confirmed.
    pub fetched: Millis,
    /// When it is to be asked for again.
    pub expires: Millis,
    /// Its status.
    pub status: u16,
    /// Its body, as far as it is parsed; empty unless the status is 2xx.
    pub body: Bytes,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// Which robots.txt is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotsFile {
    /// When it came, or was last confirmed.
    pub fetched: Millis,
    /// SHA-256 of its body, as far as it is parsed.
    pub sha256: [u8; 32],
    /// Its status.
    pub status: u16,
    /// Its `ETag`.
    pub etag: Option<String>,
}

/// The settings that robots.txt requests follow.
#[derive(Clone, Debug)]
pub(super) struct RobotsPolicy {
    pub(super) agent: String,
    /// Agents whose groups are kept as evidence.
    pub(super) watched: Vec<String>,
    pub(super) lifetime: Millis,
    pub(super) tries: u8,
    pub(super) retry: Millis,
}

/// May pages be asked for, as far as robots.txt goes?
pub(super) enum Access<'a> {
    Rules(&'a Rules),
    Forbidden(u16),
    /// Ask for the robots.txt, now or then.
    AskFrom(Millis),
    GaveUp,
}

#[derive(Debug, Default)]
pub(super) struct Standing {
    last: Option<InForce>,
    /// Failures since the last good answer.
    failures: u8,
    /// When the robots.txt may be asked for again.
    again: Millis,
    /// When it was asked for last, and when that failed.
    asked: Millis,
    failed: Millis,
    hops: Vec<NormalUrl>,
    gave_up: bool,
    /// When the site's tdmrep.json is to be asked for.
    pub(super) tdmrep_due: Millis,
}

#[derive(Debug)]
struct InForce {
    rules: Rules,
    sitemaps: Vec<String>,
    status: u16,
    fetched: Millis,
    expires: Millis,
    sha256: [u8; 32],
    etag: Option<String>,
    last_modified: Option<String>,
    body: Packed,
}

impl Standing {
    pub(super) fn access(&self, now: Millis) -> Access<'_> {
        match &self.last {
            _ if self.gave_up => Access::GaveUp,
            Some(last) if self.failures == 0 && now < last.expires => match last.status {
                401..=403 | 451 => Access::Forbidden(last.status),
                _ => Access::Rules(&last.rules),
            },
            _ => Access::AskFrom(self.again),
        }
    }

    pub(super) fn rules(&self) -> Option<&Rules> {
        self.last.as_ref().map(|last| &last.rules)
    }

    pub(super) fn file(&self) -> Option<RobotsFile> {
        self.last.as_ref().map(|last| RobotsFile {
            fetched: last.fetched,
            sha256: last.sha256,
            status: last.status,
            etag: last.etag.clone(),
        })
    }

    pub(super) fn sitemaps(&self) -> &[String] {
        self.last.as_ref().map_or(&[], |last| &last.sitemaps)
    }

    pub(super) fn validators(&self) -> (Option<&str>, Option<&str>) {
        let last = self.last.as_ref();
        (
            last.and_then(|last| last.etag.as_deref()),
            last.and_then(|last| last.last_modified.as_deref()),
        )
    }

    /// A request for the robots.txt itself was admitted.
    pub(super) fn asked(&mut self, now: Millis) {
        self.asked = now;
        self.hops.clear();
    }

    /// Takes up a stored copy.
    pub(super) fn take_up(&mut self, copy: RobotsCopy, policy: &RobotsPolicy) {
        let rules = Rules::parse_watching(&copy.body, &policy.agent, &policy.watched);
        let digest = ring::digest::digest(&ring::digest::SHA256, &copy.body);
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.as_ref());
        let robots_txt = copy.unit.robots_txt();
        self.last = Some(InForce {
            sitemaps: robots_txt.map_or_else(|_| Vec::new(), |url| rules.sitemaps(url.url())),
            rules,
            status: copy.status,
            fetched: copy.fetched,
            sha256,
            expires: copy
                .expires
                .min(copy.fetched.saturating_add(policy.lifetime)),
            etag: copy.etag,
            last_modified: copy.last_modified,
            body: Packed::new(&copy.body),
        });
        self.failures = 0;
        self.again = 0;
        self.hops.clear();
    }

    pub(super) fn answered(
        &mut self,
        unit: &RobotsUnit,
        answer: RobotsAnswer,
        policy: &RobotsPolicy,
        now: Millis,
    ) -> RobotsNext {
        let RobotsAnswer::Answered {
            status,
            headers,
            body,
            whole,
        } = answer
        else {
            return self.fail(None, policy, now);
        };
        let short = !whole && body.len() <= PARSED;
        let body = match status {
            206 => return self.fail(None, policy, now),
            200..=299 if short => return self.fail(None, policy, now),
            200..=299 => body.slice(..body.len().min(PARSED + 1)),
            304 => match self.body() {
                Some(body) => body,
                None => return self.fail(None, policy, now),
            },
            300..=399 => match text_of(&headers, &LOCATION) {
                Some(location) => return self.hop(unit, &location, policy, now),
                None => Bytes::new(),
            },
            400..=428 | 430..=499 => Bytes::new(),
            _ => return self.fail(text_of(&headers, &RETRY_AFTER), policy, now),
        };
        self.settle(unit, (status, &headers, body), policy, now)
    }

    fn settle(
        &mut self,
        unit: &RobotsUnit,
        (status, headers, body): (u16, &HeaderMap, Bytes),
        policy: &RobotsPolicy,
        now: Millis,
    ) -> RobotsNext {
        let kept = self.last.as_ref().filter(|_| status == 304);
        let copy = RobotsCopy {
            unit: unit.clone(),
            fetched: now,
            expires: now.saturating_add(lifetime(headers).map_or(policy.lifetime, |told| {
                told.max(SHORTEST_LIFETIME).min(policy.lifetime)
            })),
            status: kept.map_or(status, |last| last.status),
            body,
            etag: text_of(headers, &ETAG).or(kept.and_then(|last| last.etag.clone())),
            last_modified: text_of(headers, &LAST_MODIFIED)
                .or(kept.and_then(|last| last.last_modified.clone())),
        };
        self.take_up(copy.clone(), policy);
        RobotsNext::Settled(copy)
    }

    /// A sixth redirect and a loop won't mend themselves within a run.
    fn hop(
        &mut self,
        unit: &RobotsUnit,
        location: &str,
        policy: &RobotsPolicy,
        now: Millis,
    ) -> RobotsNext {
        let Ok(first) = unit.robots_txt() else {
            return self.give_up();
        };
        let from = self.hops.last().unwrap_or(&first);
        let Ok(to) = NormalUrl::join(from.url(), location) else {
            return self.fail(None, policy, now);
        };
        if self.hops.len() == HOPS || to == first || self.hops.contains(&to) {
            return self.give_up();
        }
        self.hops.push(to.clone());
        RobotsNext::Hop(to)
    }

    /// The next pause is twice the last, also when the last request was sent a little late.
    fn fail(
        &mut self,
        retry_after: Option<String>,
        policy: &RobotsPolicy,
        now: Millis,
    ) -> RobotsNext {
        self.hops.clear();
        self.failures = self.failures.saturating_add(1);
        if self.failures >= policy.tries {
            return self.give_up();
        }
        let planned = policy
            .retry
            .saturating_mul(1 << u32::from(self.failures - 1).min(20));
        let real = match self.failures {
            1 => 0,
            _ => self.asked.saturating_sub(self.failed).saturating_mul(2),
        };
        let pause = planned.max(real.min(planned.saturating_add(planned / 2)));
        let told = retry_after
            .and_then(|text| backoff::retry_after(&text, now))
            .unwrap_or(0);
        if told > LONGEST_ASKED {
            return self.give_up();
        }
        self.failed = now;
        self.again = now.saturating_add(pause.max(told));
        RobotsNext::RetryAt(self.again)
    }

    fn give_up(&mut self) -> RobotsNext {
        self.gave_up = true;
        RobotsNext::GaveUp
    }

    fn body(&self) -> Option<Bytes> {
        self.last.as_ref()?.body.unpack()
    }
}

/// Cache-Control's max-age; none is kept where it says that none is to be (RFC 9111 5.2.2).
fn lifetime(headers: &HeaderMap) -> Option<Millis> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let text: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    let text = text.join(",").to_ascii_lowercase();
    let ages = text.split(',').filter_map(|part| match part.trim() {
        "no-cache" | "no-store" => Some(0),
        part => part
            .strip_prefix("max-age=")?
            .trim_matches('"')
            .parse()
            .ok(),
    });
    ages.min().map(|seconds: u64| seconds.saturating_mul(1000))
}

fn text_of(headers: &HeaderMap, name: &http::HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// A body kept in memory for the day that a 304 renews it; thousands of sites' fit.
#[derive(Debug)]
enum Packed {
    Raw(Bytes),
    Zstd { bytes: Vec<u8>, length: usize },
}

impl Packed {
    const WORTHWHILE: usize = 4096;

    fn new(body: &Bytes) -> Self {
        if body.len() < Self::WORTHWHILE {
            return Self::Raw(Bytes::copy_from_slice(body));
        }
        match zstd::bulk::compress(body, 1) {
            Ok(bytes) => Self::Zstd {
                bytes,
                length: body.len(),
            },
            Err(_) => Self::Raw(Bytes::copy_from_slice(body)),
        }
    }

    fn unpack(&self) -> Option<Bytes> {
        match self {
            Self::Raw(body) => Some(body.clone()),
            Self::Zstd { bytes, length } => {
                zstd::bulk::decompress(bytes, *length).ok().map(Bytes::from)
            }
        }
    }
}
