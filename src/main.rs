//! The thin binary: arguments in, the library called, an exit code out.

use clap::Parser;
use gleaner::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().run().into()
}
