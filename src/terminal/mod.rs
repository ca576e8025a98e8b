//! What a person sees: progress, log lines, errors and the summary, all on stderr.
//!
//! Handed figures and errors; nothing that comes from a page reaches the terminal but through
//! [`Shown`]. Data for programs goes to stdout and is left to `cli`.

mod check;
mod explain;
mod fetched;
mod figures;
mod log;
mod progress;
mod robots;
mod shown;
mod summary;
mod verify;
mod why;

pub use check::{render_check, render_url_check};
pub use explain::explain;
pub use fetched::render_fetch;
pub use figures::{grouped, human_bytes, human_time, plural};
pub use log::{LogFormat, Verbosity};
pub use progress::ProgressLine;
pub use robots::render_robots;
pub use shown::Shown;
pub use summary::{render, table};
pub use verify::render_verify;
pub use why::render_why;

use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::{self, IsTerminal, Write};

/// The terminal of a process, set up once.
pub struct Terminal {
    bar: ProgressBar,
    verbosity: Verbosity,
    live: bool,
}

impl Terminal {
    /// Finds out what stderr is, and begins to log to it. `filter` says what is logged, in the
    /// form of `RUST_LOG`, instead of what `verbosity` stands for.
    #[must_use]
    pub fn start(verbosity: Verbosity, format: LogFormat, filter: Option<&str>) -> Self {
        let live = io::stderr().is_terminal() && verbosity != Verbosity::Quiet;
        let target = if live {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = progress::bar(target);
        log::start(&bar, verbosity, format, filter);
        Self {
            bar,
            verbosity,
            live,
        }
    }

    /// What shows the progress of a crawl: a line that is drawn anew on a terminal, a line of
    /// its own now and then elsewhere, nothing when all is to be quiet.
    #[must_use]
    pub fn progress(&self) -> ProgressLine {
        match self.verbosity {
            Verbosity::Quiet => ProgressLine::silent(),
            _ if self.live => ProgressLine::live(self.bar.clone()),
            _ => ProgressLine::plain(),
        }
    }

    /// Writes lines for a person, unless all is to be quiet.
    pub fn say(&self, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.bar.suspend(|| write_line(text.trim_end()));
        }
    }

    /// Writes an error, always.
    pub fn complain(&self, error: &(dyn std::error::Error + 'static)) {
        self.bar.suspend(|| write_line(&explain(error)));
    }
}

/// Unlike `eprintln!` no panic when whoever read our stderr has gone: a crawl outlives its terminal.
fn write_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
