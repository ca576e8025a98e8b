//! `gleaner crawl` and `gleaner resume`.

use super::{Cli, Exit, WrongUse, print};
use crate::config::{Config, Overrides};
use crate::crawl::{self, Start};
use crate::inspect::{is_public, lacks_contact};
use crate::seeds::{self, BadLine, SeedList};
use crate::stats::{Activity, Ending, Summary};
use crate::store::{Reader, RunState};
use crate::terminal::{Terminal, render};
use std::path::Path;
use std::time::Duration;

/// `gleaner crawl`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner crawl https://example.com/ --contact you@example.org
  gleaner crawl seeds.txt --max-pages 1000 --max-time 2h
  gleaner crawl https://example.com/news/a-story --depth 0

Ctrl-C lets what is open finish and keeps all that was collected; a second one stops at once.")]
pub struct CrawlArgs {
    /// URLs, or files of one URL a line [default: the seed files that crawl.toml names]
    #[arg(value_name = "SEEDS")]
    pub seeds: Vec<String>,
    /// Begin anew: move the old data folder aside first
    #[arg(long)]
    pub fresh: bool,
    /// What may be set for one run.
    #[command(flatten)]
    pub run: RunArgs,
}

/// `gleaner resume`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner resume
  gleaner resume --data crawl-data --max-time 8h

The flags of the crawl hold again, but for --max-pages, --max-time and --max-articles; flags
given here go over them.")]
pub struct ResumeArgs {
    /// What may be set for one run.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What may be set for one run.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// A URL or mailbox that publishers can write to; sent with every request
    #[arg(long, value_name = "URL|MAILBOX")]
    pub contact: Option<String>,
    /// Stop after this many pages; a resume counts anew
    #[arg(long, value_name = "N")]
    pub max_pages: Option<String>,
    /// Stop after this long (90s, 30m, 8h); a resume counts anew
    #[arg(long, value_name = "TIME")]
    pub max_time: Option<String>,
    /// Stop after this many new articles; a resume counts anew
    #[arg(long, value_name = "N")]
    pub max_articles: Option<String>,
    /// Pages of one site in a run, the resumes of which go on counting
    #[arg(long, value_name = "N")]
    pub site_max_pages: Option<String>,
    /// Links followed from a seed; 0 fetches just the seeds
    #[arg(long, value_name = "N")]
    pub depth: Option<String>,
    /// The least time from the end of a site's answer to its next request (2s, 500ms)
    #[arg(long, value_name = "TIME")]
    pub min_delay: Option<String>,
    /// The gap is at least this many times the last response time
    #[arg(long, value_name = "FACTOR")]
    pub delay_factor: Option<String>,
    /// Requests open at once, over all sites
    #[arg(long, value_name = "N")]
    pub in_flight: Option<String>,
    /// Allow requests to private and loopback addresses
    #[arg(long)]
    pub allow_private: bool,
    /// The summary as one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

impl RunArgs {
    pub(super) fn over(&self, overrides: Overrides) -> Overrides {
        overrides
            .with("--contact", self.contact.clone())
            .with("--max-pages", self.max_pages.clone())
            .with("--max-time", self.max_time.clone())
            .with("--max-articles", self.max_articles.clone())
            .with("--site-max-pages", self.site_max_pages.clone())
            .with("--depth", self.depth.clone())
            .with("--min-delay", self.min_delay.clone())
            .with("--delay-factor", self.delay_factor.clone())
            .with("--in-flight", self.in_flight.clone())
            .with("--allow-private", self.allow_private.then_some("true"))
    }
}

pub(super) fn crawl(cli: &Cli, args: &CrawlArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let SeedList { seeds, bad } = if args.seeds.is_empty() {
        seeds::read(&config.crawl.seeds)?
    } else {
        seeds::from_args(&args.seeds)?
    };
    for line in &bad {
        terminal.complain(&BadSeed(line.clone()));
    }
    if seeds.is_empty() {
        return Err(WrongUse::NoSeeds.into());
    }
    if lacks_contact(&config) && seeds.iter().any(is_public) {
        return Err(WrongUse::NoContact.into());
    }
    let start = Start::Crawl {
        seeds,
        fresh: args.fresh,
        given: cli.overrides(),
    };
    let exit = run(cli, &args.run, config, start, terminal)?;
    Ok(match exit {
        Exit::Done if !bad.is_empty() => Exit::SomeSitesFailed,
        other => other,
    })
}

pub(super) fn resume(cli: &Cli, args: &ResumeArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let data = config.crawl.data.clone();
    if !data.exists() {
        return Err(WrongUse::NoData { data }.into());
    }
    let kept = kept(&data);
    if kept.iter().next().is_some() {
        let flags = kept.iter().map(|(flag, value)| format!(" {flag} {value}"));
        terminal.say(&format!("as it was begun:{}", flags.collect::<String>()));
    }
    let config = cli.config_with(kept)?;
    if lacks_contact(&config) {
        return Err(WrongUse::NoContact.into());
    }
    run(cli, &args.run, config, Start::Resume, terminal)
}

/// The flags that the crawl was begun with. A folder that cannot be read has none: opening it
/// to write brings an old one up to date, and says what is wrong with any other.
fn kept(data: &Path) -> Overrides {
    let run = Reader::open(data).and_then(|reader| reader.last_run());
    let run = run
        .ok()
        .flatten()
        .filter(|run| run.state != RunState::Finished);
    run.map_or_else(Overrides::default, |run| Overrides::read_kept(&run.given))
}

/// A line of a seed file that is no seed; the others go on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BadSeed(BadLine);

fn run(
    cli: &Cli,
    args: &RunArgs,
    config: Config,
    start: Start,
    terminal: &Terminal,
) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut line = terminal.progress();
    let observer = Box::new(move |activity: &Activity| line.show(activity));
    let done = runtime.block_on(crawl::run(config, start, observer));
    // Told to stop now, it waits neither for a page that is being parsed nor for a name look-up.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let Some(mut summary) = done? else {
        terminal.say("nothing to resume: the last crawl finished; `gleaner crawl` begins the next");
        return Ok(Exit::Done);
    };
    summary.next = Some(cli.next(&summary));
    if args.json {
        print(&serde_json::to_string(&summary)?)?;
    } else {
        terminal.say(&render(&summary));
    }
    Ok(exit(&summary))
}

pub(super) fn exit(summary: &Summary) -> Exit {
    match summary.ending {
        Ending::Interrupted => Exit::Interrupted,
        _ if !summary.failed_sites.is_empty() => Exit::SomeSitesFailed,
        _ => Exit::Done,
    }
}
