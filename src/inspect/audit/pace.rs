//! One budget unit's pace, recomputed from what is logged of it.
//!
//! Everything is taken from below: where our own rounding, jitter or a lost visit could have made
//! a gap longer than the log tells, the shorter one is demanded.

use super::{Rule, told};
use crate::clock::Millis;
use crate::store::{LoggedRequest, SitePace};
use std::collections::VecDeque;

/// The longest pause after refusals, and after requests without an answer.
const LONGEST_REFUSED: Millis = 3_600_000;
const LONGEST_FAILED: Millis = 600_000;
/// A site that asks for a longer silence is left alone for the run.
const DAY: Millis = 86_400_000;
/// A pause is at least twice this.
const SHORTEST: Millis = 500;
/// What is left of a response time after an answer: half after ten.
const SHRINK: f64 = 0.933_032_991_536_807_4;
/// Answers that may overlap with later ones.
const RECENT: usize = 16;

/// The process that a request was made by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process {
    /// Its place among all.
    pub(super) number: usize,
    pub(super) run: u64,
    /// When it took up what was left.
    pub(super) at: Millis,
    /// It went on with a run of another process.
    pub(super) resumed: bool,
    /// What it was set to, for this unit.
    pub(super) pace: SitePace,
}

/// What a request had to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// No request before then.
    pub(super) from: Millis,
    pub(super) rule: Rule,
}

/// A gap that a robots.txt asks for, and since when it does.
#[derive(Debug)]
struct Asked {
    unit: String,
    gap: Millis,
    since: Millis,
}

#[derive(Debug)]
pub(super) struct Unit {
    process: Process,
    /// When the last answer ended.
    ended: Option<Millis>,
    /// A process has ended since the last request: a full gap counts from the new one's start.
    restarted: bool,
    /// What an earlier process still owed.
    owed: Millis,
    silent_until: Millis,
    paused_until: Millis,
    /// The last pause; 0 after a good answer.
    pause: Millis,
    /// It asked for more than a day.
    parked: bool,
    /// The response time that the gap follows.
    response: f64,
    asked: Vec<Asked>,
    recent: VecDeque<(Millis, Millis)>,
}

impl Unit {
    pub(super) fn new(process: Process) -> Self {
        Self {
            process,
            ended: None,
            restarted: process.resumed,
            owed: 0,
            silent_until: 0,
            paused_until: 0,
            pause: 0,
            parked: false,
            response: 0.0,
            asked: Vec::new(),
            recent: VecDeque::new(),
        }
    }

    /// Another process may have taken over: gaps of robots.txt files that it has not read yet are
    /// not known to it, what was owed is.
    pub(super) fn taken_over(&mut self, process: Process) {
        if self.process.number == process.number {
            return;
        }
        let day = process.at.saturating_add(DAY);
        if let Some(ended) = self.ended {
            let owed = ended.saturating_add(self.gap(ended).0);
            self.owed = self.owed.max(owed).min(day);
        }
        self.silent_until = self.silent_until.min(day);
        self.paused_until = self.paused_until.min(day);
        self.restarted = process.resumed || self.ended.is_some();
        self.asked.clear();
        if self.process.run != process.run {
            self.pause = 0;
            self.parked = false;
        }
        self.process = process;
    }

    /// A robots.txt of this unit asks for a gap since a moment; 0 asks for none.
    pub(super) fn ask_gap(&mut self, robots_unit: &str, gap: Millis, since: Millis) {
        match self.asked.iter_mut().find(|one| one.unit == robots_unit) {
            Some(known) if known.gap == gap => {}
            Some(known) => (known.gap, known.since) = (gap, since),
            None if gap == 0 => {}
            None => self.asked.push(Asked {
                unit: robots_unit.to_owned(),
                gap,
                since,
            }),
        }
    }

    /// When the last answer ended.
    pub(super) fn last_end(&self) -> Option<Millis> {
        self.ended
    }

    /// A process has taken over since the last request.
    pub(super) fn is_restarted(&self) -> bool {
        self.restarted
    }

    /// What a request that started at `started` had to wait for longest.
    pub(super) fn need(&self, started: Millis) -> Need {
        let (gap, rule) = self.gap(started);
        let need = |from, rule| Need { from, rule };
        let after = self.ended.map_or(0, |ended| ended.saturating_add(gap));
        let restart = if self.restarted {
            self.owed.max(self.process.at.saturating_add(gap))
        } else {
            0
        };
        let silent = if self.parked {
            Millis::MAX
        } else {
            self.silent_until
        };
        let needs = [
            need(after, rule),
            need(restart, Rule::Restart),
            need(self.paused_until, Rule::BackOff),
            need(silent, Rule::RetryAfter),
        ];
        let first = needs[0];
        needs.into_iter().skip(1).fold(
            first,
            |most, next| {
                if next.from > most.from { next } else { most }
            },
        )
    }

    /// Requests that were open together with one of these times, itself included.
    pub(super) fn open_with(&self, started: Millis, ended: Millis) -> u32 {
        let with = |other: &(Millis, Millis)| other.0 < ended && started < other.1;
        let moments = self.recent.iter().filter(|one| with(one)).map(|one| one.0);
        let open_at = |at: Millis| {
            let open = self.recent.iter().filter(|one| one.0 <= at && at < one.1);
            u32::try_from(open.count()).unwrap_or(u32::MAX)
        };
        moments
            .map(|at| at.max(started))
            .chain([started])
            .map(open_at)
            .max()
            .unwrap_or(0)
            .saturating_add(1)
    }

    /// Takes in how a request ended. Says whether it was told to stay away, and whether it paused.
    pub(super) fn ended(&mut self, row: &LoggedRequest) -> Option<Rule> {
        self.restarted = false;
        self.ended = self.ended.max(Some(row.ended));
        self.recent.push_back((row.started, row.ended));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        let Some(status) = row.status else {
            self.paused(row.ended, LONGEST_FAILED);
            return Some(Rule::BackOff);
        };
        self.answered(row.ended.saturating_sub(row.started));
        let told = row.retry_after.as_deref();
        let until = told.and_then(|text| told::until(text, row.ended));
        let is_paid = row.reason.as_deref() == Some("payment required");
        match (status, until) {
            (429 | 503, Some(until)) => Some(self.silenced(row.ended, until)),
            (300..=399, Some(until)) if row.moved => {
                self.pause = 0;
                Some(self.silenced(row.ended, until))
            }
            (429 | 503, None) if !is_paid => {
                self.paused(row.ended, LONGEST_REFUSED);
                Some(Rule::BackOff)
            }
            (500.., _) if !is_paid && status != 503 => {
                self.paused(row.ended, LONGEST_FAILED);
                Some(Rule::BackOff)
            }
            _ => {
                self.pause = 0;
                None
            }
        }
    }

    /// The least time from an answer to a request at `started`, and the rule that makes it.
    fn gap(&self, started: Millis) -> (Millis, Rule) {
        let asked = self.asked.iter().filter(|one| one.since <= started);
        let asked = asked.map(|one| one.gap).max().unwrap_or(0);
        let slow = self.response * self.process.pace.delay_factor;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let slow = slow as Millis;
        let floor = self.process.pace.min_delay;
        if slow > floor && slow > asked {
            (slow, Rule::DelayFactor)
        } else if asked > floor {
            (asked, Rule::CrawlDelay)
        } else {
            (floor, Rule::MinDelay)
        }
    }

    fn answered(&mut self, took: Millis) {
        #[expect(clippy::cast_precision_loss, reason = "response times are short")]
        let took = took as f64;
        self.response = took.max(self.response * SHRINK);
    }

    fn silenced(&mut self, ended: Millis, until: Millis) -> Rule {
        let longest = ended.saturating_add(DAY);
        self.parked |= until > longest;
        self.silent_until = self.silent_until.max(until.min(longest));
        Rule::RetryAfter
    }

    fn paused(&mut self, ended: Millis, longest: Millis) {
        let gap = self.gap(ended).0;
        let twice = self.pause.max(gap).max(SHORTEST).saturating_mul(2);
        self.pause = twice.min(longest.max(gap));
        self.paused_until = self.paused_until.max(ended.saturating_add(self.pause));
    }
}
