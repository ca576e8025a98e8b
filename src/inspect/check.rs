//! What a crawl would do: seeds by site, limits, gaps, and whether it would begin at all. Nothing
//! is fetched; of a data folder that is there already, what it knows of the sites is used.

use crate::config::Config;
use crate::frontier::Via;
use crate::normal::{BudgetUnit, NormalUrl};
use crate::parse::Role;
use crate::politeness::{Rules, is_private};
use crate::scope::{Rejection, Scope, ScopeSeed};
use crate::seeds::{Seed, SeedList};
use crate::store::{Reader, RunState};
use serde::Serialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Host;

/// What a crawl would do.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The data folder.
    pub data: PathBuf,
    /// `new`, `goes on` with an interrupted crawl, `begins the next` or `at work`.
    pub begins: &'static str,
    /// Who publishers can write to.
    pub contact: Option<String>,
    /// Public hosts are to be asked, and no contact is set: it would not begin.
    pub lacks_contact: bool,
    /// Seeds.
    pub seeds: usize,
    /// Lines that are no seeds, with their places.
    pub bad: Vec<String>,
    /// Sites with seeds, in the order of the first of each.
    pub sites: Vec<SiteCheck>,
    /// Limits of the run by their names in crawl.toml; those that are not set are left out.
    pub limits: Vec<(&'static str, String)>,
}

/// What a crawl would do on one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SiteCheck {
    /// The budget unit.
    pub site: String,
    /// Its seeds.
    pub seeds: Vec<String>,
    /// The least gap between two requests, in milliseconds, as far as is known before any.
    pub gap_ms: u64,
    /// Where the gap comes from: `min_delay`, or the Crawl-delay of a stored robots.txt.
    pub gap_from: &'static str,
    /// Pages an hour at that gap, at the most; none where there is no gap.
    pub pages_an_hour: Option<u64>,
    /// Pages of the site in a run.
    pub max_pages: Option<u64>,
}

/// What a crawl would make of a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UrlCheck {
    /// The URL in normal form.
    pub url: String,
    /// The site that its gap and quota belong to.
    pub site: String,
    /// Where its robots.txt is.
    pub robots_txt: String,
    /// It is a seed.
    pub seed: bool,
    /// It may enter; false where there are no seeds to find it from.
    pub enters: bool,
    /// Why it may not.
    pub why: Option<String>,
}

impl Check {
    /// Looks at settings and seeds; `at_work` says that a crawl works on the data folder now.
    #[must_use]
    pub fn of(config: &Config, list: &SeedList, at_work: bool) -> Self {
        let reader = Reader::open(&config.crawl.data).ok();
        Self {
            data: config.crawl.data.clone(),
            begins: begins(reader.as_ref(), at_work),
            contact: config.crawl.contact.clone(),
            lacks_contact: lacks_contact(config) && list.seeds.iter().any(is_public),
            seeds: list.seeds.len(),
            bad: list.bad.iter().map(ToString::to_string).collect(),
            sites: sites(config, &list.seeds, reader.as_ref()),
            limits: limits(config),
        }
    }
}

/// Without a contact no public host is asked, and with `allow_private` that is told host by host.
#[must_use]
pub fn lacks_contact(config: &Config) -> bool {
    config.crawl.contact.is_none() && !config.politeness.allow_private
}

/// Whether a seed's host is one for which a contact is needed, as far as its URL tells.
#[must_use]
pub fn is_public(seed: &Seed) -> bool {
    match seed.url.url().host() {
        Some(Host::Ipv4(address)) => !is_private(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_private(IpAddr::V6(address)),
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        None => true,
    }
}

fn begins(reader: Option<&Reader>, at_work: bool) -> &'static str {
    let last = reader.and_then(|reader| reader.last_run().ok().flatten());
    match last.map(|run| run.state) {
        _ if at_work => "at work",
        None => "new",
        Some(RunState::Finished) => "begins the next",
        Some(_) => "goes on",
    }
}

fn sites(config: &Config, seeds: &[Seed], reader: Option<&Reader>) -> Vec<SiteCheck> {
    let mut places: HashMap<BudgetUnit, usize> = HashMap::new();
    let mut sites: Vec<SiteCheck> = Vec::new();
    for seed in seeds {
        let unit = seed.url.budget_unit();
        let at = *places.entry(unit.clone()).or_insert_with(|| {
            sites.push(site(config, &unit));
            sites.len() - 1
        });
        sites[at].seeds.push(seed.url.as_str().to_owned());
        let asked = reader.map_or(0, |reader| crawl_delay(reader, &seed.url));
        if asked > sites[at].gap_ms {
            sites[at].gap_ms = asked;
            sites[at].gap_from = "Crawl-delay";
        }
    }
    for site in &mut sites {
        site.pages_an_hour = 3_600_000_u64.checked_div(site.gap_ms);
    }
    sites
}

fn site(config: &Config, unit: &BudgetUnit) -> SiteCheck {
    let own = config.sites.iter().find(|site| site.site == unit.as_str());
    let delay = own.and_then(|site| site.min_delay);
    SiteCheck {
        site: unit.as_str().to_owned(),
        seeds: Vec::new(),
        gap_ms: millis(delay.unwrap_or(config.politeness.min_delay)),
        gap_from: "min_delay",
        pages_an_hour: None,
        max_pages: own
            .and_then(|site| site.max_pages)
            .or(config.crawl.site_max_pages),
    }
}

/// The gap that a stored robots.txt asks for, in milliseconds.
fn crawl_delay(reader: &Reader, url: &NormalUrl) -> u64 {
    let copy = reader.robots_copy(&url.robots_unit()).ok().flatten();
    copy.map_or(0, |copy| Rules::parse(&copy.body, crate::AGENT).gap())
}

fn limits(config: &Config) -> Vec<(&'static str, String)> {
    let crawl = &config.crawl;
    let number = |limit: Option<u64>| limit.map(|limit| limit.to_string());
    let all = [
        ("depth", number(crawl.depth.map(u64::from))),
        ("max_pages", number(crawl.max_pages)),
        ("max_articles", number(crawl.max_articles)),
        ("max_time", crawl.max_time.map(crate::config::show_duration)),
        ("site_max_pages", number(crawl.site_max_pages)),
        ("in_flight", Some(crawl.in_flight.to_string())),
    ];
    all.into_iter()
        .filter_map(|(name, limit)| Some((name, limit?)))
        .collect()
}

impl UrlCheck {
    /// Judges a URL as a link from a seed of its own site, else from the first seed.
    #[must_use]
    pub fn of(config: &Config, seeds: &[Seed], url: &NormalUrl) -> Self {
        let found = entry(config, seeds, url);
        let robots_txt = url.robots_unit().robots_txt();
        Self {
            url: url.as_str().to_owned(),
            site: url.site().into_owned(),
            robots_txt: robots_txt.map_or_else(|_| String::new(), |url| url.as_str().to_owned()),
            seed: seeds.iter().any(|seed| seed.url == *url),
            enters: matches!(found, Some(Ok(()))),
            why: match found {
                None => Some("there are no seeds".to_owned()),
                Some(Ok(())) => None,
                Some(Err(why)) => Some(why.to_string()),
            },
        }
    }
}

fn entry(config: &Config, seeds: &[Seed], url: &NormalUrl) -> Option<Result<(), Rejection>> {
    if seeds.iter().any(|seed| seed.url == *url) {
        return Some(Ok(()));
    }
    let own: Vec<ScopeSeed> = seeds
        .iter()
        .zip(0..)
        .map(|(seed, id)| ScopeSeed {
            id,
            url: seed.url.clone(),
            depth: seed.depth,
        })
        .collect();
    let scope = Scope::new(config, &own);
    let of_site = own.iter().find(|seed| seed.url.site() == url.site());
    let from = scope.seed(of_site.or(own.first())?);
    Some(scope.judge(&from, Via::Front, url, Role::Page).map(drop))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;

    fn list(text: &str) -> SeedList {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.txt");
        std::fs::write(&path, text).unwrap();
        seeds::read(&[path]).unwrap()
    }

    fn config(contact: bool) -> Config {
        let mut config = Config::default();
        config.crawl.data = "/nowhere/at/all".into();
        config.crawl.contact = contact.then(|| "me@example.org".to_owned());
        config.scope.exclude = vec!["*/tag/*".to_owned()];
        config
    }

    #[test]
    fn seeds_by_site_and_whether_it_would_begin() {
        let seeds = list(
            "https://a.example/\nhttps://b.example/\nnot a seed\nhttps://www.a.example/feed\n",
        );
        let check = Check::of(&config(true), &seeds, false);
        let sites: Vec<_> = check
            .sites
            .iter()
            .map(|site| (site.site.as_str(), site.seeds.len()))
            .collect();
        assert_eq!(sites, [("a.example", 2), ("b.example", 1)]);
        assert_eq!(
            (check.sites[0].gap_ms, check.sites[0].pages_an_hour),
            (2_000, Some(1_800))
        );
        assert_eq!((check.bad.len(), check.begins), (1, "new"));
        assert!(
            check.bad[0].contains('3') && !check.lacks_contact,
            "{:?}",
            check.bad
        );
        for (contact, text, begins) in [
            (false, "https://a.example/", false),
            (false, "http://127.0.0.1:1/", true),
            (true, "https://a.example/", true),
            (true, "# none", false),
        ] {
            let check = Check::of(&config(contact), &list(text), false);
            let found = check.seeds > 0 && !check.lacks_contact;
            assert_eq!(found, begins, "{contact} {text}");
        }
    }

    #[test]
    fn a_url_with_its_normal_form_and_why_it_stays_out() {
        let seeds = list("https://a.example/ depth=1\n").seeds;
        for (url, enters, why) in [
            ("HTTPS://a.example/x/?utm_source=y#z", true, ""),
            ("https://a.example/", true, ""),
            ("https://a.example/tag/x", false, "*/tag/*"),
            ("https://b.example/x", false, "no seed names"),
            ("https://a.example/x.zip", false, ".zip"),
        ] {
            let check = UrlCheck::of(&config(true), &seeds, &NormalUrl::parse(url).unwrap());
            assert_eq!(check.enters, enters, "{url}");
            assert!(check.why.unwrap_or_default().contains(why), "{url}");
        }
        let check = UrlCheck::of(
            &config(true),
            &[],
            &NormalUrl::parse("https://a.example/x?utm_source=y").unwrap(),
        );
        assert!(!check.enters && check.url == "https://a.example/x");
        assert_eq!(check.robots_txt, "https://a.example/robots.txt");
    }
}
