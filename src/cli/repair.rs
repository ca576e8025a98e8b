//! `gleaner repair`.

use super::{Cli, Exit, WrongUse};
use crate::clock::Clock;
use crate::crawl;
use crate::terminal::{Terminal, grouped};

/// `gleaner repair`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Example:
  gleaner repair --data crawl-data")]
pub struct RepairArgs {}

pub(super) fn run(cli: &Cli, terminal: &Terminal) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let data = &config.crawl.data;
    if !data.exists() {
        return Err(WrongUse::NoData { data: data.clone() }.into());
    }
    let queued = crawl::repair(data, &config.store, Clock::system().now())?;
    terminal.say(&format!(
        "the frontier is built anew: {} links queued",
        grouped(queued)
    ));
    Ok(Exit::Done)
}
