//! The sections, one a stage, and their defaults.

use std::path::PathBuf;
use std::time::Duration;

/// A resolved and checked configuration.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Config {
    /// What to crawl and when to stop.
    pub crawl: Crawl,
    /// Which URLs may enter.
    pub scope: Scope,
    /// How hosts are treated.
    pub politeness: Politeness,
    /// One GET.
    pub fetch: Fetch,
    /// How requests are signed.
    pub identity: Identity,
    /// What publishers say about the use of their pages, and how strictly it is taken.
    pub rights: Rights,
    /// What is kept, and how.
    pub store: Store,
    /// Overrides for one budget unit each.
    pub sites: Vec<Site>,
}

/// What to crawl and when to stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Crawl {
    /// The data folder.
    pub data: PathBuf,
    /// Seed files that `crawl` reads when it is given none.
    pub seeds: Vec<PathBuf>,
    /// A URL or a mailbox that publishers can write to; needed for public hosts.
    pub contact: Option<String>,
    /// The mailbox for `From`, where `contact` is a page.
    pub from: Option<String>,
    /// Requests open at once, over all hosts.
    pub in_flight: usize,
    /// Body bytes held in memory at once; no visit starts above it.
    pub bytes_in_flight: u64,
    /// Links followed from a seed; 0 fetches just the seeds. `None`: no limit.
    pub depth: Option<u8>,
    /// Pages asked for by this process; a resume counts anew. `None`: no limit.
    pub max_pages: Option<u64>,
    /// Time for this process.
    pub max_time: Option<Duration>,
    /// New articles of this process.
    pub max_articles: Option<u64>,
    /// Pages of one budget unit in a run, its resumes included.
    pub site_max_pages: Option<u64>,
    /// How long open visits may take to finish after the first Ctrl-C.
    pub grace: Duration,
}

/// Which URLs may enter.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// Follow links to other sites than the seeds'.
    pub other_sites: bool,
    /// URL patterns (`*` any run of characters) of which one must match, when there are any.
    pub include: Vec<String>,
    /// URL patterns that keep a URL out.
    pub exclude: Vec<String>,
    /// Pages without yield in a row that end a family of URLs; 0: none does.
    pub max_barren: u32,
}

/// How hosts are treated.
#[derive(Clone, Debug, PartialEq)]
pub struct Politeness {
    /// The least time from the end of a response to the start of the next request of a budget unit.
    pub min_delay: Duration,
    /// The gap is at least this many times the last response time.
    pub delay_factor: f64,
    /// A Crawl-delay above this leaves the site out.
    pub max_crawl_delay: Duration,
    /// Requests open at once to one IP address.
    pub per_address: u32,
    /// Requests a second, over all hosts. `None`: no limit.
    pub max_rate: Option<u32>,
    /// Requests to private and loopback addresses are allowed.
    pub allow_private: bool,
    /// A robots.txt copy is good for this long.
    pub robots_lifetime: Duration,
    /// Tries of a robots.txt before the site is given up for this run.
    pub robots_tries: u8,
    /// The pause before the second try of a robots.txt; doubles with each try.
    pub robots_retry: Duration,
    /// Tries of a page.
    pub page_tries: u8,
    /// The pause before the second try of a page; doubles with each try.
    pub page_retry: Duration,
    /// Refusals (429, 503) in a row after which a site is parked for the run.
    pub max_refusals: u8,
}

/// One GET.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetch {
    /// The most bytes of a body after decoding.
    pub max_body: u64,
    /// The most time for a page, from the request to the last byte.
    pub page_deadline: Duration,
    /// The most time for a connection to be made.
    pub connect_deadline: Duration,
    /// A proxy for all requests: `http://…`, `https://…` or `socks5://…`.
    pub proxy: Option<String>,
    /// PEM file of a root certificate to trust besides the system's.
    pub tls_ca_file: Option<PathBuf>,
    /// `Accept-Language`.
    pub accept_language: Option<String>,
}

/// How requests are signed; without a key they are not.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Identity {
    /// The file of the private key.
    pub key: Option<PathBuf>,
    /// Where others find the public one: `Signature-Agent`.
    pub agent: Option<String>,
    /// `Signature-Agent` as a bare string.
    pub legacy: bool,
}

/// What publishers say about the use of their pages, and how strictly it is taken.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct Rights {
    /// What pages are collected for: `search`, `ai-input`, `ai-train`, `tdm`, `archive`.
    pub declared_uses: Vec<String>,
    /// No body is stored of a page of which any use is reserved.
    pub leave_out_reserved: bool,
    /// A training agent shut out by name counts as a no to training.
    pub strict_ai: bool,
    /// User-agent names that stand for training and no robot.
    pub policy_tokens: Vec<String>,
    /// Ask each site for its tdmrep.json once a day.
    pub tdmrep: bool,
    /// Text behind a paywall is exported too.
    pub paywalled_text: bool,
}

/// What is kept, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Keep every exchange in WARC files.
    pub warc: bool,
    /// A WARC segment is closed at this size.
    pub warc_segment: u64,
    /// A group of visits is written when it holds this many …
    pub group_visits: usize,
    /// … or when its first visit has waited this long.
    pub group_wait: Duration,
}

/// Overrides for one budget unit.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Site {
    /// The budget unit: a registrable domain, or address and port.
    pub site: String,
    /// As `politeness.min_delay`.
    pub min_delay: Option<Duration>,
    /// As `politeness.delay_factor`.
    pub delay_factor: Option<f64>,
    /// As `crawl.site_max_pages`.
    pub max_pages: Option<u64>,
    /// As `crawl.depth`.
    pub depth: Option<u8>,
    /// As `scope.include`, instead of it.
    pub include: Option<Vec<String>>,
    /// As `scope.exclude`, in addition to it.
    pub exclude: Vec<String>,
    /// Headers sent besides our own.
    pub headers: Vec<(String, String)>,
    /// A `Cookie` header's value.
    pub cookies: Option<String>,
}

const MIB: u64 = 1 << 20;

impl Default for Crawl {
    fn default() -> Self {
        Self {
            data: "crawl-data".into(),
            seeds: Vec::new(),
            contact: None,
            from: None,
            in_flight: 256,
            bytes_in_flight: 32 * MIB,
            depth: None,
            max_pages: None,
            max_time: None,
            max_articles: None,
            site_max_pages: None,
            grace: Duration::from_secs(20),
        }
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            other_sites: false,
            include: Vec::new(),
            exclude: Vec::new(),
            max_barren: 15,
        }
    }
}

impl Default for Politeness {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_secs(2),
            delay_factor: 5.0,
            max_crawl_delay: Duration::from_mins(2),
            per_address: 4,
            max_rate: None,
            allow_private: false,
            robots_lifetime: Duration::from_hours(24),
            robots_tries: 4,
            robots_retry: Duration::from_secs(5),
            page_tries: 3,
            page_retry: Duration::from_secs(5),
            max_refusals: 5,
        }
    }
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            max_body: 10 * MIB,
            page_deadline: Duration::from_mins(1),
            connect_deadline: Duration::from_secs(10),
            proxy: None,
            tls_ca_file: None,
            accept_language: None,
        }
    }
}

impl Default for Rights {
    fn default() -> Self {
        Self {
            declared_uses: vec!["search".to_owned()],
            leave_out_reserved: false,
            strict_ai: false,
            policy_tokens: Vec::new(),
            tdmrep: true,
            paywalled_text: false,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            warc: true,
            warc_segment: 1024 * MIB,
            group_visits: 64,
            group_wait: Duration::from_millis(50),
        }
    }
}
