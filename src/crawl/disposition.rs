//! What a finished visit means: what is stored, what becomes of its URL, which links enter.
//! The one way back; pure.

use super::rights;
use super::verdict::Verdict;
use super::visit::{Visit, Yield};
use crate::clock::Millis;
use crate::config::Config;
use crate::fetch::{Capture, FetchOutcome};
use crate::frontier::{Entry, Settled};
use crate::parse::{Kind, Parsed};
use crate::politeness::Signal;
use crate::rights::Stored;
use crate::schedule;
use crate::scope::{self, Scope};
use crate::store::Finished;
use http::header;

/// What the host's pace should be set by.
pub(crate) fn signal(outcome: &FetchOutcome) -> Signal {
    match outcome {
        FetchOutcome::Failed { .. } => Signal::NoAnswer,
        FetchOutcome::Refused(page) if rights::is_unpaid(page) => Signal::Unpaid,
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
    let verdict = Verdict::of(&visit.outcome, &visit.entry);
    let mut done = Finished::new(visit.entry.link.clone(), started, ended);
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
    if let Some(rights) = &visit.rights {
        let closed = rights.store == Stored::Metadata || rights.robots.noarchive;
        done.archive = !closed;
    }
    done.rights = visit.rights;
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
        done.next_due = match &done.capture {
            Some(page) if rights::is_unpaid(page) => Some(ended + rights::UNPAID),
            _ => next_due(&done, ended),
        };
    }
    done
}

/// A URL that is not asked for, and why.
pub(crate) fn skipped(entry: &Entry, why: &str, now: Millis) -> Finished {
    Finished {
        outcome: "skipped",
        reason: Some(why.to_owned()),
        ..Finished::new(entry.link.clone(), now, now)
    }
}

pub(crate) fn keep(done: &mut Finished, page: Capture) {
    done.status = Some(page.status);
    done.capture = Some(page);
}

fn yielded(done: &mut Finished, page: Parsed, scope: &Scope) {
    done.kind = Some(page.kind);
    done.charset = Some(page.charset);
    if !page.directives.nofollow {
        let place = scope::place(page.kind, page.article.is_some());
        let judged = page
            .outlinks
            .iter()
            .map(|link| scope.judge(&done.link, place, &link.url, link.role));
        done.outlinks.extend(judged.flatten());
    }
    match done
        .rights
        .as_ref()
        .filter(|rights| rights.store != Stored::Full)
    {
        Some(rights) => done.reason.clone_from(&rights.reason),
        None => done.article = page.article,
    }
}

/// Pages that list news are visited again; stories are not, by default.
fn next_due(done: &Finished, now: Millis) -> Option<Millis> {
    let lists = match done.kind {
        Some(Kind::Feed | Kind::Sitemap) => true,
        Some(Kind::Html) => done.article.is_none() && done.link.depth <= 1,
        _ => done.link.depth == 0,
    };
    lists.then(|| now + super::millis(schedule::REVISIT))
}
