//! Everything that can be set: one section a stage, defaults in code, all of it checked before anything runs.
//!
//! Handed the path of a file, [`Overrides`] from the command line and the environment; returns
//! a [`Config`] or every fault that was found, with its place. Flags go over the environment,
//! the environment over the file, the file over the defaults. No stage reads a flag, a file of
//! settings or the environment itself.
//!
//! Durations are written `2s`, `500ms`, `10m`, `24h`; sizes `10MiB`. A relative path counts
//! from where it is written: in the file from the file's folder, else from the current one.

mod checks;
mod environment;
mod error;
mod file;
mod given;
mod keys;
mod nearest;
mod sections;
mod template;
#[cfg(test)]
mod tests;
mod units;

pub(crate) use checks::is_ours;
pub use environment::check_variables;
pub use error::{ConfigError, Problem};
pub(crate) use nearest::nearest;
pub use sections::{Config, Crawl, Fetch, Identity, Politeness, Rights, Scope, Site, Store};
pub use template::Template;
pub use units::{show_duration, show_size};

use error::Wrong;
use file::File;
use given::Given;
use keys::{KEYS, Key};
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "crawl.toml";

/// Flags that hold for one call: where the data is, and limits that a resume counts anew.
const OF_A_CALL: [&str; 4] = ["--data", "--max-pages", "--max-time", "--max-articles"];

/// Values that the command line sets, by flag; the last of a flag counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(Vec<(&'static str, String)>);

impl Overrides {
    /// With a value for a flag, such as `--min-delay`, when there is one.
    #[must_use]
    pub fn with(mut self, flag: &'static str, value: Option<impl Into<String>>) -> Self {
        self.0.extend(value.map(|value| (flag, value.into())));
        self
    }

    /// With the flags of `other` over these.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Those that a crawl keeps for its resumes, as JSON: what counts from the call is left out.
    #[must_use]
    pub fn kept(&self) -> String {
        let kept = self.iter().filter(|(flag, _)| !OF_A_CALL.contains(flag));
        serde_json::to_string(&kept.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// Reads what [`Overrides::kept`] wrote; flags that there are no more are passed over.
    #[must_use]
    pub fn read_kept(text: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
        let known = |flag: &str| {
            KEYS.iter()
                .find_map(|key| key.flag.filter(|it| *it == flag))
        };
        let kept = pairs.into_iter();
        Self(
            kept.filter_map(|(flag, value)| Some((known(&flag)?, value)))
                .collect(),
        )
    }

    /// The flags and their values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(flag, value)| (*flag, value.as_str()))
    }
}

/// The flags that set keys.
#[cfg(test)]
pub(crate) fn flags() -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter_map(|key| key.flag)
}

impl Config {
    /// Puts together flags, environment, file and defaults.
    ///
    /// A file that is named, by `path` or by `GLEANER_CONFIG`, must exist; [`DEFAULT_FILE`] need
    /// not. A variable that is set to nothing counts as not set.
    ///
    /// # Errors
    /// When the file can't be read, or with everything that is wrong in file, environment and flags.
    pub fn load(
        path: Option<&Path>,
        overrides: &Overrides,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let env = &|name: &str| env(name).filter(|value| !value.is_empty());
        let named = path
            .map(Path::to_owned)
            .or_else(|| env("GLEANER_CONFIG").map(PathBuf::from));
        let mut config = Self::default();
        let mut problems = match file(named)? {
            Some(file) => file.apply(&mut config),
            None => Vec::new(),
        };
        problems.extend(
            KEYS.iter()
                .filter_map(|key| config.set_from_environment(key, env)),
        );
        problems.extend(
            overrides
                .iter()
                .filter_map(|(flag, value)| config.set_by_flag(flag, value)),
        );
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Wrong(problems))
        }
    }

    /// What flags alone set, over the defaults.
    ///
    /// # Errors
    /// With everything that is wrong in them.
    pub fn of_flags(overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let flags = overrides.iter();
        let problems: Vec<Problem> = flags
            .filter_map(|(flag, value)| config.set_by_flag(flag, value))
            .collect();
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Wrong(problems))
        }
    }

    fn set_from_environment(
        &mut self,
        key: &Key<Self>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Option<Problem> {
        let mut set = key
            .variables()
            .into_iter()
            .filter_map(|name| Some((env(&name)?, name)));
        let (value, name) = set.next()?;
        let wrong = (key.set)(self, &Given::text(&value)).err()?;
        Some(problem(&name, wrong))
    }

    fn set_by_flag(&mut self, flag: &'static str, value: &str) -> Option<Problem> {
        let key = KEYS.iter().find(|key| key.flag == Some(flag));
        let set = key.map_or_else(
            || Err(Wrong::new("no key has this flag")),
            |key| (key.set)(self, &Given::text(value)),
        );
        set.err().map(|wrong| problem(flag, wrong))
    }
}

fn problem(place: &str, wrong: Wrong) -> Problem {
    Problem {
        place: format!("`{place}`"),
        what: wrong.what,
        hint: wrong.hint,
    }
}

fn file(named: Option<PathBuf>) -> Result<Option<File>, ConfigError> {
    match named {
        Some(path) => File::read(&path).map(Some),
        None if Path::new(DEFAULT_FILE).exists() => File::read(Path::new(DEFAULT_FILE)).map(Some),
        None => Ok(None),
    }
}
