//! `gleaner completions` and `gleaner man`: made from the definition of the command line.

use super::{Cli, Exit, WrongUse};
use clap::CommandFactory;
use clap_complete::Shell;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// `gleaner completions`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner completions bash > ~/.local/share/bash-completion/completions/gleaner
  gleaner completions zsh > ~/.zfunc/_gleaner
  gleaner completions fish > ~/.config/fish/completions/gleaner.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// `gleaner man`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner man > gleaner.1
  gleaner man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder for the pages of all commands, made if need be [default: gleaner's page on stdout]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gleaner", &mut script);
    write(&script)
}

pub(super) fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        return write(&page);
    };
    let wrote =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    wrote.map_err(|source| WrongUse::Unwritable {
        path: folder.clone(),
        source,
    })?;
    Ok(Exit::Done)
}

fn write(bytes: &[u8]) -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}
