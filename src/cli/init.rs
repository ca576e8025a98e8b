//! `gleaner init`: flags, or three questions, and what is written from them.

use super::{Cli, Exit, WrongUse};
use crate::config::{Config, DEFAULT_FILE, Overrides, Template};
use crate::seeds;
use crate::terminal::Terminal;
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The seed file that is written beside the settings.
const SEEDS: &str = "seeds.txt";

const SEEDS_HEAD: &str = "\
# Where the crawl begins: one URL a line, of a home page, a section, a story, a feed or a sitemap.
# Options may follow it: depth=2 max_pages=500
";

/// `gleaner init`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner init
  gleaner init --contact you@example.org --seeds https://example.com/ https://example.org/feed
  gleaner init --contact https://example.org/our-crawl --seeds lists/english.txt --data news

It writes crawl.toml, which shows every setting and why it is so, and seeds.txt. On a terminal it
asks for what no flag tells.")]
pub struct InitArgs {
    /// A URL or mailbox that publishers can write to
    #[arg(long, value_name = "URL|MAILBOX")]
    pub contact: Option<String>,
    /// URLs to begin at, or seed files that are there already
    #[arg(long, value_name = "SEEDS", num_args = 1..)]
    pub seeds: Vec<String>,
    /// Write over files that are there already
    #[arg(long)]
    pub force: bool,
}

/// What is to be written.
struct Plan {
    template: Template,
    /// Lines of the seed file; none is written when all seeds are in files of their own.
    lines: Vec<String>,
}

pub(super) fn run(cli: &Cli, args: &InitArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let settings = cli
        .common
        .config
        .clone()
        .unwrap_or_else(|| DEFAULT_FILE.into());
    let seed_file = settings.with_file_name(SEEDS);
    let taken = [&settings, &seed_file]
        .into_iter()
        .find(|path| path.exists());
    if let Some(path) = taken.filter(|_| !args.force) {
        return Err(WrongUse::Exists { path: path.clone() }.into());
    }
    let (args, data) = answered(args, cli.common.data.clone())?;
    let plan = plan(&args, data, &settings)?;
    let mut wrote = vec![settings.display().to_string()];
    if !plan.lines.is_empty() {
        write(
            &seed_file,
            &format!("{SEEDS_HEAD}{}\n", plan.lines.join("\n")),
            args.force,
        )?;
        wrote.push(seed_file.display().to_string());
    }
    write(&settings, &plan.template.text(), args.force)?;
    let config = match &cli.common.config {
        Some(path) => format!(" --config {}", super::next::quoted(&path.to_string_lossy())),
        None => String::new(),
    };
    terminal.say(&format!(
        "wrote {}\nnext: gleaner check{config}, then gleaner crawl{config}",
        wrote.join(" and ")
    ));
    Ok(Exit::Done)
}

/// What flags tell, and what a person answers where they don't.
fn answered(args: &InitArgs, data: Option<String>) -> anyhow::Result<(InitArgs, Option<String>)> {
    let mut args = args.clone();
    if args.contact.is_some() && !args.seeds.is_empty() {
        return Ok((args, data));
    }
    if !io::stdin().is_terminal() {
        return Err(WrongUse::NobodyToAsk.into());
    }
    if args.contact.is_none() {
        args.contact = Some(ask("Who can publishers write to? A URL or a mailbox:")?);
    }
    if args.seeds.is_empty() {
        let answer = ask("Which sites? URLs, or seed files, parted by spaces:")?;
        // Commas part them too, but not within a URL.
        let answer = answer.replace(",http", " http");
        let words = answer.split_whitespace();
        args.seeds = words
            .map(|word| word.trim_end_matches(',').to_owned())
            .collect();
    }
    let data = match data {
        None => Some(ask("Where shall it be kept? A folder [crawl-data]:")?),
        given => given,
    };
    Ok((args, data.filter(|folder| !folder.is_empty())))
}

fn ask(question: &str) -> io::Result<String> {
    let mut err = io::stderr().lock();
    write!(err, "{question} ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

fn plan(args: &InitArgs, data: Option<String>, settings: &Path) -> anyhow::Result<Plan> {
    // The same checks as of a flag of `crawl`.
    Config::of_flags(&Overrides::default().with("--contact", args.contact.clone()))?;
    let (files, lines): (Vec<String>, Vec<String>) = args
        .seeds
        .iter()
        .cloned()
        .partition(|seed| Path::new(seed).is_file());
    // And of an argument: what is neither a URL nor a file is a slip of the hand.
    if let Some(bad) = seeds::from_args(&lines)?.bad.first() {
        return Err(WrongUse::NoSeed {
            text: bad.text.clone(),
            why: bad.why.clone(),
        }
        .into());
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    if !lines.is_empty() {
        paths.push(SEEDS.into());
    }
    for file in files {
        paths.push(beside(settings, &file)?);
    }
    if paths.is_empty() {
        return Err(WrongUse::NoSeeds.into());
    }
    let template = Template {
        contact: args.contact.clone(),
        seeds: paths,
        data,
    };
    Ok(Plan { template, lines })
}

/// A path as the settings file is to name it: it counts from that file's folder.
fn beside(settings: &Path, file: &str) -> io::Result<PathBuf> {
    let here = settings
        .parent()
        .is_none_or(|folder| folder.as_os_str().is_empty());
    if here {
        Ok(file.into())
    } else {
        std::path::absolute(file)
    }
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), WrongUse> {
    let mut options = File::options();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        // Someone may have been quicker than our look.
        options.create_new(true);
    }
    let wrote = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    wrote.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => WrongUse::Exists {
            path: path.to_owned(),
        },
        _ => WrongUse::Unwritable {
            path: path.to_owned(),
            source,
        },
    })
}
