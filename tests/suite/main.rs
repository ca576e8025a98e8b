//! The integration tests, in one binary: one theme a module. A new test goes where its theme is;
//! `src/` has the tests of single rules beside them.
//!
//! A test puts up a site, lets a user run the program, and asserts what the site saw, what the
//! user was told, and what came out:
//!
//! ```ignore
//! let site = Site::new().robots("…").news(&stories(3)).start().await;   // support::site, news, answer
//! let user = User::quick();                                             // support::user
//! user.runs(&format!("crawl {}", site.url("/"))).await.exits(0).says("finished");
//! assert_eq!(user.stories(&site).await, ["/story/0", "/story/1", "/story/2"]);
//! ```
//!
//! Times are held from below only, so that a busy machine fails no test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[allow(dead_code, reason = "each theme uses its own part of the site")]
mod support;

/// Help, wrong words, closed pipes.
mod cli;
/// The commands beside crawl and export.
mod commands;
/// `gleaner demo`.
mod demo;
/// Full and read-only disks.
mod disk;
/// Formats, files, selections.
mod export;
/// One GET against a real socket.
mod fetch;
/// Bad input and bad surroundings, and what is said about them.
mod mistakes;
/// What a site sees: order, gaps, refusals, robots.txt.
mod politeness;
/// Proofs of how sites were treated.
mod proof;
/// Quotas of sites and seeds, through kills.
mod quotas;
/// Each command of the README, run.
mod readme;
/// Kills and damage.
mod resume;
/// What publishers say about the use of their pages.
mod rights;
/// Kinds of seeds, seed files.
mod seeds;
/// The whole loop on paused time.
mod simulation;
/// Ctrl-C and limits.
mod stopping;
