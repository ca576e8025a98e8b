//! Log lines on stderr, beside the progress line and never through it.

use super::shown::log_line;
use indicatif::ProgressBar;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// Errors only, no progress, no summary.
    Quiet,
    /// What a person should know.
    #[default]
    Normal,
    /// Also how decisions were made.
    Verbose,
    /// Everything, also of the crates below.
    Everything,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Verbosity {
    /// From the counts of `-q` and `-v`.
    #[must_use]
    pub fn of(quiet: bool, verbose: u8) -> Self {
        match (quiet, verbose) {
            (true, _) => Self::Quiet,
            (false, 0) => Self::Normal,
            (false, 1) => Self::Verbose,
            (false, _) => Self::Everything,
        }
    }

    fn filter(self) -> &'static str {
        match self {
            Self::Quiet => "error",
            Self::Normal => "warn,gleaner=info",
            Self::Verbose => "warn,gleaner=debug",
            Self::Everything => "info,gleaner=trace",
        }
    }
}

/// Begins to log; a second call changes nothing.
pub(super) fn start(
    bar: &ProgressBar,
    verbosity: Verbosity,
    format: LogFormat,
    filter: Option<&str>,
) {
    let json = format == LogFormat::Json;
    let writer = Beside {
        bar: bar.clone(),
        json,
    };
    let filter = EnvFilter::new(filter.unwrap_or(verbosity.filter()));
    // Colours would be escapes of our own among those that are taken out.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false);
    let detailed = verbosity == Verbosity::Verbose || verbosity == Verbosity::Everything;
    let started = match (json, detailed) {
        (true, _) => log.json().flatten_event(true).try_init(),
        (false, true) => log.try_init(),
        (false, false) => log.with_target(false).without_time().try_init(),
    };
    // A process logs to one place; whoever came first has it.
    drop(started);
}

/// Writes beside a progress bar: the bar is taken away, the line written, the bar drawn again.
#[derive(Clone)]
struct Beside {
    bar: ProgressBar,
    json: bool,
}

impl Write for Beside {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = log_line(&String::from_utf8_lossy(line), self.json);
        self.bar
            .suspend(|| io::stderr().lock().write_all(text.as_bytes()))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl MakeWriter<'_> for Beside {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
