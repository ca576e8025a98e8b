//! `gleaner extract`.

use super::{Cli, Exit};
use crate::extract::{self, ExtractError, Options, Summary};
use crate::normal::NormalUrl;
use crate::terminal::{Terminal, plural};
use anyhow::Context;
use std::io::{self, BufWriter};
use std::path::PathBuf;

/// `gleaner extract`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner extract page.html --url https://example.com/news/a-story
  gleaner extract crawl-data/warc > articles.jsonl
  gleaner extract news.warc.gz saved-pages --timing | jq .title
  gleaner extract - < page.html
  gleaner extract page.html --explain | jq .explain.title

A file is told by its content, not by its name, but for the files of a folder: those are read that
end in .html, .htm, .xhtml or .warc, and .gz after it. With --explain pages that tell no story have
a record too, which says why. Nothing is fetched. A file that can't be read is told and the others go on; the exit code is 1 then.")]
pub struct ExtractArgs {
    /// HTML and WARC files, gzipped or not, folders of them, or - for standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Where the HTML page comes from, when there is only one [default: its canonical link]
    #[arg(long, value_name = "URL", value_parser = NormalUrl::parse)]
    pub url: Option<NormalUrl>,
    /// Add `ms` to each record: the milliseconds that the page took
    #[arg(long)]
    pub timing: bool,
    /// Add `explain` to each record: what each field could have been, and why it was not taken
    #[arg(long)]
    pub explain: bool,
}

pub(super) fn run(cli: &Cli, args: &ExtractArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    one_page_for_a_url(args)?;
    let options = Options {
        url: args.url.clone(),
        timing: args.timing,
        explain: args.explain,
        max_body: cli.config()?.fetch.max_body,
        threads: 0,
    };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut complain = |fault: &ExtractError| terminal.complain(fault);
    let summary = extract::run(&args.paths, &options, &mut out, &mut complain)
        .context("cannot write to stdout")?;
    if summary.closed {
        // What is left in the buffer must not be tried again.
        let _ = out.into_parts();
        return Ok(Exit::Done);
    }
    terminal.say(&told(&summary));
    Ok(match summary.faults {
        0 => Exit::Done,
        _ => Exit::Failed,
    })
}

fn one_page_for_a_url(args: &ExtractArgs) -> Result<(), ExtractError> {
    let what = match args.paths.as_slice() {
        _ if args.url.is_none() => return Ok(()),
        [path] if path.is_dir() => "a folder",
        [_] => return Ok(()),
        _ => "one of several",
    };
    let path = args.paths.first().cloned().unwrap_or_default();
    Err(ExtractError::UrlForMany { path, what })
}

fn told(summary: &Summary) -> String {
    let articles = plural(summary.articles, "article");
    let pages = plural(summary.pages, "page");
    match summary.faults {
        0 => format!("{articles} in {pages}"),
        faults => format!("{articles} in {pages}, {}", plural(faults, "error")),
    }
}
