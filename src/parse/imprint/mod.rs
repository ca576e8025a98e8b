//! What a page says of its own use: licences, paywall, credit, corrections and reservations, as
//! they stand in meta elements, links, JSON-LD and microdata. What follows is left to `rights`.

mod microdata;
mod paywall;
mod subject;

use super::json_ld::Typed;
use super::page::Page;
use super::walk::spaced;
pub(super) use paywall::mark as mark_paywalled;
use std::collections::HashSet;
use subject::Subject;
use url::Url;

/// What a page says of its own use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imprint {
    /// Meta elements for robots, as written.
    pub robots: Vec<String>,
    /// `tdm-reservation` meta elements, as written.
    pub tdm_reservations: Vec<String>,
    /// The last `tdm-policy` meta element.
    pub tdm_policy: Option<String>,
    /// Licences that links name, absolute.
    pub licences: Vec<LicenceLink>,
    /// RSL documents that stand in the page.
    pub rsl: Vec<String>,
    /// Who may read it.
    pub access: Access,
    /// Whose it is.
    pub credit: Credit,
    /// What became of it.
    pub editorial: Editorial,
    /// Elements that are to be left out of excerpts (`data-nosnippet`).
    pub nosnippets: usize,
}

/// A `rel=license` link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceLink {
    /// Where the licence is.
    pub url: String,
    /// Whether it is an RSL document.
    pub rsl: bool,
}

/// Who may read a page (schema.org `isAccessibleForFree`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Whether everybody may; nobody knows where the page does not say.
    pub is_free: Option<bool>,
    /// CSS selectors of the parts that are not free.
    pub paywalled_selectors: Vec<String>,
}

/// Whose a story is (schema.org).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Credit {
    /// `license`, an address where it has one.
    pub license: Option<String>,
    /// `usageInfo`.
    pub usage_info: Option<String>,
    /// `acquireLicensePage`.
    pub acquire_license_page: Option<String>,
    /// The name of `copyrightHolder`.
    pub copyright_holder: Option<String>,
    /// `copyrightYear`.
    pub copyright_year: Option<i64>,
    /// `copyrightNotice`.
    pub copyright_notice: Option<String>,
    /// `creditText`.
    pub credit_text: Option<String>,
}

/// What became of a story, and how it came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editorial {
    /// Corrections, in their order.
    pub corrections: Vec<String>,
    /// How it was reported.
    pub backstory: Option<String>,
    /// Fact checks (`ClaimReview`) on the page.
    pub claim_reviews: usize,
}

/// Reads what a page says; `chosen` is the JSON-LD object of its story.
pub(super) fn read(page: &Page<'_>, objects: &[Typed<'_>], chosen: Option<Typed<'_>>) -> Imprint {
    let mut imprint = Imprint {
        licences: licences(page),
        rsl: page.rsl.iter().map(|text| (*text).to_owned()).collect(),
        nosnippets: page.nosnippets,
        ..Imprint::default()
    };
    imprint.add_metas(page);
    let subject = Subject::new(objects, chosen, &page.base);
    imprint.access = subject.access();
    imprint.credit = subject.credit();
    imprint.editorial = subject.editorial();
    microdata::add(page, &mut imprint);
    let plain = imprint.licences.iter().find(|link| !link.rsl);
    let license = imprint.credit.license.take();
    imprint.credit.license = license.or_else(|| plain.map(|link| link.url.clone()));
    imprint
}

impl Imprint {
    fn add_metas(&mut self, page: &Page<'_>) {
        for (name, content) in &page.metas {
            let name = name.trim();
            let is = |word: &str| name.eq_ignore_ascii_case(word);
            if is("robots") || is("gleaner") {
                self.robots.push(spaced(content));
            } else if is("tdm-reservation") {
                self.tdm_reservations.push(spaced(content));
            } else if is("tdm-policy") && !content.trim().is_empty() {
                self.tdm_policy = Some(content.trim().to_owned());
            }
        }
    }
}

/// `link` and `a` elements with `rel=license`, each address once.
fn licences(page: &Page<'_>) -> Vec<LicenceLink> {
    let links = page
        .links
        .iter()
        .map(|(attributes, href)| (attributes, *href));
    let anchors = page.anchors.iter().map(|a| (&a.attributes, a.href));
    let all = links.chain(anchors);
    let named =
        all.filter(|(attributes, _)| !attributes.rel.is_empty() && attributes.rel_is("license"));
    let mut seen = HashSet::new();
    named
        .filter_map(|(attributes, href)| {
            let kind = attributes.kind.split(';').next().unwrap_or_default();
            Some(LicenceLink {
                url: joined(&page.base, href)?,
                rsl: kind.trim().eq_ignore_ascii_case("application/rsl+xml"),
            })
        })
        .filter(|link| seen.insert(link.url.clone()))
        .collect()
}

fn joined(base: &Url, href: &str) -> Option<String> {
    let href = href.trim();
    let url = (!href.is_empty()).then(|| base.join(href).ok()).flatten()?;
    Some(url.into())
}

#[cfg(test)]
mod tests;
