//! `gleaner robots`.

use super::{Exit, WrongUse, print};
use crate::inspect::{RobotsReport, Target};
use crate::terminal::render_robots;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// `gleaner robots`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner robots robots.txt --agent gleaner https://example.com/news/a-story /search?q=x
  gleaner robots - https://example.com/ < robots.txt
  gleaner robots robots.txt /archive/ --json

Exit code 0: all are allowed. 1: one is not. Nothing is fetched.")]
pub struct RobotsArgs {
    /// A robots.txt, or - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The crawler's name, as robots.txt files name it
    #[arg(long, value_name = "NAME", default_value = "gleaner")]
    pub agent: String,
    /// URLs, or paths that begin with /
    #[arg(value_name = "URL", required = true)]
    pub urls: Vec<Target>,
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &RobotsArgs) -> anyhow::Result<Exit> {
    let body = read(&args.file).map_err(|source| WrongUse::Unreadable {
        path: args.file.clone(),
        source,
    })?;
    let report = RobotsReport::of(&body, &args.agent, &args.urls);
    if args.json {
        print(&serde_json::to_string(&report)?)?;
    } else {
        print(render_robots(&report).trim_end())?;
    }
    Ok(if report.all_allowed() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return fs::read(path);
    }
    let mut body = Vec::new();
    io::stdin().lock().read_to_end(&mut body)?;
    Ok(body)
}
