//! A crawl.toml to begin with: every key with its default and why, a few of them filled in.

use std::path::PathBuf;
use toml::Value;

/// What this repository's own crawl.toml says: every key at its default.
const ALL: &str = include_str!("../../crawl.toml");

/// What is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// `crawl.contact`.
    pub contact: Option<String>,
    /// `crawl.seeds`.
    pub seeds: Vec<PathBuf>,
    /// `crawl.data`.
    pub data: Option<String>,
}

impl Template {
    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let seeds = self
            .seeds
            .iter()
            .map(|path| path.to_string_lossy().into_owned().into());
        let seeds = Value::Array(seeds.collect());
        let mut filled = vec![("seeds", seeds)];
        filled.extend(
            self.contact
                .iter()
                .map(|contact| ("contact", contact.clone().into())),
        );
        filled.extend(self.data.iter().map(|data| ("data", data.clone().into())));
        let lines = ALL.lines().map(|line| {
            let key = line
                .trim_start_matches("# ")
                .split(" =")
                .next()
                .unwrap_or_default();
            let at = filled
                .iter()
                .position(|(name, _)| *name == key && line.contains(" = "));
            // Each key once: [[site]] has none of these.
            match at.map(|at| filled.swap_remove(at)) {
                Some((name, value)) => format!("{name} = {value}\n"),
                None => format!("{line}\n"),
            }
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};
    use std::fs;

    #[test]
    fn what_is_filled_in_is_what_is_read_and_all_else_is_as_by_default() {
        let template = Template {
            contact: Some("me@example.org".to_owned()),
            seeds: vec!["seeds.txt".into(), "more \"seeds\".txt".into()],
            data: Some("my data".to_owned()),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crawl.toml");
        fs::write(&path, template.text()).unwrap();
        let config = Config::load(Some(&path), &Overrides::default(), |_| None).unwrap();
        let mut expected = Config::default();
        expected.crawl.contact = template.contact;
        expected.crawl.seeds = template
            .seeds
            .iter()
            .map(|seed| folder.path().join(seed))
            .collect();
        expected.crawl.data = folder.path().join("my data");
        assert_eq!(config, expected);
        assert_eq!(
            Template::default().text().lines().count(),
            ALL.lines().count()
        );
    }
}
