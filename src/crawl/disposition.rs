//! What a finished visit means: what is stored, what becomes of its URL, which links enter.
//! The one way back; pure.

use super::visit::{Visit, Yield};
use crate::clock::Millis;
use crate::config::Config;
use crate::fetch::{Capture, Cut, Failure, FetchOutcome};
use crate::frontier::{Entry, Link, Settled};
use crate::parse::{Kind, Parsed};
use crate::politeness::{Refusal, Signal};
use crate::schedule;
use crate::scope::{self, Scope};
use crate::store::Finished;
use http::header;

/// What the host's pace should be set by.
pub(crate) fn signal(outcome: &FetchOutcome) -> Signal {
    match outcome {
        FetchOutcome::Failed { .. } => Signal::NoAnswer,
        FetchOutcome::Refused(page) if matches!(page.status, 429 | 500..) => Signal::Refused {
            status: page.status,
            retry_after: retry_after(page),
        },
        FetchOutcome::Moved { capture, .. } => {
            retry_after(capture).map_or(Signal::Fine, Signal::RetryAfterRedirect)
        }
        _ => Signal::Fine,
    }
}

fn retry_after(page: &Capture) -> Option<String> {
    let value = page.headers.get(header::RETRY_AFTER)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// When the request began and ended. The end is rounded up: a gap counted from it is never short.
pub(crate) fn times(outcome: &FetchOutcome) -> (Millis, Millis) {
    let (started, ended) = match outcome {
        FetchOutcome::Fetched(page)
        | FetchOutcome::NotModified(page)
        | FetchOutcome::Refused(page)
        | FetchOutcome::Moved { capture: page, .. } => (page.started, page.ended),
        FetchOutcome::Failed { started, ended, .. } => (*started, *ended),
    };
    (started, ended + 1)
}

/// Turns a visit into what the store keeps. `Finished::outlinks` holds every link that may enter;
/// the frontier keeps the new ones.
pub(crate) fn finish(visit: Visit, scope: &Scope, config: &Config) -> Finished {
    let (started, ended) = times(&visit.outcome);
    let verdict = Verdict::of(&visit.outcome, &visit.entry, config);
    let mut done = blank(visit.entry.link.clone(), started, ended);
    done.settled = verdict.settled(&visit.entry, ended, config);
    done.outcome = verdict.outcome;
    done.reason = verdict.reason;
    match visit.outcome {
        FetchOutcome::Moved { to, capture } => {
            match scope.redirected(&done.link, to.clone()) {
                Ok(link) => done.outlinks.push(link),
                Err(why) => done.reason = Some(format!("redirect target: {}", why.label())),
            }
            done.moved_to = Some(to);
            keep(&mut done, capture);
        }
        FetchOutcome::Failed { .. } => {}
        FetchOutcome::Fetched(page)
        | FetchOutcome::NotModified(page)
        | FetchOutcome::Refused(page) => {
            keep(&mut done, page);
        }
    }
    match visit.yielded {
        Yield::Nothing => {}
        Yield::Broken => done.reason = Some("parser broke off".to_owned()),
        Yield::Facts(page, fingerprint) => {
            yielded(&mut done, *page, scope);
            done.fingerprint = fingerprint.filter(|_| done.article.is_some());
        }
    }
    done.unit = Some(visit.unit);
    if done.settled == Settled::Done {
        done.next_due = next_due(&done, ended);
    }
    done
}

/// A URL that is not asked for, and why.
pub(crate) fn refused(entry: &Entry, refusal: &Refusal, now: Millis) -> Finished {
    Finished {
        outcome: "skipped",
        reason: Some(refusal.label().to_owned()),
        ..blank(entry.link.clone(), now, now)
    }
}

/// A finished visit of `link` about which nothing is known yet.
pub(crate) fn blank(link: Link, started: Millis, ended: Millis) -> Finished {
    Finished {
        link,
        robots: false,
        started,
        ended,
        outcome: "ok",
        reason: None,
        status: None,
        moved_to: None,
        capture: None,
        archive: true,
        kind: None,
        charset: None,
        article: None,
        fingerprint: None,
        outlinks: Vec::new(),
        settled: Settled::Done,
        next_due: None,
        unit: None,
        robots_copy: None,
    }
}

pub(crate) fn keep(done: &mut Finished, page: Capture) {
    done.status = Some(page.status);
    done.capture = Some(page);
}

fn yielded(done: &mut Finished, page: Parsed, scope: &Scope) {
    done.kind = Some(page.kind);
    done.charset = Some(page.charset);
    done.archive = !page.directives.noarchive;
    if !page.directives.nofollow {
        let place = scope::place(page.kind, page.article.is_some());
        let judged = page
            .outlinks
            .iter()
            .map(|link| scope.judge(&done.link, place, &link.url, link.role));
        done.outlinks.extend(judged.flatten());
    }
    if page.directives.noindex {
        done.reason = Some("noindex".to_owned());
        done.archive = false;
    } else {
        done.article = page.article;
    }
}

/// Pages that list news are visited again; stories are not, by default.
fn next_due(done: &Finished, now: Millis) -> Option<Millis> {
    let lists = match done.kind {
        Some(Kind::Feed | Kind::Sitemap) => true,
        Some(Kind::Html) => done.article.is_none() && done.link.depth <= 1,
        _ => done.link.depth == 0,
    };
    let pause = schedule::revisit_interval(None, true).as_millis();
    lists.then(|| now + u64::try_from(pause).unwrap_or(0))
}

struct Verdict {
    outcome: &'static str,
    reason: Option<String>,
    /// Tries that this kind of failure is worth, the first one counted.
    tries: u8,
}

impl Verdict {
    fn of(outcome: &FetchOutcome, entry: &Entry, config: &Config) -> Self {
        let tries = config.politeness.page_tries;
        let new = |outcome, reason: Option<&str>, tries| Self {
            outcome,
            reason: reason.map(str::to_owned),
            tries,
        };
        match outcome {
            FetchOutcome::Fetched(page) => match page.cut {
                Some(cut) => new(
                    "cut",
                    Some(cut_label(cut)),
                    if cut.may_pass() { tries } else { 1 },
                ),
                None if page.body.is_empty() => new("empty", None, tries.min(2)),
                None => new("ok", None, 1),
            },
            FetchOutcome::NotModified(_) => new("not_modified", None, 1),
            // A page that moves to itself wants its cookie back: worth one more try, not a loop.
            FetchOutcome::Moved { to, .. } if *to == entry.link.url => {
                new("moved", Some("redirect loop"), tries.min(2))
            }
            FetchOutcome::Moved { .. } => new("moved", None, 1),
            FetchOutcome::Refused(page) => Self {
                outcome: "refused",
                reason: Some(format!("http {}", page.status)),
                tries: if matches!(page.status, 408 | 425 | 429 | 500..) {
                    tries
                } else {
                    1
                },
            },
            FetchOutcome::Failed { kind, .. } => new("failed", Some(failure_label(*kind)), tries),
        }
    }

    fn settled(&self, entry: &Entry, now: Millis, config: &Config) -> Settled {
        let failures = entry.failures.saturating_add(1);
        if failures >= self.tries {
            return Settled::Done;
        }
        let pause = schedule::retry_pause(config.politeness.page_retry, failures).as_millis();
        let due = now + u64::try_from(pause).unwrap_or(u64::MAX / 2);
        Settled::Again { due, failures }
    }
}

impl Cut {
    /// Whether the next try may get the whole body.
    fn may_pass(self) -> bool {
        matches!(self, Self::ConnectionLost | Self::Deadline)
    }
}

fn cut_label(cut: Cut) -> &'static str {
    match cut {
        Cut::TooLarge => "too large",
        Cut::Deadline => "deadline",
        Cut::ConnectionLost => "truncated",
        Cut::UnwantedType => "unwanted type",
        Cut::BadCoding => "bad content coding",
    }
}

pub(crate) fn failure_label(kind: Failure) -> &'static str {
    match kind {
        Failure::Dns => "dns",
        Failure::Connect => "connect",
        Failure::Tls => "tls",
        Failure::Timeout => "timeout",
        Failure::Closed => "closed",
        Failure::Protocol => "protocol",
    }
}
