//! `gleaner repair`.

use super::{Cli, Exit, WrongUse};
use crate::clock::Clock;
use crate::crawl::{self, Observer};
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
    let queued = {
        let mut line = terminal.progress();
        let mut observer: Observer = Box::new(move |activity| line.show(activity));
        crawl::repair(data, &config.store, Clock::system().now(), &mut observer)?
    };
    terminal.say(&format!(
        "the frontier is built anew: {} links queued",
        grouped(queued)
    ));
    Ok(Exit::Done)
}
