//! `gleaner export`.

use super::{Cli, Exit};
use crate::export::{self, Bound, Format, Selection, SiteChoice, Summary, Target};
use crate::store::Reader;
use crate::terminal::{Terminal, grouped, plural};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// `gleaner export`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner export -o articles.jsonl
  gleaner export --format csv --since 2026-01-01 --site example.com -o january.csv
  gleaner export --lang ar | jq -r .title")]
pub struct ExportArgs {
    /// The file format
    #[arg(long, value_name = "FORMAT", default_value = "jsonl", value_parser = formats())]
    pub format: Format,
    /// The file to write; it appears, or is replaced, when it is whole [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only stories published on or after this day or time (2026-01-31, 2026-01-31T08:00:00+02:00)
    #[arg(long, value_name = "DATE")]
    pub since: Option<Bound>,
    /// Only stories published on or before this day or time
    #[arg(long, value_name = "DATE")]
    pub until: Option<Bound>,
    /// Only stories of this site (example.com, 127.0.0.1:8800), or of one host of it
    #[arg(long, value_name = "SITE")]
    pub site: Option<SiteChoice>,
    /// Only stories in this language (ar, en-GB)
    #[arg(long, value_name = "LANGUAGE")]
    pub lang: Option<String>,
    /// No stories of which a publisher reserves any use (AI, mining, search)
    #[arg(long)]
    pub no_reserved: bool,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.map(|(name, _)| name));
    names.try_map(|name| name.parse::<Format>())
}

pub(super) fn run(cli: &Cli, args: &ExportArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let reader = Reader::open(&config.crawl.data)?;
    let selection = Selection {
        since: args.since,
        until: args.until,
        site: args.site.clone(),
        lang: args.lang.clone(),
        no_reserved: args.no_reserved,
        paywalled_text: config.rights.paywalled_text,
    };
    let target = match &args.output {
        Some(path) if path.as_os_str() != "-" => Target::File(path.clone()),
        _ => Target::Stdout,
    };
    let summary = export::run(&reader, &selection, args.format, &target)?;
    // Who closed our output has seen all that they wanted to.
    if !summary.closed {
        terminal.say(&told(&summary, &target));
    }
    Ok(Exit::Done)
}

fn told(summary: &Summary, target: &Target) -> String {
    let place = match target {
        Target::File(path) => path.display().to_string(),
        Target::Stdout => "stdout".to_owned(),
    };
    let all = plural(summary.articles + summary.left_out, "article");
    match summary.left_out {
        0 => format!("{all} in {place}"),
        _ => format!("{} of {all} in {place}", grouped(summary.articles)),
    }
}
