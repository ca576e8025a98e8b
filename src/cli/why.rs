//! `gleaner why`.

use super::check::show;
use super::{Cli, Exit};
use crate::clock::Clock;
use crate::crawl;
use crate::inspect::Why;
use crate::normal::NormalUrl;
use crate::terminal::render_why;

/// `gleaner why`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner why https://example.com/news/a-story
  gleaner why https://example.com/news/a-story --json

It reads the data folder, also while a crawl works on it; nothing is fetched.")]
pub struct WhyArgs {
    /// The page
    #[arg(value_name = "URL", value_parser = NormalUrl::parse)]
    pub url: NormalUrl,
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(cli: &Cli, args: &WhyArgs) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let running = runtime.block_on(crawl::ask_status(&config.crawl.data));
    let now = Clock::system().now();
    let why = Why::of(&config, &args.url, running.is_some(), now)?;
    show(args.json, &why, render_why)?;
    Ok(Exit::Done)
}
