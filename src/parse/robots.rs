//! A robots.txt that was given as a seed: its `Sitemap` lines (sitemaps.org, "Specifying the
//! sitemap location"). What it forbids is read elsewhere.

use super::{Outlink, Role};
use crate::normal::NormalUrl;
use std::collections::HashSet;

/// The sitemaps that a robots.txt names, each once; itself left out.
pub(super) fn sitemaps(text: &str, url: &NormalUrl) -> Vec<Outlink> {
    let mut seen = HashSet::from([url.clone()]);
    let named = text.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        let value = value.split(" #").next().unwrap_or(value);
        let is_sitemap = key.trim().eq_ignore_ascii_case("sitemap");
        is_sitemap
            .then(|| NormalUrl::join(url.url(), value).ok())
            .flatten()
    });
    let sitemap = |url| Outlink {
        url,
        role: Role::Sitemap,
    };
    named
        .filter(|url| seen.insert(url.clone()))
        .map(sitemap)
        .collect()
}
