//! The command line as it is typed, and against the settings.

use super::*;
use clap::CommandFactory;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_an_example_that_parses() {
    for command in Cli::command().get_subcommands() {
        let help = command.get_after_help().expect("an example").to_string();
        let examples = help.lines().filter_map(|line| line.strip_prefix("  "));
        let mut lines = 0;
        for example in examples {
            let typed = example.split(['|', '>']).next().unwrap_or_default();
            parse(typed).unwrap_or_else(|error| panic!("{example}: {error}"));
            lines += 1;
        }
        assert!(lines > 0, "{}", command.get_name());
    }
}

/// The lines of the README that are typed into a shell.
fn readme_lines() -> Vec<String> {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let lines = readme.lines().filter_map(|line| line.strip_prefix("    "));
    lines
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .collect()
}

#[test]
fn every_command_of_the_readme_exists() {
    let lines = readme_lines();
    let typed: Vec<&String> = lines
        .iter()
        .filter(|line| line.starts_with("gleaner "))
        .collect();
    assert!(typed.len() >= 4);
    for line in typed {
        let line = line.split('|').next().unwrap_or_default();
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for line in ["cargo install --locked --path .", "cargo test --locked"] {
        assert!(lines.iter().any(|typed| typed == line), "{line}");
    }
}

#[test]
fn wrong_words_are_told() {
    for (line, said) in [
        ("gleaner", "Usage: gleaner"),
        ("gleaner exprot", "similar subcommand exists: 'export'"),
        ("gleaner export --format xml", "possible values: jsonl, csv"),
        (
            "gleaner export --since yesterday",
            "`yesterday` is neither a day nor a time",
        ),
        ("gleaner export -q -v", "cannot be used with"),
    ] {
        let error = parse(line).unwrap_err();
        assert!(error.to_string().contains(said), "{line}: {error}");
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}
