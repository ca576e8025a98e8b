//! The file at the root against the code, the order of precedence, and what is said of bad files.

use super::keys::{KEYS, SITE_KEYS};
use super::*;
use std::collections::BTreeMap;
use std::time::Duration;

const NOBODY: fn(&str) -> Option<String> = |_| None;

fn load(text: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crawl.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(Some(&path), &Overrides::default(), NOBODY)
}

/// All that is said of a file, as the terminal has it, without the folder.
fn complaints(text: &str) -> String {
    let Err(ConfigError::Wrong(problems)) = load(text) else {
        return String::new();
    };
    let mut said = String::new();
    for Problem { place, what, hint } in problems {
        let place = place.rsplit('/').next().unwrap_or_default();
        said = format!("{said}{place}: {what}\n");
        said.extend(hint.map(|hint| format!("  {hint}\n")));
    }
    said
}

/// The file at the root with its optional keys set.
fn uncommented(text: &str) -> String {
    let is_key = |rest: &str| {
        let name = rest.split(" = ").next().unwrap_or_default();
        rest.starts_with("[[")
            || rest.contains(" = ") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let set = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if is_key(rest) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(set).collect()
}

#[test]
fn the_file_at_the_root_says_the_defaults() {
    let config =
        Config::load(Some(Path::new(DEFAULT_FILE)), &Overrides::default(), NOBODY).unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn the_file_at_the_root_shows_every_key_once_in_the_order_of_the_code() {
    let text = uncommented(&std::fs::read_to_string(DEFAULT_FILE).unwrap());
    let (mut section, mut shown) = (String::new(), Vec::new());
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        match line.split_once(" = ") {
            Some((name, _)) => shown.push(format!("{section}.{name}")),
            None => section = line.trim_matches(['[', ']']).to_owned(),
        }
    }
    let known: Vec<String> = KEYS
        .iter()
        .map(Key::path)
        .chain(SITE_KEYS.iter().map(Key::path))
        .collect();
    assert_eq!(shown, known);
}

#[test]
fn the_examples_at_the_root_are_right() {
    let text = uncommented(&std::fs::read_to_string(DEFAULT_FILE).unwrap());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), "").unwrap();
    let path = folder.path().join("crawl.toml");
    std::fs::write(&path, text).unwrap();
    let config = Config::load(Some(&path), &Overrides::default(), NOBODY).unwrap();
    assert_eq!(config.crawl.depth, Some(3));
    assert_eq!(config.fetch.tls_ca_file, Some(folder.path().join("ca.pem")));
    let site = &config.sites[0];
    assert_eq!(site.site, "example.com");
    assert_eq!(site.min_delay, Some(Duration::from_secs(10)));
    assert_eq!(
        site.headers,
        [("X-Subscriber".to_owned(), "12345".to_owned())]
    );
}

#[test]
fn flags_go_over_environment_over_file_over_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crawl.toml");
    std::fs::write(
        &path,
        "[politeness]\nmin_delay = \"3s\"\npage_tries = 7\nper_address = 2\n",
    )
    .unwrap();
    let variables = BTreeMap::from([
        ("GLEANER_MIN_DELAY", "4s"),
        ("GLEANER_POLITENESS_MIN_DELAY", "5s"),
        ("GLEANER_POLITENESS_PAGE_TRIES", "8"),
        ("GLEANER_POLITENESS_PER_ADDRESS", ""),
        ("GLEANER_CONTACT", "a@b.example"),
    ]);
    let env = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    let flags = Overrides::default().with("--contact", Some("c@d.example"));
    let config = Config::load(Some(&path), &flags, env).unwrap();
    assert_eq!(config.politeness.min_delay, Duration::from_secs(4));
    assert_eq!(config.politeness.page_tries, 8);
    assert_eq!(config.politeness.per_address, 2);
    assert_eq!(
        config.politeness.max_refusals,
        Config::default().politeness.max_refusals
    );
    assert_eq!(config.crawl.contact.as_deref(), Some("c@d.example"));
}

#[test]
fn every_flag_is_known_and_every_variable_is_its_own() {
    let mut names: Vec<String> = KEYS.iter().flat_map(Key::variables).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(names.contains(&"GLEANER_MIN_DELAY".to_owned()));
}

#[test]
fn paths_count_from_where_they_are_written() {
    let config = load("[crawl]\ndata = \"d\"\nseeds = [\"s.txt\", \"/abs/t.txt\"]\n").unwrap();
    assert!(config.crawl.data.is_absolute() && config.crawl.data.ends_with("d"));
    assert!(config.crawl.seeds[0].is_absolute());
    assert_eq!(config.crawl.seeds[1], Path::new("/abs/t.txt"));
    let flags = Overrides::default().with("--data", Some("here"));
    let config = Config::load(Some(Path::new(DEFAULT_FILE)), &flags, NOBODY).unwrap();
    assert_eq!(config.crawl.data, Path::new("here"));
}

#[test]
fn a_named_file_must_exist() {
    let missing = Path::new("/nowhere/crawl.toml");
    for named in [
        Config::load(Some(missing), &Overrides::default(), NOBODY),
        Config::load(None, &Overrides::default(), |name| {
            (name == "GLEANER_CONFIG").then(|| missing.display().to_string())
        }),
    ] {
        let told = named.unwrap_err().to_string();
        assert!(told.starts_with("cannot read `/nowhere/crawl.toml`\nhint: "));
    }
}

#[test]
fn flags_and_variables_are_named_in_their_errors() {
    let flags = Overrides::default()
        .with("--min-delay", Some("2 parsecs"))
        .with("--depth", Some("256"));
    let env = |name: &str| (name == "GLEANER_IN_FLIGHT").then(|| "many".to_owned());
    let wrong = Config::load(Some(Path::new(DEFAULT_FILE)), &flags, env).unwrap_err();
    let said = "`GLEANER_IN_FLIGHT`: `many` is not a whole number
`--min-delay`: `2 parsecs` is not a duration
hint: write a number and a unit (`ms`, `s`, `m`, `h`, `d`), such as `2s` or `1h30m`
`--depth`: `256` is too large, the most is `255`";
    assert_eq!(wrong.to_string(), said);
}

#[test]
fn any_text_is_survived() {
    let whole = std::fs::read_to_string(DEFAULT_FILE).unwrap();
    let whole = uncommented(&whole);
    for cut in (0..whole.len())
        .filter(|cut| whole.is_char_boundary(*cut))
        .step_by(7)
    {
        let _ = load(&whole[..cut]);
    }
    for text in [
        "\u{feff}[crawl]\ndepth = 1",
        "\0",
        "[[site]]",
        "[site]",
        "site = [1]",
        "[[crawl]]",
        "[crawl.data.x]",
    ] {
        let _ = load(text);
    }
    assert_eq!(
        load("\u{feff}[crawl]\ndepth = 1").unwrap().crawl.depth,
        Some(1)
    );
}

#[test]
fn bad_files() {
    let cases = std::fs::read_to_string("tests/fixtures/config/bad.txt").unwrap();
    let cases: Vec<&str> = cases.split("=====\n").skip(1).collect();
    assert!(cases.len() > 40);
    for case in cases {
        let (text, said) = case.split_once("-----\n").unwrap();
        assert_eq!(complaints(text), said, "{text}");
    }
}

#[test]
fn the_readme_has_every_key_with_its_default_and_its_flag() {
    let file = std::fs::read_to_string(DEFAULT_FILE).unwrap();
    let readme = std::fs::read_to_string("README.md").unwrap();
    let rows: Vec<Vec<&str>> = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            line.split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .collect();
    let (keys, site_keys) = (KEYS.iter(), SITE_KEYS.iter());
    let keys = keys.map(|key| (key.path(), key.name, key.flag));
    let keys: Vec<_> = keys
        .chain(site_keys.map(|key| (key.path(), key.name, key.flag)))
        .collect();
    assert_eq!(rows.len(), keys.len());
    for (row, (path, name, flag)) in rows.iter().zip(keys) {
        let set = file
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} = ")));
        let default = set
            .filter(|_| !path.starts_with("site."))
            .unwrap_or_default();
        assert_eq!(row[1..3], [path.as_str(), default]);
        let named = row[3].split('`').find(|word| word.starts_with("--"));
        assert_eq!(named, flag, "{path}");
    }
}

#[test]
fn what_a_crawl_keeps_for_its_resumes() {
    let given = Overrides::default()
        .with("--data", Some("d"))
        .with("--contact", Some("a \"b\"\nc"))
        .with("--max-pages", Some("5"))
        .with("--depth", Some("1"));
    let kept = Overrides::read_kept(&given.kept());
    let expected = [("--contact", "a \"b\"\nc"), ("--depth", "1")];
    assert_eq!(kept.iter().collect::<Vec<_>>(), expected);
    let over = kept.then(Overrides::default().with("--depth", Some("2")));
    let config = Config::load(None, &over, |_| None);
    assert_eq!(
        config.unwrap_err().to_string().matches("--contact").count(),
        1
    );
    for text in ["", "{}", "[[\"--gone\", \"1\"]]"] {
        assert_eq!(Overrides::read_kept(text), Overrides::default(), "{text}");
    }
}
