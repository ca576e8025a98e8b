//! One budget unit's state: its gap, what it has in flight, how it has been answering.

use super::backoff::{self, LONGEST_ASKED, LONGEST_FAILED, LONGEST_REFUSED};
use crate::clock::Millis;
use crate::normal::{BudgetUnit, RobotsUnit};
use std::net::IpAddr;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Demands to pay in a row after which a site is left alone for a day, and for this run.
const MOST_UNPAID: u8 = 3;

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When it was sent.
    pub started: Millis,
    /// When the last byte of the answer was read, or it was given up.
    pub ended: Millis,
    /// What it says about the site.
    pub signal: Signal,
}

/// What an answer says about how the site is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Nothing: any answer that is none of those below.
    Fine,
    /// The site refuses: 429, 503, other 5xx.
    Refused {
        /// The status.
        status: u16,
        /// The Retry-After header.
        retry_after: Option<String>,
    },
    /// No answer came.
    NoAnswer,
    /// The page is to be had only for money.
    Unpaid,
    /// A redirect with a Retry-After header, which is this (RFC 9110 10.2.3).
    RetryAfterRedirect(String),
}

/// What is kept of a budget unit between runs. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitState {
    /// The unit.
    pub unit: BudgetUnit,
    /// No request before then.
    pub next_allowed: Millis,
    /// The response time that the gap follows.
    pub last_response: u64,
    /// Refusals (429, 503) in a row.
    pub refusals: u8,
    /// Requests without an answer, and other 5xx, in a row.
    pub failures: u8,
    /// The last pause that a refusal or failure brought; 0 after a good answer.
    pub pause: u64,
    /// Left alone for this run.
    pub parked: bool,
    /// Requests made.
    pub requests: u64,
    /// Pages among them.
    pub pages: u64,
}

impl UnitState {
    /// What is left of it for a new run: the gap, but not what held for the run before.
    #[must_use]
    pub fn for_new_run(self) -> Self {
        Self {
            refusals: 0,
            failures: 0,
            pause: 0,
            parked: false,
            pages: 0,
            ..self
        }
    }
}

/// What the settings say about a budget unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Policy {
    pub(super) min_delay: Millis,
    pub(super) delay_factor: f64,
    pub(super) max_refusals: u8,
}

/// A budget unit.
#[derive(Debug)]
pub(super) struct Unit {
    policy: Policy,
    /// When the last answer ended; gaps count from here.
    pub(super) ended: Option<Millis>,
    /// No request before then, whatever the gap: Retry-After, back-off, a restart.
    silent_until: Millis,
    /// Addresses held by the request in flight.
    flight: Option<Vec<IpAddr>>,
    /// The gap that each robots.txt asks for.
    asked: Vec<(RobotsUnit, Millis)>,
    /// Response time that the gap follows, in microseconds.
    response: u64,
    /// Demands to pay in a row.
    unpaid: u8,
    state: UnitState,
}

impl Unit {
    pub(super) fn new(unit: BudgetUnit, policy: Policy) -> Self {
        Self {
            policy,
            ended: None,
            silent_until: 0,
            flight: None,
            asked: Vec::new(),
            response: 0,
            unpaid: 0,
            state: UnitState {
                unit,
                next_allowed: 0,
                last_response: 0,
                refusals: 0,
                failures: 0,
                pause: 0,
                parked: false,
                requests: 0,
                pages: 0,
            },
        }
    }

    /// Takes up what an earlier run left; a start waits one full gap, and never over a day.
    pub(super) fn restore(&mut self, state: UnitState, now: Millis) {
        self.response = state.last_response.saturating_mul(1000);
        self.ended = Some(now);
        self.silent_until = state.next_allowed.min(now + LONGEST_ASKED);
        self.state = state;
    }

    /// The least time from the end of an answer to the next request.
    pub(super) fn gap(&self) -> Millis {
        let asked = self.asked.iter().map(|(_, gap)| *gap).max().unwrap_or(0);
        self.policy.min_delay.max(asked).max(self.slow_gap())
    }

    pub(super) fn ready_at(&self) -> Millis {
        // Times are cut to whole milliseconds: the answer may have ended almost one later.
        let whole = |gap: Millis| gap.saturating_add(u64::from(gap > 0));
        let after = self
            .ended
            .map_or(0, |ended| ended.saturating_add(whole(self.gap())));
        after.max(self.silent_until)
    }

    pub(super) fn is_parked(&self) -> bool {
        self.state.parked
    }

    pub(super) fn in_flight(&self) -> bool {
        self.flight.is_some()
    }

    pub(super) fn start(&mut self, addresses: Vec<IpAddr>, page: bool) {
        self.flight = Some(addresses);
        self.state.requests += 1;
        self.state.pages += u64::from(page);
    }

    /// Ends the flight and gives back the addresses that it held.
    pub(super) fn finish(&mut self, report: Report) -> Vec<IpAddr> {
        self.ended = Some(
            self.ended
                .map_or(report.ended, |ended| ended.max(report.ended)),
        );
        let took = report.ended.saturating_sub(report.started);
        self.unpaid = match report.signal {
            Signal::Unpaid => self.unpaid.saturating_add(1),
            Signal::NoAnswer => self.unpaid,
            _ => 0,
        };
        match report.signal {
            Signal::Fine => self.answered(took),
            Signal::Unpaid => {
                self.answered(took);
                if self.unpaid >= MOST_UNPAID {
                    self.silence(report.ended, LONGEST_ASKED);
                    self.state.parked = true;
                }
            }
            Signal::RetryAfterRedirect(text) => {
                self.answered(took);
                if let Some(wait) = backoff::retry_after(&text, report.ended) {
                    self.silence(report.ended, wait);
                }
            }
            Signal::Refused {
                status: 429 | 503,
                retry_after,
            } => {
                self.note_response(took);
                self.refused(retry_after.as_deref(), report.ended);
            }
            Signal::Refused { status, .. } if status < 500 => self.answered(took),
            Signal::Refused { .. } => {
                self.note_response(took);
                self.failed(report.ended);
            }
            Signal::NoAnswer => self.failed(report.ended),
        }
        self.flight.take().unwrap_or_default()
    }

    /// The gap that a robots.txt of this unit asks for; 0 asks for none.
    pub(super) fn ask_gap(&mut self, robots: &RobotsUnit, gap: Millis) {
        self.asked.retain(|(known, _)| known != robots);
        if gap > 0 {
            self.asked.push((robots.clone(), gap));
        }
    }

    pub(super) fn state(&self) -> UnitState {
        UnitState {
            next_allowed: self.ready_at(),
            last_response: self.response.div_ceil(1000),
            ..self.state.clone()
        }
    }

    fn answered(&mut self, took: Millis) {
        self.note_response(took);
        self.state.refusals = 0;
        self.state.failures = 0;
        self.state.pause = 0;
    }

    /// Follows a slower answer at once and faster ones slowly: by half in 10 answers.
    fn note_response(&mut self, took: Millis) {
        const SHRUNK: u64 = 933_033; // 2^(-1/10), in millionths
        let shrunk = u64::try_from(u128::from(self.response) * u128::from(SHRUNK) / 1_000_000);
        self.response = took.saturating_mul(1000).max(shrunk.unwrap_or(u64::MAX));
    }

    fn refused(&mut self, retry_after: Option<&str>, ended: Millis) {
        self.state.refusals = self.state.refusals.saturating_add(1);
        match retry_after.and_then(|text| backoff::retry_after(text, ended)) {
            Some(wait) if wait > 0 => self.silence(ended, wait),
            _ => self.pause(ended, LONGEST_REFUSED),
        }
        self.state.parked |= self.state.refusals >= self.policy.max_refusals;
    }

    /// Milder than a refusal: shorter pauses, and twice as many before the site is parked.
    fn failed(&mut self, ended: Millis) {
        self.state.failures = self.state.failures.saturating_add(1);
        self.pause(ended, LONGEST_FAILED);
        self.state.parked |= self.state.failures / 2 >= self.policy.max_refusals;
    }

    fn pause(&mut self, ended: Millis, longest: Millis) {
        let seed = xxh3_64_with_seed(self.state.unit.as_str().as_bytes(), ended);
        self.state.pause = backoff::doubled(self.state.pause, self.gap(), seed, longest);
        self.silent_until = self.silent_until.max(ended + self.state.pause);
    }

    fn silence(&mut self, ended: Millis, wait: Millis) {
        self.state.parked |= wait > LONGEST_ASKED;
        self.silent_until = self.silent_until.max(ended + wait.min(LONGEST_ASKED));
    }

    fn slow_gap(&self) -> Millis {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        #[expect(clippy::cast_precision_loss, reason = "response times are short")]
        let gap = (self.response as f64 * self.policy.delay_factor / 1000.0).ceil() as u64;
        gap
    }
}
