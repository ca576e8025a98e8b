//! Content-Signal (contentsignals.org): `search=yes, ai-input=no, ai-train=no, use=reference`, in
//! robots.txt and in headers. A word in a header never lifts a no: networks send it by default.

use super::lines;
use super::uses::{Answer, Use};
use crate::politeness::{Line, LineKind, RobotsSays};
use http::HeaderMap;

/// How much of a page may be used, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Nothing may be kept.
    Immediate,
    /// Index, excerpt, link.
    Reference,
    /// All of it.
    Full,
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Reference => "reference",
            Self::Full => "full",
        }
    }
}

/// What signals say; of several the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ContentSignal {
    pub(super) search: Answer,
    pub(super) ai_input: Answer,
    pub(super) ai_train: Answer,
    pub(super) level: Option<Level>,
}

impl ContentSignal {
    /// Reads a list of signals; unknown keys and values say nothing.
    fn read(field: &str) -> Self {
        let mut found = Self::default();
        for signal in field.split(',') {
            let Some((key, value)) = signal.split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim(), value.trim().to_ascii_lowercase());
            let answer = match value.as_str() {
                "yes" => Answer::Yes,
                "no" => Answer::No,
                _ => Answer::Unknown,
            };
            match key.to_ascii_lowercase().as_str() {
                "search" => found.search = found.search.max(answer),
                "ai-input" => found.ai_input = found.ai_input.max(answer),
                "ai-train" => found.ai_train = found.ai_train.max(answer),
                "use" => {
                    let all = [Level::Immediate, Level::Reference, Level::Full];
                    let level = all.into_iter().find(|level| level.name() == value);
                    found.level = stricter(found.level, level);
                }
                _ => {}
            }
        }
        found
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            search: self.search.max(other.search),
            ai_input: self.ai_input.max(other.ai_input),
            ai_train: self.ai_train.max(other.ai_train),
            level: stricter(self.level, other.level),
        }
    }

    /// The same by the names of our record.
    pub(super) fn uses(self) -> [(Use, Answer); 3] {
        [
            (Use::Search, self.search),
            (Use::AiInput, self.ai_input),
            (Use::AiTrain, self.ai_train),
        ]
    }
}

fn stricter(a: Option<Level>, b: Option<Level>) -> Option<Level> {
    a.into_iter().chain(b).min()
}

/// What the headers say.
pub(super) fn of_headers(headers: &HeaderMap) -> ContentSignal {
    let silent = ContentSignal::default();
    lines(headers, "content-signal").fold(silent, |all, line| all.and(ContentSignal::read(&line)))
}

/// What a robots.txt says: in our own group, else in that of `*`, else above all groups.
pub(super) fn of_robots(says: &RobotsSays) -> ContentSignal {
    let silent = ContentSignal::default();
    said(says).fold(silent, |all, line| {
        all.and(ContentSignal::read(&line.value))
    })
}

/// Where a robots.txt says so: `group:gleaner`, `group:*`, `fallback:*` (another group names us,
/// and says nothing of the kind) or `global`.
#[cfg(test)]
pub(super) fn place_of(says: &RobotsSays) -> Option<&'static str> {
    said(says).next().map(|line| match line.scope {
        crate::politeness::Scope::Fallback => "fallback:*",
        scope => super::merge::scope_name(scope),
    })
}

fn said(says: &RobotsSays) -> impl Iterator<Item = &Line> {
    let lines = says.lines.iter();
    lines.filter(|line| line.kind == LineKind::ContentSignal)
}
