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
            let typed = example.split(['|', '>', '<']).next().unwrap_or_default();
            parse(typed).unwrap_or_else(|error| panic!("{example}: {error}"));
            lines += 1;
        }
        assert!(lines > 0, "{}", command.get_name());
    }
}

#[test]
fn every_key_that_names_a_flag_has_it_and_no_flag_is_left_out() {
    let command = Cli::command();
    let crawl = command.find_subcommand("crawl").unwrap();
    let flags = command.get_arguments().chain(crawl.get_arguments());
    let mut flags: Vec<String> = flags
        .filter_map(|flag| flag.get_long())
        .map(|name| format!("--{name}"))
        .collect();
    // What sets no key: where settings come from, and what one run does and shows.
    flags.retain(|flag| {
        ![
            "--config",
            "--verbose",
            "--quiet",
            "--log-format",
            "--fresh",
            "--json",
        ]
        .contains(&flag.as_str())
    });
    flags.sort();
    let mut known: Vec<&str> = crate::config::flags().collect();
    known.sort_unstable();
    assert_eq!(flags, known);
}

#[test]
fn flags_reach_the_settings() {
    let line = "gleaner crawl https://a.example/ --data d --contact a@b.example --max-pages 5 --max-time 2h --max-articles 6 \
                --site-max-pages 7 --depth 0 --min-delay 0s --delay-factor 0 --in-flight 8 --allow-private";
    let overrides = parse(line).unwrap().overrides();
    assert_eq!(overrides.iter().count(), crate::config::flags().count());
    let config = Config::load(Some("crawl.toml".as_ref()), &overrides, |_| None).unwrap();
    assert_eq!(config.crawl.data, PathBuf::from("d"));
    assert_eq!(config.crawl.depth, Some(0));
    assert_eq!(
        (config.crawl.max_pages, config.crawl.max_articles),
        (Some(5), Some(6))
    );
    assert_eq!(
        (config.crawl.site_max_pages, config.crawl.in_flight),
        (Some(7), 8)
    );
    assert!(config.politeness.min_delay.is_zero() && config.politeness.allow_private);
}

#[test]
fn wrong_words_are_told() {
    for (line, said) in [
        ("gleaner", "Usage: gleaner"),
        ("gleaner exprot", "'export'"),
        ("gleaner export --format xml", "possible values: jsonl, csv"),
        (
            "gleaner export --since yesterday",
            "`yesterday` is neither a day nor a time",
        ),
        (
            "gleaner export --site a.example,b.example",
            "`a.example,b.example` is neither a site nor a host",
        ),
        ("gleaner export -q -v", "cannot be used with"),
    ] {
        let error = parse(line).unwrap_err();
        assert!(error.to_string().contains(said), "{line}: {error}");
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}
