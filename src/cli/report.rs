//! `gleaner report`.

use super::{Cli, Exit, print};
use crate::inspect::{PolitenessReport, render_report};
use crate::normal::{BudgetUnit, NormalUrl};
use anyhow::Context;
use std::path::PathBuf;

/// `gleaner report`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Without -o the page goes to stdout.

Examples:
  gleaner report --politeness -o report.html
  gleaner report --politeness --site example.com -o example.json")]
pub struct ReportArgs {
    /// How sites were treated: a page that a publisher can be sent
    #[arg(long, required = true)]
    pub politeness: bool,
    /// Only this site (example.com, 127.0.0.1:8800)
    #[arg(long, value_name = "SITE", value_parser = unit)]
    pub site: Option<BudgetUnit>,
    /// Where to: JSON in a file whose name ends in .json, else HTML
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// JSON, whatever the file is called
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(cli: &Cli, args: &ReportArgs) -> anyhow::Result<Exit> {
    let data = cli.config()?.crawl.data;
    let site = args.site.as_ref().map(BudgetUnit::as_str);
    let report = PolitenessReport::read(&data, site)?;
    let file = args.output.as_ref().filter(|path| path.as_os_str() != "-");
    let is_json = file.is_some_and(|path| path.extension().is_some_and(|end| end == "json"));
    let text = if args.json || is_json {
        serde_json::to_string_pretty(&report)?
    } else {
        render_report(&report)
    };
    match file {
        Some(path) => std::fs::write(path, text)
            .with_context(|| format!("cannot write `{}`", path.display()))?,
        None => print(text.trim_end())?,
    }
    Ok(Exit::Done)
}

fn unit(text: &str) -> Result<BudgetUnit, String> {
    let url = if text.contains("://") {
        NormalUrl::parse(text)
    } else {
        NormalUrl::parse(&format!("http://{text}"))
    };
    url.map(|url| url.budget_unit())
        .map_err(|why| why.to_string())
}
