//! The command to type when a run has ended.

use super::Cli;
use crate::stats::{Ending, Summary};

impl Cli {
    /// The command to type next: what goes on with an unfinished run as it was begun, or what
    /// brings out what a finished one collected.
    pub(super) fn next(&self, summary: &Summary) -> String {
        let collected = summary.new_articles + summary.new_versions + summary.unchanged_articles;
        let command = match summary.ending {
            Ending::Finished if collected > 0 => "gleaner export -o articles.jsonl",
            Ending::Finished => "gleaner status",
            _ => "gleaner resume",
        };
        let resumed = command == "gleaner resume";
        let mut words = vec![command.to_owned()];
        if let Some(file) = &self.common.config {
            words.push(format!("--config {}", quoted(&file.to_string_lossy())));
        }
        for (flag, value) in self.overrides().iter() {
            match flag {
                "--allow-private" if resumed => words.push(flag.to_owned()),
                _ if resumed || flag == "--data" => words.push(format!("{flag} {}", quoted(value))),
                _ => {}
            }
        }
        words.join(" ")
    }
}

/// A word as a shell reads it back.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stats;
    use clap::Parser;

    #[test]
    fn the_next_command_goes_on_as_the_last_began() {
        let unfinished = "gleaner crawl https://a.example/ --data d --contact a@b.example --min-delay 0s --allow-private";
        for (line, ending, articles, next) in [
            (
                "gleaner crawl seeds.txt",
                Ending::Finished,
                1,
                "gleaner export -o articles.jsonl",
            ),
            (
                "gleaner crawl seeds.txt",
                Ending::Finished,
                0,
                "gleaner status",
            ),
            (
                "gleaner crawl s --data d --depth 1",
                Ending::Finished,
                1,
                "gleaner export -o articles.jsonl --data d",
            ),
            (
                unfinished,
                Ending::Interrupted,
                0,
                "gleaner resume --data d --contact a@b.example --min-delay 0s --allow-private",
            ),
            (
                "gleaner resume --config c.toml",
                Ending::MaxPages,
                9,
                "gleaner resume --config c.toml",
            ),
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            let mut stats = Stats::default();
            stats.stored(articles, 0);
            let found = cli.next(&stats.summary(ending, 0, 0));
            assert_eq!(found, next);
            assert!(Cli::try_parse_from(found.split(' ')).is_ok(), "{found}");
        }
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, shown) in [
            ("a/b.c", "a/b.c"),
            ("", "''"),
            ("my data", "'my data'"),
            ("a'b", r"'a'\''b'"),
            ("$(x)", "'$(x)'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}
