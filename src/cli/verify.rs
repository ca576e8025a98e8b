//! `gleaner verify`.

use super::{Cli, Exit, print};
use crate::inspect::Verification;
use crate::terminal::render_verify;

/// `gleaner verify`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Exits 1 at the first request that came too early, beside another, or against robots.txt.

Examples:
  gleaner verify
  gleaner verify --data crawl-data --json")]
pub struct VerifyArgs {
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(cli: &Cli, args: &VerifyArgs) -> anyhow::Result<Exit> {
    let found = Verification::read(&cli.config()?.crawl.data)?;
    if args.json {
        print(&serde_json::to_string(&found)?)?;
    } else {
        print(render_verify(&found).trim_end())?;
    }
    Ok(match found.breach {
        None => Exit::Done,
        Some(_) => Exit::Failed,
    })
}
