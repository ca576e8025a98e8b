//! Which licences a page names, and where: robots.txt, headers, links, its body, its feed, JSON-LD.

use super::link_header;
use super::merge::Signals;
use super::record::Licence;
use crate::politeness::{LineKind, Scope};
use url::Url;

/// All that are named, in the order of the places.
pub(super) fn named(signals: &Signals<'_>) -> Vec<Licence> {
    let mut all = Vec::new();
    let lines = signals.robots.iter().flat_map(|says| &says.lines);
    for line in lines.filter(|line| line.kind == LineKind::License) {
        // Only an absolute address is one (RSL 1.0 4).
        let absolute = Url::parse(&line.value).is_ok_and(|url| url.has_host());
        let scope = match line.scope {
            Scope::Global => "global",
            _ => "group",
        };
        all.extend(absolute.then(|| licence("rsl", Some(&line.value), "robots", scope)));
    }
    for link in link_header::licences(signals.headers, signals.url) {
        let kind = kind_of(&link.url, link.rsl);
        all.push(licence(kind, Some(&link.url), "link-header", "resource"));
    }
    if let Some(imprint) = signals.imprint {
        for link in &imprint.licences {
            let kind = kind_of(&link.url, link.rsl);
            all.push(licence(kind, Some(&link.url), "html-link", "resource"));
        }
        let inline = imprint.rsl.iter();
        all.extend(inline.map(|_| licence("rsl", None, "html-inline", "resource")));
    }
    let in_feed = signals.feed_terms.iter();
    all.extend(in_feed.map(|_| licence("rsl", None, "rss", "resource")));
    let jsonld = signals
        .imprint
        .and_then(|imprint| imprint.credit.license.as_deref());
    if let Some(url) = jsonld.filter(|url| !all.iter().any(|own| own.url.as_deref() == Some(*url)))
    {
        all.push(licence(
            kind_of(url, false),
            Some(url),
            "jsonld",
            "resource",
        ));
    }
    all
}

fn licence(kind: &str, url: Option<&str>, via: &str, scope: &str) -> Licence {
    Licence {
        kind: kind.to_owned(),
        url: url.map(str::to_owned),
        via: via.to_owned(),
        scope: scope.to_owned(),
    }
}

fn kind_of(url: &str, rsl: bool) -> &'static str {
    let is_cc = Url::parse(url).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        host == "creativecommons.org" || host.ends_with(".creativecommons.org")
    });
    match (rsl, is_cc) {
        (true, _) => "rsl",
        (_, true) => "cc",
        _ => "other",
    }
}
