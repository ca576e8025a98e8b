//! What a crawl would do, for a person.

use super::{Shown, grouped, human_time, plural, table};
use crate::inspect::{Check, SiteCheck, UrlCheck};

/// Sites shown; `--json` has all.
const SITES: usize = 40;

/// What a crawl would do.
#[must_use]
pub fn render_check(check: &Check) -> String {
    let data = check.data.display();
    let begins = match check.begins {
        "new" => format!("a new crawl, into {data}"),
        "at work" => format!("a crawl is at work on {data} now"),
        "goes on" => format!("goes on with the interrupted crawl in {data}"),
        _ => format!("begins the next run in {data}"),
    };
    let contact = match &check.contact {
        Some(contact) => contact.clone(),
        None if check.lacks_contact => "none, and without one no public host is asked".to_owned(),
        None => "none".to_owned(),
    };
    let limits: Vec<String> = check
        .limits
        .iter()
        .map(|(name, limit)| format!("{name} {limit}"))
        .collect();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let head = [
        row("crawl", begins),
        row("contact", contact),
        row("limits", limits.join(", ")),
        row("seeds", seeds(check)),
    ];
    let bad: Vec<String> = check
        .bad
        .iter()
        .map(|line| format!("not a seed: {}\n", Shown(line)))
        .collect();
    let bad = bad.concat();
    format!("{}{}{bad}", table("", "<<", &head), sites(&check.sites))
}

fn seeds(check: &Check) -> String {
    let sites = plural(check.sites.len() as u64, "site");
    let seeds = plural(check.seeds as u64, "seed");
    match check.bad.len() {
        0 => format!("{seeds} on {sites}"),
        bad => format!("{seeds} on {sites}, {}", plural(bad as u64, "bad line")),
    }
}

fn sites(sites: &[SiteCheck]) -> String {
    let rows: Vec<Vec<String>> = sites.iter().take(SITES).map(site).collect();
    let more = match sites.len().saturating_sub(SITES) {
        0 => String::new(),
        more => format!("  and {} more (`--json` shows all)\n", grouped(more as u64)),
    };
    format!("{}{more}", table("  ", "<><<", &rows))
}

fn site(site: &SiteCheck) -> Vec<String> {
    let gap = match site.gap_ms {
        0 => "no gap".to_owned(),
        gap => format!("a gap of {} at least ({})", human_time(gap), site.gap_from),
    };
    let hourly = site
        .pages_an_hour
        .map(|pages| format!("{} an hour at most", plural(pages, "page")));
    let most = site
        .max_pages
        .map(|pages| format!("{} a run", plural(pages, "page")));
    let pace: Vec<String> = hourly.into_iter().chain(most).collect();
    vec![
        site.site.clone(),
        plural(site.seeds.len() as u64, "seed"),
        gap,
        pace.join(", "),
    ]
}

/// What a crawl would make of a URL.
#[must_use]
pub fn render_url_check(check: &UrlCheck) -> String {
    let row = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
    let scope = match (&check.why, check.seed) {
        (Some(why), _) => format!("stays out: {why}"),
        (None, true) => "enters: it is a seed".to_owned(),
        (None, false) => "enters, where a page links to it".to_owned(),
    };
    let rows = [
        row("normal form", &check.url),
        row("site", &check.site),
        row("robots.txt", &check.robots_txt),
        row("scope", &scope),
    ];
    table("", "<<", &rows)
}
