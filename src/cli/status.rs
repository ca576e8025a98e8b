//! `gleaner status`.

use super::{Cli, Exit, print};
use crate::crawl::{self, Reply};
use crate::inspect::Status;

/// `gleaner status`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner status
  gleaner status --data crawl-data --json")]
pub struct StatusArgs {
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(cli: &Cli, args: &StatusArgs) -> anyhow::Result<Exit> {
    let data = cli.config()?.crawl.data;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (running, silent) = match runtime.block_on(crawl::ask_status(&data)) {
        Some(Reply::Progress(progress)) => (Some(progress), false),
        Some(Reply::Silence) => (None, true),
        None => (None, false),
    };
    let status = Status::read(&data, running, silent)?;
    if args.json {
        print(&serde_json::to_string(&status)?)?;
    } else {
        print(status.render().trim_end())?;
    }
    Ok(Exit::Done)
}
