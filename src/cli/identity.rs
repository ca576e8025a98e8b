//! `gleaner identity`: a key to sign requests with, and what is to be published about it.

use super::{Cli, Exit, print};
use crate::clock::Clock;
use crate::fetch::user_agent;
use crate::identity::{Card, DIRECTORY_PATH, Directory, Key, Ranges, Signer};
use crate::terminal::Terminal;
use anyhow::Context;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use url::{Position, Url};

/// Seconds for which the directory's own signature is good: a year.
const YEAR: i64 = 365 * 86_400;

/// `gleaner identity`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner identity new https://example.org --range 192.0.2.0/28
  gleaner identity sign https://example.com/news")]
pub struct IdentityArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub action: IdentityAction,
}

/// What to do with the identity.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum IdentityAction {
    /// Make a key, and the files to publish at your site
    New(NewArgs),
    /// Show the headers that would sign a request for a URL
    Sign(SignArgs),
}

/// `gleaner identity new`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Example:
  gleaner identity new https://example.org --range 192.0.2.0/28

It writes into the folder `identity`: key.jwk (secret), and for your site the key directory with
the headers that it is to be served with, an agent card, and the list of your addresses.")]
pub struct NewArgs {
    /// Your site, at which the files will be found: an https URL
    #[arg(value_name = "SITE")]
    pub site: String,
    /// Addresses that you crawl from, such as 192.0.2.0/28
    #[arg(long = "range", value_name = "RANGE")]
    pub ranges: Vec<String>,
    /// Where the files are written
    #[arg(long, value_name = "FOLDER", default_value = "identity")]
    pub out: PathBuf,
}

/// `gleaner identity sign`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Example:
  gleaner identity sign https://example.com/news")]
pub struct SignArgs {
    /// An https URL
    pub url: String,
}

pub(super) fn run(cli: &Cli, args: &IdentityArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    match &args.action {
        IdentityAction::New(args) => new(cli, args, terminal),
        IdentityAction::Sign(args) => sign(cli, args),
    }
}

fn new(cli: &Cli, args: &NewArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let site = https(&args.site)?;
    let ranges = Ranges::new(&args.ranges)?;
    let key = Key::generate()?;
    fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    let path = args.out.join("key.jwk");
    key.write(&path).with_context(|| {
        format!(
            "cannot write `{}`\nhint: an older key is not replaced; `--out` names another folder",
            path.display()
        )
    })?;
    let origin = &site[..Position::BeforePath];
    let authority = &site[Position::BeforeHost..Position::AfterPort];
    let now = jiff::Timestamp::now();
    let directory = Directory::new(&key, authority, now.as_second(), now.as_second() + YEAR);
    let card = Card {
        origin,
        contact: config.crawl.contact.as_deref().unwrap_or(origin),
        user_agent: &user_agent(config.crawl.contact.as_deref()),
        gap: config.politeness.min_delay.as_secs_f64(),
    };
    let lines = directory.headers.iter();
    let lines: Vec<String> = lines
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let headers = lines.join("\n") + "\n";
    let written = [
        ("http-message-signatures-directory", directory.body.as_str()),
        ("http-message-signatures-directory.headers", &headers),
        ("signature-agent-card.json", &pretty(&card.document())),
        ("ranges.json", &pretty(&ranges.document(&now.to_string()))),
    ];
    for (name, text) in written
        .iter()
        .filter(|(name, _)| *name != "ranges.json" || !ranges.prefixes.is_empty())
    {
        write(&args.out.join(name), text)?;
    }
    terminal.say(&said(&path, origin));
    Ok(Exit::Done)
}

/// What to do with the files.
fn said(key: &Path, origin: &str) -> String {
    format!(
        "wrote {0} and what is to be published beside it; keep {0} secret\n\
         next: serve http-message-signatures-directory at {origin}{DIRECTORY_PATH} with the headers \
         beside it, and put into crawl.toml:\n\n[identity]\nkey = {1}\nagent = {2}\n",
        key.display(),
        json!(key.display().to_string()),
        json!(format!("{origin}{DIRECTORY_PATH}")),
    )
}

fn sign(cli: &Cli, args: &SignArgs) -> anyhow::Result<Exit> {
    let config = cli.config()?;
    let url = https(&args.url)?;
    let signer = Signer::of(&config.identity)?;
    let signer = signer.context(
        "no key is configured\nhint: `gleaner identity new SITE` makes one and says what to set",
    )?;
    let seconds = i64::try_from(Clock::system().now() / 1000)?;
    for (name, value) in signer.headers(&url, seconds).into_iter().flatten() {
        print(&format!("{name}: {value}"))?;
    }
    Ok(Exit::Done)
}

fn https(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "https" && url.has_host());
    url.with_context(|| {
        format!("`{text}` is not an https URL\nhint: write it like `https://example.org`")
    })
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}
