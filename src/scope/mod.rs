//! May this URL enter at all? Sites, patterns, depth, shapes that never end.
//!
//! Handed links as pages name them and targets of redirects; returns what the frontier is to
//! hold, or the reason why not. Pure: the answer depends on the configuration, the seeds and the
//! link alone, but for families of URLs that turn out to yield nothing ([`Yields`]). Whether a URL
//! was seen before, and whether a host may be asked, is left to others.
//!
//! - A **site** is a budget unit. The seeds' sites are in scope, and so is a link to the very
//!   site of the page that it stands on. With `scope.other_sites` all sites are.
//! - A **redirect** counts as the link that it replaces: same depth, same rank, found the same way. When a seed
//!   redirects to another site, it has moved, and that site is in scope; any other link that
//!   leaves the sites by a redirect is dropped. Five hops at most.
//! - **Depth** is the number of links followed since the seed, those of feeds and sitemaps
//!   too. A seed's own `depth` binds first, then the site's, then `crawl.depth`; 0 fetches just
//!   the seeds.
//! - **Patterns**: a site's `include` stands in for the general one, its `exclude` is added.
//!   Feeds and sitemaps need not be included, as the ways to what is. A seed is asked for
//!   whatever the patterns say.

mod family;
mod pattern;
mod rejection;
mod shape;
#[cfg(test)]
mod tests;
mod yields;

pub use rejection::{Rejection, Trap};
pub use yields::{Shown, Yields};

use crate::config::{Config, Site};
use crate::frontier::{Link, Via};
use crate::normal::{BudgetUnit, NormalUrl};
use crate::parse::{Kind, Role};
use pattern::Pattern;
use std::collections::HashMap;
use std::sync::Arc;

/// Redirects that are followed in a row.
const MOST_HOPS: u8 = 5;

/// Links from the seed within which a sitemap may name another.
const MOST_SITEMAPS: u8 = 8;

/// Ranks within a budget unit: what leads to news soonest comes first.
const SEED: u8 = 10;
const FEED: u8 = 15;
const SITEMAP: u8 = 20;
const STORY: u8 = 30;
const ON_FRONT: u8 = 40;
const ON_ARTICLE: u8 = 50;
const NEXT: u8 = 60;

/// A seed as the store numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSeed {
    /// `seeds.id` in the store.
    pub id: u32,
    /// The URL.
    pub url: NormalUrl,
    /// Its own depth limit.
    pub depth: Option<u8>,
}

/// The rules of a crawl, made ready to judge many links.
#[derive(Debug)]
pub struct Scope {
    other_sites: bool,
    rules: Arc<Rules>,
    sites: HashMap<BudgetUnit, SiteScope>,
    /// Limits that seeds bring along.
    depths: HashMap<u32, u8>,
}

/// What holds for one site.
#[derive(Debug)]
struct SiteScope {
    has_seed: bool,
    rules: Arc<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    depth: Option<u8>,
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

/// What the page on which a link stands says about how the link was found.
#[must_use]
pub fn place(kind: Kind, is_article: bool) -> Via {
    match kind {
        Kind::Feed => Via::Feed,
        Kind::Sitemap | Kind::Robots => Via::Sitemap,
        Kind::Html | Kind::Other if is_article => Via::Article,
        Kind::Html | Kind::Other => Via::Front,
    }
}

impl Scope {
    /// Makes the rules ready.
    #[must_use]
    pub fn new(config: &Config, seeds: &[ScopeSeed]) -> Self {
        let rules = Arc::new(Rules {
            depth: config.crawl.depth,
            include: patterns(&config.scope.include),
            exclude: patterns(&config.scope.exclude),
        });
        let own = config.sites.iter().map(|site| {
            let scope = SiteScope {
                has_seed: false,
                rules: Arc::new(rules.of_site(site)),
            };
            (BudgetUnit::stored(&site.site), scope)
        });
        let mut sites: HashMap<_, _> = own.collect();
        for seed in seeds {
            let site = sites.entry(seed.url.budget_unit());
            let site = site.or_insert_with(|| SiteScope {
                has_seed: true,
                rules: Arc::clone(&rules),
            });
            site.has_seed = true;
        }
        let depths = seeds.iter().filter_map(|seed| Some((seed.id, seed.depth?)));
        Self {
            other_sites: config.scope.other_sites,
            rules,
            sites,
            depths: depths.collect(),
        }
    }

    /// The link with which a seed begins.
    #[must_use]
    pub fn seed(&self, seed: &ScopeSeed) -> Link {
        Link {
            url: seed.url.clone(),
            seed: seed.id,
            depth: 0,
            hops: 0,
            via: Via::Seed,
            priority: SEED,
        }
    }

    /// Judges a link that was found on the page of `from`; `place` says what page that was
    /// (see [`place`]), `role` what the page says about the link.
    ///
    /// # Errors
    /// The reason why it may not enter.
    pub fn judge(
        &self,
        from: &Link,
        place: Via,
        url: &NormalUrl,
        role: Role,
    ) -> Result<Link, Rejection> {
        let leads_on = matches!(role, Role::Feed | Role::Sitemap);
        let rules = self.enter(from, url, false)?;
        shape::check(url, leads_on)?;
        if role == Role::Sitemap && place == Via::Sitemap && from.depth >= MOST_SITEMAPS {
            return Err(Rejection::Trap(Trap::NestedSitemaps));
        }
        rules.check_patterns(url, leads_on)?;
        let limit = self.depths.get(&from.seed).copied().or(rules.depth);
        if let Some(limit) = limit.filter(|&limit| from.depth >= limit) {
            return Err(Rejection::TooDeep(limit));
        }
        Ok(Link {
            url: url.clone(),
            seed: from.seed,
            depth: from.depth.saturating_add(1),
            hops: 0,
            via: place,
            priority: priority(place, role),
        })
    }

    /// Judges the target of a redirect.
    ///
    /// # Errors
    /// The reason why it is not followed.
    pub fn redirected(&self, from: &Link, to: NormalUrl) -> Result<Link, Rejection> {
        if from.hops >= MOST_HOPS {
            return Err(Rejection::TooManyRedirects);
        }
        let is_seed = from.depth == 0;
        let leads_on = is_seed || from.priority <= SITEMAP;
        let rules = self.enter(from, &to, is_seed)?;
        shape::check(&to, leads_on)?;
        rules.check_patterns(&to, leads_on)?;
        Ok(Link {
            url: to,
            hops: from.hops + 1,
            ..*from
        })
    }

    /// The rules of the URL's site, if that is in scope.
    fn enter(&self, from: &Link, url: &NormalUrl, any_site: bool) -> Result<&Rules, Rejection> {
        let unit = url.site();
        let site = self.sites.get(unit.as_ref());
        let in_scope = any_site
            || self.other_sites
            || site.is_some_and(|site| site.has_seed)
            || from.url.site() == unit;
        if !in_scope {
            return Err(Rejection::OtherSite);
        }
        Ok(site.map_or(&self.rules, |site| &site.rules))
    }
}

impl Rules {
    /// These with what a `[[site]]` says.
    fn of_site(&self, site: &Site) -> Self {
        let include = site.include.as_deref().map(patterns);
        let mut exclude = self.exclude.clone();
        exclude.extend(patterns(&site.exclude));
        Self {
            depth: site.depth.or(self.depth),
            include: include.unwrap_or_else(|| self.include.clone()),
            exclude,
        }
    }

    fn check_patterns(&self, url: &NormalUrl, leads_on: bool) -> Result<(), Rejection> {
        if let Some(pattern) = self.exclude.iter().find(|pattern| pattern.matches(url)) {
            return Err(Rejection::Excluded(pattern.written()));
        }
        let included = leads_on
            || self.include.is_empty()
            || self.include.iter().any(|pattern| pattern.matches(url));
        if included {
            Ok(())
        } else {
            Err(Rejection::NotIncluded)
        }
    }
}

fn patterns<S: AsRef<str>>(written: &[S]) -> Vec<Pattern> {
    let patterns = written.iter().map(|pattern| Pattern::new(pattern.as_ref()));
    patterns.flatten().collect()
}

fn priority(place: Via, role: Role) -> u8 {
    match (role, place) {
        (Role::Feed, _) => FEED,
        (Role::Sitemap, _) => SITEMAP,
        (Role::Story, _) => STORY,
        (Role::Next, _) => NEXT,
        // A plain sitemap names the whole archive; today's news stands on a front.
        (Role::Page, Via::Article | Via::Sitemap) => ON_ARTICLE,
        (Role::Page, Via::Seed | Via::Feed | Via::Front) => ON_FRONT,
    }
}
