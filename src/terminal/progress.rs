//! How far a crawl or a rebuild is, while it goes on.

use super::{grouped, plural, write_line};
use crate::config::show_duration;
use crate::stats::{Activity, Progress, Rebuilding};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::VecDeque;
use std::time::Duration;

/// Milliseconds between two lines where nothing can be drawn anew.
const PLAIN_EVERY: u64 = 10_000;

/// Milliseconds over which the rate is taken.
const RATE_OVER: u64 = 10_000;

/// A bar that shows nothing but a message, and draws nothing of its own before there is one.
pub(super) fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target);
    // Cut to the terminal's width by `wide_msg`, or wrapped lines would pile up.
    if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Shows figures as they come; the crawl calls it about once a second.
pub struct ProgressLine {
    face: Face,
    rate: Rate,
    /// When the last plain line was written, by the clock of what is shown.
    shown_at: Option<u64>,
}

enum Face {
    Silent,
    Plain,
    Live(ProgressBar),
}

impl ProgressLine {
    /// Shows nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(Face::Silent)
    }

    pub(super) fn plain() -> Self {
        Self::new(Face::Plain)
    }

    /// On a bar made by [`bar`], also when it has shown another crawl before.
    pub(super) fn live(bar: ProgressBar) -> Self {
        bar.set_message("");
        bar.reset();
        Self::new(Face::Live(bar))
    }

    fn new(face: Face) -> Self {
        Self {
            face,
            rate: Rate::default(),
            shown_at: None,
        }
    }

    /// Shows the figures of this moment.
    pub fn show(&mut self, activity: &Activity) {
        let (now, text) = match activity {
            Activity::Rebuilding(rebuilding) => (rebuilding.elapsed_ms, rebuilt(rebuilding)),
            Activity::Crawling(progress) => {
                let rate = self.rate.note(progress.elapsed_ms, progress.pages);
                (progress.elapsed_ms, line(progress, rate))
            }
        };
        match &self.face {
            Face::Live(bar) => bar.set_message(text),
            Face::Plain if self.is_time(now, matches!(activity, Activity::Rebuilding(_))) => {
                self.shown_at = Some(now);
                write_line(&text);
            }
            Face::Plain | Face::Silent => {}
        }
    }

    /// The clock starts again when a crawl follows a rebuild. The first line of a rebuild is
    /// not put off: nobody expects to wait for one.
    fn is_time(&self, now: u64, at_once: bool) -> bool {
        match self.shown_at {
            Some(shown) => now < shown || now >= shown + PLAIN_EVERY,
            None => at_once || now >= PLAIN_EVERY,
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Face::Live(bar) = &self.face {
            bar.finish_and_clear();
        }
    }
}

/// `rate` is in tenths of a page a second.
fn line(progress: &Progress, rate: u64) -> String {
    let mut line = format!(
        "{}, {}, {} queued, {}.{} pages/s, {} waiting",
        plural(progress.pages, "page"),
        plural(progress.articles, "article"),
        grouped(progress.queued),
        rate / 10,
        rate % 10,
        plural(progress.sites_waiting, "site"),
    );
    if progress.sites_failed > 0 {
        line = format!("{line}, {} given up", grouped(progress.sites_failed));
    }
    format!(
        "{line}, {}",
        show_duration(Duration::from_secs(progress.elapsed_ms / 1_000))
    )
}

fn rebuilt(rebuilding: &Rebuilding) -> String {
    let &Rebuilding {
        visits,
        of,
        elapsed_ms,
    } = rebuilding;
    let rate = (visits * 1_000).checked_div(elapsed_ms).unwrap_or(0);
    let left = of.saturating_sub(visits).checked_div(rate);
    let left = left.map_or(String::new(), |seconds| {
        format!(", {} left", show_duration(Duration::from_secs(seconds)))
    });
    format!(
        "rebuilding the frontier: {} of {}, {} a second{left}",
        grouped(visits),
        plural(of, "visit"),
        grouped(rate)
    )
}

/// Pages a second over the last moments.
#[derive(Default)]
struct Rate {
    noted: VecDeque<(u64, u64)>,
}

impl Rate {
    /// Notes how many pages there are at a time, and returns tenths of a page a second.
    fn note(&mut self, now: u64, pages: u64) -> u64 {
        while self.noted.len() > 1
            && self
                .noted
                .get(1)
                .is_some_and(|(at, _)| at + RATE_OVER <= now)
        {
            self.noted.pop_front();
        }
        // Called more often than asked, it still keeps only some dozens of notes.
        if self.noted.back().is_none_or(|(at, _)| now >= at + 250) {
            self.noted.push_back((now, pages));
        }
        let &(since, before) = self.noted.front().unwrap_or(&(now, pages));
        (pages.saturating_sub(before) * 10_000)
            .checked_div(now.saturating_sub(since))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_the_crawl_is() {
        let progress = Progress {
            pages: 1_204,
            articles: 320,
            queued: 5_012,
            sites_waiting: 14,
            elapsed_ms: 125_900,
            ..Progress::default()
        };
        assert_eq!(
            line(&progress, 123),
            "1,204 pages, 320 articles, 5,012 queued, 12.3 pages/s, 14 sites waiting, 2m5s"
        );
        let failed = Progress {
            sites_failed: 2,
            ..progress
        };
        assert!(line(&failed, 0).contains("2 given up"));
    }

    #[test]
    fn the_line_says_how_far_a_rebuild_is() {
        let rebuilding = Rebuilding {
            visits: 250_000,
            of: 1_000_000,
            elapsed_ms: 10_000,
        };
        assert_eq!(
            rebuilt(&rebuilding),
            "rebuilding the frontier: 250,000 of 1,000,000 visits, 25,000 a second, 30s left"
        );
        let begun = Rebuilding {
            visits: 0,
            of: 1,
            elapsed_ms: 0,
        };
        assert_eq!(
            rebuilt(&begun),
            "rebuilding the frontier: 0 of 1 visit, 0 a second"
        );
    }

    #[test]
    fn plain_lines_are_few_and_begin_again_with_the_crawl() {
        let mut line = ProgressLine::plain();
        assert!(!line.is_time(1_000, false) && line.is_time(10_000, false));
        assert!(line.is_time(1_000, true), "a rebuild");
        line.shown_at = Some(40_000);
        for (now, is_time) in [(49_999, false), (50_000, true), (1_000, true)] {
            assert_eq!(line.is_time(now, false), is_time, "{now}");
        }
    }

    #[test]
    fn the_rate_forgets_the_past() {
        let mut rate = Rate::default();
        assert_eq!(rate.note(0, 0), 0);
        assert_eq!(rate.note(1_000, 10), 100);
        for second in 2..60 {
            rate.note(second * 1_000, 10);
        }
        assert_eq!(rate.note(60_000, 10), 0);
        assert_eq!(rate.note(61_000, 30), 20);
        assert!(rate.noted.len() < 50);
    }
}
