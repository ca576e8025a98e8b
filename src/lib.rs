//! gleaner: a polite web crawler for news sites. Seeds in, articles out.
//!
//! One page's life runs one way through the modules, in the order in which they are
//! declared here, and a single place (`crawl::disposition`) turns it back:
//!
//! ```text
//! seeds ─► scope ─► frontier ─► schedule ─► politeness ─► fetch ─► parse ─► dedup ─► store ─► export
//!            ▲                                                        │
//!            └───── outlinks, outcome ◄── settle ◄── visit ◄──────────┘
//! ```
//!
//! - [`cli`]: commands and flags, each handed to the library
//! - [`normal`]: normalised URLs and the units of politeness, the words that every stage shares
//! - [`clock`]: the clock seam, real or tokio's paused time
//! - [`config`]: everything that can be set, resolved and checked before anything runs
//! - [`seeds`]: where a crawl begins
//! - [`scope`]: may this URL enter at all? Sites, patterns, depth, traps
//! - [`frontier`]: what to fetch next, on disk (sled)
//! - [`schedule`]: which host next; when to come back
//! - [`politeness`]: may we ask this host now? Verdicts, permits, robots.txt, gaps
//! - [`identity`]: signed requests, and the files that let others check them
//! - [`fetch`]: one GET, decoded and capped, as data
//! - [`parse`]: bytes in, owned facts out
//! - [`rights`]: what a publisher says about the use of its pages
//! - [`dedup`]: content hash and near-duplicate fingerprint
//! - [`store`]: the visit log, the articles and the WARC files
//! - [`export`]: stored articles as JSON Lines and CSV
//! - [`extract`]: articles out of local pages and WARC files
//! - [`inspect`]: questions asked of a data folder
//! - [`demo`]: a small news site inside the program, to try it on
//! - [`stats`]: counters of a run, and its summary
//! - [`terminal`]: what a person sees: progress, log lines, errors, the summary
//!
//! A stage may name the type that it is handed, never the stage that receives its own;
//! siblings do not call one another, `crawl` carries values between them.

pub mod cli;
pub mod clock;
pub mod config;
pub mod crawl;
pub mod dedup;
pub mod demo;
pub mod export;
pub mod extract;
pub mod fetch;
pub mod frontier;
pub mod identity;
pub mod inspect;
pub mod normal;
pub mod parse;
pub mod politeness;
pub mod rights;
pub mod schedule;
pub mod scope;
pub mod seeds;
pub mod stats;
pub mod store;
pub mod terminal;
#[cfg(test)]
mod vectors;

/// The product token: what robots.txt groups and page directives call us.
pub const AGENT: &str = "gleaner";
