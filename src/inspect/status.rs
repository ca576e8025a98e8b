//! What a data folder holds.

use crate::clock::Millis;
use crate::stats::{Count, Progress};
use crate::store::{Reader, Run, StoreError};
use crate::terminal::{grouped, human_bytes, human_time, plural, table};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Sites and reasons shown to a person; `--json` has all.
const ROWS: usize = 10;

/// What a data folder holds.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The folder.
    pub data: PathBuf,
    /// The figures of the crawl that works on it now, if one does.
    pub running: Option<Progress>,
    /// A crawl works on it that does not answer: it is stopped (Ctrl-Z), or stuck.
    pub silent: bool,
    /// The last run.
    pub last_run: Option<LastRun>,
    /// Visits, robots.txt files included.
    pub visits: u64,
    /// Stories.
    pub articles: u64,
    /// Versions of them.
    pub versions: u64,
    /// Bytes of bodies as sent.
    pub bytes_sent: u64,
    /// URLs by state.
    pub urls: BTreeMap<String, u64>,
    /// Visits by outcome, or by the reason where there is one, most first.
    pub outcomes: Vec<Count>,
    /// Stories by site, most first.
    pub sites: Vec<SiteArticles>,
}

/// A run of `gleaner crawl`.
#[derive(Clone, Debug, Serialize)]
pub struct LastRun {
    /// `running`, `interrupted` or `finished`.
    pub state: &'static str,
    /// Why it ended.
    pub why: Option<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended, or was last seen alive.
    pub ended: Option<Timestamp>,
}

/// How many stories a site gave.
#[derive(Clone, Debug, Serialize)]
pub struct SiteArticles {
    /// The budget unit.
    pub site: String,
    /// Stories.
    pub articles: u64,
}

impl Status {
    /// Reads what the folder `data` holds; `running` is what the crawl that works on it answered,
    /// `silent` that there is one which did not.
    ///
    /// # Errors
    /// When there is no data folder, or it can't be read.
    pub fn read(data: &Path, running: Option<Progress>, silent: bool) -> Result<Self, StoreError> {
        let reader = Reader::open(data)?;
        let totals = reader.totals()?;
        let outcome = |(outcome, reason, count): (String, Option<String>, u64)| Count {
            reason: reason.unwrap_or(outcome),
            count,
        };
        let mut last_run = reader.last_run()?.as_ref().map(LastRun::of);
        if let Some(run) = last_run.as_mut().filter(|_| running.is_none() && !silent)
            && run.state == "running"
        {
            // Its process died.
            run.state = "interrupted";
        }
        let site = |(site, articles)| SiteArticles { site, articles };
        Ok(Self {
            data: data.to_owned(),
            running,
            silent,
            last_run,
            visits: totals.visits,
            articles: totals.articles,
            versions: totals.versions,
            bytes_sent: totals.bytes_sent,
            urls: totals.states.into_iter().collect(),
            outcomes: totals.outcomes.into_iter().map(outcome).collect(),
            sites: totals.sites.into_iter().map(site).collect(),
        })
    }

    /// For a person.
    #[must_use]
    pub fn render(&self) -> String {
        let blocks = [
            self.headline(),
            self.figures(),
            self.outcomes(),
            self.sites(),
        ];
        let blocks: Vec<String> = blocks.into_iter().filter(|text| !text.is_empty()).collect();
        blocks.join("\n")
    }

    fn headline(&self) -> String {
        let folder = self.data.display();
        if let Some(now) = &self.running {
            let (time, pages) = (human_time(now.elapsed_ms), plural(now.pages, "page"));
            let (queued, waiting) = (grouped(now.queued), plural(now.sites_waiting, "site"));
            return format!(
                "{folder}: a crawl has been at work for {time}: {pages} in this run, {queued} queued, {waiting} waiting\n"
            );
        }
        if self.silent {
            return format!(
                "{folder}: a crawl is at work and does not answer; it may be stopped, `fg` lets it go on. What is on disk:\n"
            );
        }
        let Some(run) = &self.last_run else {
            return format!("{folder}: no crawl yet\n");
        };
        let when = run
            .ended
            .or(run.started)
            .map_or_else(String::new, |at| format!(", {at:.0}"));
        match run.state {
            "finished" => format!("{folder}: the last crawl finished{when}\n"),
            _ => format!(
                "{folder}: the last crawl was interrupted{when}; `gleaner resume` goes on\n"
            ),
        }
    }

    fn figures(&self) -> String {
        let url_total: u64 = self.urls.values().sum();
        let states = self
            .urls
            .iter()
            .map(|(state, count)| format!("{} {state}", grouped(*count)));
        let states = states.collect::<Vec<_>>().join(", ");
        let row =
            |name: &str, count: u64, rest: String| vec![name.to_owned(), grouped(count), rest];
        table(
            "  ",
            "<><",
            &[
                row(
                    "articles",
                    self.articles,
                    format!("in {} versions", grouped(self.versions)),
                ),
                row("URLs", url_total, states),
                row("visits", self.visits, human_bytes(self.bytes_sent)),
            ],
        )
    }

    fn outcomes(&self) -> String {
        let rows = self.outcomes.iter().map(|one| (&one.reason, one.count));
        block("visits by outcome", rows)
    }

    fn sites(&self) -> String {
        let rows = self.sites.iter().map(|one| (&one.site, one.articles));
        block("articles by site", rows)
    }
}

fn block<'a>(title: &str, rows: impl ExactSizeIterator<Item = (&'a String, u64)>) -> String {
    let all = rows.len();
    let rows: Vec<Vec<String>> = rows
        .take(ROWS)
        .map(|(name, count)| vec![name.clone(), grouped(count)])
        .collect();
    let more = match all - rows.len() {
        0 => String::new(),
        more => format!("  and {more} more\n"),
    };
    if rows.is_empty() {
        return String::new();
    }
    format!("{title}\n{}{more}", table("  ", "<>", &rows))
}

impl LastRun {
    fn of(run: &Run) -> Self {
        let time = |at: Millis| Timestamp::from_millisecond(i64::try_from(at).ok()?).ok();
        Self {
            state: run.state.label(),
            why: run.why.clone(),
            started: time(run.started),
            ended: run.ended.and_then(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::store::Store;

    #[test]
    fn an_empty_folder_and_none_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Status::read(&folder.path().join("none"), None, false).unwrap_err();
        assert!(matches!(missing, StoreError::Missing { .. }));
        let store = Store::open(folder.path(), &config::Store::default(), 1_000).unwrap();
        drop(store);
        let status = Status::read(folder.path(), None, false).unwrap();
        assert_eq!((status.articles, status.visits), (0, 0));
        assert!(
            status.render().contains("no crawl yet"),
            "{}",
            status.render()
        );
        let json = serde_json::to_value(&status).unwrap();
        assert_eq!(json["running"], serde_json::Value::Null);
    }

    #[test]
    fn a_crawl_at_work_is_told() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(folder.path(), &config::Store::default(), 1_000).unwrap());
        let progress = Progress {
            queued: 7,
            elapsed_ms: 5_000,
            ..Progress::default()
        };
        for (pages, sites_waiting, wanted) in [
            (
                1_204,
                0,
                "at work for 5.0 s: 1,204 pages in this run, 7 queued, 0 sites waiting",
            ),
            (
                1,
                1,
                "at work for 5.0 s: 1 page in this run, 7 queued, 1 site waiting",
            ),
        ] {
            let progress = Progress {
                pages,
                sites_waiting,
                ..progress.clone()
            };
            let said = Status::read(folder.path(), Some(progress), false)
                .unwrap()
                .render();
            assert!(said.contains(wanted), "{said}");
        }
    }
}
