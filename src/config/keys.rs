//! Every key: its section, its name, its flag, and how its value is read and checked.

use super::checks;
use super::error::Wrong;
use super::given::Given;
use super::{Config, Site};
use std::time::Duration;

type Set<T> = fn(&mut T, &Given<'_>) -> Result<(), Wrong>;

/// One key of a `T`.
pub(super) struct Key<T: 'static> {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    /// The flag that sets it for one run, such as `--min-delay`.
    pub(super) flag: Option<&'static str>,
    /// Lists and tables stand in the file only.
    pub(super) scalar: bool,
    pub(super) set: Set<T>,
}

impl<T> Key<T> {
    const fn flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    const fn in_file_only(mut self) -> Self {
        self.scalar = false;
        self
    }

    /// `section.name`.
    pub(super) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The environment variables that set it, the one that counts first: the flag's name, then
    /// section and key.
    pub(super) fn variables(&self) -> Vec<String> {
        if !self.scalar {
            return Vec::new();
        }
        let short = self
            .flag
            .map(|flag| flag.trim_start_matches('-').replace('-', "_"));
        let names = short.into_iter().chain([self.path().replace('.', "_")]);
        names
            .map(|name| format!("GLEANER_{}", name.to_uppercase()))
            .collect()
    }
}

const fn key(section: &'static str, name: &'static str, set: Set<Config>) -> Key<Config> {
    Key {
        section,
        name,
        flag: None,
        scalar: true,
        set,
    }
}

const fn of_site(name: &'static str, set: Set<Site>) -> Key<Site> {
    Key {
        section: "site",
        name,
        flag: None,
        scalar: false,
        set,
    }
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// From nothing at all; a pause may be left out.
const NONE: Duration = Duration::ZERO;
/// The shortest deadline: none at all would let nothing pass.
const SHORTEST: Duration = Duration::from_millis(1);
const HOUR: Duration = secs(3_600);
const DAY: Duration = secs(86_400);
const YEAR: Duration = secs(365 * 86_400);

/// Sizes in bytes.
const KIB: u64 = 1 << 10;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// The keys of the sections, in the order in which `crawl.toml` has them.
pub(super) const KEYS: &[Key<Config>] = &[
    key("crawl", "data", |c, v| put(&mut c.crawl.data, v.path())).flag("--data"),
    key("crawl", "seeds", |c, v| {
        put(&mut c.crawl.seeds, v.list(|item| item.path()))
    })
    .in_file_only(),
    key("crawl", "contact", |c, v| {
        some(&mut c.crawl.contact, v.word().and_then(checks::contact))
    })
    .flag("--contact"),
    key("crawl", "from", |c, v| {
        some(&mut c.crawl.from, v.word().and_then(checks::mailbox))
    }),
    key("crawl", "in_flight", |c, v| {
        put(&mut c.crawl.in_flight, v.count(1..=10_000))
    })
    .flag("--in-flight"),
    key("crawl", "bytes_in_flight", |c, v| {
        put(&mut c.crawl.bytes_in_flight, v.size(KIB..=TIB))
    }),
    key("crawl", "depth", |c, v| {
        some(&mut c.crawl.depth, v.count(0..=255))
    })
    .flag("--depth"),
    key("crawl", "max_pages", |c, v| {
        put(&mut c.crawl.max_pages, v.limit())
    })
    .flag("--max-pages"),
    key("crawl", "max_time", |c, v| {
        some(&mut c.crawl.max_time, v.duration(SHORTEST..=YEAR))
    })
    .flag("--max-time"),
    key("crawl", "max_articles", |c, v| {
        put(&mut c.crawl.max_articles, v.limit())
    })
    .flag("--max-articles"),
    key("crawl", "site_max_pages", |c, v| {
        put(&mut c.crawl.site_max_pages, v.limit())
    })
    .flag("--site-max-pages"),
    key("crawl", "grace", |c, v| {
        put(&mut c.crawl.grace, v.duration(NONE..=HOUR))
    }),
    key("scope", "other_sites", |c, v| {
        put(&mut c.scope.other_sites, v.yes_or_no())
    }),
    key("scope", "include", |c, v| {
        put(&mut c.scope.include, patterns(v))
    })
    .in_file_only(),
    key("scope", "exclude", |c, v| {
        put(&mut c.scope.exclude, patterns(v))
    })
    .in_file_only(),
    key("scope", "max_barren", |c, v| {
        put(&mut c.scope.max_barren, v.count(0..=10_000))
    }),
    key("politeness", "min_delay", |c, v| {
        put(&mut c.politeness.min_delay, v.duration(NONE..=DAY))
    })
    .flag("--min-delay"),
    key("politeness", "delay_factor", |c, v| {
        put(&mut c.politeness.delay_factor, v.number(0.0..=1_000.0))
    })
    .flag("--delay-factor"),
    key("politeness", "max_crawl_delay", |c, v| {
        put(&mut c.politeness.max_crawl_delay, v.duration(NONE..=DAY))
    }),
    key("politeness", "per_address", |c, v| {
        put(&mut c.politeness.per_address, v.count(1..=1_000))
    }),
    key("politeness", "max_rate", |c, v| {
        some(&mut c.politeness.max_rate, v.count(1..=1_000_000))
    }),
    key("politeness", "allow_private", |c, v| {
        put(&mut c.politeness.allow_private, v.yes_or_no())
    })
    .flag("--allow-private"),
    // RFC 9309 2.4: a copy is not to be used for more than 24 hours.
    key("politeness", "robots_lifetime", |c, v| {
        put(&mut c.politeness.robots_lifetime, v.duration(secs(1)..=DAY))
    }),
    key("politeness", "robots_tries", |c, v| {
        put(&mut c.politeness.robots_tries, v.count(1..=20))
    }),
    key("politeness", "robots_retry", |c, v| {
        put(&mut c.politeness.robots_retry, v.duration(NONE..=HOUR))
    }),
    key("politeness", "page_tries", |c, v| {
        put(&mut c.politeness.page_tries, v.count(1..=20))
    }),
    key("politeness", "page_retry", |c, v| {
        put(&mut c.politeness.page_retry, v.duration(NONE..=DAY))
    }),
    key("politeness", "max_refusals", |c, v| {
        put(&mut c.politeness.max_refusals, v.count(1..=100))
    }),
    key("fetch", "max_body", |c, v| {
        put(&mut c.fetch.max_body, v.size(KIB..=GIB))
    }),
    key("fetch", "page_deadline", |c, v| {
        put(&mut c.fetch.page_deadline, v.duration(SHORTEST..=HOUR))
    }),
    key("fetch", "connect_deadline", |c, v| {
        put(&mut c.fetch.connect_deadline, v.duration(SHORTEST..=HOUR))
    }),
    key("fetch", "proxy", |c, v| {
        some(&mut c.fetch.proxy, v.word().and_then(checks::proxy))
    }),
    key("fetch", "tls_ca_file", |c, v| {
        some(&mut c.fetch.tls_ca_file, v.path().and_then(checks::file))
    }),
    key("fetch", "accept_language", |c, v| {
        some(
            &mut c.fetch.accept_language,
            v.word().and_then(checks::header_value),
        )
    }),
    key("identity", "key", |c, v| {
        some(&mut c.identity.key, v.path())
    }),
    key("identity", "agent", |c, v| {
        some(&mut c.identity.agent, v.word().and_then(checks::agent))
    }),
    key("identity", "legacy", |c, v| {
        put(&mut c.identity.legacy, v.yes_or_no())
    }),
    key("rights", "declared_uses", |c, v| {
        put(
            &mut c.rights.declared_uses,
            v.list(|item| item.word().and_then(checks::usage)),
        )
    })
    .in_file_only(),
    key("rights", "leave_out_reserved", |c, v| {
        put(&mut c.rights.leave_out_reserved, v.yes_or_no())
    }),
    key("rights", "strict_ai", |c, v| {
        put(&mut c.rights.strict_ai, v.yes_or_no())
    }),
    key("rights", "policy_tokens", |c, v| {
        put(
            &mut c.rights.policy_tokens,
            v.list(|item| item.word().map(str::to_owned)),
        )
    })
    .in_file_only(),
    key("rights", "tdmrep", |c, v| {
        put(&mut c.rights.tdmrep, v.yes_or_no())
    }),
    key("rights", "paywalled_text", |c, v| {
        put(
            &mut c.rights.paywalled_text,
            v.word().and_then(checks::paywalled_text),
        )
    }),
    key("store", "warc", |c, v| {
        put(&mut c.store.warc, v.yes_or_no())
    }),
    key("store", "warc_segment", |c, v| {
        put(&mut c.store.warc_segment, v.size(KIB..=TIB))
    }),
    key("store", "group_visits", |c, v| {
        put(&mut c.store.group_visits, v.count(1..=10_000))
    }),
    key("store", "group_wait", |c, v| {
        put(&mut c.store.group_wait, v.duration(NONE..=secs(10)))
    }),
];

/// The keys of `[[site]]`.
pub(super) const SITE_KEYS: &[Key<Site>] = &[
    of_site("site", |s, v| {
        put(&mut s.site, v.word().and_then(checks::site))
    }),
    of_site("min_delay", |s, v| {
        some(&mut s.min_delay, v.duration(NONE..=DAY))
    }),
    of_site("delay_factor", |s, v| {
        some(&mut s.delay_factor, v.number(0.0..=1_000.0))
    }),
    of_site("max_pages", |s, v| put(&mut s.max_pages, v.limit())),
    of_site("depth", |s, v| some(&mut s.depth, v.count(0..=255))),
    of_site("include", |s, v| some(&mut s.include, patterns(v))),
    of_site("exclude", |s, v| put(&mut s.exclude, patterns(v))),
    of_site("headers", |s, v| put(&mut s.headers, headers(v))),
    of_site("cookies", |s, v| {
        some(&mut s.cookies, v.word().and_then(checks::header_value))
    }),
];

fn put<T>(slot: &mut T, value: Result<T, Wrong>) -> Result<(), Wrong> {
    *slot = value?;
    Ok(())
}

fn some<T>(slot: &mut Option<T>, value: Result<T, Wrong>) -> Result<(), Wrong> {
    put(slot, value.map(Some))
}

fn patterns(given: &Given<'_>) -> Result<Vec<String>, Wrong> {
    given.list(|item| item.word().and_then(checks::pattern))
}

fn headers(given: &Given<'_>) -> Result<Vec<(String, String)>, Wrong> {
    given.pairs()?.into_iter().map(checks::header).collect()
}
