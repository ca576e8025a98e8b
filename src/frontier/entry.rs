//! A link on its way through the crawl, and what becomes of it.

use crate::clock::Millis;
use crate::normal::NormalUrl;

/// How a URL was found; kept with the article as `discovered_via`. The target of a redirect was
/// found as its source was: [`Link::hops`] tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Via {
    /// A line of a seed file or an argument.
    Seed = 0,
    /// An item of a feed.
    Feed = 1,
    /// An entry of a sitemap, or a `Sitemap:` line of a robots.txt.
    Sitemap = 2,
    /// A link on a front, section or any other page that is no article.
    Front = 3,
    /// A link on an article.
    Article = 4,
}

impl Via {
    /// The `via` that is stored as `code`.
    #[must_use]
    pub fn of_code(code: u8) -> Option<Self> {
        let all = [
            Self::Seed,
            Self::Feed,
            Self::Sitemap,
            Self::Front,
            Self::Article,
        ];
        all.get(usize::from(code)).copied()
    }
}

/// One URL that may be fetched: what the frontier stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The URL.
    pub url: NormalUrl,
    /// The seed that it descends from (`seeds.id` in the store), whose options bind it.
    pub seed: u32,
    /// Links followed since the seed; a redirect adds none.
    pub depth: u8,
    /// Redirects followed since the link was found (RFC 9110 15.4 leaves the limit to us: 5).
    pub hops: u8,
    /// How it was found.
    pub via: Via,
    /// Rank within its budget unit: smaller is sooner.
    pub priority: u8,
}

/// A link that was claimed for a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The link.
    pub link: Link,
    /// Visits that failed before this one.
    pub failures: u8,
}

/// What a finished visit leaves for the frontier to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing more to do with this URL, as far as the queue is concerned.
    Done,
    /// To be tried again, not before `due`.
    Again {
        /// Wall time from which it may be claimed again.
        due: Millis,
        /// Visits that have failed by now.
        failures: u8,
    },
}
