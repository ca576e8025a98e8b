//! `gleaner check`.

use super::{Cli, Exit, print};
use crate::crawl;
use crate::inspect::{Check, UrlCheck};
use crate::normal::NormalUrl;
use crate::seeds;
use crate::terminal::{render_check, render_url_check};

/// `gleaner check`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner check
  gleaner check --seeds seeds.txt --json
  gleaner check https://example.com/news/a-story?utm_source=feed

Exit code 0: a crawl would begin (or the URL would enter). 1: the URL would not. 2: a crawl would
not begin. 3: it would, but some lines of the seed files are no seeds.")]
pub struct CheckArgs {
    /// A URL: its normal form, and whether it may enter
    #[arg(value_name = "URL", value_parser = NormalUrl::parse)]
    pub url: Option<NormalUrl>,
    /// Seed files or URLs [default: the seed files that crawl.toml names]
    #[arg(long, value_name = "SEEDS")]
    pub seeds: Vec<String>,
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(cli: &Cli, args: &CheckArgs) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let list = if args.seeds.is_empty() {
        seeds::read(&config.crawl.seeds)?
    } else {
        seeds::from_args(&args.seeds)?
    };
    if let Some(url) = &args.url {
        let check = UrlCheck::of(&config, &list.seeds, url);
        show(args.json, &check, render_url_check)?;
        return Ok(if check.enters {
            Exit::Done
        } else {
            Exit::Failed
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let at_work = runtime
        .block_on(crawl::ask_status(&config.crawl.data))
        .is_some();
    let check = Check::of(&config, &list, at_work);
    show(args.json, &check, render_check)?;
    crawl_would_begin(&check)
}

fn crawl_would_begin(check: &Check) -> anyhow::Result<Exit> {
    if check.seeds == 0 {
        return Err(super::WrongUse::NoSeeds.into());
    }
    if check.lacks_contact {
        return Err(super::WrongUse::NoContact.into());
    }
    Ok(match check.bad.len() {
        0 => Exit::Done,
        _ => Exit::SomeSitesFailed,
    })
}

/// Shows an answer to a program or a person.
pub(super) fn show<T: serde::Serialize>(
    json: bool,
    answer: &T,
    render: impl FnOnce(&T) -> String,
) -> anyhow::Result<()> {
    if json {
        print(&serde_json::to_string(answer)?)?;
    } else {
        print(render(answer).trim_end())?;
    }
    Ok(())
}
