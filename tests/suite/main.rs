//! The integration tests, in one binary: one theme a module.
