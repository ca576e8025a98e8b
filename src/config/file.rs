//! `crawl.toml`: every key is known and every value right, or the file, line and key are told.

use super::error::{ConfigError, Problem, Wrong};
use super::given::Given;
use super::keys::{KEYS, Key, SITE_KEYS};
use super::nearest::nearest;
use super::{Config, Site};
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The name of the one section that may stand more than once.
const SITE: &str = "site";

/// A configuration file's text.
pub(super) struct File {
    path: PathBuf,
    text: String,
}

/// What is being read out of a file.
struct Reading<'a> {
    file: &'a File,
    folder: &'a Path,
    problems: Vec<(usize, Problem)>,
}

impl File {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Sets what the file says, and returns all that is wrong with it, by line.
    pub(super) fn apply(&self, config: &mut Config) -> Vec<Problem> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut reading = Reading {
            file: self,
            folder: self.path.parent().unwrap_or(Path::new("")),
            problems: Vec::new(),
        };
        if errors.is_empty() {
            reading.sections(config, table.get_ref());
        }
        for error in errors {
            let span = error.span().unwrap_or_default();
            let mut what = error.message().trim().replace('\n', ", ");
            if let Some(words) = self.text.get(span.clone()).filter(|words| is_short(words)) {
                what = format!("{what}: `{words}`");
            }
            reading.note(&span, None, Wrong::new(what));
        }
        reading.problems.sort_by_key(|(line, _)| *line);
        reading
            .problems
            .into_iter()
            .map(|(_, problem)| problem)
            .collect()
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }
}

impl Reading<'_> {
    fn note(&mut self, span: &Range<usize>, key: Option<&str>, wrong: Wrong) {
        let line = self.file.line(span.start);
        let place = format!("{}:{line}", self.file.path.display());
        let what = match key {
            Some(key) => format!("`{key}`: {}", wrong.what),
            None => wrong.what,
        };
        let hint = wrong.hint;
        self.problems.push((line, Problem { place, what, hint }));
    }

    fn sections(&mut self, config: &mut Config, table: &DeTable<'_>) {
        for (name, value) in table {
            let section = name.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Array(list) if section == SITE => {
                    self.sites(config, list.iter(), &name.span());
                }
                DeValue::Table(keys) if KEYS.iter().any(|key| key.section == section) => {
                    self.keys(config, keys, KEYS, section);
                }
                _ => self.note(&name.span(), None, wrong_section(section)),
            }
        }
    }

    fn keys<T>(&mut self, target: &mut T, table: &DeTable<'_>, keys: &[Key<T>], section: &str) {
        for (name, value) in table {
            let known = keys
                .iter()
                .find(|key| key.section == section && key.name == name.get_ref());
            let Some(key) = known else {
                self.note(&name.span(), None, unknown_key(section, name.get_ref()));
                continue;
            };
            let given = Given::toml(value.get_ref(), self.folder);
            if let Err(wrong) = (key.set)(target, &given) {
                self.note(&name.span(), Some(&key.path()), wrong);
            }
        }
    }

    fn sites<'b>(
        &mut self,
        config: &mut Config,
        list: impl Iterator<Item = &'b Spanned<DeValue<'b>>>,
        span: &Range<usize>,
    ) {
        let mut lines = HashMap::new();
        for item in list {
            let DeValue::Table(table) = item.get_ref() else {
                self.note(span, None, wrong_section(SITE));
                continue;
            };
            let mut site = Site::default();
            self.keys(&mut site, table, SITE_KEYS, SITE);
            let name = table.iter().find(|(name, _)| name.get_ref() == SITE);
            let Some((name, _)) = name else {
                let wrong = Wrong::new("a `[[site]]` without the key `site`");
                self.note(
                    &item.span(),
                    None,
                    wrong.hint("say which one: `site = \"example.com\"`"),
                );
                continue;
            };
            let line = self.file.line(name.span().start);
            if let Some(first) = lines
                .insert(site.site.clone(), line)
                .filter(|_| !site.site.is_empty())
            {
                let what = format!("`{}` has a `[[site]]` already, in line {first}", site.site);
                self.note(
                    &name.span(),
                    Some("site.site"),
                    Wrong::new(what).hint("put the keys of both into one"),
                );
            }
            config.sites.push(site);
        }
    }
}

/// Worth repeating in a message about it.
fn is_short(words: &str) -> bool {
    (1..=40).contains(&words.chars().count()) && !words.contains(char::is_control)
}

/// Names of sections, in the file's order.
fn section_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = KEYS.iter().map(|key| key.section).collect();
    names.push(SITE);
    names.dedup();
    names.into_iter()
}

fn wrong_section(name: &str) -> Wrong {
    if name == SITE {
        return Wrong::new("`site` is a list of sections")
            .hint("write `[[site]]`, with two brackets");
    }
    if section_names().any(|section| section == name) {
        return Wrong::new(format!("`{name}` is a section"))
            .hint(format!("write `[{name}]`, and its keys below"));
    }
    let wrong = Wrong::new(format!("unknown section or key `{name}`"));
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return wrong.hint(format!("`{name}` belongs below `[{}]`", key.section));
    }
    match nearest(name, section_names()) {
        Some(section) => wrong.hint(format!("did you mean `{section}`?")),
        None => wrong.hint(format!("the sections are {}", listed(section_names()))),
    }
}

fn unknown_key(section: &str, name: &str) -> Wrong {
    let wrong = Wrong::new(format!("unknown key `{section}.{name}`"));
    let site = SITE_KEYS.iter().map(|key| (key.section, key.name));
    let all: Vec<(&str, &str)> = KEYS
        .iter()
        .map(|key| (key.section, key.name))
        .chain(site)
        .collect();
    let here = || {
        all.iter()
            .filter(|(of, _)| *of == section)
            .map(|(_, key)| *key)
    };
    if let Some(key) = nearest(name, here()) {
        return wrong.hint(format!("did you mean `{key}`?"));
    }
    match all.iter().find(|(_, key)| *key == name) {
        Some((of, key)) => wrong.hint(format!("`{key}` belongs below `[{of}]`")),
        None => wrong.hint(format!("the keys of `{section}` are {}", listed(here()))),
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
