//! Commands and flags, and the glue from each to the library: no logic of a crawl lives here.
//!
//! Handed the process's arguments; returns an [`Exit`]. Flags become [`Overrides`] as plain
//! text, so that `config` reads and checks them as it does the file's values.

mod check;
mod crawl;
mod demo;
mod exit;
mod export;
mod extract;
mod fetch;
mod identity;
mod init;
mod next;
mod repair;
mod report;
mod robots;
mod shell;
mod status;
#[cfg(test)]
mod tests;
mod verify;
mod why;

pub use check::CheckArgs;
pub use crawl::{CrawlArgs, ResumeArgs, RunArgs};
pub use demo::DemoArgs;
pub use exit::{Exit, WrongUse};
pub use export::ExportArgs;
pub use extract::ExtractArgs;
pub use fetch::FetchArgs;
pub use identity::{IdentityAction, IdentityArgs, NewArgs, SignArgs};
pub use init::InitArgs;
pub use repair::RepairArgs;
pub use report::ReportArgs;
pub use robots::RobotsArgs;
pub use shell::{CompletionsArgs, ManArgs};
pub use status::StatusArgs;
pub use verify::VerifyArgs;
pub use why::WhyArgs;

use crate::config::{self, Config, ConfigError, Overrides};
use crate::terminal::{LogFormat, Terminal, Verbosity};
use clap::{Args, Parser, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;

/// A polite web crawler for news sites: seeds in, articles out.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "gleaner",
    version,
    max_term_width = 100,
    after_help = "\
Settings stand in crawl.toml, which explains each; flags and GLEANER_… variables go over it.
Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 finished with some sites failed,
130 interrupted (what was collected is kept)."
)]
pub struct Cli {
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What all commands take.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "For every command")]
pub struct Common {
    /// The settings file; must exist when it is named [default: crawl.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data folder [default: crawl-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// Say more: how decisions are made; twice: everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// The form of log lines on stderr
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "text|json",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Crawl from seeds, or go on with an interrupted crawl
    Crawl(CrawlArgs),
    /// Go on with an interrupted crawl as it was
    Resume(ResumeArgs),
    /// Write the collected articles as JSON Lines or CSV
    Export(ExportArgs),
    /// Get articles out of local HTML and WARC files, one JSON record a line
    Extract(ExtractArgs),
    /// Tell what the data folder holds, and how far a running crawl is
    Status(StatusArgs),
    /// Tell each rule that decides on a URL, and every visit that it had
    Why(WhyArgs),
    /// Visit one page politely and show all of it
    Fetch(FetchArgs),
    /// Say what a robots.txt allows, and which of its lines decides
    Robots(RobotsArgs),
    /// Say what a crawl would do, without fetching a page
    Check(CheckArgs),
    /// Write a commented crawl.toml and a seed file
    Init(InitArgs),
    /// Make a key that requests are signed with, and what is published about it
    Identity(IdentityArgs),
    /// Write the completions of a shell
    Completions(CompletionsArgs),
    /// Write man pages
    Man(ManArgs),
    /// Go through the log: did each request keep gaps, silences and robots.txt?
    Verify(VerifyArgs),
    /// Write how sites were treated, as a page that a publisher can be sent
    Report(ReportArgs),
    /// Build the queue anew from the log of visits, where a start has not done so by itself
    Repair(RepairArgs),
    /// Crawl a small news site that is part of this program, and show what was found
    Demo(DemoArgs),
}

impl Cli {
    /// Does what the command says.
    #[must_use]
    pub fn run(&self) -> Exit {
        let common = &self.common;
        let verbosity = Verbosity::of(common.quiet, common.verbose);
        let filter = std::env::var("GLEANER_LOG").ok();
        let terminal = Terminal::start(verbosity, common.log_format, filter.as_deref());
        let done = match &self.command {
            Command::Crawl(args) => crawl::crawl(self, args, &terminal),
            Command::Resume(args) => crawl::resume(self, args, &terminal),
            Command::Export(args) => export::run(self, args, &terminal),
            Command::Extract(args) => extract::run(self, args, &terminal),
            Command::Status(args) => status::run(self, args),
            Command::Why(args) => why::run(self, args),
            Command::Fetch(args) => fetch::run(self, args, &terminal),
            Command::Robots(args) => robots::run(args),
            Command::Check(args) => check::run(self, args),
            Command::Init(args) => init::run(self, args, &terminal),
            Command::Identity(args) => identity::run(self, args, &terminal),
            Command::Completions(args) => shell::completions(args),
            Command::Man(args) => shell::man(args),
            Command::Verify(args) => verify::run(self, args),
            Command::Report(args) => report::run(self, args),
            Command::Repair(_) => repair::run(self, &terminal),
            Command::Demo(args) => demo::run(self, args, &terminal),
        };
        done.unwrap_or_else(|error| {
            terminal.complain(error.as_ref());
            Exit::of_error(&error)
        })
    }

    /// The settings, with this command's flags over them.
    fn config(&self) -> Result<Config, ConfigError> {
        self.config_with(Overrides::default())
    }

    /// The settings with `kept` over them, and this command's flags over both.
    fn config_with(&self, kept: Overrides) -> Result<Config, ConfigError> {
        // One that is set to nothing counts as not set.
        let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
        config::check_variables(set.filter_map(|(name, _)| name.into_string().ok()))?;
        let variable = |name: &str| std::env::var(name).ok();
        let overrides = kept.then(self.overrides());
        Config::load(self.common.config.as_deref(), &overrides, variable)
    }

    /// What the flags set.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let overrides = Overrides::default().with("--data", self.common.data.clone());
        match &self.command {
            Command::Crawl(CrawlArgs { run, .. }) | Command::Resume(ResumeArgs { run }) => {
                run.over(overrides)
            }
            Command::Fetch(args) => args.over(overrides),
            _ => overrides,
        }
    }
}

/// Writes data for a program, or what was asked for, to stdout. That its reader has gone is no error.
fn print(text: &str) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
