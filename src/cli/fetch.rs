//! `gleaner fetch`.

use super::check::show;
use super::{Cli, Exit, WrongUse};
use crate::clock::Clock;
use crate::config::{Config, Overrides};
use crate::crawl::{self, CrawlError, Single};
use crate::fetch::Fetcher;
use crate::inspect::FetchReport;
use crate::normal::NormalUrl;
use crate::politeness::Refusal;
use crate::terminal::{Terminal, human_time, render_fetch};
use std::time::Duration;

/// A wait that is told, in milliseconds.
const LONG: u64 = 5_000;

/// `gleaner fetch`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner fetch https://example.com/news/a-story --contact you@example.org
  gleaner fetch https://example.com/feed --json | jq .headers

One page is asked for, after its site's robots.txt and with the gap that the site wants; a redirect
is shown and not followed. Nothing is stored. It ends when the site may be asked again, so that a
loop of it is as polite as a crawl; a site that a running crawl asks is left to that crawl.")]
pub struct FetchArgs {
    /// The page
    #[arg(value_name = "URL", value_parser = NormalUrl::parse)]
    pub url: NormalUrl,
    /// A URL or mailbox that publishers can write to; sent with every request
    #[arg(long, value_name = "URL|MAILBOX")]
    pub contact: Option<String>,
    /// Allow requests to private and loopback addresses
    #[arg(long)]
    pub allow_private: bool,
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

impl FetchArgs {
    pub(super) fn over(&self, overrides: Overrides) -> Overrides {
        overrides
            .with("--contact", self.contact.clone())
            .with("--allow-private", self.allow_private.then_some("true"))
    }
}

pub(super) fn run(cli: &Cli, args: &FetchArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(until_ctrl_c(visit(&config, &args.url)));
    let exit = match done.transpose()? {
        None => Exit::Interrupted,
        Some(single) => {
            let exit = tell(args, &single)?;
            if single.rest.left() > LONG {
                let left = human_time(single.rest.left());
                terminal.say(&format!("ends in {left}, when the site may be asked again"));
            }
            runtime.block_on(until_ctrl_c(single.rest.over()));
            exit
        }
    };
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(exit)
}

fn tell(args: &FetchArgs, single: &Single) -> anyhow::Result<Exit> {
    if single.refusal == Some(Refusal::NoContact) {
        return Err(WrongUse::NoContact.into());
    }
    let report = FetchReport::of(single);
    show(args.json, &report, render_fetch)?;
    Ok(if report.came() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

async fn visit(config: &Config, url: &NormalUrl) -> Result<Single, CrawlError> {
    let clock = Clock::system();
    let net = Fetcher::new(config, clock)?;
    crawl::visit_once(config, url.clone(), net, clock).await
}

/// None when Ctrl-C ended it.
async fn until_ctrl_c<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        _ = tokio::signal::ctrl_c() => None,
    }
}
