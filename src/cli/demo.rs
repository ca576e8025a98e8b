//! `gleaner demo`.

use super::crawl::exit;
use super::next::quoted;
use super::{Cli, Exit, WrongUse, print};
use crate::config::Overrides;
use crate::crawl::{self, Start};
use crate::demo::Demo;
use crate::stats::{Activity, Ending, Summary};
use crate::store::Reader;
use crate::terminal::{Terminal, human_time, plural};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the demo collects when nothing else is named.
const FOLDER: &str = "demo-data";

/// `gleaner demo`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner demo
  gleaner demo --fresh --data /tmp/demo
  gleaner demo --serve

It reads no crawl.toml. Its data folder is demo-data, unless --data names another.")]
pub struct DemoArgs {
    /// Begin anew: move the old data folder aside first
    #[arg(long)]
    pub fresh: bool,
    /// Only serve the site, and write its two addresses to stdout, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fresh", "json"])]
    pub serve: bool,
    /// Write the summaries of its two crawls as JSON lines instead of what was found
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(cli: &Cli, args: &DemoArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let data = PathBuf::from(cli.common.data.as_deref().unwrap_or(FOLDER));
    if !args.serve && !args.fresh && data.join("articles.db").exists() {
        return Err(WrongUse::DemoDone { data }.into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        if args.serve {
            serve(terminal).await
        } else {
            show(args, &data, terminal).await
        }
    });
    // Told to stop now, it does not wait for a page that is being parsed.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

async fn start() -> anyhow::Result<Demo> {
    let demo = Demo::start().await;
    demo.context("cannot serve the demo on 127.0.0.1")
}

/// Serves it until Ctrl-C, which is how this is meant to end.
async fn serve(terminal: &Terminal) -> anyhow::Result<Exit> {
    let demo = start().await?;
    let [english, arabic] = demo.fronts();
    print(&format!("{english}\n{arabic}"))?;
    terminal.say(&format!(
        "serving until Ctrl-C; from another terminal: \
         gleaner crawl {english} {arabic} --allow-private --min-delay 100ms --data by-hand"
    ));
    tokio::signal::ctrl_c().await?;
    Ok(Exit::Done)
}

/// Crawls it twice and shows what was found.
async fn show(args: &DemoArgs, data: &Path, terminal: &Terminal) -> anyhow::Result<Exit> {
    let demo = start().await?;
    let [english, arabic] = demo.fronts();
    let folder = quoted(&data.to_string_lossy());
    terminal.say(&format!(
        "two small papers are up, one in English and one in Arabic: {english} and {arabic}\n\
         crawling them as any site is crawled, with a tenth of a second between requests"
    ));
    for (visit, fresh) in [("first", args.fresh), ("second", false)] {
        let start = Start::Crawl {
            seeds: demo.seeds()?,
            fresh,
            given: Overrides::default(),
        };
        let mut line = terminal.progress();
        let observer = Box::new(move |activity: &Activity| line.show(activity));
        let Some(summary) = crawl::run(demo.config(data), start, observer).await? else {
            continue;
        };
        terminal.say(&told(visit, &summary));
        if args.json {
            print(&serde_json::to_string(&summary)?)?;
        }
        if summary.ending != Ending::Finished || !summary.failed_sites.is_empty() {
            terminal.say(&format!("next: gleaner demo --data {folder} --fresh"));
            return Ok(exit(&summary));
        }
    }
    if !args.json {
        let found = demo.found(&Reader::open(data)?)?;
        print(&format!(
            "\n{found}\nnext: gleaner export --data {folder} -o demo.jsonl"
        ))?;
    }
    Ok(Exit::Done)
}

/// A run in a line.
fn told(visit: &str, summary: &Summary) -> String {
    format!(
        "{visit} visit: {} in {}: {}, {}",
        plural(summary.requests, "request"),
        human_time(summary.elapsed_ms),
        plural(summary.new_articles, "new article"),
        plural(summary.new_versions, "new version"),
    )
}
