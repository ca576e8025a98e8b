//! Variables that are named like ours and are none: a slip of the hand is not to pass for a setting.

use super::error::{ConfigError, Wrong};
use super::keys::{KEYS, Key};
use super::nearest::nearest;
use super::{Problem, problem};

const PREFIX: &str = "GLEANER_";

/// Variables that set no key: the settings file, what is logged, and where the tests' shared
/// vectors are, which a developer may have set for all programs.
const OTHERS: [&str; 3] = ["GLEANER_CONFIG", "GLEANER_LOG", "GLEANER_SHARED"];

/// Looks for `GLEANER_…` variables that nothing reads, among the names of those that are set.
///
/// # Errors
/// With each that was found, and the one that was meant where that can be seen.
pub fn check_variables(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known: Vec<String> = KEYS.iter().flat_map(Key::variables).collect();
    let mut unknown: Vec<String> = names
        .filter(|name| name.starts_with(PREFIX))
        .filter(|name| !known.contains(name) && !OTHERS.contains(&name.as_str()))
        .collect();
    unknown.sort();
    let problems: Vec<Problem> = unknown
        .iter()
        .map(|name| problem(name, wrong(name, &known)))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConfigError::Wrong(problems))
    }
}

fn wrong(name: &str, known: &[String]) -> Wrong {
    let wrong = Wrong::new("no setting has this variable");
    let listed = KEYS.iter().filter(|key| !key.scalar);
    for key in listed {
        if name.ends_with(&key.path().replace('.', "_").to_uppercase()) {
            return wrong.hint(format!("`{}` is a list: set it in crawl.toml", key.path()));
        }
    }
    // Without what all have in common, which would make any two look alike.
    let bare = |name: &str| name.trim_start_matches(PREFIX).to_lowercase();
    let names = known.iter().map(String::as_str).chain(OTHERS);
    let names: Vec<String> = names.map(bare).collect();
    match nearest(&bare(name), names.iter().map(String::as_str)) {
        Some(meant) => wrong.hint(format!("did you mean `{PREFIX}{}`?", meant.to_uppercase())),
        None => wrong.hint(
            "a variable is named after section and key, such as `GLEANER_FETCH_MAX_BODY`; unset this one if it is not for gleaner",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_told_with_the_one_that_was_meant() {
        let said = |names: &[&str]| {
            let checked = check_variables(names.iter().map(ToString::to_string));
            checked.map_err(|error| error.to_string())
        };
        let ours = [
            "GLEANER_CONFIG",
            "GLEANER_LOG",
            "GLEANER_SHARED",
            "GLEANER_MIN_DELAY",
            "GLEANER_POLITENESS_MIN_DELAY",
            "HOME",
            "gleaner_x",
        ];
        assert_eq!(said(&ours), Ok(()));
        for (name, hint) in [
            ("GLEANER_MIN_DLEAY", "did you mean `GLEANER_MIN_DELAY`?"),
            (
                "GLEANER_FETCH_MAXBODY",
                "did you mean `GLEANER_FETCH_MAX_BODY`?",
            ),
            ("GLEANER_CONFG", "did you mean `GLEANER_CONFIG`?"),
            (
                "GLEANER_CRAWL_SEEDS",
                "`crawl.seeds` is a list: set it in crawl.toml",
            ),
            (
                "GLEANER_UNRELATED_THING_ALTOGETHER",
                "a variable is named after section and key",
            ),
        ] {
            let told = said(&["HOME", name]).unwrap_err();
            let start = format!("`{name}`: no setting has this variable\nhint: {hint}");
            assert!(told.starts_with(&start), "{told}");
        }
    }
}
