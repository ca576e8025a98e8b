//! What an outcome is called, and how often a page is tried: one table of all that can come of a
//! request.
//!
//! | what came | tries |
//! |---|---|
//! | what can pass by itself: no answer, a body cut on the way, 408, 425, 429, 5xx | `page_tries` |
//! | what is seldom an accident: an empty body, a coding that is not what it says, an answer that is no HTTP, a failed handshake, a redirect to itself (it may want its cookie back), 421 | 2 |
//! | what is the same next time: everything else | 1 |

use super::rights;
use crate::clock::Millis;
use crate::config::Config;
use crate::fetch::{Cut, Failure, FetchOutcome};
use crate::frontier::{Entry, Settled};
use crate::schedule;

/// Tries that an outcome is worth, the first one counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tries {
    One,
    Two,
    AsSet,
}

/// What is recorded of an outcome.
pub(super) struct Verdict {
    pub(super) outcome: &'static str,
    pub(super) reason: Option<String>,
    tries: Tries,
}

impl Verdict {
    pub(super) fn of(outcome: &FetchOutcome, entry: &Entry) -> Self {
        let new = |outcome, reason: Option<&str>, tries| Self {
            outcome,
            reason: reason.map(str::to_owned),
            tries,
        };
        match outcome {
            FetchOutcome::Fetched(page) => match page.cut {
                Some(cut) => new("cut", Some(cut.label()), after_cut(cut)),
                None if page.body.is_empty() => new("empty", None, Tries::Two),
                None => new("ok", None, Tries::One),
            },
            FetchOutcome::NotModified(_) => new("not_modified", None, Tries::One),
            FetchOutcome::Moved { to, .. } if *to == entry.link.url => {
                new("moved", Some("redirect loop"), Tries::Two)
            }
            FetchOutcome::Moved { .. } => new("moved", None, Tries::One),
            FetchOutcome::Refused(page) if rights::is_unpaid(page) => {
                new("refused", Some("payment required"), Tries::One)
            }
            FetchOutcome::Refused(page) => {
                let reason = format!("http {}", page.status);
                new("refused", Some(&reason), after_status(page.status))
            }
            FetchOutcome::Failed { kind, .. } => {
                new("failed", Some(failure_label(*kind)), after_failure(*kind))
            }
        }
    }

    /// What becomes of the URL: tried again, or done with.
    pub(super) fn settled(&self, entry: &Entry, now: Millis, config: &Config) -> Settled {
        let set = config.politeness.page_tries;
        let tries = match self.tries {
            Tries::One => 1,
            Tries::Two => set.min(2),
            Tries::AsSet => set,
        };
        let failures = entry.failures.saturating_add(1);
        if failures >= tries {
            return Settled::Done;
        }
        let pause = schedule::retry_pause(config.politeness.page_retry, failures);
        let due = now + super::millis(pause);
        Settled::Again { due, failures }
    }
}

fn after_cut(cut: Cut) -> Tries {
    match cut {
        Cut::ConnectionLost | Cut::Deadline => Tries::AsSet,
        Cut::BadCoding => Tries::Two,
        Cut::TooLarge | Cut::UnwantedType => Tries::One,
    }
}

fn after_status(status: u16) -> Tries {
    match status {
        // Not implemented, and no such HTTP version (RFC 9110 15.6.2, 15.6.6): not for now.
        501 | 505 => Tries::One,
        408 | 425 | 429 | 500.. => Tries::AsSet,
        421 => Tries::Two,
        _ => Tries::One,
    }
}

fn after_failure(kind: Failure) -> Tries {
    match kind {
        Failure::Dns | Failure::Connect | Failure::Timeout | Failure::Closed => Tries::AsSet,
        Failure::Tls | Failure::Protocol => Tries::Two,
    }
}

pub(super) fn failure_label(kind: Failure) -> &'static str {
    match kind {
        Failure::Dns => "dns",
        Failure::Connect => "connect",
        Failure::Tls => "tls",
        Failure::Timeout => "timeout",
        Failure::Closed => "closed",
        Failure::Protocol => "protocol",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Capture;
    use crate::frontier::{Link, Via};
    use crate::normal::NormalUrl;
    use bytes::Bytes;

    fn url(path: &str) -> NormalUrl {
        NormalUrl::parse(&format!("http://a.example{path}")).unwrap()
    }

    fn entry(failures: u8) -> Entry {
        let link = Link {
            url: url("/"),
            seed: 1,
            depth: 0,
            hops: 0,
            via: Via::Seed,
            priority: 10,
        };
        Entry { link, failures }
    }

    fn page(status: u16, body: &'static str, cut: Option<Cut>) -> Capture {
        Capture {
            url: url("/"),
            started: 0,
            ended: 0,
            address: None,
            request: Bytes::new(),
            version: http::Version::HTTP_11,
            status,
            headers: http::HeaderMap::new(),
            sent: Bytes::from_static(body.as_bytes()),
            body: Bytes::from_static(body.as_bytes()),
            cut,
        }
    }

    fn cut(cut: Cut) -> FetchOutcome {
        FetchOutcome::Fetched(page(200, "<p>half", Some(cut)))
    }

    fn moved(to: &str) -> FetchOutcome {
        let (to, capture) = (url(to), page(302, "", None));
        FetchOutcome::Moved { to, capture }
    }

    fn failed(kind: Failure) -> FetchOutcome {
        FetchOutcome::Failed {
            kind,
            started: 0,
            ended: 0,
            detail: String::new(),
        }
    }

    /// How often a page is asked for when the same comes each time.
    fn tries(outcome: &FetchOutcome, config: &Config) -> u8 {
        let mut failures = 0;
        loop {
            let entry = entry(failures);
            match Verdict::of(outcome, &entry).settled(&entry, 0, config) {
                Settled::Again { failures: now, .. } => failures = now,
                Settled::Done => return failures + 1,
            }
        }
    }

    #[test]
    fn each_outcome_has_its_name_and_its_tries() {
        let refused = |status| FetchOutcome::Refused(page(status, "", None));
        let rows = [
            (FetchOutcome::Fetched(page(200, "<p>", None)), "ok", "", 1),
            (FetchOutcome::Fetched(page(200, "", None)), "empty", "", 2),
            (
                FetchOutcome::NotModified(page(304, "", None)),
                "not_modified",
                "",
                1,
            ),
            (moved("/x"), "moved", "", 1),
            (moved("/"), "moved", "redirect loop", 2),
            (cut(Cut::TooLarge), "cut", "too large", 1),
            (cut(Cut::UnwantedType), "cut", "unwanted type", 1),
            (cut(Cut::BadCoding), "cut", "bad content coding", 2),
            (cut(Cut::Deadline), "cut", "deadline", 4),
            (cut(Cut::ConnectionLost), "cut", "truncated", 4),
            (refused(206), "refused", "http 206", 1),
            (refused(304), "refused", "http 304", 1),
            (refused(402), "refused", "payment required", 1),
            (refused(404), "refused", "http 404", 1),
            (refused(408), "refused", "http 408", 4),
            (refused(410), "refused", "http 410", 1),
            (refused(421), "refused", "http 421", 2),
            (refused(425), "refused", "http 425", 4),
            (refused(429), "refused", "http 429", 4),
            (refused(451), "refused", "http 451", 1),
            (refused(500), "refused", "http 500", 4),
            (refused(501), "refused", "http 501", 1),
            (refused(503), "refused", "http 503", 4),
            (refused(505), "refused", "http 505", 1),
            (refused(522), "refused", "http 522", 4),
            (failed(Failure::Dns), "failed", "dns", 4),
            (failed(Failure::Connect), "failed", "connect", 4),
            (failed(Failure::Tls), "failed", "tls", 2),
            (failed(Failure::Timeout), "failed", "timeout", 4),
            (failed(Failure::Closed), "failed", "closed", 4),
            (failed(Failure::Protocol), "failed", "protocol", 2),
        ];
        let mut config = Config::default();
        for (outcome, name, reason, most) in &rows {
            let verdict = Verdict::of(outcome, &entry(0));
            assert_eq!(verdict.outcome, *name, "{outcome:?}");
            assert_eq!(verdict.reason.as_deref().unwrap_or_default(), *reason);
            config.politeness.page_tries = 4;
            assert_eq!(tries(outcome, &config), *most, "{name} {reason}");
            config.politeness.page_tries = 1;
            assert_eq!(tries(outcome, &config), 1, "{name} {reason}");
        }
    }

    #[test]
    fn the_pause_before_a_try_doubles() {
        let config = Config::default();
        let due = |failures| {
            let entry = entry(failures);
            match Verdict::of(&failed(Failure::Closed), &entry).settled(&entry, 1_000, &config) {
                Settled::Again { due, .. } => due - 1_000,
                Settled::Done => 0,
            }
        };
        assert_eq!([due(0), due(1), due(2)], [5_000, 10_000, 0]);
    }
}
