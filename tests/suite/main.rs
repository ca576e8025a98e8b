//! The integration tests, in one binary: one theme a module.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[allow(dead_code, reason = "each theme uses its own part of the site")]
mod support;

mod cli;
mod fetch;
mod resume;
mod simulation;
