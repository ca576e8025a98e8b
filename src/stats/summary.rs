//! What is told about a run: while it goes on, and when it has ended.

use serde::{Deserialize, Serialize};

/// Sites that the summary names as slowest.
pub(super) const SLOWEST: usize = 5;

/// What goes on, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    /// The frontier is built anew.
    Rebuilding(Rebuilding),
    /// Pages are visited.
    Crawling(Progress),
}

/// How far a rebuild of the frontier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilding {
    /// Visits of the log that are read.
    pub visits: u64,
    /// Visits that the log has.
    pub of: u64,
    /// Milliseconds since it began.
    pub elapsed_ms: u64,
}

/// The figures of a run that goes on; also what the control socket answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Pages that are safe on disk.
    pub pages: u64,
    /// New articles among them.
    pub articles: u64,
    /// Bytes of bodies as sent.
    pub bytes: u64,
    /// Links not yet settled.
    pub queued: u64,
    /// Visits begun and not yet finished.
    pub open: u64,
    /// Sites whose gap or back-off has not passed.
    pub sites_waiting: u64,
    /// Sites given up for this run.
    pub sites_failed: u64,
    /// Milliseconds since the run began.
    pub elapsed_ms: u64,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Nothing is left that is due.
    Finished,
    /// It was told to stop.
    Interrupted,
    /// `max_pages` was reached.
    MaxPages,
    /// `max_articles` was reached.
    MaxArticles,
    /// `max_time` was reached.
    MaxTime,
}

/// A finished run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Why it ended.
    pub ending: Ending,
    /// Pages that answered with a body, or 304.
    pub pages: u64,
    /// Requests sent, robots.txt included.
    pub requests: u64,
    /// Stories that were not known before.
    pub new_articles: u64,
    /// New versions of known stories.
    pub new_versions: u64,
    /// Articles found as they were known.
    pub unchanged_articles: u64,
    /// Bytes of bodies as sent.
    pub bytes: u64,
    /// Links left in the queue.
    pub queued: u64,
    /// Milliseconds that the run took.
    pub elapsed_ms: u64,
    /// Sites that were asked.
    pub sites: u64,
    /// Why pages yielded nothing or not all, the most frequent reason first.
    pub reasons: Vec<Count>,
    /// Sites given up for this run, by name.
    pub failed_sites: Vec<FailedSite>,
    /// Sites with the longest mean answer, the slowest first.
    pub slowest_sites: Vec<SlowSite>,
    /// The command to type next.
    pub next: Option<String>,
}

/// How often a reason was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The reason's label.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// A site that was given up for this run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedSite {
    /// The budget unit.
    pub site: String,
    /// Why.
    pub why: String,
}

/// How fast a site answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlowSite {
    /// The budget unit.
    pub site: String,
    /// Pages that it gave.
    pub pages: u64,
    /// Articles found in them.
    pub articles: u64,
    /// Milliseconds that it took to answer, on average.
    pub mean_ms: u64,
    /// Milliseconds of its slowest answer.
    pub slowest_ms: u64,
}

impl Ending {
    /// How the run is left: `finished`, or `interrupted` where the next run goes on with it.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            _ => "interrupted",
        }
    }

    /// The reason as a word: `finished`, `interrupted`, or the limit's name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::MaxPages => "max_pages",
            Self::MaxArticles => "max_articles",
            Self::MaxTime => "max_time",
        }
    }
}

impl Count {
    pub(super) fn of((reason, &count): (&String, &u64)) -> Self {
        let reason = reason.clone();
        Self { reason, count }
    }
}
